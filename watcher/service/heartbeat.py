"""The health of the service in, a request to a monitoring address out for as long as the service is well."""

import logging
import time
from collections.abc import Callable, Iterator
from threading import Thread

from watcher.errors import FetchError
from watcher.model.news import Feed, FeedId
from watcher.model.polling import Cycle, Request
from watcher.model.settings import ServiceSettings
from watcher.ports import Fetcher


class Heartbeat:
    """Asks for an address now and then, in a thread of its own. The address is a secret, and in no log."""

    def __init__(
        self,
        settings: ServiceSettings,
        fetcher: Fetcher,
        is_well: Callable[[], bool],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._target = Feed(id=FeedId("heartbeat"), url=settings.heartbeat, owner="heartbeat")
        self._every = settings.heartbeat_every.total_seconds()
        self._fetcher, self._is_well, self._monotonic = fetcher, is_well, monotonic
        self._next = monotonic()
        self._thread: Thread | None = None
        self._log = logging.getLogger("watcher.service")

    def look(self) -> Iterator[Cycle]:
        """Send a beat when one is due and all is well; there is never anything to tell."""
        now = self._monotonic()
        if now >= self._next and not (self._thread and self._thread.is_alive()) and self._is_well():
            self._next = now + self._every
            self._thread = Thread(target=self.beat, name="heartbeat", daemon=True)
            self._thread.start()
        yield from ()

    def beat(self) -> None:
        """Ask for the address once; that it does not answer is logged and nothing else."""
        for _, answer in self._fetcher.fetch([Request(feed=self._target)]):
            if isinstance(answer, FetchError) and not _came_through(answer):
                self._log.warning("heartbeat_failed", extra={"cause": answer.cause, "status": answer.status})


def _came_through(error: FetchError) -> bool:
    """Say whether the answer only was none that a feed gives: empty, or 204."""
    return error.status is not None and 200 <= error.status < 300
