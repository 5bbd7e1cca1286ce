"""Moments at which something happened in, how fast it goes and how fast is usual out."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from watcher.incidents.kinds.firings import firings_of
from watcher.model.alerts import Firing
from watcher.model.language import IndicatorId, TempoPattern
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


def is_fast(pace: TempoSoFar, tempo: TempoPattern) -> bool:
    """Say whether a pace is what a tempo asks for; one alone is no tempo, and nothing is unusual before the usual is known."""
    unusual = pace.usual is not None and pace.count >= max(2, tempo.times * pace.usual)
    return pace.count >= tempo.count and (not tempo.times or unusual)


def described(pace: TempoSoFar, what: str, within: timedelta) -> tuple[str, ...]:
    """Return a pace in words: "5th missile-launch within 30 days", "usually 1.2"."""
    record = (f"more than ever before: {pace.most}",) if pace.is_record else ()
    return f"{_ordinal(pace.count)} {what} within {in_words(within)}", _usual(pace), *record


def _usual(pace: TempoSoFar) -> str:
    return "what is usual is not known yet" if pace.usual is None else f"usually {pace.usual:.1f}"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


@dataclass(frozen=True, slots=True)
class TempoRule:
    """A tempo over firings: told once in its time, however long it lasts."""

    pattern: TempoPattern

    @property
    def rests_on(self) -> tuple[IndicatorId, ...]:
        """What it counts."""
        return self.pattern.of

    @property
    def completed_by(self) -> tuple[IndicatorId, ...]:
        """What it counts."""
        return self.pattern.of

    @property
    def memory(self) -> timedelta:
        """Its span, and where it asks what is usual, those before it."""
        return (1 + _SPANS if self.pattern.times else 1) * self.pattern.within

    @property
    def rest(self) -> timedelta:
        """Its span."""
        return self.pattern.within

    def evidence(self, known: Sequence[Firing], firing: Firing) -> tuple[str, ...]:
        """Return the pace that a firing makes, if it is what is asked for."""
        pace = self._pace(known, firing.at)
        return described(pace, self._what, self.pattern.within) if is_fast(pace, self.pattern) else ()

    def status(self, firings: Sequence[Firing], now: datetime) -> Iterator[str]:
        """Yield the pace now, and the one that is asked for."""
        pace, pattern = self._pace(firings, now), self.pattern
        yield f"{pace.count} of {self._what} within {in_words(pattern.within)}, {_usual(pace)}"
        asked = [f"at least {pattern.count}"] if pattern.count else []
        asked += [f"at least {pattern.times} times as many as usual"] if pattern.times else []
        yield f"asks for {' and '.join(asked)}"

    @property
    def _what(self) -> str:
        return " or ".join(self.pattern.of)

    def _pace(self, firings: Sequence[Firing], at: datetime) -> TempoSoFar:
        moments = [each.at for each in firings_of(self.pattern.of, firings)]
        return pace_at(moments, self.pattern.within, at)
