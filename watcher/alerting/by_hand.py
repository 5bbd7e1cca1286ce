"""Incidents, their hits and a reviewer's word in; the incidents that are one now, or two, out.

What follows from hits is made of the hits again, so that a split of what was merged gives back what there
was. What people were told of either of two is told of the one. Of the two that a split leaves, one that no
alert has shown was never told.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from watcher.alerting.decide import tell
from watcher.incidents.correlate import claim_rank, gathered, in_order
from watcher.incidents.corroboration import confidence_of
from watcher.incidents.titles import same_story
from watcher.model.alerts import (
    Alert,
    AlertId,
    Held,
    Hit,
    Incident,
    LastAlert,
    MergedPart,
    Reason,
)
from watcher.model.language import Indicator, IndicatorId, Joining
from watcher.model.listing import IncidentBrief
from watcher.model.news import ItemId
from watcher.model.vocabulary import Vocabulary
from watcher.text.numbers import counted

_REMEMBERED = 20
"""How many of the latest reports of each of two that were split tell one from the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joins:
    """How hits join, as the list in use says."""

    indicators: Mapping[IndicatorId, Indicator]
    joinings: Mapping[IndicatorId, Joining]
    vocabulary: Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Halves:
    """An incident without what was split from it, and what that makes, with its hits and its alerts."""

    kept: Incident
    new: Incident
    hits: tuple[Hit, ...]
    alerts: tuple[AlertId, ...]


def first_opened(one: Incident, other: Incident) -> tuple[Incident, Incident]:
    """Return the incident that stays when two are merged, and the one that becomes part of it."""
    kept, gone = sorted((one, other), key=lambda each: (each.opened, each.id))
    return kept, gone


def why_not_merged(
    one: Incident | IncidentBrief, other: Incident | IncidentBrief, muted: Collection[str]
) -> str:
    """Return why two incidents cannot be made one, or an empty text; `muted` are the targets of mutes."""
    if one.id == other.id:
        return f"{one.id} is one incident already"
    for each in (one, other):
        if each.closed:
            return f"{each.id} is closed, and nothing joins it any more"
    if one.family != other.family:
        return f"{one.id} is of family {one.family}, and {other.id} is of family {other.family}"
    for each, beside in ((one, other), (other, one)):
        if each.id in muted and beside.id not in muted:
            return f"{each.id} is muted and {beside.id} is not: unmute the one, or mute the other too"
    return ""


def why_not_split(incident: Incident, hits: Sequence[Hit], items: Collection[ItemId]) -> str:
    """Return why items cannot be split from an incident, or an empty text; `hits` are all that it has."""
    held = {hit.item.id for hit in hits}
    if missing := sorted({*items} - held):
        return f"{incident.id} has no report {missing[0]}"
    if incident.closed:
        return f"{incident.id} is closed, and nothing joins it any more"
    if not items or held == {*items}:
        return f"name some of the {counted(len(held), 'report')} of {incident.id}, and leave some"
    return ""


def items_called(incident: Incident, names: Collection[str]) -> frozenset[ItemId]:
    """Return the items of some ids; the id of an incident that was merged to this one stands for its own."""
    parts = {str(part.id): part.items for part in incident.parts}
    return frozenset().union(*(parts.get(name, {ItemId(name)}) for name in names))


def merge(kept: Incident, gone: Incident, hits: Sequence[Hit], joins: Joins) -> Incident:
    """Return the one incident that two are; `hits` are those of both, each with the one it is of now."""
    made = gathered(hits, joins.joinings, joins.vocabulary)
    apart = {each.item: each for each in (*kept.apart, *gone.apart)}
    return replace(
        made,
        id=kept.id,
        family=kept.family,
        title=kept.title,
        opened=kept.opened,
        confidence=max(kept.confidence, gone.confidence),
        told=_told_of_either(kept.told, gone.told),
        held=_held_of_either(kept, gone),
        parts=(*_parts(kept, hits), *_parts(gone, hits)),
        apart=tuple(apart[name] for name in apart if name not in {hit.item.id for hit in hits}),
        version=kept.version,
    )


