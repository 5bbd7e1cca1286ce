"""Moments at which something happened in, how fast it goes and how fast is usual out."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from watcher.model.language import TempoPattern
from watcher.text.durations import in_words

_SPANS = 3
"""So many times the span of a tempo have to lie before it until it is known what is usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TempoSoFar:
    """How often something happened within a span, how often that is usual and how often it was at most, where that is known."""

    count: int
    usual: float | None = None
    most: int | None = None

    @property
    def is_record(self) -> bool:
        """Whether it has never been so often before."""
        return self.most is not None and self.count > self.most


def pace_at(moments: Sequence[datetime], within: timedelta, at: datetime) -> TempoSoFar:
    """Return the pace at a moment; `moments` come in order, and those after it do not count."""
    until = bisect_right(moments, at)
    before = bisect_right(moments, at - within)
    past = (at - within) - moments[0] if before else timedelta()
    if past < _SPANS * within:
        return TempoSoFar(count=until - before)
    most = max(last + 1 - bisect_right(moments, moments[last] - within) for last in range(before))
    return TempoSoFar(count=until - before, usual=before / (past / within), most=most)


def memory_of(tempo: TempoPattern) -> timedelta:
    """Return how far back a tempo looks: over its span, and where it asks what is usual, over those before it."""
    return (1 + _SPANS if tempo.times else 1) * tempo.within


def is_fast(pace: TempoSoFar, tempo: TempoPattern) -> bool:
    """Say whether a pace is what a tempo asks for; one alone is no tempo, and nothing is unusual before the usual is known."""
    unusual = pace.usual is not None and pace.count >= max(2, tempo.times * pace.usual)
    return pace.count >= tempo.count and (not tempo.times or unusual)


def described(pace: TempoSoFar, what: str, within: timedelta) -> tuple[str, ...]:
    """Return a pace in words: "5th missile-launch within 30 days", "usually 1.2"."""
    usual = "what is usual is not known yet" if pace.usual is None else f"usually {pace.usual:.1f}"
    record = (f"more than ever before: {pace.most}",) if pace.is_record else ()
    return f"{_ordinal(pace.count)} {what} within {in_words(within)}", usual, *record


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
