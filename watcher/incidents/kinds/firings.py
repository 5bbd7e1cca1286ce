"""What indicators over the history have in common: firings of other indicators in, what they complete out."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from watcher.model.alerts import Firing
from watcher.model.language import IndicatorId


class FiringRule(Protocol):
    """A pattern over the firings of other indicators."""

    @property
    def rests_on(self) -> tuple[IndicatorId, ...]:
        """All indicators whose firings it looks at."""
        ...

    @property
    def completed_by(self) -> tuple[IndicatorId, ...]:
        """Those of them whose firing can complete it."""
        ...

    @property
    def memory(self) -> timedelta:
        """How far back the firings lie without which it would find less."""
        ...

    @property
    def rest(self) -> timedelta:
        """How long it says nothing more after it has been completed."""
        ...

    def evidence(self, known: Sequence[Firing], firing: Firing) -> tuple[str, ...]:
        """Return what a firing completes, in words; nothing when it completes nothing. `known` are those until then."""
        ...

    def status(self, firings: Sequence[Firing], now: datetime) -> Iterator[str]:
        """Yield how it stands now, in sentences."""
        ...


def firings_of(indicators: Collection[IndicatorId], firings: Iterable[Firing]) -> list[Firing]:
    """Return the firings of some indicators in order of time, one of each incident."""
    own = {firing.incident: firing for firing in firings if firing.indicator in indicators}
    return sorted(own.values(), key=lambda firing: (firing.at, firing.incident))
