"""Items that were read in, the cycle that records them out: unseen, match, correlate, decide."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from watcher.alerting.adjudicate import decide_all
from watcher.alerting.build import Situation
from watcher.alerting.review import mutes
from watcher.incidents.calendar import place_in_time
from watcher.incidents.correlate import Correlated, correlate
from watcher.incidents.kinds import silence
from watcher.incidents.kinds.patterns import HISTORY, with_patterns
from watcher.match import Found
from watcher.model.alerts import Hit, Incident
from watcher.model.news import FeedId, Item, ItemKeys, KnownItem
from watcher.model.polling import Cycle
from watcher.pipeline.rules import Rules
from watcher.ports import History
from watcher.read.identity import unseen

TRACK_RECORD = timedelta(days=365)
"""How far back it counts how often an indicator has fired."""


class Knowing(Protocol):
    """What tells known items, as a store does."""

    def known(self, feed: FeedId, keys: Sequence[ItemKeys]) -> Sequence[KnownItem]:
        """Return the items of a feed that share at least one non-empty key with any of `keys`."""


def new_items(items: Iterable[Item], store: Knowing) -> tuple[Item, ...]:
    """Return the items that are new to their feed, and the changed ones as their next revision."""
    by_feed: dict[FeedId, list[Item]] = {}
    for item in items:
        by_feed.setdefault(item.feed, []).append(item)
    return tuple(
        item
        for feed, own in by_feed.items()
        for item in unseen(own, store.known(feed, [item.keys for item in own]))
    )


def process(
    items: Sequence[Item],
    rules: Rules,
    store: History,
    now: datetime,
    *,
    seeding: bool = False,
    late: str = "",
    readings: Sequence[Found] | None = None,
) -> Cycle:
    """Match, correlate and decide: return the cycle that records new items and what follows from them.

    `seeding` says that this is the first poll of their feed, `late` that the feed had not been seen for
    unusually long. `readings` are those of the items, if they have been matched already.
    """
    if readings is None:
        readings = [reading_of(item, rules) for item in items]
    heard = silence.newly_heard(items, readings, rules.indicators.values(), store.days_heard, seeding=seeding)
    hits = [hit for reading in readings for hit in reading.hits]
    if not hits:
        return Cycle(items=tuple(items), heard=heard)
    known = store.open_incidents(min(hit.item.seen for hit in hits) - rules.longest_open)
    correlated = with_patterns(
        correlate(hits, known, rules.joinings, rules.vocabulary, seeding=seeding, indexes=rules.indexes),
        known,
        lambda indicators: store.firings(indicators, now - HISTORY),
        rules.matcher.listed,
        rules.joinings,
    )
    cycle = decided(correlated, situation_of(rules, store, now, known, late))
    return replace(cycle, items=tuple(items), heard=heard)


def reading_of(item: Item, rules: Rules) -> Found:
    """Return what the matcher reads in an item, with the hits that the analyst's calendars let through."""
    reading = rules.matcher.read(item)
    return replace(reading, hits=placed(reading.hits, rules)) if reading.hits else reading


def hits_of(items: Iterable[Item], rules: Rules) -> list[Hit]:
    """Return the hits of items."""
    return [hit for item in items for hit in reading_of(item, rules).hits]


def placed(hits: Iterable[Hit], rules: Rules) -> tuple[Hit, ...]:
    """Return hits with their place in the analyst's calendars, without those outside a closed window."""
    calendars = rules.matcher.listed.calendars
    found = (place_in_time(hit, rules.indicators[hit.indicator], calendars) for hit in hits)
    return tuple(hit for hit in found if hit)


def decided(correlated: Correlated, situation: Situation) -> Cycle:
    """Return the cycle of the decisions about every changed incident, still without the items that hit."""
    decisions = decide_all(correlated.incidents, correlated.hits, situation)
    return Cycle(
        hits=correlated.hits,
        incidents=tuple(each.incident for each in decisions),
        decisions=tuple(each.decision for each in decisions),
        alerts=tuple(each.alert for each in decisions if each.alert),
    )


def situation_of(
    rules: Rules, store: History, now: datetime, known: Sequence[Incident], late: str = ""
) -> Situation:
    """Return what decisions go by now; `known` are the open incidents."""
    listed = rules.matcher.listed
    return Situation(
        now=now,
        indicators=rules.indicators,
        vocabulary=rules.vocabulary,
        budget=listed.budget,
        spent=store.alerts_by_severity(now.replace(hour=0, minute=0, second=0, microsecond=0)),
        muted=mutes(store.actions_in_force(now), now),
        records=store.track_records(now - TRACK_RECORD),
        calendars=listed.calendars,
        known=known,
        hits_of=store.hits,
        late=late,
        page=rules.page,
    )
