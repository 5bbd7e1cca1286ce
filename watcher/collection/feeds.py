"""How feeds are doing in, what to tell people of it out: one alert for all that fail, one for all that work again, and so on.

A feed is failing when three polls in a row failed, whether or not it ever worked. It works again when it has
for a day, so that one that comes and goes is told of once. Feeds that fall together are found out minutes
apart: between two alerts about feeds lies an hour, and the second names all that were found out meanwhile.
When every feed fails, one alert says so at once and speaks for them all.

What is odd about feeds that answer (`habits`) is told in the same way: an alert for each kind of notice names
every feed that has one. A feed is named for the same kind of thing at most once a day.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watcher.alerting.build import alert_of_collection
from watcher.collection.habits import notice_of, with_notice, without_notice
from watcher.collection.vitals import NO_FEED_REACHED, none_reached
from watcher.model.alerts import Alert, Reason
from watcher.model.language import Severity
from watcher.model.polling import Cycle, FeedState, Notice
from watcher.polling.cadence import FAILING_AFTER

STEADY = timedelta(days=1)
"""How long a feed must have worked before it is said to work again, and how far apart the same thing is said of it."""

APART = timedelta(hours=1)
"""How far apart two alerts about feeds are at least."""

_NAMED = 3
_QUOTED = 12
_MANY = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Telling:
    """An alert, and the states of the feeds it is about as they are once it is told."""

    alert: Alert
    states: tuple[FeedState, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """How a kind of notice is told: "2 of 9 feeds `are`: ..."."""

    one: str
    several: str
    why: str


_NOTICES: Mapping[Reason, _Words] = {
    Reason.FEED_SILENT: _Words(
        one="is silent",
        several="are silent",
        why="They answer, but bring nothing new for far longer than they ever did; look at their pages, they may have moved",
    ),
    Reason.ITEMS_MISSED: _Words(
        one="probably lost items",
        several="probably lost items",
        why="Their lists turned over between two polls, and what stood there in between was not seen",
    ),
    Reason.FEED_CHANGED: _Words(
        one="changed its character",
        several="changed their character",
        why="They may have become other feeds; `watcher feeds test` shows what they list now",
    ),
}


def tell_of_feeds(states: Sequence[FeedState], now: datetime) -> Cycle | None:
    """Return the cycle that tells what is new about feeds and their working, or None when there is nothing to tell yet."""
    just_told = any(timedelta() <= now - told < APART for state in states for told in _tellings_of(state))
    if just_told and not (_all_fail(states) and _newly_failing(states)):
        return None
    present, alerts = {state.feed: state for state in states}, []
    for tell in (_failing, _working, _silent, _missed, _changed, _publishing):
        if telling := tell(list(present.values()), now):
            present |= {state.feed: state for state in telling.states}
            alerts.append(telling.alert)
    told = tuple(state for before, state in zip(states, present.values(), strict=True) if state != before)
    return Cycle(states=told, alerts=tuple(alerts)) if alerts else None


def _tellings_of(state: FeedState) -> Iterator[datetime]:
    moments = (state.told_at, *(notice.told for notice in state.habits.notices))
    return (moment for moment in moments if moment)


# --- failing and working ------------------------------------------------------------------------------------


def _failing(states: Sequence[FeedState], now: datetime) -> _Telling | None:
    failing = _newly_failing(states)
    if not failing:
        return None
    everything = _all_fail(states)
    title = (
        f"All {len(states)} feeds are failing"
        if everything
        else f"{_count(failing, states)} failing: {_names(failing)}"
    )
    unreached = none_reached([state.error for state in states])
    advice = (
        NO_FEED_REACHED
        if unreached
        else "the network here is probably down."
        if everything
        else "`watcher feeds test` tries them again."
    )
    causes = "; ".join(f"{state.feed}: {state.error}" for state in failing[:_QUOTED])
    why = f"Nothing that they publish is seen until they work; {advice} {causes}"
    alert = _alert(
        Reason.FEED_FAILING, Severity.HIGH if everything else Severity.MEDIUM, title, why, failing, now
    )
    return _Telling(
        alert=alert, states=tuple(replace(state, told_failing=True, told_at=now) for state in failing)
    )


def _newly_failing(states: Sequence[FeedState]) -> list[FeedState]:
    untold = [state for state in states if not state.told_failing]
    failing = [state for state in untold if state.failures >= FAILING_AFTER]
    return untold if failing and _all_fail(states) else failing


def _all_fail(states: Sequence[FeedState]) -> bool:
    return len(states) > 1 and all(state.failures for state in states)


def _working(states: Sequence[FeedState], now: datetime) -> _Telling | None:
    working = [state for state in states if _works_again(state, now)]
    if not working:
        return None
    title = f"{_count(working, states)} working again: {_names(working)}"
    why = "They have worked for a day; what they published while they failed is seen only as far as they still list it."
    alert = _alert(Reason.FEED_RECOVERED, Severity.INFO, title, why, working, now)
    return _Telling(
        alert=alert, states=tuple(replace(state, told_failing=False, told_at=now) for state in working)
    )


def _works_again(state: FeedState, now: datetime) -> bool:
    if not state.told_failing or state.failures:
        return False
    return all(abs(now - moment) >= STEADY for moment in (state.told_at, state.last_failing) if moment)


# --- notices ------------------------------------------------------------------------------------------------


def _silent(states: Sequence[FeedState], now: datetime) -> _Telling | None:
    return _noticed(Reason.FEED_SILENT, states, now)


def _missed(states: Sequence[FeedState], now: datetime) -> _Telling | None:
    return _noticed(Reason.ITEMS_MISSED, states, now)


def _changed(states: Sequence[FeedState], now: datetime) -> _Telling | None:
    return _noticed(Reason.FEED_CHANGED, states, now)


def _noticed(reason: Reason, states: Sequence[FeedState], now: datetime) -> _Telling | None:
    noticed = [
        (state, notice)
        for state in states
        if (notice := notice_of(state.habits, reason)) and _is_news(notice, now)
    ]
    if not noticed:
        return None
    feeds, words = [state for state, _ in noticed], _NOTICES[reason]
    most = len(feeds) >= _MANY and 2 * len(feeds) > len(states)
    title = f"{len(feeds)} of {len(states)} feeds {words.one if len(feeds) == 1 else words.several}: {_names(feeds)}"
    found = "; ".join(f"{state.feed}: {notice.what}" for state, notice in noticed[:_QUOTED])
    alert = _alert(
        reason, Severity.HIGH if most else Severity.MEDIUM, title, f"{words.why}. {found}", feeds, now
    )
    return _Telling(
        alert=alert, states=tuple(_with(state, replace(notice, told=now)) for state, notice in noticed)
    )


def _is_news(notice: Notice, now: datetime) -> bool:
    if notice.over:
        return False
    if notice.told is None:
        return True
    return not notice.since <= notice.told <= now and abs(now - notice.told) >= STEADY


def _publishing(states: Sequence[FeedState], now: datetime) -> _Telling | None:
    ended = [
        state for state in states if (notice := notice_of(state.habits, Reason.FEED_SILENT)) and notice.over
    ]
    if not ended:
        return None
    title = f"{len(ended)} of {len(states)} feeds {'publishes' if len(ended) == 1 else 'publish'} again: {_names(ended)}"
    alert = _alert(
        Reason.FEED_RECOVERED, Severity.INFO, title, "They had been silent for unusually long.", ended, now
    )
    heard = tuple(
        replace(state, habits=without_notice(state.habits, Reason.FEED_SILENT), told_at=now)
        for state in ended
    )
    return _Telling(alert=alert, states=heard)


def _with(state: FeedState, notice: Notice) -> FeedState:
    return replace(state, habits=with_notice(state.habits, notice))


# --- words --------------------------------------------------------------------------------------------------


def _alert(
    reason: Reason, severity: Severity, title: str, why: str, told: Sequence[FeedState], now: datetime
) -> Alert:
    names = " ".join(state.feed for state in told)
    return replace(
        alert_of_collection(reason, severity, title, why, "feeds", now, occasion=names),
        feeds=tuple(state.feed for state in told),
    )


def _count(some: Sequence[FeedState], states: Sequence[FeedState]) -> str:
    return f"{len(some)} of {len(states)} feeds {'is' if len(some) == 1 else 'are'}"


def _names(states: Sequence[FeedState]) -> str:
    names = ", ".join(state.feed for state in states[:_NAMED])
    return names if len(states) <= _NAMED else f"{names} and {len(states) - _NAMED} more"
