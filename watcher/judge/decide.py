"""An incident, what was said of it and the time in; a reason to speak, or not to, out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watcher.judge.correlate import claim_rank
from watcher.model.alerts import Confidence, Incident, Reason, Told
from watcher.model.language import Corroboration, Indicator, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The knobs of deciding, as the analyst set them for one indicator."""

    repeat_after: timedelta = timedelta(hours=12)
    corroborate: Corroboration | None = None


def policy_of(indicator: Indicator) -> Policy:
    """Return the knobs an indicator sets."""
    return Policy(repeat_after=indicator.repeat_after, corroborate=indicator.corroborate)


def confidence_of(incident: Incident, policy: Policy) -> Confidence:
    """Say whether independent origins agree about an incident.

    Distinct origins count, never copies; an item that names no origin adds nothing.
    """
    demand = policy.corroborate
    if demand is None or incident.updated - incident.opened > demand.within:
        return incident.confidence
    return max(incident.confidence, Confidence(len(incident.origins) >= demand.origins))


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What else decides whether to speak now. Each text says why not; an empty one is no reason.

    `fresh` is whether a new item reports it as news of its own.
    """

    fresh: bool = True
    muted: str = ""
    inhibited: str = ""
    late: str = ""
    budget: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A reason to speak or be silent, and what the reason does not say by itself."""

    reason: Reason
    because: str = ""


def decide(incident: Incident, now: datetime, policy: Policy, circumstances: Circumstances | None = None) -> Ruling:
    """Say whether there is something new to say about an incident, and whether now.

    What is critical is never kept for a summary: neither for being late, nor for want of budget.
    """
    circumstances = circumstances or Circumstances()
    reason = _news(incident, now, policy, fresh=circumstances.fresh)
    if not reason.speaks:
        return Ruling(reason=reason)
    if circumstances.muted:
        return Ruling(reason=Reason.MUTED, because=circumstances.muted)
    if circumstances.inhibited:
        return Ruling(reason=Reason.INHIBITED, because=circumstances.inhibited)
    if circumstances.late and incident.severity < Severity.CRITICAL:
        return Ruling(reason=Reason.LATE, because=circumstances.late)
    if circumstances.budget and incident.severity < Severity.CRITICAL:
        return Ruling(reason=Reason.BUDGET, because=circumstances.budget)
    return Ruling(reason=reason)


def _news(incident: Incident, now: datetime, policy: Policy, *, fresh: bool) -> Reason:
    """Say what is new about an incident; only a fresh report is worth a reminder."""
    told = incident.told
    if incident.held and incident.held.reason is Reason.SEEDING:
        return Reason.SEEDING
    if told is None:
        return Reason.NEW
    if incident.severity > told.severity or incident.rung > told.rung:
        return Reason.ESCALATED
    if claim_rank(incident.claim) > claim_rank(told.claim):
        return Reason.CLAIM_ROSE
    if incident.confidence > told.confidence:
        return Reason.CORROBORATED
    if incident.denied and not told.denied:
        return Reason.DENIED
    if fresh and now - told.at >= policy.repeat_after:
        return Reason.REMINDER
    return Reason.NOTHING_NEW


def tell(incident: Incident, now: datetime) -> Incident:
    """Return an incident that remembers what is being said of it now."""
    said = Told(
        at=now,
        severity=incident.severity,
        claim=incident.claim,
        rung=incident.rung,
        confidence=incident.confidence,
        denied=incident.denied,
    )
    return replace(incident, told=said, held=None)
