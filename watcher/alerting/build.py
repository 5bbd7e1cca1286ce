"""A decision to speak in, the alert out: what it says, and an id made from what it is about."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from watcher.alerting.decide import support_of
from watcher.errors import Mistake
from watcher.incidents.origins import spoken
from watcher.model.alerts import (
    Alert,
    AlertId,
    AlertItem,
    Context,
    Hit,
    Incident,
    Kind,
    Level,
    Reason,
    TimelineEntry,
)
from watcher.model.language import Claim, Indicator, IndicatorId, Reads, Severity
from watcher.model.news import Item

MOST_ITEMS = 50
_MISTAKES_NAMED = 10
_LEVELS = {Severity.CRITICAL: Level.CRITICAL, Severity.HIGH: Level.ELEVATED}

_SENTENCES = {
    Reason.NEW: "First report",
    Reason.ESCALATED: "More is claimed than before",
    Reason.CLAIM_ROSE: "The claim rose",
    Reason.CORROBORATED: "Independent origins agree",
    Reason.DENIED: "It is now denied",
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


def alert_about(
    incident: Incident,
    hits: Sequence[Hit],
    reason: Reason,
    now: datetime,
    indicators: Mapping[IndicatorId, Indicator],
    *,
    late: str = "",
) -> Alert:
    """Return the alert that says, for a reason, what the newest hits of an incident add; `late` says that we had not looked for long."""
    indicator = (
        indicators.get(incident.indicator) or indicators[hits[-1].indicator]
    )  # who led may have left the list since
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
        title=_title(indicator, leading[0]),
        why=_why(incident, indicator, reason, evidence),
        evidence=evidence,
        origins=tuple(sorted(incident.origins)),
        owners=len(incident.owners),
        items=tuple(alert_item(item) for item in items[:MOST_ITEMS]),
        items_not_shown=max(0, len(items) - MOST_ITEMS),
        indicator_title=indicator.title,
        context=_context(incident, indicator, leading, late),
    )


def alert_of_rejection(mistakes: Sequence[Mistake], now: datetime) -> Alert:
    """Return the alert that says that changed files are wrong, and that the last good ones stay in use."""
    more = f" and {len(mistakes) - 1} more" if len(mistakes) > 1 else ""
    named = "; ".join(map(str, mistakes[:_MISTAKES_NAMED]))
    title, why = (
        f"Changed YAML was rejected: {mistakes[0]}{more}",
        f"The last good YAML stays in use until this is mended: {named}",
    )
    alert = alert_of_collection(
        Reason.CONFIG_REJECTED, Severity.MEDIUM, title, why, "config", now, occasion=named
    )
    return replace(alert, mistakes=len(mistakes))


def alert_of_collection(
    reason: Reason,
    severity: Severity,
    title: str,
    why: str,
    subject: str,
    now: datetime,
    *,
    occasion: str = "",
) -> Alert:
    """Return an alert about the watcher's own work; `subject` is what it is about, and `occasion` what else tells it from others."""
    return Alert(
        id=alert_id(subject, reason, "\n".join(filter(None, (now.isoformat(), occasion)))),
        at=now,
        kind=Kind.COLLECTION,
        reason=reason,
        indicator="collection",
        category="collection",
        severity=severity,
        incident=subject,
        title=title,
        why=why,
        level=level_of(severity),
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


def _title(indicator: Indicator, hit: Hit) -> str:
    """Return the title of the news; what follows from several incidents is itself the news."""
    if indicator.kind.reads is Reads.HISTORY:
        return f"{indicator.title}: {hit.evidence[0]}"
    return hit.item.title


def _why(incident: Incident, indicator: Indicator, reason: Reason, evidence: Sequence[str]) -> str:
    if not indicator.kind.reads.is_news:
        return f"{_SENTENCES[reason]}: {indicator.title}. What shows it: {'; '.join(evidence)}."
    source = f", according to {spoken(incident.origins)}" if incident.origins else ""
    return f"{_SENTENCES[reason]}: {indicator.title}. {_CLAIMS[incident.claim]}{source}. What matched: {', '.join(evidence)}."


def _context(incident: Incident, indicator: Indicator, hits: Sequence[Hit], late: str) -> Context:
    own_step = indicator.joining.step if indicator.joining else 0
    return Context(
        confidence=incident.confidence,
        indicators=tuple(sorted(incident.indicators)),
        items_in_all=incident.items,
        step=incident.step if incident.step > own_step else 0,
        corroboration=support_of(incident, indicator.corroborate),
        cues=tuple(dict.fromkeys(cue for hit in hits for cue in hit.cues)),
        timeline=tuple(map(_line, incident.timeline)) if len(incident.timeline) > 1 else (),
        late=late,
    )


def _line(entry: TimelineEntry) -> str:
    return f"{entry.at:%d %b %H:%MZ} {entry.owner}: {', '.join(entry.new)}"
