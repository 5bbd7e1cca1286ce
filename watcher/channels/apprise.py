"""Alerts in, messages by any of the services apprise knows out.

apprise is heavy, and loaded when a table of this type is opened. It answers True or False and has no deadline
of its own that ends with the program, so that each hand-over runs in a thread that is left behind when it
takes too long. Addresses hold secrets: an error names the service, and repeats what apprise logged only with
every part of the address taken out.

An address may name several targets. Each is a channel of its own, because apprise answers for all of them
together: told again, those that had the alert would get it twice.

apprise cuts and splits nothing by itself, so that a service that takes less would refuse a long alert each
time, and ntfy make a file of it. A message is shortened to what the service takes, as apprise counts it.

apprise escapes plain text for most services (Slack, Telegram and all that take HTML among them), but hands it
as it is to some that draw Markdown all the same, and lets mentions through everywhere. With `format=markdown`
in an address it even looks for mentions in the text and calls them, so that such an address is refused.
"""

import json
import logging
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from queue import Empty, SimpleQueue
from typing import Any

from watcher.channels.answers import may_change, new_address, seconds, without
from watcher.channels.given import one_url, unusable
from watcher.channels.inert import uncalling, unmarked
from watcher.delivery.render import one_line, subject, text_that_fits
from watcher.errors import DeliveryError
from watcher.model.alerts import Alert, ChannelId
from watcher.model.settings import ChannelSpec
from watcher.ports import Clock

_DEADLINE = 30.0
_READ_BY_PROGRAMS = frozenset({"JSON", "Form", "XML", "E-Mail"})
_DRAW_MARKDOWN = frozenset(
    {"Discord", "Guilded", "Mattermost", "Misskey", "Nextcloud Talk", "Revolt", "Ryver", "Zulip"}
)
_REFUSED = {
    r"[?&]format=markdown": "format=markdown out of the address: a headline must mention nobody",
    r"[?&]redirect=(?!no|0|false|off)": "redirect= out of the address: a redirected alert arrives empty",
}
_MANY = re.compile(r"[\s,]+")

_NTFY_MESSAGE, _NTFY_POST = 4096, 7000
"""What ntfy takes as a message, in bytes, and apprise as a post to it: a longer one becomes a file."""


class AppriseChannel:
    """Sends alerts to one target of an address as apprise writes it, such as `mailto://…` or `discord://…`."""

    KEYS = ("url", "url_file")

    @classmethod
    def opened(cls, spec: ChannelSpec, clock: Clock) -> tuple["AppriseChannel", ...]:
        """Return the channels of a table: one for each target of its address, numbered if there are several.

        Raises:
            UsageError: the address cannot be used, or its targets cannot be told apart.
        """
        url = one_url(spec)
        alone = cls(spec.id, url, clock)
        targets = _targets(url, spec.id)
        if len(targets) < 2:
            return (alone,)
        numbered = enumerate(targets, start=1)
        return tuple(
            cls(ChannelId(f"{spec.id}/{number}"), url, clock, target=each) for number, each in numbered
        )

    def __init__(
        self,
        channel: ChannelId,
        url: str,
        clock: Clock,
        *,
        target: Mapping[str, Any] | None = None,
        deadline: float = _DEADLINE,
    ) -> None:
        self.id = channel
        self._url, self._clock, self._target, self._deadline = url, clock, target, deadline
        self._left_behind: threading.Thread | None = None
        for pattern, what in _REFUSED.items():
            if re.search(pattern, url, re.IGNORECASE):
                raise unusable(channel, f"leave {what}")

    def send(self, alert: Alert, also: Sequence[Alert] = ()) -> None:
        """Hand the alert to the service.

        Raises:
            DeliveryError: the service did not take it; permanent when it would refuse the same alert again,
                or apprise knows no such service.
        """
        if self._left_behind and self._left_behind.is_alive():
            what = "the service is still busy with the last message; the alert is kept and tried again"
            raise DeliveryError(f"{self.id}: {what}")
        self._left_behind = None
        service = _service(self._target or self._url)
        if service is None:
            what = "apprise knows no service for this address; see what it writes as `url`"
            raise DeliveryError(f"{self.id}: {what}", permanent=True)
        outcome: SimpleQueue[_Outcome] = SimpleQueue()
        hand_over = threading.Thread(
            target=_hand_over, args=(service, alert, also, outcome), daemon=True, name=f"apprise {self.id}"
        )
        hand_over.start()
        try:
            taken, problem, answer = outcome.get(timeout=self._deadline)
        except Empty:
            self._left_behind = hand_over
            taken, problem, answer = False, f"no answer within {self._deadline:g} seconds", None
        if not taken or (answer is not None and answer.is_redirect):
            raise self._refusal(str(service.service_name), problem, answer)

    def _refusal(self, service: str, problem: str, answer: Any) -> DeliveryError:
        """Return the error that says what the service answered; `answer` is None if it was not over HTTP."""
        said = f"{self.id}: {service} did not take the alert: "
        status = 0 if answer is None else answer.status_code
        if answer is not None and answer.is_redirect:
            leads = new_address(answer.headers.get("Location", ""), self._url)
            advice = (
                f"it leads to {leads}: redirects are not followed, put the final address into watcher.toml"
            )
            return DeliveryError(f"{said}{status}; {advice}", permanent=True)
        said += one_line(without(self._url, problem), 200)
        if 400 <= status < 500 and not may_change(status):
            advice = f"{status} would be the answer to the same alert again: check the address"
            return DeliveryError(f"{said}; {advice}", permanent=True)
        after = None if answer is None else answer.headers.get("Retry-After")
        return DeliveryError(said, retry_after=seconds(after, self._clock()) if after else None)


