"""The machine and the service in, alerts about them out: on the disk, the clock, and the progress of work."""

import logging
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from watcher.clock import utc_now
from watcher.collection.vitals import (
    LEAST_CLOCK_STEP,
    ClockStep,
    alert_log,
    disk,
    lag,
    tell_of,
    tell_of_steps,
)
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
        self._clocks: tuple[datetime, float] | None = None
        self._steps: list[ClockStep] = []
        self._steps_told: float | None = None
        self._disk_measured: float | None = None
        self._log = logging.getLogger("watcher.service")

    def look(self) -> Iterator[Cycle]:
        """Yield the alerts that are due, recorded.

        Raises:
            StoreError: one could not be recorded; the next look tries again.
        """
        now = self._instruments.monotonic()
        self._compare_clocks(now)
        if self._steps and (self._steps_told is None or now - self._steps_told >= _STEPS_APART):
            yield record(tell_of_steps(self._steps, self._world.clock()), self._world)
            self._steps, self._steps_told = [], now
        vitals = [
            lag(self._progress.stuck(), self._progress.steady()),
            alert_log(self._world.store.first_waiting()),
        ]
        if self._disk_measured is None or now - self._disk_measured >= _DISK_EVERY:
            self._disk_measured = now
            try:
                space = self._instruments.space(self._folder)
                vitals.append(disk(space.free, space.total, str(self._folder)))
            except OSError as error:
                facts = {"folder": str(self._folder), "error": str(error)}
                self._log.warning("disk_not_measured", extra=facts)
        for vital in vitals:
            noted = self._world.store.noted(vital.reason)
            if cycle := tell_of(vital, noted, self._world.clock()):
                yield record(cycle, self._world)

    def _compare_clocks(self, now: float) -> None:
        """Note a step of the wall clock: what it differs by from one that nobody sets."""
        wall = self._instruments.wall()
        if self._clocks:
            expected = self._clocks[0] + timedelta(seconds=now - self._clocks[1])
            if abs(wall - expected) > LEAST_CLOCK_STEP:
                self._steps.append(ClockStep(expected=expected, shown=wall))
        self._clocks = wall, now


def is_well(world: World, progress: Progress) -> bool:
    """Say whether news reaches people: no work is stuck, a feed works on time, the alert log is written."""
    if progress.stuck():
        return False
    late = world.clock() - _OVERDUE
    works = any(state.next_due > late and not state.failures for state in world.store.states().values())
    unwritten = any(
        first.channel == ALERT_LOG and first.attempts >= STUCK_AFTER for first in world.store.first_waiting()
    )
    return works and not unwritten
