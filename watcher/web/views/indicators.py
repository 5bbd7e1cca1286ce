"""Indicators and what became of them in; how good each is, and whether to keep it, out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from watcher.model.language import Indicator, IndicatorId
from watcher.model.review import TrackRecord
from watcher.pictures.charts import grid
from watcher.text.numbers import counted

WEEKS = 13
_ENOUGH, _GOOD, _BAD = 5, 0.7, 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorRow:
    """An indicator, its record, its precision by verdicts (None without any), and a hint."""

    indicator: Indicator
    record: TrackRecord | None
    precision: float | None
    hint: str


def indicator_rows(
    indicators: Sequence[Indicator], records: Mapping[IndicatorId, TrackRecord]
) -> list[IndicatorRow]:
    """Return the indicators, those with the most openings first."""
    rows = [_row(each, records.get(each.id)) for each in indicators]
    return sorted(rows, key=lambda row: (-(row.record.openings if row.record else 0), row.indicator.id))


def weeks_of(hits: Mapping[date, int], alerts: Mapping[date, int], today: date) -> Markup:
    """Return the picture of what an indicator hit and alerted, week by week; the last week ends today."""
    first = [today - timedelta(days=7 * back + 6) for back in reversed(range(WEEKS))]
    rows = [(one, _by_week(counts, first)) for one, counts in (("hit", hits), ("alert", alerts))]
    said = ", ".join(counted(sum(counts), one) for one, counts in rows)
    return grid(
        [(f"{one}s", counts) for one, counts in rows],
        [f"{day:%d %b}" for day in first],
        f"Week by week, {WEEKS} weeks: {said}",
    )


def _by_week(counts: Mapping[date, int], first: Sequence[date]) -> list[int]:
    return [sum(counts.get(day + timedelta(days=more), 0) for more in range(7)) for day in first]


def _row(indicator: Indicator, record: TrackRecord | None) -> IndicatorRow:
    judged = record.useful + record.noise if record else 0
    precision = record.useful / judged if record and judged else None
    return IndicatorRow(
        indicator=indicator, record=record, precision=precision, hint=_hint(record, judged, precision)
    )


def _hint(record: TrackRecord | None, judged: int, precision: float | None) -> str:
    """Return what to do about an indicator, if the verdicts say."""
    if record is None:
        return "no incident in 90 days"
    if precision is None or judged < _ENOUGH:
        return f"{judged} of {_ENOUGH} verdicts that a hint needs"
    if precision >= _GOOD:
        return "keep"
    return "retire, or rewrite" if precision < _BAD else "tune"
