"""Outcomes that are wrong in, the worst of them out, each with the words and cues that decided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from watcher.lab.explain import Explanation, explain
from watcher.lab.scoring import Outcome, Result
from watcher.match import Matcher
from watcher.model.language import Claim, Indicator, IndicatorId
from watcher.model.news import Item, ItemId

_NOTHING_THERE = "no word the indicator asks for is there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A miss, a false alarm or a wrong claim, and why it came to that."""

    outcome: Outcome
    title: str
    because: str

    @property
    def kind(self) -> str:
        """What is wrong, in a word or two."""
        return "claim" if self.outcome.result is Result.RIGHT else self.outcome.result.value

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "kind": self.kind,
            "id": self.outcome.item,
            "indicator": self.outcome.indicator,
            "wanted": self.outcome.wanted,
            "got": self.outcome.got,
            "title": self.title,
            "because": self.because,
        }


def worst(
    outcomes: Iterable[Outcome], items: Mapping[ItemId, Item], matcher: Matcher, most: int
) -> list[Fault]:
    """Return the worst faults, `most` of each kind: the gravest indicators first, and what occurred before what may come."""
    wrong = [outcome for outcome in outcomes if outcome.result is not Result.RIGHT or outcome.wrong_claim]
    indicators = {compiled.indicator.id: compiled.indicator for compiled in matcher.compiled}
    ranked = sorted(wrong, key=lambda outcome: _rank(outcome, indicators))
    chosen = [
        outcome for result in Result for outcome in [each for each in ranked if each.result is result][:most]
    ]
    return [_fault(outcome, items.get(outcome.item), matcher) for outcome in chosen]


def _rank(outcome: Outcome, indicators: Mapping[IndicatorId, Indicator]) -> tuple[int, int, str, str]:
    severity = indicators[outcome.indicator].severity if outcome.indicator in indicators else 0
    return (-severity, (outcome.wanted or outcome.got) is not Claim.OCCURRED, outcome.indicator, outcome.item)


def _fault(outcome: Outcome, item: Item | None, matcher: Matcher) -> Fault:
    if item is None:
        return Fault(outcome=outcome, title="", because="no archive has this item")
    explained = next((each for each in explain(matcher, item) if each.indicator == outcome.indicator), None)
    return Fault(outcome=outcome, title=item.title, because=_because(outcome, explained))


def _because(outcome: Outcome, explained: Explanation | None) -> str:
    if explained is None:
        return _NOTHING_THERE
    if outcome.result is Result.MISSED:
        return explained.because
    cues = f" ({'; '.join(explained.cues)})" if explained.cues else " (no cue reaches them)"
    return f"by {', '.join(explained.trace.words)}{cues}"
