"""Changed incidents and what else is going on in, a decision about each out, and the alerts.

The decision about the gravest incident comes first, because that incident may silence others and takes its
share of the day's budget before them. An incident is inhibited when every new item of it rather reports a
graver incident that people know of: the drill that a report of a launch mentions is part of that report. One
that has a report of its own makes an alert.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from watcher.alerting.build import Situation, alert_about
from watcher.alerting.decide import Circumstances, decide, tell
from watcher.alerting.review import mute_of
from watcher.incidents.corroboration import confidence_of
from watcher.incidents.occurrence import features_of
from watcher.model.alerts import HELD, Alert, Decision, Held, Hit, Incident, IncidentId, Reason
from watcher.model.language import Directness, Severity
from watcher.model.news import ItemId


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """An incident as it stands after its decision."""

    incident: Incident
    decision: Decision
    alert: Alert | None = None


def decide_all(
    incidents: Sequence[Incident], hits: Sequence[Hit], situation: Situation
) -> tuple[Decided, ...]:
    """Decide about every changed incident, the gravest first; `hits` are the new ones."""
    by_item: defaultdict[ItemId, list[Hit]] = defaultdict(list)
    by_incident: defaultdict[IncidentId | None, list[Hit]] = defaultdict(list)
    for hit in hits:
        by_item[hit.item.id].append(hit)
        by_incident[hit.incident].append(hit)
    spent, current = Counter(situation.spent), {incident.id: incident for incident in incidents}
    decided = []
    for incident in sorted(incidents, key=lambda each: (-each.severity, each.opened, each.id)):
        own = by_incident[incident.id]
        graver = [_graver(incident, hit, by_item[hit.item.id], current) for hit in own]
        inhibitor = graver[-1] if graver and all(graver) else None
        one = _decide(incident, own, inhibitor, spent, situation)
        current[incident.id] = one.incident
        spent[one.incident.severity] += one.alert is not None
        decided.append(one)
    return tuple(decided)


def _graver(
    incident: Incident, hit: Hit, of_item: Sequence[Hit], current: Mapping[IncidentId, Incident]
) -> Incident | None:
    """Return a graver incident, already told, that the item of a hit rather reports."""
    others = (current.get(other.incident) for other in of_item if other.incident and other.score > hit.score)
    return next((each for each in others if each and each.told and each.severity > incident.severity), None)


def _decide(
    incident: Incident,
    own: Sequence[Hit],
    inhibitor: Incident | None,
    spent: Mapping[Severity, int],
    situation: Situation,
) -> Decided:
    now, severity, indicator = situation.now, incident.severity, situation.indicators.get(incident.indicator)
    if indicator:
        incident = replace(incident, confidence=confidence_of(incident, indicator.corroborate))
    allowed = situation.budget.get(severity)
    is_overdrawn = allowed is not None and spent.get(severity, 0) >= allowed
    circumstances = Circumstances(
        fresh=any(
            hit.fresh
            and hit.directness is Directness.DIRECT
            and not hit.item.revision
            and not features_of(hit.item, situation.vocabulary).retold
            for hit in own
        ),
        muted=mute_of(incident, indicator, situation.muted),
        inhibited=f"{inhibitor.indicator}: {inhibitor.title} ({inhibitor.id})" if inhibitor else "",
        late=situation.late,
        budget=f"{allowed} alerts of severity {severity.word} a day are allowed, and today's are used up"
        if is_overdrawn
        else "",
    )
    if indicator:
        circumstances = replace(circumstances, repeat_after=indicator.repeat_after)
    reasoned = decide(incident, now, circumstances)
    decision = Decision(
        incident=incident.id,
        at=now,
        reason=reasoned.reason,
        item=own[-1].item.id,
        because=reasoned.because,
    )
    if reasoned.reason.makes_alert:
        if incident.held and incident.held.reason is Reason.MUTED:
            own = since_told(incident, [*situation.hits_of(incident.id), *own])
            situation = replace(situation, late=kept_back(incident))
        alert = alert_about(incident, own, reasoned.reason, situation)
        return Decided(incident=tell(incident, now), decision=replace(decision, alert=alert.id), alert=alert)
    if reasoned.reason in (*HELD, Reason.MUTED) and not incident.held:
        held = Held(reason=reasoned.reason, since=now, because=reasoned.because)
        incident = replace(incident, held=held)
    return Decided(incident=incident, decision=decision)


def since_told(incident: Incident, hits: Sequence[Hit]) -> Sequence[Hit]:
    """Return the hits that an incident has gained since people were told of it; all when it gained none."""
    each = {(hit.item.id, hit.item.revision, hit.indicator): hit for hit in hits}.values()
    return [hit for hit in each if incident.told is None or hit.item.seen > incident.told.at] or list(each)


def kept_back(incident: Incident) -> str:
    """Return what kept an incident from being told until now."""
    if incident.held is None:
        return ""
    because = incident.held.because
    return f"kept back by a mute: {because}" if incident.held.reason is Reason.MUTED else because
