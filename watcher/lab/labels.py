"""Lines with labels in, what annotators say hits out.

A line has `id` and either `a` and `b`, the pairs `[indicator, claim]` of two annotators, or `labels`, the
pairs of one. Labels are in a file of their own or in the archive's lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from watcher.errors import UsageError
from watcher.lab.archive import item_of, read_lines
from watcher.model.language import Claim, IndicatorId
from watcher.model.news import Item, ItemId

Annotation = Mapping[IndicatorId, Claim]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What two annotators say an item hits, with its claim; `alone` says that there was only one of them."""

    item: ItemId
    a: Annotation
    b: Annotation
    alone: bool = False

    @property
    def agreed(self) -> frozenset[IndicatorId]:
        """What both call a hit."""
        return frozenset(self.a.keys() & self.b.keys())

    @property
    def named(self) -> frozenset[IndicatorId]:
        """What at least one calls a hit."""
        return frozenset(self.a.keys() | self.b.keys())

    def claim(self, indicator: IndicatorId) -> Claim | None:
        """Return the claim on which both agree."""
        claim = self.a.get(indicator)
        return claim if claim == self.b.get(indicator) else None


def read_labels(path: Path) -> tuple[Label, ...]:
    """Read a file of labels.

    Raises:
        UsageError: it cannot be read, or a line is no label; the message names the line.
    """
    labels = []
    for place, line in read_lines(path):
        if (label := label_of(line, place)) is None:
            form = '{"id": …, "labels": [["icbm-launch", "occurred"]]}, or `a` and `b` for two annotators'
            raise UsageError(f"{place}: no label; write {form}")
        labels.append(label)
    return tuple(labels)


def read_labelled(archives: Sequence[Path], now: datetime) -> tuple[list[Item], tuple[Label, ...]]:
    """Read archives whose lines may have labels; return the items in order of `seen`, and the labels.

    Raises:
        UsageError: an archive cannot be read, or a line is no item or has a wrong label.
    """
    lines = [(place, line) for path in archives for place, line in read_lines(path)]
    items = [item_of(line, place, now) for place, line in lines]
    labels = tuple(label for place, line in lines if (label := label_of(line, place)))
    return sorted(items, key=lambda item: (item.seen, item.id)), labels


def label_of(line: Mapping[str, Any], place: str) -> Label | None:
    """Return the label of a line, or None when it has none.

    Raises:
        UsageError: it is no label.
    """
    if "labels" not in line and not {"a", "b"} <= line.keys():
        return None
    if not line.get("id"):
        raise UsageError(f"{place}: a label needs the `id` of its item")
    a, b = (_claims(line["labels" if "labels" in line else name], place) for name in ("a", "b"))
    return Label(item=ItemId(str(line["id"])), a=a, b=b, alone="labels" in line)


def _claims(pairs: object, place: str) -> Annotation:
    try:
        return {IndicatorId(str(indicator)): Claim(claim) for indicator, claim in pairs}  # type: ignore[attr-defined]
    except (TypeError, ValueError) as error:
        known = ", ".join(Claim)
        what = f"labels are pairs of an indicator and a claim ({known})"
        raise UsageError(f"{place}: {what}: {error}") from error
