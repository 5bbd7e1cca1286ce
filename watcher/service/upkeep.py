"""The retention in, older data pruned: once a day and a little at a time, so that no poll waits."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from watcher.model.polling import Cycle
from watcher.model.retention import LEAST_KEPT, Pruned, Retention
from watcher.ports import Clock, Database, Pruning, Store
from watcher.service.scratch import Purpose, scratch

NOTE = "pruned_before"
"""The note of how far the service has got with pruning."""

_STEPS = 4
"""So many steps at a time: some tenths of a second."""

_DAYS_A_DAY = timedelta(days=10)
"""The most news pruned in one day: a clock that runs years ahead is alerted before the database is empty."""


def sweep(
    store: Pruning, retention: Retention, memory: timedelta, now: datetime, limit: datetime | None = None
) -> Iterator[Pruned]:
    """Prune what is to go, and yield each step.

    What something may still join (`memory`), and what is later than `limit`, stays.
    """
    least, most = max(LEAST_KEPT, memory), retention.max_size
    goals: list[tuple[datetime, Callable[[], bool]]] = []
    if retention.keep is not None:
        goals.append((now - max(retention.keep, least), lambda: False))
    if most is not None:
        goals.append((now - least, lambda: used(store) <= most))
    for before, is_reached in goals:
        after: str | None = ""
        while after is not None and not is_reached():
            step = store.prune(min(before, limit or before), after)
            yield step
            after = step.after


def used(store: Pruning) -> int:
    """Return how many bytes of the database hold something."""
    taken, free = store.size()
    return taken - free


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What was pruned, and how many bytes the file took before and takes after."""

    items: int
    incidents: int
    alerts: int
    before: int
    after: int


def prune_now(store: Database, retention: Retention, memory: timedelta, now: datetime) -> Gone:
    """Prune all that is to go, and shrink the file; nobody else may be using the database."""
    before, _ = store.size()
    counts = _totals(sweep(store, retention, memory, now))
    left = store.give_back()
    while left:
        left, was = store.give_back(), left
        if left == was:  # the file was made by a watcher whose files could not shrink
            store.compact()
            break
    return Gone(**counts, before=before, after=store.size()[0])


def prune_copy(store: Database, data: Path, retention: Retention, memory: timedelta, now: datetime) -> Gone:
    """Return what pruning would do, by doing it to a copy in the data folder, or so that it is undone."""
    with scratch(data, Purpose.PRUNING) as folder, store.to_try(folder) as pruned:
        return prune_now(pruned, retention, memory, now)


class Upkeep:
    """Prunes once a day, some of it at each look.

    `memory` is asked each day, as it may change with the list.
    """

    def __init__(
        self, store: Store, retention: Retention, memory: Callable[[], timedelta], clock: Clock
    ) -> None:
        self._store, self._retention, self._memory, self._clock = store, retention, memory, clock
        self._day = ""
        self._under_way: Iterator[Pruned] = iter(())
        self._gone: list[Pruned] = []
        self._log = logging.getLogger("watcher.service")

    def look(self) -> Iterator[Cycle]:
        """Go on with the day's work; it never yields an alert.

        Raises:
            StoreError: the database cannot be used; the next look goes on.
        """
        today = f"{self._clock():%Y-%m-%d}"
        if self._day != today:
            self._day, self._gone, self._under_way = today, [], self._sweep_for_a_day(self._clock())
        steps = list(islice(self._under_way, _STEPS))
        self._gone += steps
        if not steps and self._gone and self._store.give_back() == 0:
            counts, self._gone = _totals(self._gone), []
            if counts["items"]:
                self._log.info("pruned", extra={**counts, "bytes": self._store.size()[0]})
        yield from ()

    def _sweep_for_a_day(self, now: datetime) -> Iterator[Pruned]:
        """Prune from where the last day's work ended, and note how far it went."""
        noted, oldest, retention = self._store.noted(NOTE), self._store.oldest(), self._retention
        if oldest is None:
            return
        limit = (max(oldest, datetime.fromisoformat(noted)) if noted else oldest) + _DAYS_A_DAY
        least = max(LEAST_KEPT, self._memory())
        yield from sweep(self._store, retention, least, now, limit)
        if retention.max_size is not None and used(self._store) > retention.max_size:
            done = now - least
        elif retention.keep is not None:
            done = now - max(retention.keep, least)
        else:
            return
        self._store.note(NOTE, min(limit, done).isoformat())


def _totals(steps: Iterable[Pruned]) -> dict[str, int]:
    counted = list(steps)
    return {name: sum(getattr(each, name) for each in counted) for name in ("items", "incidents", "alerts")}
