"""Moments at which something happened in, how often it happens now and how often is usual out."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from watcher.incidents.kinds.firings import FiringRule, firings_of
from watcher.model.alerts import Firing
from watcher.model.language import TempoPattern
from watcher.text.durations import in_words

_SPANS = 3
"""So many times the span of a tempo have to lie before it until it is known what is usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """How often something happened within a span, what is usual and was the most, where that is known."""

    count: int
    usual: float | None = None
    most: int | None = None

    @property
    def is_record(self) -> bool:
        """Whether it has never been so often before."""
        return self.most is not None and self.count > self.most

    @property
    def usual_in_words(self) -> str:
        """How often is usual, as people read it."""
        return "what is usual is not known yet" if self.usual is None else f"usually {self.usual:.1f}"

    def in_words(self, what: str, within: timedelta) -> tuple[str, ...]:
        """Return it in words: "5th missile-launch within 30 days", "usually 1.2"."""
        record = (f"more than ever before: {self.most}",) if self.is_record else ()
        return f"{_ordinal(self.count)} {what} within {in_words(within)}", self.usual_in_words, *record


def tempo_at(moments: Sequence[datetime], within: timedelta, at: datetime) -> Tempo:
    """Return the tempo at a moment; `moments` come in order, and those after it do not count."""
    until = bisect_right(moments, at)
    before = bisect_right(moments, at - within)
    past = (at - within) - moments[0] if before else timedelta()
    if past < _SPANS * within:
        return Tempo(count=until - before)
    most = max(last + 1 - bisect_right(moments, moments[last] - within) for last in range(before))
    return Tempo(count=until - before, usual=before / (past / within), most=most)


def is_fast(tempo: Tempo, pattern: TempoPattern) -> bool:
    """Say whether a tempo is what a pattern asks for; nothing is unusual before the usual is known."""
    is_unusual = tempo.usual is not None and tempo.count >= max(2, pattern.times * tempo.usual)
    return tempo.count >= pattern.count and (not pattern.times or is_unusual)


def tempo_rule(pattern: TempoPattern) -> FiringRule:
    """Return the rule of a tempo, told once in its span, however long it lasts."""
    return FiringRule(
        rests_on=pattern.of,
        completed_by=pattern.of,
        memory=(1 + _SPANS if pattern.times else 1) * pattern.within,
        rest=pattern.within,
        evidence=partial(_evidence, pattern),
        status=partial(_status, pattern),
    )


def _evidence(pattern: TempoPattern, known: Sequence[Firing], firing: Firing) -> tuple[str, ...]:
    tempo = _tempo(pattern, known, firing.at)
    return tempo.in_words(" or ".join(pattern.of), pattern.within) if is_fast(tempo, pattern) else ()


def _status(pattern: TempoPattern, firings: Sequence[Firing], now: datetime) -> Iterator[str]:
    """Yield the tempo now, and the one that is asked for."""
    tempo = _tempo(pattern, firings, now)
    what = f"{tempo.count} of {' or '.join(pattern.of)}"
    yield f"{what} within {in_words(pattern.within)}, {tempo.usual_in_words}"
    asked = [f"at least {pattern.count}"] if pattern.count else []
    asked += [f"at least {pattern.times} times as many as usual"] if pattern.times else []
    yield f"asks for {' and '.join(asked)}"


def _tempo(pattern: TempoPattern, firings: Sequence[Firing], at: datetime) -> Tempo:
    return tempo_at([each.at for each in firings_of(pattern.of, firings)], pattern.within, at)


def _ordinal(number: int) -> str:
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"
