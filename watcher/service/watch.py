"""What the machine and the service itself show in, alerts about it out: the disk, the clock, and whether the work gets on."""

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from watcher.clock import utc_now
from watcher.collection.vitals import LEAST_CLOCK_STEP, ClockStep, Vital, disk, lag, tell_of, tell_of_steps
from watcher.model.alerts import ALERT_LOG
from watcher.model.polling import Cycle
from watcher.pipeline import World, record
from watcher.ports import Clock
from watcher.service.health import STUCK_AFTER
from watcher.service.progress import Progress

_DISK_EVERY = 60.0
_OVERDUE = timedelta(minutes=5)
_STEPS_APART = 3600.0
"""Seconds between two alerts about the clock; steps in between are told together."""


class Space(NamedTuple):
    """A disk: bytes in all and bytes free."""

    total: int
    free: int


def space_of(folder: Path) -> Space:
    """Measure the disk of a folder."""
    found = shutil.disk_usage(folder)
    return Space(found.total, found.free)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruments:
    """What is looked at; a test brings its own."""

    wall: Clock = utc_now
    monotonic: Callable[[], float] = time.monotonic
    space: Callable[[Path], Space] = space_of


class Watch:
    """Looks at the service from outside the scheduler, whenever it is asked to."""

    def __init__(
        self, world: World, folder: Path, progress: Progress, instruments: Instruments | None = None
    ) -> None:
        self._world, self._folder, self._progress = world, folder, progress
        self._instruments = instruments or Instruments()
        self._clocks = _Clocks(self._instruments)
        self._looked_at_disk: float | None = None
        self._log = logging.getLogger("watcher.service")

    def look(self) -> Iterator[Cycle]:
        """Yield what there is to tell, recorded.

        Raises:
            StoreError: it could not be recorded; the next look tells it.
        """
        if steps := self._clocks.look():
            yield self._recorded(tell_of_steps(steps, self._world.clock()))
            self._clocks.told()
        for vital in self._vitals():
            told = self._world.store.noted(vital.reason)
            if cycle := tell_of(vital, told, self._world.clock()):
                yield self._recorded(cycle)

    def _vitals(self) -> Iterator[Vital]:
        yield lag(self._progress.stuck(), self._progress.steady())
        now = self._instruments.monotonic()
        if self._looked_at_disk is not None and now - self._looked_at_disk < _DISK_EVERY:
            return
        self._looked_at_disk = now
        try:
            space = self._instruments.space(self._folder)
        except OSError as error:
            self._log.warning("disk_not_measured", extra={"folder": str(self._folder), "error": str(error)})
        else:
            yield disk(space.free, space.total, str(self._folder))

    def _recorded(self, cycle: Cycle) -> Cycle:
        return record(cycle, self._world)


def is_well(world: World, progress: Progress) -> bool:
    """Say whether news would reach people: the work gets on, a feed that is not overdue works, and the alert log is being written."""
    if progress.stuck():
        return False
    late = world.clock() - _OVERDUE
    works = any(state.next_due > late and not state.failures for state in world.store.states().values())
    unwritten = any(
        first.channel == ALERT_LOG and first.attempts >= STUCK_AFTER for first in world.store.first_waiting()
    )
    return works and not unwritten


@dataclass(slots=True)
class _Clocks:
    """The wall clock beside one that nobody sets; what they disagree by is a step."""

    instruments: Instruments
    steps: list[ClockStep] = field(default_factory=list)
    _last: tuple[datetime, float] | None = None
    _told: float | None = None

    def look(self) -> list[ClockStep]:
        """Compare the clocks; return the steps that are to be told now."""
        wall, now = self.instruments.wall(), self.instruments.monotonic()
        if self._last:
            expected = self._last[0] + timedelta(seconds=now - self._last[1])
            if abs(wall - expected) > LEAST_CLOCK_STEP:
                self.steps.append(ClockStep(expected=expected, shown=wall))
        self._last = wall, now
        waits = self._told is not None and now - self._told < _STEPS_APART
        return [] if waits else self.steps

    def told(self) -> None:
        """Forget the steps that were told."""
        self.steps, self._told = [], self.instruments.monotonic()
