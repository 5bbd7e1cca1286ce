"""Incidents held for a summary in, the alerts that sum them up out.

What first polls show, and what came after we were away, is summed up when the round of polls is over; a few
late ones are told one by one, and so are a few that a mute kept back, when it ends. What went over the day's
budget is summed up when the first of it has waited for an hour: a flood of incidents is an alert an hour.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from watcher.alerting.adjudicate import Decided, kept_back, since_told
from watcher.alerting.build import MOST_ITEMS, Situation, alert_about, alert_id, alert_item, level_of
from watcher.alerting.decide import Circumstances, decide, tell
from watcher.alerting.review import mute_of
from watcher.model.alerts import Alert, Decision, Hit, Incident, IncidentId, Kind, Level, Reason
from watcher.model.language import Severity
from watcher.model.polling import Cycle
from watcher.text.numbers import counted

BUDGET_REST = timedelta(hours=1)
"""How long what went over the budget is gathered before it is summed up."""

FEW = 3
"""So many late or muted incidents are told one by one, and each critical one that was muted."""

_NAMED = 5

_TITLES = {
    Reason.SEEDING: "Watching began: {count} already in the news",
    Reason.LATE: "Seen late: {count} from a time without polls",
    Reason.BUDGET: "Over today's budget: {count} more",
    Reason.MUTED: "A mute has ended: {count} that it kept back",
}
_WHYS = {
    Reason.SEEDING: "The first poll of a feed brings older news; "
    "it is recorded and summed up here, not alerted one by one. {named}",
    Reason.LATE: "These feeds had not been polled for unusually long, "
    "so one alert sums up what they list. {named}",
    Reason.BUDGET: "Today's budget of alerts of this severity is used up; "
    "one alert an hour sums up the rest. {named}",
    Reason.MUTED: "What was reported while a mute held is summed up in one alert. {named}",
}

HitsOf = Callable[[IncidentId], Sequence[Hit]]


def sum_up(held: Sequence[Incident], hits_of: HitsOf, situation: Situation) -> Cycle | None:
    """Return the cycle that tells of the incidents that have waited long enough, an alert for each reason.

    What is muted waits for the end of its mute. What went over the budget is told together, when the first of
    it has waited for its hour.
    """
    now, indicators = situation.now, situation.indicators
    waiting = [
        (each, each.held)
        for each in held
        if each.held and not mute_of(each, indicators.get(each.indicator), situation.muted)
    ]
    budget_is_due = any(
        why.reason is Reason.BUDGET and abs(now - why.since) >= BUDGET_REST for _, why in waiting
    )
    alerts: list[Alert] = []
    one_by_one: list[Decided] = []
    told: list[Incident] = []
    for reason in _TITLES:
        kept = [incident for incident, why in waiting if why.reason is reason]
        if not kept or (reason is Reason.BUDGET and not budget_is_due):
            continue
        alone = [
            each
            for each in kept
            # what has left the list since has no words of its own any more
            if each.indicator in indicators
            and ((reason in (Reason.LATE, Reason.MUTED) and len(kept) <= FEW) or _is_urgent(each, reason))
        ]
        one_by_one += [_late(incident, hits_of(incident.id), situation) for incident in alone]
        if together := [each for each in kept if each not in alone]:
            alerts.append(_alert(reason, together, hits_of, situation))
            told += [tell(incident, now) for incident in together]
    if not alerts and not one_by_one:
        return None
    return Cycle(
        incidents=(*told, *(each.incident for each in one_by_one)),
        decisions=tuple(each.decision for each in one_by_one),
        alerts=(*alerts, *(each.alert for each in one_by_one if each.alert)),
    )


def _is_urgent(incident: Incident, reason: Reason) -> bool:
    """Say whether an incident that a mute kept back is too grave for a summary."""
    return reason is Reason.MUTED and incident.severity is Severity.CRITICAL


def _late(incident: Incident, hits: Sequence[Hit], situation: Situation) -> Decided:
    """Decide about an incident as if it had not been late, by the indicators of now."""
    now, indicator = situation.now, situation.indicators[incident.indicator]
    reason = decide(incident, now, Circumstances(repeat_after=indicator.repeat_after)).reason
    new = since_told(incident, hits)
    decision = Decision(incident=incident.id, at=now, reason=reason, item=new[-1].item.id)
    if not reason.makes_alert:
        return Decided(incident=replace(incident, held=None), decision=decision)
    late = replace(situation, late=kept_back(incident))
    alert = alert_about(incident, new, reason, late)
    return Decided(incident=tell(incident, now), decision=replace(decision, alert=alert.id), alert=alert)


def _alert(reason: Reason, kept: Sequence[Incident], hits_of: HitsOf, situation: Situation) -> Alert:
    ranked = sorted(kept, key=lambda incident: (-incident.severity, incident.opened, incident.id))
    hits = [hit for incident in kept for hit in hits_of(incident.id)]
    items = tuple({hit.item.id: hit.item for hit in hits}.values())
    count = counted(len(ranked), "incident")
    named = "; ".join(f"{incident.indicator}: {incident.title}" for incident in ranked[:_NAMED])
    first, of_start = ranked[0], reason is Reason.SEEDING
    indicator = situation.indicators.get(first.indicator)
    # a start is summed up once; two other summaries of the same incidents differ in when the newest was held
    newest = max(incident.held.since for incident in kept if incident.held)
    occasion = [*(incident.id for incident in ranked), *([] if of_start else [newest.isoformat()])]
    return Alert(
        id=alert_id("start" if of_start else reason, reason, "\n".join(occasion)),
        at=situation.now,
        kind=Kind.COLLECTION if of_start else Kind.INCIDENT,
        reason=Reason.LATE if reason is Reason.MUTED else reason,
        indicator="collection" if of_start else first.indicator,
        category="collection" if of_start or indicator is None else indicator.category,
        severity=first.severity,
        claim=None if of_start else first.claim,
        incident="start" if of_start else first.id,
        title=_TITLES[reason].format(count=count),
        why=_WHYS[reason].format(named=named),
        level=Level.QUIET if of_start else level_of(first.severity),
        origins=tuple(sorted({origin for incident in ranked for origin in incident.origins})),
        owners=len({owner for incident in ranked for owner in incident.owners}),
        items=tuple(alert_item(item) for item in items[:MOST_ITEMS]),
        incidents=tuple(incident.id for incident in ranked),
        formerly=indicator.was if indicator and not of_start else (),
    )
