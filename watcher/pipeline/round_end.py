"""What is said when a round of polls is over: the store and the time in, a cycle to record out, if there is anything to say."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from watcher.alerting.summaries import sum_up
from watcher.board import score
from watcher.board.levels import tell_of_board
from watcher.collection.feeds import tell_of_feeds
from watcher.collection.vitals import asked_again, reachability, tell_of, tell_of_dead
from watcher.delivery import digest, renotify
from watcher.incidents.closing import ending_of
from watcher.incidents.correlate import correlate, joining_of
from watcher.incidents.kinds import silence
from watcher.model.alerts import ChannelId, Decision, Incident, Reason
from watcher.model.language import Severity
from watcher.model.polling import Cycle
from watcher.model.routes import Route
from watcher.pipeline.conclusion import diaries_of, judged, placed, situation_of
from watcher.pipeline.rules import Rules
from watcher.ports import RoundStore

RoundEndStep = Callable[[RoundStore, datetime], Cycle | None]
"""Each may give a cycle, which is recorded before the next is asked."""

_ALL = 1_000_000


def round_end_steps(rules: Rules) -> tuple[RoundEndStep, ...]:
    """Return what is done when a round of polls is over, in order: each may give a cycle, to be recorded before the next is asked."""
    return (
        lambda store, now: sum_up_held(store, rules, now),
        lambda store, now: listen(store, rules, now),
        lambda store, now: close(store, rules, now),
        lambda store, now: reassess(store, rules, now),
    )


def for_channels(routes: Mapping[ChannelId, Route]) -> tuple[RoundEndStep, ...]:
    """Return what single channels are told when a round of polls is over: their digests, and what nobody has answered."""
    digests = [
        partial(tell, route)
        for route in routes.values()
        if route.digest
        for tell in (_begin_digests, _make_digest)
    ]
    return (*digests, *(partial(_say_again, route) for route in routes.values() if route.renotify))


def sum_up_held(store: RoundStore, rules: Rules, now: datetime) -> Cycle | None:
    """Return the cycle that tells of the incidents that have waited for it long enough, or None when there is nothing to tell."""
    held = store.held_incidents()
    return (
        sum_up(held, store.hits, situation_of(store, rules, now, store.open_incidents(now - rules.reach)))
        if held
        else None
    )


def listen(store: RoundStore, rules: Rules, now: datetime) -> Cycle | None:
    """Return the cycle that tells of who or what has been silent for unusually long, or None when all that is new was told."""
    silent = (
        hit
        for hit in silence.silences(rules.indicators.values(), diaries_of(store), now)
        if store.item(hit.item.id) is None
    )
    hits = placed(silent, rules)
    if not hits:
        return None
    told = judged(correlate(hits, (), rules.joinings), situation_of(store, rules, now, ()))
    return replace(told, items=tuple(hit.item for hit in hits))


def close(store: RoundStore, rules: Rules, now: datetime) -> Cycle | None:
    """Return the cycle that closes the incidents that nothing can join any more, or None when there are none.

    This is asked every few seconds, and only what is within reach is kept decoded, so that the others alone
    are read.
    """
    quiet = (
        each
        for each in store.open_incidents(now - rules.reach)
        if not each.closed and each.updated < now - rules.shortest
    )
    waiting = (*store.unclosed_incidents(now - rules.reach), *quiet)
    over = [(incident, why) for incident in waiting if (why := _ending(incident, store, rules, now))]
    decisions = (
        Decision(incident=each.id, at=now, reason=Reason.CLOSED, item=each.sightings[-1].item, because=why)
        for each, why in over
    )
    return (
        Cycle(incidents=tuple(replace(each, closed=now) for each, _ in over), decisions=tuple(decisions))
        if over
        else None
    )


def reassess(store: RoundStore, rules: Rules, now: datetime) -> Cycle | None:
    """Return the cycle that records which levels of the board change, or None when none does."""
    board = rules.matcher.listed.board
    return tell_of_board(
        store.board(),
        store.signs(now - score.lookback(board)),
        rules.indicators,
        store.actions_in_force(now),
        board,
        now,
    )


def sum_up_feeds(store: RoundStore, began: datetime, now: datetime) -> Cycle | None:
    """Return the cycle that tells which feeds fail or work again.

    Who was due and not polled since `began` is no longer listed.

    As long as no feed has ever been reached, that alone is told: of each feed there is nothing more to say.
    """
    listed = [state for state in store.states().values() if state.next_due > began]
    reached = reachability(listed)
    if cycle := tell_of(reached, store.noted(reached.reason), now):
        return cycle if reached.ill else replace(cycle, states=asked_again(listed, now))
    return None if reached.ill else tell_of_feeds(listed, now)


def sum_up_deliveries(store: RoundStore, now: datetime) -> Cycle | None:
    """Return the cycle that tells the other channels of one whose alerts were given up, or None when there is nothing to tell."""
    given_up, noted = store.last_dead(), store.noted(Reason.DELIVERY_DEAD)
    return tell_of_dead(store.dead_counts(), given_up, noted, now) if given_up or noted else None


def _ending(incident: Incident, store: RoundStore, rules: Rules, now: datetime) -> str:
    joining, indicator = (
        joining_of(incident.indicator, rules.joinings),
        rules.indicators.get(incident.indicator),
    )
    return ending_of(incident, indicator, joining, diaries_of(store)(incident.indicator), now)


def _begin_digests(route: Route, store: RoundStore, now: datetime) -> Cycle | None:
    return digest.begin(route, store.noted(digest.note_of(route)), now)


def _make_digest(route: Route, store: RoundStore, now: datetime) -> Cycle | None:
    due = digest.due(route, store.noted(digest.note_of(route)), now)
    if due is None:
        return None
    polls = (poll for feed in store.states() for poll in store.polls(feed, limit=_ALL))
    return digest.digest_of(route, store.alerts(since=due[0], limit=_ALL), digest.watch_of(polls, *due), *due)


def _say_again(route: Route, store: RoundStore, now: datetime) -> Cycle | None:
    since = now - renotify.REACH
    grave = store.alerts(since=since, limit=_ALL, least=Severity.CRITICAL)
    return renotify.say_again(
        route,
        list(reversed(grave)),
        store.actions_in_force(since),
        lambda name: store.alert(name) is not None,
        now,
    )
