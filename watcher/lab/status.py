"""An indicator of several incidents, or of silence, and what is stored in; how it stands now out, in sentences."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from watcher.incidents.kinds.patterns import HISTORY, rests_on
from watcher.incidents.kinds.sequence import cases_of, rate_of
from watcher.incidents.kinds.silence import ANYTHING, Diaries, described, stretch_of
from watcher.incidents.kinds.tempo import pace_at
from watcher.model.alerts import Firing
from watcher.model.language import (
    Indicator,
    IndicatorId,
    Pattern,
    SequencePattern,
    SilencePattern,
    TempoPattern,
)
from watcher.ports import History
from watcher.text.durations import in_words


def looks_further(pattern: Pattern) -> bool:
    """Say whether a pattern looks at more than single items."""
    return isinstance(pattern, TempoPattern | SequencePattern | SilencePattern)


def standing_of(indicator: Indicator, store: History, diaries: Diaries, now: datetime) -> Iterator[str]:
    """Yield how an indicator stands; nothing of one that reads single items."""
    pattern = indicator.pattern
    if isinstance(pattern, TempoPattern):
        yield from _tempo(pattern, store.firings(rests_on(pattern), now - HISTORY), now)
    if isinstance(pattern, SequencePattern):
        yield from _succession(pattern, store.firings(rests_on(pattern), now - HISTORY), now)
    if isinstance(pattern, SilencePattern):
        stretch = stretch_of(diaries(indicator.id), diaries(ANYTHING), now.date())
        yield from described(stretch) if stretch else ("not heard often enough yet to be missed",)
        yield f"asks for more than {in_words(pattern.longer)}, and more than 99 of 100 gaps so far"


def _tempo(pattern: TempoPattern, firings: Sequence[Firing], now: datetime) -> Iterator[str]:
    moments = sorted({firing.incident: firing.at for firing in firings}.values())
    pace = pace_at(moments, pattern.within, now)
    usual = "what is usual is not known yet" if pace.usual is None else f"usually {pace.usual:.1f}"
    yield f"{pace.count} of {' or '.join(pattern.of)} within {in_words(pattern.within)}, {usual}"
    asked = [f"at least {pattern.count}"] if pattern.count else []
    asked += [f"at least {pattern.times} times as many as usual"] if pattern.times else []
    yield f"asks for {' and '.join(asked)}"


def _succession(pattern: SequencePattern, firings: Sequence[Firing], now: datetime) -> Iterator[str]:
    triggers, responses = _of(pattern.first, firings), _of(pattern.then, firings)
    cases = cases_of(triggers, responses, pattern.within)
    yield rate_of(cases, responses, pattern.within, now).says(pattern.within)
    if cases and cases[-1].trigger.at + pattern.within >= now:
        case = cases[-1]
        answer = f"answered by {case.answer.title}" if case.answer else "not answered yet"
        yield f"a case is open since {case.trigger.at:%Y-%m-%d} ({case.trigger.title}): {answer}"


def _of(indicators: tuple[IndicatorId, ...], firings: Sequence[Firing]) -> list[Firing]:
    return list({firing.incident: firing for firing in firings if firing.indicator in indicators}.values())