def split(
    incident: Incident,
    hits: Sequence[Hit],
    items: Collection[ItemId],
    alerts: Sequence[Alert],
    joins: Joins,
) -> Halves:
    """Return an incident without some items, and the incident that they make; `hits` and `alerts` are all.

    Who has the report that the id is made of keeps it: where it is among the items, the others are split off.
    """
    off, staying = {*items}, {hit.item.id for hit in hits} - {*items}
    kept, new = (_of_items(each, hits, joins) for each in (staying, off))
    if new.id == incident.id:
        off, staying, kept, new = staying, off, new, kept
    others = [part for part in incident.parts if part.id != incident.id]
    name = next((part.id for part in others if part.items == off), new.id)
    parts = [replace(part, items=part.items - off) for part in incident.parts if part.id != name]
    left = tuple(part for part in parts if part.items)
    kept = replace(
        kept,
        id=incident.id,
        family=incident.family,
        opened=incident.opened if in_order(hits)[0].item.id in staying else kept.opened,
        held=incident.held,
        parts=left if any(part.id != incident.id for part in left) else (),
        apart=(*incident.apart, *new.sightings[-_REMEMBERED:]),
        version=incident.version,
    )
    new = replace(new, id=name, family=incident.family, held=incident.held)
    own = [
        each
        for each in kept.sightings[-_REMEMBERED:]
        if not any(same_story(each.wording, known.wording) for known in new.sightings)
    ]
    going = [alert.id for alert in alerts if _shows_only(alert, off)]
    of_kept = [alert for alert in alerts if alert.id not in going]
    of_new = [alert for alert in alerts if not _shows_only(alert, staying)]
    # the first alert of its own that is no opening comes after a summary
    was_told = incident.told if not alerts or alerts[0].reason is not Reason.NEW else None
    return Halves(
        kept=_told_of(kept, of_kept, was_told, joins),
        new=_told_of(replace(new, apart=tuple(own)), of_new, was_told, joins),
        hits=tuple(replace(hit, incident=name) for hit in hits if hit.item.id in off),
        alerts=tuple(going),
    )


def _of_items(items: Collection[ItemId], hits: Sequence[Hit], joins: Joins) -> Incident:
    return gathered([hit for hit in hits if hit.item.id in items], joins.joinings, joins.vocabulary)


def _parts(incident: Incident, hits: Sequence[Hit]) -> tuple[MergedPart, ...]:
    """Return the parts of an incident that is to be merged: those that it has, else itself."""
    own = MergedPart(
        id=incident.id,
        title=incident.title,
        opened=incident.opened,
        claim=incident.claim,
        directness=incident.directness,
        kinds=incident.kinds,
        timeline=incident.timeline,
        items=frozenset(hit.item.id for hit in hits if hit.incident == incident.id),
    )
    return incident.parts or (own,)


def _told_of_either(one: LastAlert | None, other: LastAlert | None) -> LastAlert | None:
    if one is None or other is None:
        return one or other
    return LastAlert(
        at=max(one.at, other.at),
        severity=max(one.severity, other.severity),
        claim=max(one.claim, other.claim, key=claim_rank),
        step=max(one.step, other.step),
        confidence=max(one.confidence, other.confidence),
        denied=one.denied or other.denied,
        harm=max(one.harm, other.harm),
    )


def _held_of_either(one: Incident, other: Incident) -> Held | None:
    """Return since when the one waits; what only first polls have seen is news with what others have."""
    held = [each.held for each in (one, other) if each.held]
    if one.is_seeding != other.is_seeding:
        held = [each for each in held if each.reason is not Reason.SEEDING]
    return min(held, key=lambda each: each.since, default=None)


def _told_of(half: Incident, alerts: Sequence[Alert], told: LastAlert | None, joins: Joins) -> Incident:
    """Return one of two halves, told as far as it goes if alerts were about it or it was told of before."""
    indicator = joins.indicators.get(half.indicator)
    half = replace(half, confidence=confidence_of(half, indicator.corroborate if indicator else None))
    last = max((*(alert.at for alert in alerts), *([told.at] if told else [])), default=None)
    return replace(tell(half, last), held=half.held) if last else half


def _shows_only(alert: Alert, items: Collection[ItemId]) -> bool:
    shown = {item.id for item in alert.items}
    return bool(shown) and not alert.items_not_shown and shown.issubset(items)
