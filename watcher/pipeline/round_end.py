"""The store and the time at the end of a round of polls in, cycles to record out, step by step."""

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
from watcher.incidents.closing import closing_reason
from watcher.incidents.correlate import correlate, joining_of
from watcher.incidents.kinds import silence
from watcher.model.alerts import ChannelId, Decision, Reason
from watcher.model.language import Severity
from watcher.model.polling import Cycle
from watcher.model.routes import Route
from watcher.pipeline.by_hand import join_by_hand
from watcher.pipeline.processing import decided, placed, situation_of
from watcher.pipeline.rules import Rules
from watcher.ports import RoundStore

RoundStep = Callable[[RoundStore, datetime], Cycle | None]
"""The store and the time in, a cycle to record out, or None when there is nothing to record."""

_ALL = 1_000_000


def steps_for_news(rules: Rules, *, board: bool = True) -> tuple[RoundStep, ...]:
    """Return what follows from news and time alone, live and in a replay."""
    steps = (
        summarise_held,
        report_silences,
        join_by_hand,
        close_incidents,
        *((assess_board,) if board else ()),
    )
    return tuple(partial(step, rules) for step in steps)


def steps_for_service(
    began: datetime, routes: Mapping[ChannelId, Route], *, feeds: bool = True
) -> tuple[RoundStep, ...]:
    """Return what a service tells of itself, its feeds and what waits; `began` is when the round did."""
    return (
        *((partial(report_feeds, began),) if feeds else ()),
        report_dead_channels,
        *(partial(send_digest, route) for route in routes.values() if route.digest),
        *(partial(renotify_channel, route) for route in routes.values() if route.renotify),
    )


def summarise_held(rules: Rules, store: RoundStore, now: datetime) -> Cycle | None:
    """Sum up the incidents that have waited long enough for it."""
    held = store.held_incidents()
    if not held:
        return None
    known = store.open_incidents(now - rules.longest_open)
    return sum_up(held, store.hits, situation_of(rules, store, now, known))


def report_silences(rules: Rules, store: RoundStore, now: datetime) -> Cycle | None:
    """Report who or what has been silent for unusually long, each silence once."""
    silent = silence.new_silences(
        rules.indicators.values(), store.days_heard, now, lambda item: store.item(item) is not None
    )
    hits = placed(silent, rules)
    if not hits:
        return None
    cycle = decided(
        correlate(hits, (), rules.joinings, rules.vocabulary), situation_of(rules, store, now, ())
    )
    return replace(cycle, items=tuple(hit.item for hit in hits))


def close_incidents(rules: Rules, store: RoundStore, now: datetime) -> Cycle | None:
    """Close the incidents that nothing can join any more.

    This runs every few seconds. The incidents that may still be open are kept decoded, so that only the
    others are read.
    """
    waiting = (
        *store.unclosed_incidents(now - rules.longest_open),
        *(
            each
            for each in store.open_incidents(now - rules.longest_open)
            if not each.closed and each.updated < now - rules.shortest_open
        ),
    )
    incidents, decisions = [], []
    for incident in waiting:
        name = incident.indicator
        joining, heard = joining_of(name, rules.joinings), store.days_heard(name)
        if why := closing_reason(incident, rules.indicators.get(name), joining, heard, now):
            item = incident.sightings[-1].item
            incidents.append(replace(incident, closed=now))
            decisions.append(
                Decision(incident=incident.id, at=now, reason=Reason.CLOSED, item=item, because=why)
            )
    return Cycle(incidents=tuple(incidents), decisions=tuple(decisions)) if incidents else None


def assess_board(rules: Rules, store: RoundStore, now: datetime) -> Cycle | None:
    """Record which levels of the board change."""
    board = rules.matcher.listed.board
    signs, actions = store.signs(now - score.lookback(board)), store.actions_in_force(now)
    return tell_of_board(store.board(), signs, rules.indicators, actions, board, now)


def report_feeds(began: datetime, store: RoundStore, now: datetime) -> Cycle | None:
    """Report which feeds fail or work again.

    A feed that was due before the round and was not polled in it is no longer listed. As long as no feed has
    ever been reached, that alone is reported.
    """
    listed = [state for state in store.states().values() if state.next_due > began]
    reached = reachability(listed)
    if cycle := tell_of(reached, store.noted(reached.reason), now):
        return cycle if reached.ill else replace(cycle, states=asked_again(listed, now))
    return None if reached.ill else tell_of_feeds(listed, now)


def report_dead_channels(store: RoundStore, now: datetime) -> Cycle | None:
    """Tell the other channels of one whose alerts were given up."""
    dead, noted = store.last_dead(), store.noted(Reason.DELIVERY_DEAD)
    return tell_of_dead(store.dead_counts(), dead, noted, now) if dead or noted else None


def send_digest(route: Route, store: RoundStore, now: datetime) -> Cycle | None:
    """Tell a channel in one message of all since its last digest, or note where its digests begin."""
    told = store.digested_until(route.channel)
    if begun := digest.begin(route, told, now):
        return begun
    if (due := digest.due(route, told, now)) is None:
        return None
    polls = (poll for feed in store.states() for poll in store.polls(feed, limit=_ALL))
    return digest.digest_of(
        route, store.alerts(since=due[0], limit=_ALL), digest.coverage_of(polls, *due), *due
    )


def renotify_channel(route: Route, store: RoundStore, now: datetime) -> Cycle | None:
    """Tell a channel again of critical alerts that nobody has answered."""
    since = now - renotify.LOOKBACK
    critical = store.alerts(since=since, limit=_ALL, least=Severity.CRITICAL)
    actions = store.actions_in_force(since)
    return renotify.renotify(
        route, list(reversed(critical)), actions, lambda name: store.alert(name) is not None, now
    )
