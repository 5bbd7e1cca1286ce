"""What is stored of an incident in, what its page shows out: reports, decisions, its course."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from markupsafe import Markup

from watcher.alerting.review import review_of
from watcher.model.alerts import Alert, Decision, Delivery, Hit, Incident, Reason
from watcher.model.language import Directness, Indicator
from watcher.model.listing import HitBrief, IncidentBrief, ListedIncident, brief_of
from watcher.model.news import Item, ItemId
from watcher.model.review import Action, Review
from watcher.pictures.timelines import Dot, course
from watcher.text.numbers import counted

Shown = TypeVar("Shown")

_LANES = 12
_MEANS = {
    Reason.NEW: "the first report of it",
    Reason.ESCALATED: "it became graver",
    Reason.CLAIM_ROSE: "more is claimed than before",
    Reason.CORROBORATED: "independent origins agree now",
    Reason.DENIED: "somebody denies it",
    Reason.SEEDING: "found at the first poll of a feed, and told in one alert for the whole start",
    Reason.LATE: "its feed had not been read for long; told in one alert for all of that",
    Reason.BUDGET: "the day's budget of alerts was used up; told in one alert for all of that",
    Reason.MUTED: "a reviewer muted it",
    Reason.INHIBITED: "its items mainly report a graver incident that has alerted",
    Reason.NOTHING_NEW: "it adds nothing: no higher severity, claim, step or confirmation",
    Reason.CLOSED: "nothing joined it for a while, so it is over",
    Reason.MERGED: "a reviewer says that two incidents are one",
    Reason.SPLIT: "a reviewer says that some reports are of another event",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredIncident:
    """All that is stored of an incident."""

    incident: Incident
    course: Sequence[HitBrief]
    """All of its hits, oldest first."""
    hits: Mapping[ItemId, Sequence[Hit]]
    """Those on the items that are shown, of other incidents too."""
    decisions: Sequence[Decision]
    """The latest of `all_decisions`."""
    all_decisions: int
    alerts: Sequence[Alert]
    deliveries: Mapping[str, Sequence[Delivery]]
    actions: Sequence[Action]
    """What reviewers did about it, its indicator and its category, oldest first."""
    waiting: Sequence[Action] = ()
    """Merges and splits that the service has not followed yet."""
    others: Sequence[IncidentBrief] = ()
    """Those that it may be merged with, newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownReport:
    """An item as the page of an incident shows it, with all hits on this revision of it."""

    item: Item
    hits: tuple[Hit, ...]
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedDecision:
    """A decision, the title of the item that led to it, and what its reason means."""

    decision: Decision
    title: str
    means: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentView:
    """What the page of an incident shows."""

    incident: Incident
    indicator: Indicator | None
    review: Review
    answered: bool
    """Whether somebody has answered what was last said of it, as the list has it."""
    reports: tuple[ShownReport, ...]
    """The latest; `all_reports` is how many there are, and the same of decisions."""
    all_reports: int
    judged: tuple[ExplainedDecision, ...]
    all_judged: int
    alerts: Sequence[Alert]
    last: Alert | None
    deliveries: tuple[Delivery, ...]
    actions: Sequence[Action]
    waiting: Sequence[Action]
    others: Sequence[IncidentBrief]
    course: Markup


def incident_view(
    stored: StoredIncident, indicator: Indicator | None, now: datetime, most: int | None
) -> IncidentView:
    """Return what the page of an incident shows: the latest `most` reports and decisions, None for all."""
    incident = stored.incident
    targets = (incident.id, incident.indicator, indicator.category if indicator else "")
    titles = {hit.item: hit.title for hit in stored.course}
    reports = _by_report(stored.course)
    review = review_of(targets, stored.actions, now)
    return IncidentView(
        incident=incident,
        indicator=indicator,
        review=review,
        answered=ListedIncident(
            incident=brief_of(incident), review=review, alerts=len(stored.alerts)
        ).answered,
        reports=tuple(
            shown for place in _latest(tuple(reports), most) if (shown := _shown(stored, *place)) is not None
        ),
        all_reports=len(reports),
        judged=tuple(
            ExplainedDecision(
                decision=each, title=titles.get(each.item, ""), means=_MEANS.get(each.reason, "")
            )
            for each in stored.decisions
        ),
        all_judged=stored.all_decisions,
        alerts=stored.alerts,
        last=stored.alerts[-1] if stored.alerts else None,
        deliveries=tuple(each for alert in stored.alerts for each in stored.deliveries[alert.id]),
        actions=stored.actions,
        waiting=stored.waiting,
        others=stored.others,
        course=_course(tuple(reports.values()), stored.alerts, incident),
    )


def items_shown(course: Iterable[HitBrief], most: int | None) -> list[ItemId]:
    """Return the items of the latest `most` reports, None for all: their hits are shown in full."""
    return [item for item, _ in _latest(tuple(_by_report(course)), most)]


def _latest(values: Sequence[Shown], most: int | None) -> tuple[Shown, ...]:
    return tuple(values if most is None else values[-most:])


def _by_report(hits: Iterable[HitBrief]) -> Mapping[tuple[ItemId, int], Sequence[HitBrief]]:
    """Return hits by item and revision: each is a report."""
    grouped: dict[tuple[ItemId, int], list[HitBrief]] = {}
    for hit in hits:
        grouped.setdefault((hit.item, hit.revision), []).append(hit)
    return grouped


def _shown(stored: StoredIncident, item: ItemId, revision: int) -> ShownReport | None:
    """Return a report; None where the service has merged or pruned it since the course was read."""
    on_item = (hit for hit in stored.hits.get(item, ()) if hit.incident == stored.incident.id)
    found = tuple(hit for hit in on_item if hit.item.revision == revision)
    if not found:
        return None
    return ShownReport(
        item=found[0].item,
        hits=found,
        evidence=tuple(dict.fromkeys(words for hit in found for words in (*hit.evidence, *_cues(hit)))),
    )


def _cues(hit: Hit) -> tuple[str, ...]:
    """Return the words that decided the claim: "speculated: may test" has "may test"."""
    return tuple(cue.partition(": ")[2] for cue in hit.cues)


def _course(reports: Sequence[Sequence[HitBrief]], alerts: Sequence[Alert], incident: Incident) -> Markup:
    """Return the picture: the alerts, and a lane for each publisher, those with the most reports by name."""
    owners = Counter(first.owner for first, *_ in reports)
    named = {owner for owner, _ in owners.most_common(_LANES)}
    dots = [
        Dot(
            at=alert.at,
            lane="alerts",
            kind="alert",
            words=f"alert, {alert.reason.replace('_', ' ')}: {alert.title}",
        )
        for alert in alerts
    ]
    for report in reports:
        first = report[0]
        lane = first.owner if first.owner in named else f"{len(owners) - len(named)} others"
        direct = any(hit.directness is Directness.DIRECT for hit in report)
        kind = first.claim.value if direct else "mention"
        dots.append(Dot(at=first.seen, lane=lane, kind=kind, words=f"{first.owner}: {first.title}"))
    sources = f"{counted(len(reports), 'report')} from {counted(len(owners), 'publisher')}"
    name = f"{sources} and {counted(len(alerts), 'alert')}"
    return (
        course(dots, f"The course of the incident: {name}, from the first to the last")
        if incident.items
        else Markup("")
    )
