"""Archived items and rules in, the alerts they would have made out, through the same line as live news.

Time is the archive's: items that were seen within one step are one poll, and the clock stands where the last
of them was seen.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby

from watcher import pipeline
from watcher.delivery.routing import deliveries
from watcher.model.alerts import IncidentId
from watcher.model.news import FeedId, Item
from watcher.model.polling import Cycle
from watcher.model.routes import Route
from watcher.pipeline import Rules
from watcher.ports import Channel, Store
from watcher.read.identity import unseen

STEP = timedelta(minutes=5)
"""How long one poll of a replay lasts."""

ROUND_END_EVERY = timedelta(hours=1)
"""How often a replay looks at what time alone changes, when nothing hits."""

_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(slots=True)
class Tally:
    """What a replay came to."""

    items: int = 0
    hits: int = 0
    alerts: int = 0
    incidents: set[IncidentId] = field(default_factory=set)


def replay(
    items: Iterable[Item], store: Store, channels: tuple[Channel, ...], rules: Rules
) -> Iterator[tuple[int, Tally]]:
    """Play items, which come in order of `seen`; yield how many each step brought, and the tally so far.

    What a replay that was killed had not delivered is delivered at the end. The board is not taken back to a
    time that it has seen.
    """
    tally = Tally()
    routes = [Route(channel=channel.id) for channel in channels]
    round_ended = _EPOCH
    assessed = max((standing.since for standing in store.board()), default=_EPOCH)
    for _, step in groupby(items, key=lambda item: (item.seen - _EPOCH) // STEP):
        together = list(step)
        now = together[-1].seen
        cycle = _digest(together, store, rules, now)
        store.record(cycle, tuple(deliveries(cycle.alerts, routes, now)))
        alerts = len(cycle.alerts)
        if cycle.hits or now - round_ended >= ROUND_END_EVERY:
            alerts += _round_end(store, rules, routes, now, assessed)
            round_ended = now
        if alerts:
            _deliver(store, channels, now)
        tally.items += len(together)
        tally.hits += len(cycle.hits)
        tally.alerts += alerts
        tally.incidents.update(incident.id for incident in cycle.incidents)
        yield len(together), tally
    if tally.items:
        _deliver(store, channels, now)


def _digest(items: list[Item], store: Store, rules: Rules, now: datetime) -> Cycle:
    new = [
        item
        for feed, own in _by_feed(items)
        for item in unseen(own, store.known(feed, [item.keys for item in own]))
    ]
    concluded = pipeline.conclude(sorted(new, key=lambda item: (item.seen, item.id)), store, rules, now)
    return replace(concluded, items=tuple(new))


def _round_end(store: Store, rules: Rules, routes: list[Route], now: datetime, assessed: datetime) -> int:
    """Do what is done when a round of polls is over; return how many alerts that made."""
    alerts = 0
    for make in pipeline.round_end_steps(rules):
        cycle = make(store, now)
        if cycle and not (cycle.levels and now <= assessed):
            store.record(cycle, tuple(deliveries(cycle.alerts, routes, now)))
            alerts += len(cycle.alerts)
    return alerts


def _deliver(store: Store, channels: tuple[Channel, ...], now: datetime) -> None:
    for channel in channels:
        pipeline.deliver(channel, store, lambda: now)


def _by_feed(items: list[Item]) -> Iterator[tuple[FeedId, list[Item]]]:
    for feed, own in groupby(sorted(items, key=lambda item: item.feed), key=lambda item: item.feed):
        yield feed, list(own)
