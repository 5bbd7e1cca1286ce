"""What reviewers said of joining in, incidents merged and split as they asked out."""

from dataclasses import replace
from datetime import datetime

from watcher.alerting.by_hand import (
    Joins,
    first_opened,
    items_called,
    merge,
    split,
    why_not_merged,
    why_not_split,
)
from watcher.alerting.review import mutes
from watcher.errors import StoreError
from watcher.incidents.correlate import Correlated
from watcher.model.alerts import Decision, Incident, IncidentId, Reason
from watcher.model.polling import Cycle, Regrouping
from watcher.model.review import Action, ActionKind
from watcher.pipeline.processing import decided, situation_of
from watcher.pipeline.rules import Rules
from watcher.ports import RoundStore
from watcher.text.numbers import counted

JOINED_BY_HAND = "joined by hand"
"""Under this the store remembers the last word of reviewers on joining that was followed."""


def join_by_hand(rules: Rules, store: RoundStore, now: datetime) -> Cycle | None:
    """Merge or split incidents as the first asked whose word waits; what cannot be done any more is said."""
    followed = store.noted(JOINED_BY_HAND)
    asked = next(iter(store.joins_asked(followed)), None)
    if asked is None:
        return None
    incident = store.incident(IncidentId(asked.target))
    if incident is None:  # it was pruned meanwhile
        cycle = Cycle()
    else:
        follow = _merged if asked.kind is ActionKind.MERGE else _split
        try:
            cycle = follow(asked, incident, rules, store, now)
        except StoreError:
            raise
        # A bug that one word brings out must not hold up those after it; it is shown where the word is.
        except Exception as bug:  # noqa: BLE001
            cycle = _said(asked, incident, now, f"not done: internal: {type(bug).__name__}: {bug}")
    return replace(
        cycle,
        notes={JOINED_BY_HAND: asked.id},
        noted={JOINED_BY_HAND: followed},
        more=True,
    )


def _merged(asked: Action, incident: Incident, rules: Rules, store: RoundStore, now: datetime) -> Cycle:
    other = store.incident(IncidentId(asked.value))
    if other is None:
        return _said(asked, incident, now, f"not done: no incident is called {asked.value}")
    if why := why_not_merged(incident, other, mutes(store.actions_in_force(now), now)):
        return _said(asked, incident, now, f"not done: {why}")
    kept, gone = first_opened(incident, other)
    hits, moved = store.hits(kept.id), store.hits(gone.id)
    if not hits or not moved:
        return _said(asked, incident, now, f"not done: a report of {kept.id} or {gone.id} is gone")
    one = merge(kept, gone, (*hits, *moved), _joins(rules))
    return replace(
        _said(asked, one, now, f"{gone.id} ({gone.title}) is part of it"),
        hits=tuple(replace(hit, incident=kept.id) for hit in moved),
        incidents=(one,),
        regrouping=Regrouping(
            merged=gone, into=kept.id, alerts={each.id: kept.id for each in store.alerts_of(gone.id)}
        ),
    )


def _split(asked: Action, incident: Incident, rules: Rules, store: RoundStore, now: datetime) -> Cycle:
    hits, items = store.hits(incident.id), items_called(incident, asked.value.splitlines())
    if why := why_not_split(incident, hits, items):
        return _said(asked, incident, now, f"not done: {why}")
    halves = split(incident, hits, items, store.alerts_of(incident.id), _joins(rules))
    kept, new = halves.kept, halves.new
    count = counted(new.items, "report")
    said = (
        *_said(asked, kept, now, f"{count} split off as {new.id} ({new.title})").decisions,
        *_said(asked, new, now, f"{count} split from {kept.id} ({kept.title})").decisions,
    )
    news = Cycle(incidents=(new,), hits=halves.hits)
    if new.told is None and new.held is None:
        known = store.open_incidents(now - rules.longest_open)
        news = decided(Correlated(incidents=(new,), hits=halves.hits), situation_of(rules, store, now, known))
    return replace(
        news,
        incidents=(kept, *news.incidents),
        decisions=(*said, *news.decisions),
        regrouping=Regrouping(alerts=dict.fromkeys(halves.alerts, new.id)),
    )


def _said(asked: Action, incident: Incident, now: datetime, what: str) -> Cycle:
    """Return the cycle that says in an incident what became of a reviewer's word."""
    reason = Reason.MERGED if asked.kind is ActionKind.MERGE else Reason.SPLIT
    why = f"{asked.by}: {asked.why}" if asked.why else f"by {asked.by}"
    item = incident.sightings[-1].item
    decision = Decision(incident=incident.id, at=now, reason=reason, item=item, because=f"{what} ({why})")
    return Cycle(decisions=(decision,))


def _joins(rules: Rules) -> Joins:
    return Joins(indicators=rules.indicators, joinings=rules.joinings, vocabulary=rules.vocabulary)
