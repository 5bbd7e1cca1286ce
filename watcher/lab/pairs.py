"""Pairs of items that people call one happening, or two, in; how well the line joins them out.

Two items count as joined when the most severe of what the later one reports most directly ends in an incident
of what the earlier one reports most directly. A reaction that is a happening of its own (a statement, a
council meeting) is therefore another one, although it is also among the echoes of what it reacts to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from watcher import pipeline
from watcher.errors import UsageError
from watcher.incidents.correlate import correlate
from watcher.lab.archive import item_of, read_lines
from watcher.model.alerts import Hit
from watcher.model.news import Item
from watcher.pipeline import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two items, the earlier first, and whether they are of one happening; `story` is where they are from."""

    id: str
    story: str
    same: bool
    first: Item
    second: Item


@dataclass(frozen=True, slots=True, kw_only=True)
class PairScore:
    """How joining does on pairs, and the pairs that come out wrong."""

    joined_rightly: int
    parted_rightly: int
    joined_wrongly: tuple[Pair, ...]
    parted_wrongly: tuple[Pair, ...]

    @property
    def precision(self) -> float:
        """The share of joined pairs that are of one happening."""
        return self.joined_rightly / max(1, self.joined_rightly + len(self.joined_wrongly))

    @property
    def recall(self) -> float:
        """The share of pairs of one happening that are joined."""
        return self.joined_rightly / max(1, self.joined_rightly + len(self.parted_wrongly))

    @property
    def f1(self) -> float:
        """The harmonic mean of the two."""
        wrong = len(self.joined_wrongly) + len(self.parted_wrongly)
        return 2 * self.joined_rightly / max(1, 2 * self.joined_rightly + wrong)

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        right, wrong = self.joined_rightly + self.parted_rightly, (*self.joined_wrongly, *self.parted_wrongly)
        return {
            "pairs": right + len(wrong),
            "precision": round(self.precision, 3),
            "recall": round(self.recall, 3),
            "f1": round(self.f1, 3),
            "joined_wrongly": [pair.id for pair in self.joined_wrongly],
            "parted_wrongly": [pair.id for pair in self.parted_wrongly],
        }


def read_pairs(path: Path, now: datetime) -> tuple[Pair, ...]:
    """Read a file of pairs, JSON Lines: `id`, `story`, `same`, and two items `a` and `b` as in archives.

    Raises:
        UsageError: it cannot be read, or a line is no pair; the message names the line.
    """
    return tuple(_pair(line, place, now) for place, line in read_lines(path))


def score_pairs(pairs: Iterable[Pair], rules: Rules) -> PairScore:
    """Join each pair by itself, and compare with what people say."""
    outcomes = [(pair, joins(pair, rules)) for pair in pairs]
    return PairScore(
        joined_rightly=sum(joined and pair.same for pair, joined in outcomes),
        parted_rightly=sum(not joined and not pair.same for pair, joined in outcomes),
        joined_wrongly=tuple(pair for pair, joined in outcomes if joined and not pair.same),
        parted_wrongly=tuple(pair for pair, joined in outcomes if not joined and pair.same),
    )


def joins(pair: Pair, rules: Rules) -> bool:
    """Say whether the line takes two items for one happening."""
    before = correlate(pipeline.hits_of([pair.first], rules), (), rules.joinings, rules.vocabulary)
    after = correlate(
        pipeline.hits_of([pair.second], rules), before.incidents, rules.joinings, rules.vocabulary
    )
    first, second = _most_direct(before.hits), _most_direct(after.hits)
    highest = max((hit.severity for hit in second), default=None)
    return any(hit.incident == other.incident for hit in second if hit.severity == highest for other in first)


def _most_direct(hits: Sequence[Hit]) -> list[Hit]:
    best = max((hit.score for hit in hits), default=0.0)
    return [hit for hit in hits if hit.score == best]


def _pair(line: dict[str, Any], place: str, now: datetime) -> Pair:
    if not isinstance(line.get("same"), bool) or not all(
        isinstance(line.get(key), dict) for key in ("a", "b")
    ):
        raise UsageError(f"{place}: a pair has `same` (true or false) and two items, `a` and `b`")
    name = str(line.get("id") or place)
    both = [item_of({**line[key], "id": f"{name}/{key}"}, place, now) for key in ("a", "b")]
    first, second = sorted(both, key=lambda item: item.seen)
    return Pair(id=name, story=str(line.get("story") or name), same=line["same"], first=first, second=second)
