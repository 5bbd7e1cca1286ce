"""The board in lines, the incidents and the last visit in; what the page of the board shows out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from watcher.board.view import Line
from watcher.model.alerts import Level
from watcher.model.board import LevelChange
from watcher.model.language import IndicatorId, SubjectKind
from watcher.model.listing import ListedIncident
from watcher.pictures.timelines import sparkline

TREND = 90
"""How many days a sparkline has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """A line of the board and its picture."""

    line: Line
    spark: Markup
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardView:
    """What the page of the board shows: the problem, the categories, the indicators: raised, and quiet."""

    problem: BoardRow
    categories: tuple[BoardRow, ...]
    raised: tuple[BoardRow, ...]
    quiet: tuple[BoardRow, ...]
    changes: tuple[LevelChange, ...]
    """What changed since the last visit, the newest first, without what indicators alone did."""
    visited: datetime | None
    fresh: Sequence[ListedIncident]
    unanswered: int
    in_force: Sequence[str]
    coming: Sequence[str]


def rows_of(lines: Sequence[Line], open_of: Mapping[IndicatorId, int]) -> tuple[BoardRow, ...]:
    """Return the lines with their pictures; `open_of` counts what nobody has answered, by indicator."""
    return tuple(
        BoardRow(line=line, spark=sparkline(line.trend, _said(line)), open=_open(line, open_of))
        for line in lines
    )


def parted(
    rows: Sequence[BoardRow],
) -> tuple[BoardRow, tuple[BoardRow, ...], tuple[BoardRow, ...], tuple[BoardRow, ...]]:
    """Return the problem, the categories, the indicators that are raised, and those that are quiet."""
    by_kind = {kind: tuple(row for row in rows if row.line.subject.kind is kind) for kind in SubjectKind}
    indicators = by_kind[SubjectKind.INDICATOR]
    return (
        by_kind[SubjectKind.PROBLEM][0],
        by_kind[SubjectKind.CATEGORY],
        tuple(row for row in indicators if row.line.level is not Level.QUIET),
        tuple(row for row in indicators if row.line.level is Level.QUIET),
    )


def changes_since(changes: Sequence[LevelChange], visited: datetime | None) -> tuple[LevelChange, ...]:
    """Return how levels of the problem and of categories changed since the last visit, the newest first."""
    if visited is None:
        return ()
    told = (SubjectKind.PROBLEM, SubjectKind.CATEGORY)
    return tuple(each for each in reversed(changes) if each.since > visited and each.subject.kind in told)


def _open(line: Line, open_of: Mapping[IndicatorId, int]) -> int:
    is_indicator = line.subject.kind is SubjectKind.INDICATOR
    return open_of.get(IndicatorId(line.subject.name), 0) if is_indicator else 0


def _said(line: Line) -> str:
    """Return the picture in words: how many days at which level."""
    counts = [(level, line.trend.count(level)) for level in reversed(Level) if level is not Level.QUIET]
    days = ", ".join(f"{count} {level.value}" for level, count in counts if count)
    return f"{line.title}, the last {len(line.trend)} days: {days or 'all quiet'}"
