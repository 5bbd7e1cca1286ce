"""Processes in, the order of their steps on a virtual clock out: what of a simulation knows no feeds.

A process is a generator. It yields the moment at which it goes on, in seconds, or None to be woken by
another. Of two that go on at the same moment, who said so first is first: the same input gives the same run.
"""

from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from heapq import heappop, heappush, heapreplace
from itertools import count

Steps = Generator[float | None, None, None]


@dataclass(slots=True, eq=False)
class Process:
    """Steps that are taken for as long as their owner lives."""

    steps: Steps
    lives: Callable[[], bool]


class Clockwork:
    """The virtual clock, and who goes on when."""

    def __init__(self) -> None:
        self.now = 0.0
        self._events: list[tuple[float, int, Process]] = []
        self._numbers = count()
        self.current: Process

    def start(self, steps: Steps, lives: Callable[[], bool] = lambda: True) -> None:
        """Begin a process now."""
        self.wake(Process(steps, lives))

    def wake(self, process: Process, at: float | None = None) -> None:
        """Let a process go on, now or later."""
        heappush(self._events, (self.now if at is None else at, next(self._numbers), process))

    def run(self, until: float) -> None:
        """Let time pass."""
        while self._events and self._events[0][0] <= until:
            self.now, _, self.current = heappop(self._events)
            at = next(self.current.steps, None) if self.current.lives() else None
            if at is not None:
                self.wake(self.current, at)
        self.now = until


class Station:
    """A part that serves so many at a time, whoever comes first."""

    def __init__(self, seats: int = 1) -> None:
        self._free = [0.0] * seats
        self.busy = 0.0

    def until(self, now: float, seconds: float) -> float:
        """Return when somebody who comes now, and takes so long, has been served."""
        ends = max(now, self._free[0]) + seconds
        heapreplace(self._free, ends)
        self.busy += seconds
        return ends


class Lock:
    """A lock that is given to whoever waits longest and lives."""

    def __init__(self, clockwork: Clockwork) -> None:
        self._clockwork = clockwork
        self._waiting: deque[Process] = deque()
        self._since = 0.0
        self.holder: Process | None = None
        self.held = 0.0

    def taken(self) -> Steps:
        """Wait until the lock is this process's."""
        if self.holder is None:
            self._give(self._clockwork.current)
        else:
            self._waiting.append(self._clockwork.current)
            yield None

    def let_go(self) -> None:
        """Give the lock to the next."""
        self.held += self._clockwork.now - self._since
        self.holder = None
        while self._waiting and self.holder is None:
            process = self._waiting.popleft()
            if process.lives():
                self._give(process)
                self._clockwork.wake(process)

    def _give(self, process: Process) -> None:
        self.holder, self._since = process, self._clockwork.now
