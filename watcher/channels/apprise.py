"""Alerts in, messages by any of the services apprise knows out.

apprise is loaded at the first alert, because it is heavy. It answers True or False and has no deadline of its
own that ends with the program, so that each hand-over runs in a thread that is left behind when it takes too
long. Addresses hold secrets: an error names the service, and repeats what apprise logged only with every part
of the address taken out.

apprise escapes plain text for most services (Slack, Telegram and all that take HTML among them), but hands it
as it is to some that draw Markdown all the same, and lets mentions through everywhere. With `format=markdown`
in an address it even looks for mentions in the text and calls them, so that such an address is refused.
"""

import logging
import re
import threading
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import Any, Self
from urllib.parse import unquote

from watcher.channels.given import one_url, unusable
from watcher.channels.inert import uncalling, unmarked
from watcher.delivery.render import one_line, subject, text
from watcher.errors import DeliveryError
from watcher.model.alerts import Alert, ChannelId
from watcher.model.settings import ChannelSpec
from watcher.ports import Clock

_DEADLINE = 30.0
_READ_BY_PROGRAMS = frozenset({"JSON", "Form", "XML", "E-Mail"})
_DRAW_MARKDOWN = frozenset(
    {"Discord", "Guilded", "Mattermost", "Misskey", "Nextcloud Talk", "Revolt", "Ryver", "Zulip"}
)
_AS_MARKDOWN = re.compile(r"[?&]format=markdown", re.IGNORECASE)


class AppriseChannel:
    """Sends alerts to one address as apprise writes it, such as `mailto://…` or `discord://…`."""

    KEYS = ("url", "url_file")

    @classmethod
    def opened(cls, spec: ChannelSpec, _clock: Clock) -> Self:
        """Return the channel of a table."""
        return cls(spec.id, one_url(spec))

    def __init__(self, channel: ChannelId, url: str, *, deadline: float = _DEADLINE) -> None:
        self.id = channel
        self._url, self._deadline = url, deadline
        self._left_behind: threading.Thread | None = None
        if _AS_MARKDOWN.search(url):
            what = "leave format=markdown out of the address: a headline must mention nobody"
            raise unusable(channel, what)

    def send(self, alert: Alert, also: Sequence[Alert] = ()) -> None:
        """Hand the alert to the service.

        Raises:
            DeliveryError: the service did not take it; permanent when apprise knows no such service.
        """
        if self._left_behind and self._left_behind.is_alive():
            what = "the service is still busy with the last message; the alert is kept and tried again"
            raise DeliveryError(f"{self.id}: {what}")
        self._left_behind = None
        service = self._service()
        outcome: SimpleQueue[str] = SimpleQueue()
        hand_over = threading.Thread(
            target=_hand_over, args=(service, alert, also, outcome), daemon=True, name=f"apprise {self.id}"
        )
        hand_over.start()
        try:
            problem = outcome.get(timeout=self._deadline)
        except Empty:
            self._left_behind = hand_over
            problem = f"no answer within {self._deadline:g} seconds"
        if problem:
            said = f"{service[0].service_name} did not take the alert: {_without(self._url, problem)}"
            raise DeliveryError(f"{self.id}: {said}")

    def _service(self) -> Any:
        import apprise  # noqa: PLC0415 - heavy, and most services never send by it

        # Their debug lines hold whole addresses.
        for name in ("apprise", "urllib3"):
            logging.getLogger(name).setLevel(logging.WARNING)
        asset = apprise.AppriseAsset(
            app_id="provocation-watcher",
            async_mode=False,
            service_timeout=0,  # its own timeout leaves a thread that keeps the program from ending
            http_redirects=False,
            storage_mode="memory",
        )
        service = apprise.Apprise(asset=asset)
        if not service.add(self._url):
            what = "apprise knows no service for this address; see what it writes as `url`"
            raise DeliveryError(f"{self.id}: {what}", permanent=True)
        return service


def _hand_over(service: Any, alert: Alert, also: Sequence[Alert], outcome: "SimpleQueue[str]") -> None:
    """Put into `outcome` what went wrong, or an empty string."""
    try:
        name = service[0].service_name
        inert = str if name in _READ_BY_PROGRAMS else unmarked if name in _DRAW_MARKDOWN else uncalling
        result = service.notify(
            title=inert(subject(alert)), body=inert(text(alert, also)), body_format="text"
        )
        said = [entry.message for entry in result.logs()]
        outcome.put("" if result else (said[-1] if said else "it gave no reason"))
    except Exception as error:  # noqa: BLE001 - 180 plugins raise what they like, and silence here would be a hang there
        outcome.put(type(error).__name__)


def _without(url: str, words: str) -> str:
    """Return the words without any part of the address."""
    parts = {part for spelling in (url, unquote(url)) for part in re.split(r"[/:@?&=,]+", spelling)}
    for part in sorted(parts, key=len, reverse=True):
        words = words.replace(part, "…") if len(part) > 3 else words
    return one_line(words, 200)
