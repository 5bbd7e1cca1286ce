"""The analyst's list in, compiled rules out: what the line judges by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from watcher.board import score
from watcher.incidents.closing import soonest
from watcher.incidents.correlate import joining_for, longest_quiet
from watcher.incidents.kinds import patterns
from watcher.match import Matcher, compile_list
from watcher.model.language import Indicator, IndicatorId, IndicatorList, Joining


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The analyst's list, compiled, and what judging needs of it. Made by `rules_of`."""

    matcher: Matcher
    indicators: Mapping[IndicatorId, Indicator]
    joinings: Mapping[IndicatorId, Joining]
    reach: timedelta
    """How far back an incident may still be open."""
    memory: timedelta
    """How far back what was recorded still counts, for an incident, a pattern or the board."""
    shortest: timedelta
    """How long an incident is open at least."""
    page: str = ""
    """The address of the page that alerts link to; empty is none."""


def rules_of(listed: IndicatorList, page: str = "") -> Rules:
    """Compile an indicator list into rules; `page` is the address of the page that alerts link to, if there is one."""
    joinings = {indicator.id: joining_for(indicator) for indicator in listed.indicators}
    reach = longest_quiet(joinings)
    return Rules(
        matcher=compile_list(listed),
        indicators={indicator.id: indicator for indicator in listed.indicators},
        joinings=joinings,
        reach=reach,
        memory=max(reach, patterns.memory_of(listed.indicators), score.lookback(listed.board)),
        shortest=soonest(listed.indicators, joinings),
        page=page,
    )
