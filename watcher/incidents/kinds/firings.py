"""What indicators over the history have in common: firings of other indicators in, what they complete out."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from watcher.model.alerts import Firing
from watcher.model.language import IndicatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class FiringRule:
    """A pattern over the firings of other indicators.

    It looks at the firings of `rests_on`, as far back as `memory`, and one of `completed_by` can complete it;
    after that it finds nothing more for as long as `rest`. `evidence` says in words what a firing completes,
    given those until then, and is empty when it completes nothing. `status` says how the pattern stands now.
    """

    rests_on: tuple[IndicatorId, ...]
    completed_by: tuple[IndicatorId, ...]
    memory: timedelta
    rest: timedelta
    evidence: Callable[[Sequence[Firing], Firing], tuple[str, ...]]
    status: Callable[[Sequence[Firing], datetime], Iterator[str]]


def firings_of(indicators: Collection[IndicatorId], firings: Iterable[Firing]) -> list[Firing]:
    """Return the firings of some indicators in order of time, one of each incident."""
    own = {firing.incident: firing for firing in firings if firing.indicator in indicators}
    return sorted(own.values(), key=lambda firing: (firing.at, firing.incident))
