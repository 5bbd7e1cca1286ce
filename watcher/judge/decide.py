"""An incident, what was said of it and the time in; a reason to speak, or not to, out."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watcher.errors import Mistake
from watcher.judge.correlate import claim_rank
from watcher.judge.origin import spoken
from watcher.model.alerts import Alert, AlertId, AlertItem, Confidence, Hit, Incident, Kind, Level, Reason, Told
from watcher.model.language import Claim, Corroboration, Indicator, IndicatorId, Severity
from watcher.model.news import Item

_MOST_ITEMS = 50
_MISTAKES_NAMED = 10
_LEVELS = {Severity.CRITICAL: Level.CRITICAL, Severity.HIGH: Level.ELEVATED}

_SENTENCES = {
    Reason.NEW: "First report",
    Reason.ESCALATED: "More is claimed than before",
    Reason.CLAIM_ROSE: "The claim rose",
    Reason.CORROBORATED: "Independent origins agree",
    Reason.REMINDER: "Still being reported",
}


_CLAIMS = {
    Claim.OCCURRED: "It is said to have happened",
    Claim.IMMINENT: "It is said to be coming",
    Claim.THREATENED: "It is threatened",
    Claim.SPECULATED: "It is a guess so far",
    Claim.DENIED: "It is denied, or called off",
    Claim.HISTORICAL: "It is long ago",
}


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


def decide(incident: Incident, now: datetime, policy: Policy, *, fresh: bool = True) -> Reason:
    """Say whether there is something new to say about an incident, and what; only a fresh report is worth a reminder."""
    told = incident.told
    if incident.seeding:
        return Reason.SEEDING
    if told is None:
        return Reason.NEW
    if incident.severity > told.severity or incident.rung > told.rung:
        return Reason.ESCALATED
    if claim_rank(incident.claim) > claim_rank(told.claim):
        return Reason.CLAIM_ROSE
    if incident.confidence > told.confidence:
        return Reason.CORROBORATED
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
    )
    return replace(incident, told=said, seeding=False)


def alert_about(
    incident: Incident, hits: Sequence[Hit], reason: Reason, now: datetime, indicators: Mapping[IndicatorId, Indicator]
) -> Alert:
    """Return the alert that says, for a reason, what the newest hits of an incident add."""
    indicator = indicators.get(incident.indicator) or indicators[hits[-1].indicator]  # who led may have left the list since
    newest = hits[-1].item
    leading = [hit for hit in hits if hit.indicator == indicator.id] or list(hits)
    evidence = tuple(dict.fromkeys(word for hit in leading for word in hit.evidence))[:12]
    items = tuple({hit.item.id: hit.item for hit in hits}.values())
    return Alert(
        id=alert_id(incident.id, reason, f"{newest.id}\n{newest.revision}"),
        at=now,
        kind=Kind.INCIDENT,
        reason=reason,
        indicator=indicator.id,
        category=indicator.category,
        severity=incident.severity,
        claim=incident.claim,
        level=level_of(incident.severity),
        incident=incident.id,
        title=leading[0].item.title,
        why=_why(incident, indicator, reason, evidence),
        evidence=evidence,
        origins=tuple(sorted(incident.origins)),
        owners=len(incident.owners),
        items=tuple(alert_item(item) for item in items[:_MOST_ITEMS]),
        details=_details(incident, indicator.title, leading, len(items)),
    )


def summary_of_start(incidents: Sequence[Incident], hits: Sequence[Hit], now: datetime) -> Alert:
    """Return the one alert that sums up what the first polls of feeds brought."""
    ranked = sorted(incidents, key=lambda incident: (-incident.severity, incident.opened, incident.id))
    items = tuple({hit.item.id: hit.item for hit in hits}.values())
    count = f"{len(ranked)} incident{'' if len(ranked) == 1 else 's'}"
    named = "; ".join(f"{incident.indicator}: {incident.title}" for incident in ranked[:5])
    return Alert(
        id=alert_id("start", Reason.SEEDING, "\n".join(incident.id for incident in ranked)),
        at=now,
        kind=Kind.COLLECTION,
        reason=Reason.SEEDING,
        indicator="collection",
        category="collection",
        severity=max(incident.severity for incident in ranked),
        incident="start",
        title=f"Watching began: {count} already in the news",
        why=f"The first poll of a feed shows what is already there; it is recorded, not alerted one by one. {named}",
        level=Level.QUIET,
        origins=tuple(sorted({origin for incident in ranked for origin in incident.origins})),
        owners=len({owner for incident in ranked for owner in incident.owners}),
        items=tuple(alert_item(item) for item in items[:_MOST_ITEMS]),
        details={"incidents": " ".join(incident.id for incident in ranked)},
    )


def alert_of_rejection(mistakes: Sequence[Mistake], now: datetime) -> Alert:
    """Return the alert that says that changed files are wrong, and that the last good ones stay in use."""
    more = f" and {len(mistakes) - 1} more" if len(mistakes) > 1 else ""
    named = "; ".join(map(str, mistakes[:_MISTAKES_NAMED]))
    return Alert(
        id=alert_id("config", Reason.CONFIG_REJECTED, f"{now.isoformat()}\n{named}"),
        at=now,
        kind=Kind.COLLECTION,
        reason=Reason.CONFIG_REJECTED,
        indicator="collection",
        category="collection",
        severity=Severity.MEDIUM,
        incident="config",
        title=f"Changed YAML was rejected: {mistakes[0]}{more}",
        why=f"The last good YAML stays in use until this is mended: {named}",
        details={"mistakes": str(len(mistakes))},
    )


def trial_alert(channel: str, now: datetime) -> Alert:
    """Return an alert that only shows that a channel works."""
    return Alert(
        id=alert_id(channel, Reason.TEST, now.isoformat()),
        at=now,
        kind=Kind.TEST,
        reason=Reason.TEST,
        indicator="test",
        category="test",
        severity=Severity.INFO,
        incident="test",
        title="Test alert: this channel works",
        why=f"Somebody ran `watcher channels test` for {channel}; nothing has happened.",
        level=Level.QUIET,
    )


def alert_id(subject: str, reason: Reason, occasion: str) -> AlertId:
    """Return an id derived from content, so that a replay gives the same one."""
    return AlertId(hashlib.sha256(f"{subject}\n{reason}\n{occasion}".encode()).hexdigest()[:20])


def alert_item(item: Item) -> AlertItem:
    """Return an item as an alert shows it."""
    return AlertItem(
        id=item.id,
        feed=item.feed,
        owner=item.owner,
        title=item.title,
        url=item.url,
        published=item.published,
        seen=item.seen,
        lang=item.language,
    )


def level_of(severity: Severity) -> Level:
    """Return the level an alert of a severity stands for."""
    return _LEVELS.get(severity, Level.WATCH)


def _why(incident: Incident, indicator: Indicator, reason: Reason, evidence: Sequence[str]) -> str:
    source = f", according to {spoken(incident.origins)}" if incident.origins else ""
    return f"{_SENTENCES[reason]}: {indicator.title}. {_CLAIMS[incident.claim]}{source}. What matched: {', '.join(evidence)}."


def _details(incident: Incident, title: str, hits: Sequence[Hit], items: int) -> dict[str, str]:
    details = {
        "indicator_title": title,
        "confidence": incident.confidence.word,
        "indicators": " ".join(sorted(incident.indicators)),
        "items_in_all": str(incident.items),
    }
    if cues := tuple(dict.fromkeys(cue for hit in hits for cue in hit.cues)):
        details["cues"] = "; ".join(cues)
    if timing := tuple(dict.fromkeys(window for hit in hits for window in hit.timing)):
        details["calendar"] = "; ".join(timing)
    if items > _MOST_ITEMS:
        details["items_not_shown"] = str(items - _MOST_ITEMS)
    return details
