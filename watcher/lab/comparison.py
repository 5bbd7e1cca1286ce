"""Two backtests and what is known of the news in, what the later list gains and loses out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from watcher.lab.backtest import Backtest, BaseRate
from watcher.lab.events import Event, period_of, score_events
from watcher.lab.explain import explain
from watcher.lab.labels import Label
from watcher.model.alerts import Hit
from watcher.model.language import IndicatorId
from watcher.model.news import Item, ItemId
from watcher.text.words import without_parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An item that one list hits and the other does not, and why."""

    item: Item
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What an indicator gains and loses.

    `before` and `after` are its rates; None where a list does not have it.
    """

    indicator: IndicatorId
    gained: tuple[Hit, ...]
    lost: tuple[Hit, ...]
    before: BaseRate | None
    after: BaseRate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two lists on the same news.

    `losses` are labelled hits and documented events that only the earlier list has.
    """

    before: Backtest
    after: Backtest
    differences: tuple[Difference, ...]
    losses: tuple[str, ...]

    def gained(self, difference: Difference, most: int) -> list[Change]:
        """Return some of the items gained, each with the words that made it hit."""
        return [
            Change(item=hit.item, because=f"by {', '.join(without_parts(hit.evidence))}; {hit.claim}{cues}")
            for hit in difference.gained[:most]
            for cues in [f" ({'; '.join(hit.cues)})" if hit.cues else ""]
        ]

    def lost(self, difference: Difference, most: int) -> list[Change]:
        """Return some of the items lost, each with the reason why the later list does not hit it."""
        return [Change(item=hit.item, because=self._why_lost(hit)) for hit in difference.lost[:most]]

    def as_dict(self, most: int) -> dict[str, object]:
        """Return the JSON form, with so many examples of each kind."""
        return {
            "alerts_per_day_before": self.before.alerts_per_day,
            "alerts_per_day_after": self.after.alerts_per_day,
            "by_indicator": {
                each.indicator: {
                    "gained": len(each.gained),
                    "lost": len(each.lost),
                    "alerts_per_day_before": each.before.alerts_per_day if each.before else None,
                    "alerts_per_day_after": each.after.alerts_per_day if each.after else None,
                    "gained_examples": list(map(_change_dict, self.gained(each, most))),
                    "lost_examples": list(map(_change_dict, self.lost(each, most))),
                }
                for each in self.differences
            },
            "lost_labelled": list(self.losses),
        }

    def _why_lost(self, hit: Hit) -> str:
        if hit.indicator not in self.after.rules.indicators:
            return "the indicator is gone"
        explained = explain(self.after.rules.matcher, hit.item)
        of_it = (each.because for each in explained if each.indicator == hit.indicator)
        return next(of_it, "it has none of the words")


def compare_lists(
    before: Backtest, after: Backtest, items: Sequence[Item], labels: Sequence[Label], events: Sequence[Event]
) -> Comparison:
    """Compare what two lists did with the same items."""
    return Comparison(
        before=before,
        after=after,
        differences=tuple(_differences(before, after)),
        losses=(*_lost_hits(before, after, labels), *_lost_events(before, after, items, events)),
    )


def _differences(before: Backtest, after: Backtest) -> Iterator[Difference]:
    """Yield what each indicator of either list gains and loses, in the order of the later list."""
    had, has = _hits_by_indicator(before), _hits_by_indicator(after)
    rates_before = {rate.indicator: rate for rate in before.rates()}
    rates_after = {rate.indicator: rate for rate in after.rates()}
    for name in dict.fromkeys((*rates_after, *rates_before)):
        old, new = had.get(name, {}), has.get(name, {})
        yield Difference(
            indicator=name,
            gained=tuple(hit for item, hit in new.items() if item not in old),
            lost=tuple(hit for item, hit in old.items() if item not in new),
            before=rates_before.get(name),
            after=rates_after.get(name),
        )


def _hits_by_indicator(tested: Backtest) -> Mapping[IndicatorId, Mapping[ItemId, Hit]]:
    found: dict[IndicatorId, dict[ItemId, Hit]] = {}
    for hit in tested.hits:
        found.setdefault(hit.indicator, {})[hit.item.id] = hit
    return found


def _lost_hits(before: Backtest, after: Backtest, labels: Sequence[Label]) -> Iterator[str]:
    had, has = _hits_by_indicator(before), _hits_by_indicator(after)
    for label in labels:
        for indicator in sorted(label.agreed):
            hit = had.get(indicator, {}).get(label.item)
            if hit and label.item not in has.get(indicator, {}):
                yield f"labelled hit of {indicator}: {label.item}, {hit.item.title}"


def _lost_events(
    before: Backtest, after: Backtest, items: Sequence[Item], events: Sequence[Event]
) -> Iterator[str]:
    if not events:
        return
    period = period_of([item.seen for item in items])
    had, has = (score_events(events, items, tested.alerts, period) for tested in (before, after))
    for old, new in zip(had, has, strict=True):
        for event in sorted(set(old.alerted) - set(new.alerted)):
            yield f"{old.name} event {event}: alerted before, not any more"


def _change_dict(change: Change) -> dict[str, object]:
    return {"id": change.item.id, "title": change.item.title, "because": change.because}
