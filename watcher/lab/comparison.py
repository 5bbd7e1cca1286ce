"""Two backtests and what is known of the news in, what the later list gains and loses out, and whether it loses what is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from watcher.lab.backtest import Backtest, Change, Difference, differences, why_gained, why_lost
from watcher.lab.events import Event, score_events
from watcher.lab.labels import Label
from watcher.lab.span import Span, span_of
from watcher.model.news import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two lists on the same news.

    `losses` are labelled hits and documented events that only the earlier list has.
    """

    before: Backtest
    after: Backtest
    differences: tuple[Difference, ...]
    losses: tuple[str, ...]

    @property
    def loses(self) -> bool:
        """Whether something known is lost."""
        return bool(self.losses)

    def gained(self, difference: Difference, most: int) -> list[Change]:
        """Return some of the items gained, with why."""
        return [why_gained(hit) for hit in difference.gained[:most]]

    def lost(self, difference: Difference, most: int) -> list[Change]:
        """Return some of the items lost, with why."""
        return [why_lost(hit, self.after.rules) for hit in difference.lost[:most]]

    def as_dict(self, most: int) -> dict[str, object]:
        """Return the JSON form, with so many examples of each kind."""
        return {
            "alerts_per_day_before": self.before.alerts_per_day,
            "alerts_per_day_after": self.after.alerts_per_day,
            "by_indicator": {each.indicator: self._difference_dict(each, most) for each in self.differences},
            "lost_labelled": list(self.losses),
        }

    def _difference_dict(self, difference: Difference, most: int) -> dict[str, object]:
        return {
            "gained": len(difference.gained),
            "lost": len(difference.lost),
            "alerts_per_day_before": difference.before.alerts_per_day if difference.before else None,
            "alerts_per_day_after": difference.after.alerts_per_day if difference.after else None,
            "gained_examples": [change.as_dict() for change in self.gained(difference, most)],
            "lost_examples": [change.as_dict() for change in self.lost(difference, most)],
        }


def compare_lists(
    before: Backtest, after: Backtest, items: Sequence[Item], labels: Sequence[Label], events: Sequence[Event]
) -> Comparison:
    """Compare what two lists did with the same items."""
    losses = (
        *_lost_hits(before, after, labels),
        *(_lost_events(before, after, items, events) if events else ()),
    )
    return Comparison(
        before=before, after=after, differences=tuple(differences(before, after)), losses=losses
    )


def _lost_hits(before: Backtest, after: Backtest, labels: Sequence[Label]) -> Iterator[str]:
    had = {(hit.item.id, hit.indicator): hit for hit in before.hits}
    has = {(hit.item.id, hit.indicator) for hit in after.hits}
    for label in labels:
        for indicator in sorted(label.agreed):
            pair = (label.item, indicator)
            if pair in had and pair not in has:
                yield f"labelled hit of {indicator}: {label.item}, {had[pair].item.title}"


def _lost_events(
    before: Backtest, after: Backtest, items: Sequence[Item], events: Sequence[Event]
) -> Iterator[str]:
    span = span_of(items)
    has = _alerted(after, items, events, span)
    for kind, had in _alerted(before, items, events, span).items():
        for event in sorted(had - has[kind]):
            yield f"{kind} event {event}: alerted before, not any more"


def _alerted(
    tested: Backtest, items: Sequence[Item], events: Sequence[Event], span: Span
) -> dict[str, frozenset[str]]:
    return {each.name: frozenset(each.alerted) for each in score_events(events, items, tested.alerts, span)}
