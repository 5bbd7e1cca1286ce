"""An incident, what people were told of it and the time in; the reason to make an alert, or none, out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watcher.incidents.correlate import claim_rank
from watcher.model.alerts import Incident, LastAlert, Reason
from watcher.model.language import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What else decides whether to make an alert now. Each text says why not; an empty one is no reason.

    `fresh` is whether a new item reports it as news of its own, `repeat_after` is how long after the last
    alert such news is worth a reminder.
    """

    fresh: bool = True
    repeat_after: timedelta = timedelta(hours=12)
    muted: str = ""
    inhibited: str = ""
    late: str = ""
    budget: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoned:
    """A reason to make an alert or none, and what the reason does not say by itself."""

    reason: Reason
    because: str = ""


def decide(incident: Incident, now: datetime, circumstances: Circumstances | None = None) -> Reasoned:
    """Say whether there is something new to say about an incident, and whether now.

    What is critical is never kept for a summary: neither for being late, nor for want of budget.
    """
    circumstances = circumstances or Circumstances()
    reason = _news(incident, now, circumstances)
    if not reason.makes_alert:
        return Reasoned(reason=reason)
    if circumstances.muted:
        return Reasoned(reason=Reason.MUTED, because=circumstances.muted)
    if circumstances.inhibited:
        return Reasoned(reason=Reason.INHIBITED, because=circumstances.inhibited)
    if incident.severity is Severity.CRITICAL:
        return Reasoned(reason=reason)
    if circumstances.late:
        return Reasoned(reason=Reason.LATE, because=circumstances.late)
    if circumstances.budget:
        return Reasoned(reason=Reason.BUDGET, because=circumstances.budget)
    return Reasoned(reason=reason)


def _news(incident: Incident, now: datetime, circumstances: Circumstances) -> Reason:
    """Say what is new about an incident; only a fresh report is worth a reminder."""
    told = incident.told
    if incident.is_seeding:
        return Reason.SEEDING
    if told is None:
        return Reason.NEW
    if incident.severity > told.severity or incident.step > told.step or incident.harm > told.harm:
        return Reason.ESCALATED
    if claim_rank(incident.claim) > claim_rank(told.claim):
        return Reason.CLAIM_ROSE
    if incident.confidence > told.confidence:
        return Reason.CORROBORATED
    if incident.denied and not told.denied:
        return Reason.DENIED
    if circumstances.fresh and now - told.at >= circumstances.repeat_after:
        return Reason.REMINDER
    return Reason.NOTHING_NEW


def tell(incident: Incident, now: datetime) -> Incident:
    """Return an incident that remembers what people are being told of it now."""
    told = LastAlert(
        at=now,
        severity=incident.severity,
        claim=incident.claim,
        step=incident.step,
        confidence=incident.confidence,
        denied=incident.denied,
        harm=incident.harm,
    )
    return replace(incident, told=told, held=None)
