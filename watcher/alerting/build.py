"""A reason and what is known of an incident in, the alert out, with an id made from what it is about."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from watcher.alerting import facts
from watcher.errors import Mistake
from watcher.incidents.closing import closes_at
from watcher.incidents.corroboration import support_of, vouching
from watcher.incidents.origins import in_a_sentence
from watcher.incidents.severity import severity_earned
from watcher.model.alerts import (
    Alert,
    AlertId,
    AlertItem,
    Context,
    Hit,
    Incident,
    IncidentId,
    Kind,
    Level,
    Reason,
)
from watcher.model.language import Calendar, CalendarId, Claim, Indicator, IndicatorId, Reads, Severity
from watcher.model.news import Item
from watcher.model.review import Action, TrackRecord
from watcher.model.vocabulary import NO_WORDS, Vocabulary
from watcher.text.words import without_parts

MOST_ITEMS = 50
_MISTAKES_NAMED = 10
_LEVELS = {Severity.CRITICAL: Level.CRITICAL, Severity.HIGH: Level.ELEVATED}

_SENTENCES = {
    Reason.NEW: "First report",
    Reason.ESCALATED: "More is claimed than before",
    Reason.CLAIM_ROSE: "The claim rose",
    Reason.CORROBORATED: "Independent origins agree",
    Reason.DENIED: "It is now denied",
    Reason.REMINDER: "It is still being reported",
}


_CLAIMS = {
    Claim.OCCURRED: "It is reported to have happened",
    Claim.IMMINENT: "It is reported to be imminent",
    Claim.THREATENED: "It is threatened",
    Claim.SPECULATED: "It is speculation so far",
    Claim.DENIED: "It is denied or called off",
    Claim.HISTORICAL: "It happened long ago",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the decisions of one poll go by.

    `budget` is how many alerts of a severity a day may bring, `spent` how many it has brought. `muted` are
    the mutes that hold, by target. `late` says that the feed had not been polled for unusually long.
    `records` say how the indicators have done so far, `known` are the open incidents, `hits_of` gives the
    recorded hits of one. `page` is the address of the page that people can open, if there is one.
    """

    now: datetime
    indicators: Mapping[IndicatorId, Indicator]
    vocabulary: Vocabulary = NO_WORDS
    budget: Mapping[Severity, int] = field(default_factory=dict)
    spent: Mapping[Severity, int] = field(default_factory=dict)
    muted: Mapping[str, Action] = field(default_factory=dict)
    records: Mapping[IndicatorId, TrackRecord] = field(default_factory=dict)
    calendars: Mapping[CalendarId, Calendar] = field(default_factory=dict)
    known: Sequence[Incident] = ()
    hits_of: Callable[[IncidentId], Sequence[Hit]] = field(default=lambda _: (), compare=False)
    page: str = ""
    late: str = ""


def alert_about(incident: Incident, hits: Sequence[Hit], reason: Reason, situation: Situation) -> Alert:
    """Return the alert that says, for a reason, what the newest hits of an incident add."""
    indicators, newest = situation.indicators, hits[-1].item
    # who led may have left the list since
    indicator = indicators.get(incident.indicator) or indicators[hits[-1].indicator]
    leading = [hit for hit in hits if hit.indicator == indicator.id] or list(hits)
    # the headline is that of the report that earns most, the first of several
    headline = max(leading, key=lambda hit: (severity_earned(hit, indicator.actor), hit.score)).item.title
    evidence = tuple(dict.fromkeys(word for hit in leading for word in hit.evidence))[:12]
    items = tuple({hit.item.id: hit.item for hit in hits}.values())
    # what follows from several incidents is itself the news
    of_history = indicator.kind.reads is Reads.HISTORY
    return Alert(
        id=alert_id(incident.id, reason, f"{newest.id}\n{newest.revision}"),
        at=situation.now,
        kind=Kind.INCIDENT,
        reason=reason,
        indicator=indicator.id,
        category=indicator.category,
        severity=incident.severity,
        claim=incident.claim,
        level=level_of(incident.severity),
        incident=incident.id,
        title=f"{indicator.title}: {leading[0].evidence[0]}" if of_history else headline,
        why=_why(incident, indicator, reason, evidence, situation.vocabulary),
        evidence=evidence,
        origins=tuple(sorted(incident.origins)),
        owners=len(incident.owners),
        items=tuple(alert_item(item) for item in items[:MOST_ITEMS]),
        items_not_shown=max(0, len(items) - MOST_ITEMS),
        indicator_title=indicator.title,
        formerly=indicator.was,
        context=_context(incident, indicator, leading, hits, situation),
    )


def alert_of_rejection(mistakes: Sequence[Mistake], now: datetime) -> Alert:
    """Return the alert that says that changed files are wrong, and that the last good ones stay in use."""
    more = f" and {len(mistakes) - 1} more" if len(mistakes) > 1 else ""
    named = "; ".join(map(str, mistakes[:_MISTAKES_NAMED]))
    title = f"Changed YAML was rejected: {mistakes[0]}{more}"
    why = f"The last good version stays in use until this is corrected: {named}"
    reason = Reason.CONFIG_REJECTED
    alert = alert_of_collection(reason, Severity.MEDIUM, title, why, "config", now, occasion=named)
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
    """Return an alert about the watcher's own work; `subject` and `occasion` tell it from others."""
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


def _why(
    incident: Incident, indicator: Indicator, reason: Reason, evidence: Sequence[str], vocabulary: Vocabulary
) -> str:
    if not indicator.kind.reads.is_news:
        return f"{_SENTENCES[reason]}: {indicator.title}. What shows it: {'; '.join(evidence)}."
    names = in_a_sentence(vouching(incident), vocabulary)
    said = f"{_CLAIMS[incident.claim]}{', according to ' if names else ''}{names}"
    matched = ", ".join(without_parts(evidence))
    return f"{_SENTENCES[reason]}: {indicator.title}. {said}. What matched: {matched}."


def _context(
    incident: Incident,
    indicator: Indicator,
    leading: Sequence[Hit],
    hits: Sequence[Hit],
    situation: Situation,
) -> Context:
    own_step = indicator.joining.step if indicator.joining else 0
    record, now = situation.records.get(incident.indicator), situation.now
    timeline = [f"{each.at:%d %b %H:%MZ} {each.owner}: {', '.join(each.new)}" for each in incident.timeline]
    return Context(
        confidence=incident.confidence,
        indicators=tuple(sorted(incident.indicators)),
        items_in_all=incident.items,
        step=incident.step if incident.step > own_step else 0,
        corroboration=support_of(incident, indicator.corroborate),
        cues=tuple(dict.fromkeys(cue for hit in leading for cue in hit.cues)),
        timeline=tuple(timeline) if len(timeline) > 1 else (),
        late=situation.late,
        base_rate=facts.base_rate(record, now),
        precision=facts.precision(record),
        calendar=facts.calendar(hits, situation.calendars, now),
        against=facts.against(incident, situation.known, situation.indicators, now),
        link=f"{situation.page}/incidents/{incident.id}" if situation.page else "",
        closes=closes_at(incident, indicator),
    )
