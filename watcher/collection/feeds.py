"""States of feeds in, alerts about them out: one for all failing, all recovered, and each kind of notice.

A feed is failing when three polls in a row failed, whether or not it ever worked. It works again when it has
worked for a day, so that one that comes and goes makes one alert. Feeds that fail together are found minutes
apart: two alerts about feeds are at least an hour apart, and the second names all that were found meanwhile.
When every feed fails, one alert about all of them is due at once.

What is odd about feeds that answer (`habits`) makes one alert for each kind of notice, which names every feed
that has one. A feed is named for the same kind at most once a day.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from watcher.alerting.build import alert_of_collection
from watcher.collection.habits import notice_of, with_notice, without_notice
from watcher.collection.vitals import NO_FEED_REACHED, none_reached
from watcher.model.alerts import Alert, Reason
from watcher.model.language import Severity
from watcher.model.polling import Cycle, FeedState, Notice
from watcher.polling.cadence import FAILING_AFTER

STEADY = timedelta(days=1)
"""How long a feed must work before an alert reports its recovery; also the least time between such alerts."""

APART = timedelta(hours=1)
"""The least time between two alerts about feeds."""

_NAMED = 3
_QUOTED = 12
_MANY = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """An alert, and the states of the feeds it is about as they are after it."""

    alert: Alert
    states: tuple[FeedState, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """How an alert puts a kind of notice: "2 of 9 feeds `are`: ..."."""

    one: str
    several: str
    why: str


_NOTICES: Mapping[Reason, _Words] = {
    Reason.FEED_SILENT: _Words(
        one="is silent",
        several="are silent",
        why="They answer, but have had nothing new for much longer than ever before; "
        "look at their pages, they may have moved",
    ),
    Reason.FEED_FROZEN: _Words(
        one="is frozen",
        several="are frozen",
        why="They answer, but all that they list is more than half a year old; "
        "find where they publish now, or take them off the list",
    ),
    Reason.ITEMS_MISSED: _Words(
        one="probably lost items",
        several="probably lost items",
        why="All their items changed between two polls, so what was listed in between was not seen",
    ),
    Reason.FEED_CHANGED: _Words(
        one="looks like a different feed",
        several="look like different feeds",
        why="They may be other feeds now; `watcher feeds test` shows what they list",
    ),
}


def tell_of_feeds(states: Sequence[FeedState], now: datetime) -> Cycle | None:
    """Return the cycle with the alerts that are due about feeds, or None when none is."""
    odd, total = [state for state in states if _is_odd(state)], len(states)
    told_at = [
        at
        for state in odd
        for at in (state.told_at, *(notice.told for notice in state.habits.notices))
        if at is not None
    ]
    just_told = any(timedelta() <= now - at < APART for at in told_at)
    if just_told and not (_all_fail(odd, total) and _newly_failing(odd, total)):
        return None
    present, alerts = {state.feed: state for state in odd}, []
    noticed = [partial(_noticed, reason) for reason in _NOTICES]
    kinds: list[Callable[[Sequence[FeedState], int, datetime], _Told | None]] = [
        _failing,
        _working,
        *noticed,
        _publishing,
    ]
    for tell in kinds:
        if told := tell(list(present.values()), total, now):
            present |= {state.feed: state for state in told.states}
            alerts.append(told.alert)
    changed = (state for before, state in zip(odd, present.values(), strict=True) if state != before)
    return Cycle(states=tuple(changed), alerts=tuple(alerts)) if alerts else None


def _is_odd(state: FeedState) -> bool:
    """Say whether there is, or was, anything to tell of a feed; there mostly is not."""
    return bool(state.failures or state.told_failing or state.told_at or state.habits.notices)


def _failing(states: Sequence[FeedState], total: int, now: datetime) -> _Told | None:
    failing = _newly_failing(states, total)
    if not failing:
        return None
    if everything := _all_fail(states, total):
        title, advice = f"All {total} feeds are failing", "the network here is probably down."
    else:
        title = f"{_count(failing, total)} failing: {_names(failing)}"
        advice = "`watcher feeds test` tries them again."
    if everything and none_reached([state.error for state in states]):
        advice = NO_FEED_REACHED
    causes = "; ".join(f"{state.feed}: {state.error}" for state in failing[:_QUOTED])
    why = f"The watcher sees nothing that they publish until they work; {advice} {causes}"
    severity = Severity.HIGH if everything else Severity.MEDIUM
    return _Told(
        alert=_alert(Reason.FEED_FAILING, severity, title, why, failing, now),
        states=tuple(replace(state, told_failing=True, told_at=now) for state in failing),
    )


def _newly_failing(states: Sequence[FeedState], total: int) -> list[FeedState]:
    """Return the feeds that are failing and in no alert yet: every one that is in none, where all fail."""
    untold = [state for state in states if not state.told_failing]
    failing = [state for state in untold if state.failures >= FAILING_AFTER]
    return untold if failing and _all_fail(states, total) else failing


def _all_fail(states: Sequence[FeedState], total: int) -> bool:
    return len(states) == total > 1 and all(state.failures for state in states)


def _working(states: Sequence[FeedState], total: int, now: datetime) -> _Told | None:
    working = [
        state
        for state in states
        if state.told_failing
        and not state.failures
        and all(abs(now - at) >= STEADY for at in (state.told_at, state.last_failing) if at)
    ]
    if not working:
        return None
    title = f"{_count(working, total)} working again: {_names(working)}"
    why = (
        "They have worked for a day; of what they published meanwhile, the watcher sees "
        "only what they still list."
    )
    return _Told(
        alert=_alert(Reason.FEED_RECOVERED, Severity.INFO, title, why, working, now),
        states=tuple(replace(state, told_failing=False, told_at=now) for state in working),
    )


def _noticed(reason: Reason, states: Sequence[FeedState], total: int, now: datetime) -> _Told | None:
    noticed = [
        (state, notice)
        for state in states
        if (notice := notice_of(state.habits, reason)) and _is_due(notice, now)
    ]
    if not noticed:
        return None
    feeds, words = [state for state, _ in noticed], _NOTICES[reason]
    verb = words.one if len(feeds) == 1 else words.several
    title = f"{len(feeds)} of {total} feeds {verb}: {_names(feeds)}"
    found = "; ".join(f"{state.feed}: {notice.what}" for state, notice in noticed[:_QUOTED])
    are_most = len(feeds) >= _MANY and 2 * len(feeds) > total
    severity = Severity.HIGH if are_most else Severity.MEDIUM
    return _Told(
        alert=_alert(reason, severity, title, f"{words.why}. {found}", feeds, now),
        states=tuple(
            replace(state, habits=with_notice(state.habits, replace(notice, told=now)))
            for state, notice in noticed
        ),
    )


def _is_due(notice: Notice, now: datetime) -> bool:
    """Say whether to alert a notice: it is not over, and not alerted since it began or within a day."""
    if notice.over or notice.told is None:
        return notice.over is None
    return not notice.since <= notice.told <= now and abs(now - notice.told) >= STEADY


def _publishing(states: Sequence[FeedState], total: int, now: datetime) -> _Told | None:
    ended = [state for state in states if _over(state)]
    if not ended:
        return None
    verb = "publishes" if len(ended) == 1 else "publish"
    title = f"{len(ended)} of {total} feeds {verb} again: {_names(ended)}"
    why = "They had been silent for unusually long, or listed nothing but old items."
    return _Told(
        alert=_alert(Reason.FEED_RECOVERED, Severity.INFO, title, why, ended, now),
        states=tuple(
            replace(state, habits=without_notice(state.habits, *_over(state)), told_at=now) for state in ended
        ),
    )


def _over(state: FeedState) -> tuple[Reason, ...]:
    """Return why a feed was said to publish nothing, where it does again."""
    reasons = (Reason.FEED_SILENT, Reason.FEED_FROZEN)
    return tuple(
        each for each in reasons if (notice := notice_of(state.habits, each)) and notice.over is not None
    )


def _alert(
    reason: Reason, severity: Severity, title: str, why: str, about: Sequence[FeedState], now: datetime
) -> Alert:
    feeds = tuple(state.feed for state in about)
    alert = alert_of_collection(reason, severity, title, why, "feeds", now, occasion=" ".join(feeds))
    return replace(alert, feeds=feeds)


def _count(some: Sequence[FeedState], total: int) -> str:
    return f"{len(some)} of {total} feeds {'is' if len(some) == 1 else 'are'}"


def _names(states: Sequence[FeedState]) -> str:
    names = ", ".join(state.feed for state in states[:_NAMED])
    return names if len(states) <= _NAMED else f"{names} and {len(states) - _NAMED} more"
