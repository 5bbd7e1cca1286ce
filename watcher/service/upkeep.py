"""How long to keep what was read in; what is older taken out, once a day and a little at a time, so that no poll waits."""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from watcher import bootstrap
from watcher.model.polling import Cycle
from watcher.model.retention import LEAST_KEPT, Pruned, Retention
from watcher.ports import Clock, Database, Pruning, Store
from watcher.service.scratch import Purpose, scratch

NOTE = "pruned_before"
"""The note of how far the service has got with taking out what is old."""

_STEPS = 4
"""So many steps at a time: some tenths of a second."""

_DAYS_A_DAY = timedelta(days=10)
"""News of so many days goes in one day, no more: a clock that runs years ahead is told of long before it has emptied the database."""


def sweep(
    store: Pruning, retention: Retention, reach: timedelta, now: datetime, limit: datetime | None = None
) -> Iterator[Pruned]:
    """Take out what is to go, and yield each step; what something may still join (`reach`), and what is later than `limit`, stays."""
    least = max(LEAST_KEPT, reach)
    if retention.keep is not None:
        yield from _steps(store, _earlier(now - max(retention.keep, least), limit), lambda: False)
    if retention.max_size is not None:
        most = retention.max_size
        yield from _steps(store, _earlier(now - least, limit), lambda: used(store) <= most)


def used(store: Pruning) -> int:
    """Return how many bytes of the database hold something."""
    taken, free = store.size()
    return taken - free


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What was taken out, and how many bytes the file took before and takes after."""

    items: int
    incidents: int
    alerts: int
    before: int
    after: int


def prune_now(store: Database, retention: Retention, reach: timedelta, now: datetime) -> Gone:
    """Take out all that is to go, and shrink the file; nobody else may be using the database."""
    before, _ = store.size()
    steps = list(sweep(store, retention, reach, now))
    left = store.give_back()
    while left:
        left, was = store.give_back(), left
        if left == was:  # the file was made by a watcher whose files could not shrink
            store.compact()
            break
    return Gone(
        items=sum(each.items for each in steps),
        incidents=sum(each.incidents for each in steps),
        alerts=sum(each.alerts for each in steps),
        before=before,
        after=store.size()[0],
    )


def prune_copy(store: Database, retention: Retention, reach: timedelta, now: datetime) -> Gone:
    """Say what pruning would do, by doing it to a copy beside the database."""
    with scratch(store.path.parent, Purpose.PRUNING) as folder:
        copy = folder / store.path.name
        store.backup(copy)
        with closing(bootstrap.open_database(copy, durable=False)) as pruned:
            return prune_now(pruned, retention, reach, now)


class Upkeep:
    """Takes out what is old, once a day, some of it each time it is asked to look; `reach` is asked, as it may change with the list."""

    def __init__(
        self, store: Store, retention: Retention, reach: Callable[[], timedelta], clock: Clock
    ) -> None:
        self._store, self._retention, self._reach, self._clock = store, retention, reach, clock
        self._day = ""
        self._under_way: Iterator[Pruned] = iter(())
        self._gone: list[Pruned] = []
        self._log = logging.getLogger("watcher.service")

    def look(self) -> Iterator[Cycle]:
        """Go on with the day's work; there is never anything to tell.

        Raises:
            StoreError: the database cannot be used; the next look goes on.
        """
        today = f"{self._clock():%Y-%m-%d}"
        if self._day != today:
            self._day, self._gone, self._under_way = today, [], self._begin(self._clock())
        steps = list(islice(self._under_way, _STEPS))
        self._gone += steps
        if not steps and self._gone and self._store.give_back() == 0:
            self._tell()
        yield from ()

    def _begin(self, now: datetime) -> Iterator[Pruned]:
        """Start the day's work, from where the last day's ended."""
        noted, oldest = self._store.noted(NOTE), self._store.oldest()
        if oldest is None:
            return
        limit = (max(oldest, datetime.fromisoformat(noted)) if noted else oldest) + _DAYS_A_DAY
        yield from sweep(self._store, self._retention, self._reach(), now, limit)
        if (done := self._done(now)) is not None:
            self._store.note(NOTE, min(limit, done).isoformat())

    def _done(self, now: datetime) -> datetime | None:
        """Return before what moment all that may go has gone."""
        least, asked = max(LEAST_KEPT, self._reach()), self._retention
        if asked.max_size is not None and used(self._store) > asked.max_size:
            return now - least
        return None if asked.keep is None else now - max(asked.keep, least)

    def _tell(self) -> None:
        gone, self._gone = self._gone, []
        if items := sum(each.items for each in gone):
            incidents, alerts = sum(each.incidents for each in gone), sum(each.alerts for each in gone)
            self._log.info(
                "pruned",
                extra={
                    "items": items,
                    "incidents": incidents,
                    "alerts": alerts,
                    "bytes": self._store.size()[0],
                },
            )


def _steps(store: Pruning, before: datetime, is_enough: Callable[[], bool]) -> Iterator[Pruned]:
    after: str | None = ""
    while after is not None and not is_enough():
        step = store.prune(before, after)
        yield step
        after = step.after


def _earlier(before: datetime, limit: datetime | None) -> datetime:
    return before if limit is None else min(before, limit)