_Outcome = tuple[bool, str, Any]


def _hand_over(service: Any, alert: Alert, also: Sequence[Alert], outcome: "SimpleQueue[_Outcome]") -> None:
    """Put into `outcome` whether the service took it, what apprise says of it, and the last HTTP answer."""
    _heard.answer = None
    try:
        title, body = fitted(service, alert, also)
        result = asked([service]).notify(title=title, body=body, body_format="text")
        said = [entry.message for entry in result.logs()]
        outcome.put((bool(result), said[-1] if said else "it gave no reason", _heard.answer))
    except Exception as error:  # noqa: BLE001 - 180 plugins raise what they like, and silence here would be a hang there
        outcome.put((False, type(error).__name__, None))


def fitted(service: Any, alert: Alert, also: Sequence[Alert]) -> tuple[str, str]:
    """Return title and body as the service takes them; the body begins with the headline."""
    from apprise import conversion  # noqa: PLC0415 - heavy

    converted: Callable[[str, Any, str], str] = conversion.convert_between

    name, form = service.service_name, service.resolve_format("text")
    inert = str if name in _READ_BY_PROGRAMS else unmarked if name in _DRAW_MARKDOWN else uncalling
    title = inert(subject(alert))[: service.title_maxlen]
    shared = len(title) + service.overflow_buffer if service.overflow_amalgamate_title else 0

    def fits(words: str) -> bool:
        body = inert(words)
        lines = service.body_max_line_count
        return (
            _units(converted("text", form, body)) <= service.body_maxlen - shared
            and (not lines or len(body.splitlines()) <= lines)
            and (name != "ntfy" or _fits_ntfy(title, body))
        )

    return title, inert(text_that_fits(alert, also, fits))


def _units(words: str) -> int:
    """Return how long a text is, as the pickiest service counts: what is beyond the BMP counts twice."""
    return len(words.encode("utf-16-le", errors="surrogatepass")) // 2


def _fits_ntfy(title: str, body: str) -> bool:
    return (
        len(body.encode(errors="replace")) <= _NTFY_MESSAGE and len(json.dumps([title, body])) <= _NTFY_POST
    )


def _targets(url: str, channel: ChannelId) -> list[Mapping[str, Any]]:
    """Return what apprise makes a service of, one for each target of an address; none if it knows no service.

    Raises:
        UsageError: it has several, and apprise does not say which they are.
    """
    from apprise import plugins  # noqa: PLC0415 - heavy
    from apprise.utils import parse  # noqa: PLC0415

    addresses: Callable[[str], list[str]] = parse.parse_urls
    read_as: Callable[[str], dict[str, Any] | None] = plugins.url_to_dict

    found: list[Mapping[str, Any]] = []
    for read in map(read_as, addresses(url)):
        service = _service(read) if read else None
        if not read or not service:
            return []
        apart = [read] if _count(service) < 2 else [{**read, "targets": [each]} for each in _named(read)]
        if [_count(each) for each in map(_service, apart)] != [1] * _count(service):
            what = "this address has several targets that cannot be told apart; write a channel for each"
            raise unusable(channel, what)
        found += apart
    return found


def _named(read: Mapping[str, Any]) -> list[str]:
    """Return the targets of an address that was read, each once."""
    given = read.get("targets") or ()
    each = [given] if isinstance(given, str) else [str(one) for one in given]
    return list(dict.fromkeys(word for one in each for word in _MANY.split(one) if word))


def _count(service: Any) -> int:
    """Return how many targets a service has, at least one; apprise counts its own repeats with them."""
    return max(1, len(service) // (service.retry + 1)) if service else 0


def _service(address: str | Mapping[str, Any]) -> Any:
    """Return the service of an address, or of one that was read; None if apprise knows none."""
    services = asked(address if isinstance(address, str) else [dict(address)])
    return services[0] if len(services) else None


def asked(servers: str | Sequence[Any]) -> Any:
    """Return apprise with some services, given as addresses or as what they were read into; all or none."""
    import apprise  # noqa: PLC0415 - heavy, and most services never send by it

    # Their debug lines hold whole addresses.
    for name in ("apprise", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)
    _listen()
    asset = apprise.AppriseAsset(
        app_id="provocation-watcher",
        async_mode=False,
        service_timeout=0,  # its own timeout leaves a thread that keeps the program from ending
        http_redirects=False,
        storage_mode="memory",
    )
    service = apprise.Apprise(asset=asset)
    return (
        service
        if service.add(servers if isinstance(servers, str) else list(servers))
        else apprise.Apprise(asset=asset)
    )


class _Heard(threading.local):
    """The last HTTP answer that this thread has got by requests."""

    answer: Any = None


_heard = _Heard()


def _listen() -> None:
    """Keep what services answer, and follow no redirect, whatever a plugin of apprise asks for.

    apprise hands on neither status nor headers, and requests has one place that every plugin passes.
    """
    import requests  # noqa: PLC0415 - heavy

    send: Callable[..., Any] = requests.Session.send
    if hasattr(send, "__wrapped__"):
        return

    @wraps(send)
    def listening(*sent: Any, **options: Any) -> Any:
        _heard.answer = None
        _heard.answer = send(*sent, **{**options, "allow_redirects": False})
        return _heard.answer

    setattr(requests.Session, "send", listening)  # noqa: B010 - mypy would have it typed as what it replaces
