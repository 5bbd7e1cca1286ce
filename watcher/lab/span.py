"""Days as typed or as seen in an archive in, a stretch of time out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from watcher.errors import UsageError
from watcher.model.news import Item

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, its start included and its end not."""

    start: datetime
    end: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        """The last day in it."""
        return (self.end - _ONE_DAY).date()


def span_of(items: Sequence[Item], first: str = "", last: str = "") -> Span:
    """Return the stretch from a first to a last day, both included; what is not given is taken from the items.

    Raises:
        UsageError: a day cannot be read, or the last comes before the first, or there are neither days nor items.
    """
    if not items and not (first and last):
        raise UsageError("the archives are empty; there is nothing to measure")
    start = _day(first) if first else min(item.seen for item in items).astimezone(UTC).date()
    end = _day(last) if last else max(item.seen for item in items).astimezone(UTC).date()
    if end < start:
        raise UsageError(f"--to {end} comes before --from {start}")
    return Span(_midnight(start), _midnight(end) + _ONE_DAY)


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise UsageError(f"no such day: {typed!r}; write 2026-10-10") from error


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
