"""An incident, what was said of it and the time in; a reason to speak, or not to, out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watcher.incidents.correlate import claim_rank
from watcher.model.alerts import Confidence, Incident, LastAlert, Reason, Source
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

    Distinct origins count, never copies; an item that names no origin adds nothing, but that its owner too
    has it.
    """
    if policy.corroborate is None:
        return incident.confidence
    return max(incident.confidence, Confidence(_support(incident, policy.corroborate).suffices))


def support_of(incident: Incident, demand: Corroboration | None) -> str:
    """Return how much of what makes it corroborated is there, as "1 of 2 origins"; empty where nobody demands anything."""
    return _support(incident, demand).words if demand else ""


@dataclass(frozen=True, slots=True)
class _Support:
    """The origins and owners that count, beside what is demanded."""

    origins: int
    owners: int
    demand: Corroboration

    @property
    def suffices(self) -> bool:
        by_owners = self.demand.owners is not None and self.origins >= 1 and self.owners >= self.demand.owners
        return self.origins >= self.demand.origins or by_owners

    @property
    def words(self) -> str:
        origins = f"{self.origins} of {self.demand.origins} origins"
        return (
            origins
            if self.demand.owners is None
            else f"{origins}, or one and {self.owners} of {self.demand.owners} owners"
        )


def _support(incident: Incident, demand: Corroboration) -> _Support:
    return _Support(
        origins=_count(incident.origin_sources, incident, demand),
        owners=_count(incident.owner_sources, incident, demand),
        demand=demand,
    )


def _count(sources: Sequence[Source], incident: Incident, demand: Corroboration) -> int:
    """Count the sources that reported in time, in feeds that are good enough."""
    in_time = (source for source in sources if source.at - incident.opened <= demand.within)
    return len({source.name for source in in_time if demand.grade is None or source.grade <= demand.grade})


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
class Reasoned:
    """A reason to speak or be silent, and what the reason does not say by itself."""

    reason: Reason
    because: str = ""


def decide(
    incident: Incident, now: datetime, policy: Policy, circumstances: Circumstances | None = None
) -> Reasoned:
    """Say whether there is something new to say about an incident, and whether now.

    What is critical is never kept for a summary: neither for being late, nor for want of budget.
    """
    circumstances = circumstances or Circumstances()
    reason = _news(incident, now, policy, fresh=circumstances.fresh)
    if not reason.speaks:
        return Reasoned(reason=reason)
    if circumstances.muted:
        return Reasoned(reason=Reason.MUTED, because=circumstances.muted)
    if circumstances.inhibited:
        return Reasoned(reason=Reason.INHIBITED, because=circumstances.inhibited)
    if circumstances.late and incident.severity < Severity.CRITICAL:
        return Reasoned(reason=Reason.LATE, because=circumstances.late)
    if circumstances.budget and incident.severity < Severity.CRITICAL:
        return Reasoned(reason=Reason.BUDGET, because=circumstances.budget)
    return Reasoned(reason=reason)


def _news(incident: Incident, now: datetime, policy: Policy, *, fresh: bool) -> Reason:
    """Say what is new about an incident; only a fresh report is worth a reminder."""
    told = incident.told
    if incident.held and incident.held.reason is Reason.SEEDING:
        return Reason.SEEDING
    if told is None:
        return Reason.NEW
    if incident.severity > told.severity or incident.step > told.step:
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
    said = LastAlert(
        at=now,
        severity=incident.severity,
        claim=incident.claim,
        step=incident.step,
        confidence=incident.confidence,
        denied=incident.denied,
    )
    return replace(incident, told=said, held=None)
