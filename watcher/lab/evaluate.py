"""News, rules and what people say of it in, how well the rules do on labelled items and on events out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from watcher import pipeline
from watcher.lab.events import Event, EventScore, Period, score_events
from watcher.lab.explain import explain
from watcher.lab.labels import Label
from watcher.lab.progress import ProgressBar
from watcher.lab.replay import dry_run
from watcher.lab.scoring import Result, Scored, Scores, compare, score
from watcher.match import Matcher
from watcher.model.alerts import Kind, Reason
from watcher.model.language import Claim
from watcher.model.news import Item, ItemId
from watcher.pipeline import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A miss, a false alarm or a wrong claim, and why it came to that."""

    scored: Scored
    title: str
    because: str

    @property
    def kind(self) -> str:
        """What is wrong, in a word or two."""
        return "claim" if self.scored.result is Result.RIGHT else self.scored.result.value

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "kind": self.kind,
            "id": self.scored.item,
            "indicator": self.scored.indicator,
            "wanted": self.scored.wanted,
            "got": self.scored.got,
            "title": self.title,
            "because": self.because,
        }


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
    """How events come out, class by class, and how many alerts there were in all, of no event too."""

    classes: tuple[EventScore, ...]
    alerts: int
    opening: int
    period: Period

    @property
    def alerts_per_day(self) -> float:
        """Alerts a day."""
        return round(self.alerts / self.period.days, 3)

    @property
    def opening_per_day(self) -> float:
        """Opening alerts a day."""
        return round(self.opening / self.period.days, 3)

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        together = {
            "from": str(self.period.start.date()),
            "to": str(self.period.last_day),
            "alerts": self.alerts,
            "alerts_per_day": self.alerts_per_day,
            "opening_alerts_per_day": self.opening_per_day,
        }
        return {**{each.name: each.as_dict() for each in self.classes}, "all": together}


def on_items(
    items: Sequence[Item], labels: Sequence[Label], rules: Rules, most: int, bar: ProgressBar
) -> OnItems:
    """Match the labelled items and compare; `most` is how many faults of each kind are explained."""
    wanted = {label.item for label in labels}
    labelled = {item.id: item for item in items if item.id in wanted}
    claims = {
        item.id: {hit.indicator: hit.claim for hit in pipeline.hits_of([item], rules)}
        for item in bar(labelled.values(), "matching", len(labelled))
    }
    faults = _worst(compare(labels, claims), labelled, rules.matcher, most)
    return OnItems(scores=score(labels, claims), faults=tuple(faults))


def on_events(
    items: Sequence[Item], events: Sequence[Event], rules: Rules, period: Period, bar: ProgressBar
) -> OnEvents:
    """Play items, which come in order of `seen`, and look for the events among the alerts."""
    every = dry_run(items, rules, bar).alerts
    alerts = [alert for alert in every if alert.kind is Kind.INCIDENT and alert.at in period]
    return OnEvents(
        classes=score_events(events, items, alerts, period),
        alerts=len(alerts),
        opening=sum(alert.reason is Reason.NEW for alert in alerts),
        period=period,
    )


def _worst(
    outcomes: Iterable[Scored], items: Mapping[ItemId, Item], matcher: Matcher, most: int
) -> list[Fault]:
    """Return the worst faults, `most` of each kind.

    The most severe indicators come first, and what occurred before what may come.
    """
    indicators = {compiled.indicator.id: compiled.indicator for compiled in matcher.compiled}

    def rank(scored: Scored) -> tuple[int, int, str, str]:
        severity = indicators[scored.indicator].severity if scored.indicator in indicators else 0
        return (
            -severity,
            (scored.wanted or scored.got) is not Claim.OCCURRED,
            scored.indicator,
            scored.item,
        )

    wrong = sorted(
        (each for each in outcomes if each.result is not Result.RIGHT or each.wrong_claim), key=rank
    )
    chosen = (each for result in Result for each in [one for one in wrong if one.result is result][:most])
    return [
        _fault(each, items[each.item], matcher)
        if each.item in items
        else Fault(scored=each, title="", because="no archive has this item")
        for each in chosen
    ]


def _fault(scored: Scored, item: Item, matcher: Matcher) -> Fault:
    explained = next((each for each in explain(matcher, item) if each.indicator == scored.indicator), None)
    if explained is None:
        because = "it has none of the indicator's words"
    elif scored.result is Result.MISSED:
        because = explained.because
    else:
        cues = "; ".join(explained.cues) or "no cue applies to them"
        because = f"by {', '.join(explained.trace.words)} ({cues})"
    return Fault(scored=scored, title=item.title, because=because)
