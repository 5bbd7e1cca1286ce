"""Nothing in, a proof that the pipeline works out: a test item goes from a local feed to the alert log.

The item goes down the real line: fetched by libcurl, read in the worker processes, matched, correlated,
decided and recorded, by a list of one indicator and in a store that is thrown away, so that no incident and
no board ever knows of it. What comes out is marked as a test and put into the real outbox, for the alert log
alone. Nothing in the line knows about such items.
"""

import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from threading import Event, Thread

from watcher import bootstrap
from watcher.collection.vitals import DAY, canary, tell_of
from watcher.errors import WatcherError
from watcher.model.alerts import ALERT_LOG, Alert, Context, Kind, Level, Reason
from watcher.model.language import Category, Indicator, IndicatorId, IndicatorList, Severity, Term
from watcher.model.news import Feed, FeedId
from watcher.model.polling import Cycle
from watcher.model.settings import Settings
from watcher.pipeline import World, poll, record, rules_of
from watcher.ports import LogChannel
from watcher.service.health import CANARY_NOTE
from watcher.service.scratch import Purpose, scratch

_SETTLED = timedelta(minutes=5)
"""How long the service has been up before the first try."""

_RETRY_AFTER = timedelta(hours=1)
_LOOKS, _LOOK_EVERY = 600, 0.2
_ACCEPT_PATIENCE = 60.0
_WORDS = "canary of the watcher"


class _LostError(WatcherError):
    """The item did not come through; the text says how far it came."""


class Canary:
    """Tries the whole line once a day, in a thread of its own, and every hour while it fails."""

    def __init__(
        self,
        settings: Settings,
        world: World,
        log: LogChannel,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._world, self._log_of_alerts, self._monotonic = settings, world, log, monotonic
        self._next = monotonic() + self._first_wait().total_seconds()
        self._thread: Thread | None = None
        self._lost: str | None = None
        self._log = logging.getLogger("watcher.service")

    def look(self) -> Iterator[Cycle]:
        """Begin a try when one is due; yield the alert about the last one, if any, recorded."""
        if self._thread and self._thread.is_alive():
            return
        if self._lost is not None:
            lost, self._lost = self._lost, None
            self._next = self._monotonic() + (_RETRY_AFTER if lost else DAY).total_seconds()
            yield from self._tell(lost)
        elif self._monotonic() >= self._next:
            self._thread = Thread(target=self._try, name="canary", daemon=True)
            self._thread.start()

    def attempt(self) -> str:
        """Send an item down the whole line.

        Return where it got lost, or an empty string when its line is in the log.
        """
        try:
            alert = self._sent_down_the_line(self._world.clock())
            record(Cycle(alerts=(alert,)), self._world)
            self._wait_for(alert)
        except (WatcherError, OSError) as error:
            return str(error)
        return ""

    def _first_wait(self) -> timedelta:
        noted = self._world.store.noted(CANARY_NOTE)
        ago = self._world.clock() - datetime.fromisoformat(noted) if noted else DAY
        return max(_SETTLED, DAY - ago) if timedelta() <= ago else _SETTLED

    def _try(self) -> None:
        try:
            self._lost = self.attempt()
        except Exception as error:  # noqa: BLE001 - a bug loses the item as surely as anything
            self._log.exception("canary_stumbled")
            self._lost = f"internal: {type(error).__name__}: {error}"

    def _tell(self, lost: str) -> Iterator[Cycle]:
        store, now = self._world.store, self._world.clock()
        if lost:
            self._log.error("canary_lost", extra={"because": lost})
        else:
            self._log.info("canary_arrived")
            store.note(CANARY_NOTE, now.isoformat())
        if cycle := tell_of(canary(lost), store.noted(Reason.CANARY_LOST), now):
            yield record(cycle, self._world)

    def _sent_down_the_line(self, now: datetime) -> Alert:
        """Publish an item of this moment and process it; return its alert, as a test."""
        direct = replace(self._settings.fetch, proxy="", allow_private=())
        fetcher = bootstrap.open_fetcher(replace(self._settings, fetch=direct))
        loopback = (ip_network("127.0.0.1/32"),)
        with scratch(Path(self._settings.data), Purpose.CANARY) as folder, _published(_feed_of(now)) as url:
            feed = Feed(id=FeedId("canary"), url=url, owner="canary", seed=False, allow_private=loopback)
            with closing(bootstrap.open_store(Settings(data=str(folder)), durable=False)) as store:
                reader, clock = self._world.reader, self._world.clock
                apart = World(fetcher=fetcher, reader=reader, store=store, channels=(), clock=clock)
                cycles = list(poll([feed], apart, _RULES))
        if failed := "; ".join(polled.error for cycle in cycles for polled in cycle.polls if polled.error):
            raise _LostError(f"it could not be fetched or read: {failed}")
        if not any(cycle.items for cycle in cycles):
            raise _LostError("it was not among the items that were read")
        if not any(cycle.hits for cycle in cycles):
            raise _LostError("no indicator matched it")
        alerts = [alert for cycle in cycles for alert in cycle.alerts if alert.kind is Kind.INCIDENT]
        if not alerts:
            raise _LostError("an indicator matched it, but no alert was made")
        return _as_test(alerts[0])

    def _wait_for(self, alert: Alert) -> None:
        never = Event()
        for _ in range(_LOOKS):
            if self._log_of_alerts.has(alert):
                return
            never.wait(_LOOK_EVERY)
        raise _LostError(f"its line was not in the alert log after {_LOOKS * _LOOK_EVERY:g} seconds")


_RULES = rules_of(
    IndicatorList(
        title="Canary",
        indicators=(
            Indicator(
                id=IndicatorId("canary"),
                title="Canary",
                category=Category.PROVOCATION,
                severity=Severity.CRITICAL,
                pattern=Term(_WORDS),
            ),
        ),
    )
)


def _feed_of(now: datetime) -> bytes:
    stamp = f"{now:%Y-%m-%dT%H:%M:%S.%fZ}"
    item = f'<title>{_WORDS}, {stamp}</title><guid isPermaLink="false">{now.isoformat()}</guid>'
    return f'<rss version="2.0"><channel><title>Canary</title><item>{item}</item></channel></rss>'.encode()


def _as_test(alert: Alert) -> Alert:
    why = (
        "The watcher published a test item on this machine, and this is its alert: "
        "the whole pipeline works. Nothing has happened."
    )
    return replace(
        alert,
        kind=Kind.TEST,
        reason=Reason.TEST,
        category="test",
        incident="test",
        severity=Severity.INFO,
        level=Level.QUIET,
        title="Daily test item",
        why=why,
        indicator_title="",
        context=Context(),
        items_not_shown=0,
        only=ALERT_LOG,
    )


@contextmanager
def _published(body: bytes) -> Iterator[str]:
    """Answer one request on this machine with a body; yield the address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(_ACCEPT_PATIENCE)
        Thread(target=_answer, args=(listening, body), name="canary-feed", daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/canary.xml"


def _answer(listening: socket.socket, body: bytes) -> None:
    with suppress(OSError):  # then the item is not fetched, which is noticed
        caller, _ = listening.accept()
        with caller:
            caller.settimeout(_ACCEPT_PATIENCE)
            caller.recv(65536)
            head = (
                "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\n"
                f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            )
            caller.sendall(head.encode() + body)
