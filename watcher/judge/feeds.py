"""How feeds are doing in, what to tell people of it out: one alert for all that fail, one for all that work again.

A feed is failing when three polls in a row failed, whether or not it ever worked. It works again when it has for a day, so that
one that comes and goes is told of once. Feeds that fall together are found out minutes apart: between two alerts about feeds lies
an hour, and the second names all that were found out meanwhile. When every feed fails, one alert says so and speaks for them all.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from watcher.judge.cadence import FAILING_AFTER
from watcher.judge.speak import alert_id, level_of
from watcher.model.alerts import Alert, Kind, Reason
from watcher.model.language import Severity
from watcher.model.polling import Cycle, FeedState

STEADY = timedelta(days=1)
"""How long a feed must have worked before it is said to work again."""

APART = timedelta(hours=1)
"""How far apart two alerts about feeds are at least."""

_NAMED = 3
_QUOTED = 12


def tell_of_feeds(states: Sequence[FeedState], now: datetime) -> Cycle | None:
    """Return the cycle that tells which feeds began to fail and which work again, or None when there is nothing to tell yet."""
    if any(timedelta() <= now - state.told_at < APART for state in states if state.told_at):
        return None
    failing, working = _newly_failing(states), [state for state in states if _works_again(state, now)]
    if not failing and not working:
        return None
    told = [replace(state, told_failing=True, told_at=now) for state in failing]
    told += [replace(state, told_failing=False, told_at=now) for state in working]
    alerts = [_alert_of_failing(failing, states, now)] if failing else []
    alerts += [_alert_of_working(working, states, now)] if working else []
    return Cycle(states=tuple(told), alerts=tuple(alerts))


def _newly_failing(states: Sequence[FeedState]) -> list[FeedState]:
    untold = [state for state in states if not state.told_failing]
    failing = [state for state in untold if state.failures >= FAILING_AFTER]
    return untold if failing and _all_fail(states) else failing


def _works_again(state: FeedState, now: datetime) -> bool:
    if not state.told_failing or state.failures:
        return False
    return all(now - moment >= STEADY for moment in (state.told_at, state.last_failing) if moment)


def _all_fail(states: Sequence[FeedState]) -> bool:
    return len(states) > 1 and all(state.failures for state in states)


def _alert_of_failing(failing: Sequence[FeedState], states: Sequence[FeedState], now: datetime) -> Alert:
    everything = _all_fail(states)
    title = f"All {len(states)} feeds are failing" if everything else f"{_count(failing, states)} failing: {_names(failing)}"
    advice = "the network here is probably down" if everything else "`watcher feeds test` tries them again"
    causes = "; ".join(f"{state.feed}: {state.error}" for state in failing[:_QUOTED])
    why = f"Nothing that they publish is seen until they work; {advice}. {causes}"
    return _alert(Reason.FEED_FAILING, Severity.HIGH if everything else Severity.MEDIUM, title, why, failing, now)


def _alert_of_working(working: Sequence[FeedState], states: Sequence[FeedState], now: datetime) -> Alert:
    title = f"{_count(working, states)} working again: {_names(working)}"
    why = "They have worked for a day; what they published while they failed is seen only as far as they still list it."
    return _alert(Reason.FEED_RECOVERED, Severity.INFO, title, why, working, now)


def _alert(reason: Reason, severity: Severity, title: str, why: str, told: Sequence[FeedState], now: datetime) -> Alert:
    names = " ".join(state.feed for state in told)
    return Alert(
        id=alert_id(names, reason, now.isoformat()),
        at=now,
        kind=Kind.COLLECTION,
        reason=reason,
        indicator="collection",
        category="collection",
        severity=severity,
        incident="feeds",
        title=title,
        why=why,
        level=level_of(severity),
        details={"feeds": names},
    )


def _count(some: Sequence[FeedState], states: Sequence[FeedState]) -> str:
    return f"{len(some)} of {len(states)} feeds {'is' if len(some) == 1 else 'are'}"


def _names(states: Sequence[FeedState]) -> str:
    names = ", ".join(state.feed for state in states[:_NAMED])
    return names if len(states) <= _NAMED else f"{names} and {len(states) - _NAMED} more"
