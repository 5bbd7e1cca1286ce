"""The analyst's list in, compiled rules out: what the line decides by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from watcher.board import score
from watcher.incidents.closing import soonest
from watcher.incidents.correlate import joining_for, longest_quiet
from watcher.incidents.index import IndexCache
from watcher.incidents.kinds import patterns
from watcher.match import Matcher, compile_list
from watcher.model.language import Indicator, IndicatorId, IndicatorList, Joining
from watcher.model.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The analyst's list, compiled, and what decisions need of it. Made by `rules_of`."""

    matcher: Matcher
    indicators: Mapping[IndicatorId, Indicator]
    joinings: Mapping[IndicatorId, Joining]
    vocabulary: Vocabulary
    longest_open: timedelta
    """How long after its last item an incident may still be open."""
    shortest_open: timedelta
    """How long after its last item an incident is open at least."""
    memory: timedelta
    """How far back what was recorded still counts, for an incident, a pattern or the board."""
    page: str = ""
    """The address of the page that alerts link to; empty is none."""
    indexes: IndexCache = field(default_factory=IndexCache, compare=False, repr=False)
    """The index of the incidents that were open at the last poll."""


def rules_of(listed: IndicatorList, page: str = "") -> Rules:
    """Compile an indicator list; `page` is the address of the page that alerts link to, if there is one."""
    joinings = {indicator.id: joining_for(indicator) for indicator in listed.indicators}
    longest_open = longest_quiet(joinings)
    return Rules(
        matcher=compile_list(listed),
        indicators={indicator.id: indicator for indicator in listed.indicators},
        joinings=joinings,
        vocabulary=listed.vocabulary,
        longest_open=longest_open,
        shortest_open=soonest(listed.indicators, joinings),
        memory=max(longest_open, patterns.longest_memory(listed.indicators), score.lookback(listed.board)),
        page=page,
    )
