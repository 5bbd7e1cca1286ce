"""Labels and hits in, precision, recall and F1 out.

A pair of item and indicator is positive where both annotators call it a hit, negative where neither does, and
does not count where they differ. Claims are compared on the hits that are right and on whose claim the
annotators agree.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from watcher.lab.labels import Annotation, Label
from watcher.lab.shares import Bounds, of_f1, share, wilson
from watcher.model.language import Claim, IndicatorId
from watcher.model.news import ItemId


class Result(StrEnum):
    """How a hit, or the lack of one, compares with the labels."""

    RIGHT = "right"
    MISSED = "missed"
    FALSE = "false"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """How one pair of item and indicator came out.

    `wanted` is the claim on which the annotators agree, `got` the hit's.
    """

    item: ItemId
    indicator: IndicatorId
    result: Result
    wanted: Claim | None = None
    got: Claim | None = None

    @property
    def wrong_claim(self) -> bool:
        """Whether the hit is right and its claim is not."""
        return self.result is Result.RIGHT and self.wanted is not None and self.wanted != self.got


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many outcomes there were of each kind, and the figures made of them, None without any."""

    right: int = 0
    false: int = 0
    missed: int = 0

    @property
    def precision(self) -> float | None:
        """How many of the hits are right."""
        return share(self.right, self.right + self.false)

    @property
    def recall(self) -> float | None:
        """How many of the positives are hit."""
        return share(self.right, self.right + self.missed)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall."""
        return share(2 * self.right, 2 * self.right + self.false + self.missed)

    def as_dict(self) -> dict[str, float | int | None]:
        """Return the JSON form."""
        return {
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "tp": self.right,
            "fp": self.false,
            "fn": self.missed,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What a comparison of hits with labels comes to.

    `ceiling` is the F1 of one annotator against the other.
    """

    items: int
    missing: int
    by_indicator: Mapping[IndicatorId, Counts]
    micro: Counts
    claims_right: int
    claims_scored: int
    ceiling: float | None

    @property
    def claim_accuracy(self) -> float | None:
        """How many of the claims compared are right."""
        return share(self.claims_right, self.claims_scored)

    @property
    def intervals(self) -> Mapping[str, Bounds | None]:
        """The 95 % intervals of the figures of all indicators together, by the name of the figure."""
        right, false, missed = self.micro.right, self.micro.false, self.micro.missed
        return {
            "precision": wilson(right, right + false),
            "recall": wilson(right, right + missed),
            "f1": of_f1(right, false + missed),
            "claim_accuracy": wilson(self.claims_right, self.claims_scored),
        }

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "items": self.items,
            "missing_predictions": self.missing,
            "micro": self.micro.as_dict(),
            "claim_accuracy": self.claim_accuracy,
            "claims_scored": self.claims_scored,
            "by_indicator": {name: counts.as_dict() for name, counts in self.by_indicator.items()},
            "annotators_f1": self.ceiling,
            "intervals": self.intervals,
        }


def compare(labels: Iterable[Label], hits: Mapping[ItemId, Annotation]) -> Iterator[Scored]:
    """Yield the outcome of every pair that counts, except where neither annotator nor list has a hit."""
    for label in labels:
        found = hits.get(label.item, {})
        for indicator in sorted(label.agreed):
            result, got = Result.RIGHT if indicator in found else Result.MISSED, found.get(indicator)
            wanted = label.claim(indicator)
            yield Scored(item=label.item, indicator=indicator, result=result, wanted=wanted, got=got)
        for indicator in sorted(found.keys() - label.named):
            yield Scored(item=label.item, indicator=indicator, result=Result.FALSE, got=found[indicator])


def score(labels: Sequence[Label], hits: Mapping[ItemId, Annotation]) -> Scores:
    """Return the scores of hits.

    `hits` has every item that was looked at; an absent one counts as missing.
    """
    outcomes = list(compare(labels, hits))
    names = sorted({outcome.indicator for outcome in outcomes})
    claims = [each for each in outcomes if each.result is Result.RIGHT and each.wanted is not None]
    return Scores(
        items=len(labels),
        missing=sum(label.item not in hits for label in labels),
        by_indicator={name: _counts(each for each in outcomes if each.indicator == name) for name in names},
        micro=_counts(outcomes),
        claims_right=sum(not outcome.wrong_claim for outcome in claims),
        claims_scored=len(claims),
        ceiling=_ceiling(labels),
    )


def _counts(outcomes: Iterable[Scored]) -> Counts:
    total = Counter(outcome.result for outcome in outcomes)
    return Counts(right=total[Result.RIGHT], false=total[Result.FALSE], missed=total[Result.MISSED])


def _ceiling(labels: Sequence[Label]) -> float | None:
    """Score one annotator against the other."""
    pairs = [label for label in labels if not label.alone]
    both = sum(len(label.agreed) for label in pairs)
    return Counts(right=both, false=sum(len(label.named) for label in pairs) - both).f1 if pairs else None
