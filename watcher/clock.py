"""The only place that asks for the time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from watcher.nodes.clocks import ClockSample, ahead


def utc_now() -> datetime:
    """Return the present moment, aware and UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the one place


class SharedClock:
    """This machine's clock, corrected by what it is ahead of one that all nodes can ask."""

    def __init__(self, shared: Callable[[], datetime], own: Callable[[], datetime] = utc_now) -> None:
        self._shared, self._own = shared, own
        self._known: timedelta | None = None

    @property
    def ahead(self) -> timedelta:
        """By how much this machine's clock is ahead, as far as it was compared."""
        return self._known or timedelta()

    def __call__(self) -> datetime:
        """Return the present moment by the shared clock."""
        return self._own() - self.ahead

    def compare(self) -> None:
        """Ask the shared clock, twice: the quicker answer is the better one."""
        samples = []
        for _ in range(2):
            at = self._own()
            shown = self._shared()
            samples.append(ClockSample(at=at, shown=shown, answered=self._own()))
        self._known = ahead(samples, self._known)
