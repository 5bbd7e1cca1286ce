"""News, rules and what people say of it in, how well the rules do out: against labelled items, and against documented events."""

from collections.abc import Sequence
from dataclasses import dataclass

from watcher import pipeline
from watcher.lab.confusion import Fault, worst
from watcher.lab.events import Event, EventScore, score_events
from watcher.lab.labels import Claims, Label
from watcher.lab.playing import Watch, play
from watcher.lab.scoring import Scores, compare, score
from watcher.lab.span import Span
from watcher.model.alerts import Kind, Reason
from watcher.model.news import Item
from watcher.pipeline import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class OnItems:
    """How items come out: the scores, and the worst of what is wrong."""

    scores: Scores
    faults: tuple[Fault, ...]

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        return {**self.scores.as_dict(), "worst": [fault.as_dict() for fault in self.faults]}


@dataclass(frozen=True, slots=True, kw_only=True)
class OnEvents:
    """How events come out, class by class, and how much was said in all, also about what is no event."""

    classes: tuple[EventScore, ...]
    alerts: int
    opening: int
    span: Span

    @property
    def alerts_per_day(self) -> float:
        """Alerts a day."""
        return round(self.alerts / self.span.days, 3)

    @property
    def opening_per_day(self) -> float:
        """Opening alerts a day."""
        return round(self.opening / self.span.days, 3)

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        together = {
            "from": str(self.span.start.date()),
            "to": str(self.span.last_day),
            "alerts": self.alerts,
            "alerts_per_day": self.alerts_per_day,
            "opening_alerts_per_day": self.opening_per_day,
        }
        return {**{each.name: each.as_dict() for each in self.classes}, "all": together}


def on_items(
    items: Sequence[Item], labels: Sequence[Label], rules: Rules, most: int, watch: Watch
) -> OnItems:
    """Match the labelled items and compare; `most` is how many faults of each kind are explained."""
    wanted = {label.item for label in labels}
    labelled = {item.id: item for item in items if item.id in wanted}
    hits = {item.id: _claims(item, rules) for item in watch(labelled.values(), "matching", len(labelled))}
    return OnItems(
        scores=score(labels, hits), faults=tuple(worst(compare(labels, hits), labelled, rules.matcher, most))
    )


def on_events(
    items: Sequence[Item], events: Sequence[Event], rules: Rules, span: Span, watch: Watch
) -> OnEvents:
    """Play items, which come in order of `seen`, through the line, and look for the events among the alerts."""
    alerts = [
        alert
        for alert in play(items, rules, watch).alerts
        if alert.kind is Kind.INCIDENT and alert.at in span
    ]
    return OnEvents(
        classes=score_events(events, items, alerts, span),
        alerts=len(alerts),
        opening=sum(alert.reason is Reason.NEW for alert in alerts),
        span=span,
    )


def _claims(item: Item, rules: Rules) -> Claims:
    return {hit.indicator: hit.claim for hit in pipeline.hits_of([item], rules)}
