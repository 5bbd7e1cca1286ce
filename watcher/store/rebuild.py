"""Alerts given after a backup, and what the backup knows, in; the cycle that records them again out.

The alert log outlives the database. From its lines come the items that were told of, so that a feed that
still lists them brings nothing new; the incidents as they were last told, so that what joined them in silence
joins them in silence again; and the levels of the board. A line does not hold the text of an item, so an item
that was recalled is known by its keys alone and no change of it is noticed.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from watcher.alerting.decide import tell
from watcher.incidents.correlate import MOST_SIGHTINGS, claim_rank, correlate, joining_of
from watcher.incidents.titles import wording
from watcher.model.alerts import (
    HELD,
    Alert,
    AlertItem,
    Confidence,
    Hit,
    Incident,
    IncidentId,
    Kind,
    Reason,
    Sighting,
)
from watcher.model.board import LevelChange, subject_of
from watcher.model.language import Claim, IndicatorId, Joining
from watcher.model.news import FeedId, Item, ItemId
from watcher.model.polling import Cycle
from watcher.model.vocabulary import Vocabulary
from watcher.read.identity import UNKNOWN_TEXT, keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a backup knows: its incidents and which of some items; and how hits are found and joined."""

    incidents: Mapping[IncidentId, Incident]
    items: Collection[ItemId]
    match: Callable[[Sequence[Item]], Sequence[Hit]]
    joinings: Mapping[IndicatorId, Joining]
    vocabulary: Vocabulary


def rebuild(alerts: Sequence[Alert], backup: Backup) -> Cycle:
    """Return the cycle that records alerts, oldest first, with their items, incidents and levels."""
    incidents = dict(backup.incidents)
    whole = {part.id: each.id for each in incidents.values() for part in each.parts}
    alerts = [replace(each, incident=whole.get(IncidentId(each.incident), each.incident)) for each in alerts]
    items = {item.id: _item(item) for alert in alerts for item in alert.items if item.id not in backup.items}
    hits: list[Hit] = []
    for alert in alerts:
        new = [items[each.id] for each in alert.items if each.id in items]
        if alert.reason in HELD:
            told, found = _summed_up(alert, new, incidents, backup)
        else:
            told, found = _told(alert, new, incidents, backup)
        incidents |= {incident.id: incident for incident in told}
        hits += found
    changed = tuple(
        incident for name, incident in incidents.items() if backup.incidents.get(name) is not incident
    )
    levels = tuple(standing for alert in alerts if alert.kind is Kind.BOARD for standing in _standings(alert))
    return Cycle(
        items=tuple(items.values()), hits=tuple(hits), incidents=changed, levels=levels, alerts=tuple(alerts)
    )


_Found = tuple[Sequence[Incident], Sequence[Hit]]


def _told(
    alert: Alert, new: Sequence[Item], incidents: Mapping[IncidentId, Incident], backup: Backup
) -> _Found:
    """Return the incident of an alert as it was told, and the hits of its items."""
    if alert.kind is not Kind.INCIDENT or alert.claim is None or not alert.items:
        return (), ()
    name, indicator = IncidentId(alert.incident), IndicatorId(alert.indicator)
    joining = joining_of(indicator, backup.joinings)
    hit = partial(
        Hit,
        indicator=indicator,
        claim=alert.claim,
        severity=alert.severity,
        score=1.0,
        evidence=alert.evidence,
        incident=name,
    )
    incident = _grown(
        incidents.get(name) or _opened(alert, alert.claim, joining), alert, alert.claim, joining
    )
    return (incident,), [hit(item=item) for item in new]


def _summed_up(
    alert: Alert, new: Sequence[Item], incidents: Mapping[IncidentId, Incident], backup: Backup
) -> _Found:
    """Return the incidents of a summary: those it names, and those of its items with their hits."""
    named = [incidents[name] for name in alert.incidents if name in incidents]
    made = correlate(backup.match(new), list(incidents.values()), backup.joinings, backup.vocabulary)
    told = {incident.id: tell(incident, alert.at) for incident in (*named, *made.incidents)}
    return tuple(told.values()), made.hits


def _opened(alert: Alert, claim: Claim, joining: Joining) -> Incident:
    opened = min(item.seen for item in alert.items)
    return Incident(
        id=IncidentId(alert.incident),
        family=joining.family,
        indicator=IndicatorId(alert.indicator),
        title=alert.title,
        opened=opened,
        updated=opened,
        severity=alert.severity,
        claim=claim,
        step=joining.step,
        indicators=frozenset(),
        items=0,
        origins=frozenset(),
        owners=frozenset(),
        sightings=(),
    )


def _grown(incident: Incident, alert: Alert, claim: Claim, joining: Joining) -> Incident:
    known = {sighting.item for sighting in incident.sightings}
    new = (
        Sighting(item=each.id, wording=wording(each.title)) for each in alert.items if each.id not in known
    )
    sightings = (*incident.sightings, *new)
    grown = replace(
        incident,
        indicator=IndicatorId(alert.indicator),
        updated=max(incident.updated, alert.at),
        severity=max(incident.severity, alert.severity),
        claim=max(incident.claim, claim, key=claim_rank),
        step=max(incident.step, joining.step, alert.context.step),
        indicators=incident.indicators | {IndicatorId(alert.indicator), *alert.context.indicators},
        items=max(len(sightings), alert.context.items_in_all),
        origins=incident.origins | set(alert.origins),
        owners=incident.owners | {each.owner for each in alert.items},
        sightings=sightings[-MOST_SIGHTINGS:],
        confidence=max(incident.confidence, alert.context.confidence or Confidence.UNCONFIRMED),
        denied=incident.denied or alert.reason is Reason.DENIED,
        closed=None,
    )
    return tell(grown, alert.at)


def _item(told: AlertItem) -> Item:
    return Item(
        id=told.id,
        feed=FeedId(told.feed),
        owner=told.owner,
        title=told.title,
        seen=told.seen,
        keys=keys("", told.url, told.title, frozenset()),
        text_hash=UNKNOWN_TEXT,
        url=told.url,
        published=told.published,
        language=told.lang,
    )


def _standings(alert: Alert) -> Iterator[LevelChange]:
    """Yield the changes of the board that an alert tells of."""
    for change in alert.changes:
        if subject := subject_of(change.subject):
            yield LevelChange(
                subject=subject,
                level=change.level,
                since=alert.at,
                before=change.before,
                because=(alert.why,),
            )
