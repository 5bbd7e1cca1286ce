"""New items in, what they amount to out: match, correlate, decide."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from watcher.alerting.adjudicate import Situation, decide_all
from watcher.alerting.review import mutes
from watcher.incidents.correlate import Correlated, correlate
from watcher.incidents.kinds import silence
from watcher.incidents.kinds.patterns import HISTORY, Past, PatternRules, with_patterns
from watcher.incidents.timing import place_in_time
from watcher.match import Reading
from watcher.model.alerts import Hit, Incident
from watcher.model.news import Item
from watcher.model.polling import Cycle
from watcher.pipeline.rules import Rules
from watcher.ports import History, Notes, RoundStore

RECORD = timedelta(days=365)
"""How far back it counts how often an indicator has fired."""


def conclude(
    items: Sequence[Item],
    store: RoundStore,
    rules: Rules,
    now: datetime,
    *,
    seeding: bool = False,
    late: str = "",
) -> Cycle:
    """Match, correlate and decide: return what new items amount to, for the cycle that records them.

    `late` says that their feed had not been seen for unusually long.
    """
    readings = [read(item, rules) for item in items]
    notes = silence.diaries_after(
        items, readings, rules.indicators.values(), diaries_of(store), seeding=seeding
    )
    hits = [hit for reading in readings for hit in reading.hits]
    if not hits:
        return Cycle(notes=notes)
    known = store.open_incidents(min(hit.item.seen for hit in hits) - rules.reach)
    correlated = with_patterns(
        correlate(hits, known, rules.joinings, seeding=seeding), known, _past(store, now), _book(rules)
    )
    return replace(judged(correlated, situation_of(store, rules, now, known, late)), notes=notes)


def match(items: Iterable[Item], rules: Rules) -> list[Hit]:
    """Return the hits of items, placed in the analyst's calendars."""
    return [hit for item in items for hit in read(item, rules).hits]


def read(item: Item, rules: Rules) -> Reading:
    """Return all that an item amounts to, its hits placed in the analyst's calendars."""
    reading = rules.matcher.read(item)
    return replace(reading, hits=placed(reading.hits, rules))


def judged(correlated: Correlated, situation: Situation) -> Cycle:
    """Decide about every changed incident; the items that hit are for the caller to record with it."""
    found = decide_all(correlated.incidents, correlated.hits, situation)
    return Cycle(
        hits=correlated.hits,
        incidents=tuple(each.incident for each in found),
        decisions=tuple(each.decision for each in found),
        alerts=tuple(each.alert for each in found if each.alert),
    )


def placed(hits: Iterable[Hit], rules: Rules) -> tuple[Hit, ...]:
    """Return hits placed in the analyst's calendars, without those outside a window that lets nothing else through."""
    calendars = rules.matcher.listed.calendars
    found = (place_in_time(hit, rules.indicators[hit.indicator], calendars) for hit in hits)
    return tuple(hit for hit in found if hit)


def situation_of(
    store: History, rules: Rules, now: datetime, known: Sequence[Incident], late: str = ""
) -> Situation:
    """Return what decisions go by now; `known` are the open incidents."""
    return Situation(
        now=now,
        indicators=rules.indicators,
        budget=rules.matcher.listed.budget,
        spent=store.alerts_by_severity(_midnight(now)),
        muted=mutes(store.actions_in_force(now), now),
        records=store.track_records(now - RECORD),
        calendars=rules.matcher.listed.calendars,
        known=known,
        late=late,
        page=rules.page,
    )


def diaries_of(store: Notes) -> silence.Diaries:
    """Return what tells the days on which something was heard."""
    return lambda indicator: silence.diary_of(store.noted(silence.note_of(indicator)))


def _past(store: History, now: datetime) -> Past:
    return lambda indicators: store.firings(indicators, now - HISTORY)


def _book(rules: Rules) -> PatternRules:
    return PatternRules(
        indicators=rules.indicators, joinings=rules.joinings, calendars=rules.matcher.listed.calendars
    )


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
