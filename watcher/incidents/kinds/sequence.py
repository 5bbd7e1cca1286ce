"""Triggers and responses in, which response answered which trigger out, and how often that happens.

A trigger opens a case for as long as a response may follow; triggers meanwhile are part of it. So ten reports
of one exercise are one case, and a case has at most one answer, the first.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from watcher.incidents.kinds.firings import FiringRule, firings_of
from watcher.model.alerts import Firing
from watcher.model.language import SequencePattern
from watcher.text.durations import in_words


@dataclass(frozen=True, slots=True)
class Case:
    """A trigger, and the first response to it within its time."""

    trigger: Firing
    answer: Firing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRate:
    """How many of the cases that are over were answered, how many would be by chance, and how soon."""

    cases: int
    answered: int
    chance: float
    soon: timedelta | None

    def in_words(self, within: timedelta) -> str:
        """Return the rate as people read it."""
        if not self.cases:
            return "no earlier case to compare with"
        soon = f", median {in_words(self.soon)}" if self.soon is not None else ""
        answered = f"answered in {self.answered} of {self.cases} earlier cases within {in_words(within)}"
        return f"{answered} ({self.chance:.1f} by chance){soon}"


def cases_of(triggers: Sequence[Firing], responses: Sequence[Firing], within: timedelta) -> list[Case]:
    """Return the cases, the oldest first; both come in order of time."""
    cases: list[Case] = []
    for trigger in triggers:
        if not cases or trigger.at > cases[-1].trigger.at + within:
            following = (each for each in responses if trigger.at < each.at <= trigger.at + within)
            cases.append(Case(trigger, next(following, None)))
    return cases


def rate_of(
    cases: Sequence[Case], responses: Sequence[Firing], within: timedelta, before: datetime
) -> AnswerRate:
    """Return how often triggers were answered whose case began and ended before a moment."""
    from statistics import median  # noqa: PLC0415 - 1 MB that a service holds only once a sequence has fired

    over = [case for case in cases if case.trigger.at + within < before]
    delays = [(case.answer.at - case.trigger.at).total_seconds() for case in over if case.answer]
    past = [response for response in responses if response.at < before]
    span = before - min((firing.at for firing in (*past, *(case.trigger for case in over))), default=before)
    expected = len(past) * (within / span) if span else 0.0
    return AnswerRate(
        cases=len(over),
        answered=len(delays),
        chance=len(over) * (1 - math.exp(-expected)),
        soon=timedelta(seconds=median(delays)) if delays else None,
    )


def sequence_rule(pattern: SequencePattern) -> FiringRule:
    """Return the rule of a sequence; a case has one answer, so that it needs no rest."""
    return FiringRule(
        rests_on=(*pattern.first, *pattern.then),
        completed_by=pattern.then,
        memory=pattern.within,
        rest=timedelta(),
        evidence=partial(_evidence, pattern),
        status=partial(_status, pattern),
    )


def _evidence(pattern: SequencePattern, known: Sequence[Firing], firing: Firing) -> tuple[str, ...]:
    """Return how long after which trigger a response came, and how often that is so; nothing without one."""
    cases, responses = _cases(pattern, known)
    case = next((case for case in cases if case.answer and case.answer.incident == firing.incident), None)
    if case is None:
        return ()
    delay, trigger = in_words(firing.at - case.trigger.at), case.trigger
    rate = rate_of(cases, responses, pattern.within, trigger.at)
    return f"{delay} after {trigger.indicator} ({trigger.title})", rate.in_words(pattern.within)


def _status(pattern: SequencePattern, firings: Sequence[Firing], now: datetime) -> Iterator[str]:
    """Yield how often triggers were answered, and which case is open."""
    cases, responses = _cases(pattern, firings)
    yield rate_of(cases, responses, pattern.within, now).in_words(pattern.within)
    if cases and cases[-1].trigger.at + pattern.within >= now:
        case = cases[-1]
        answer = f"answered by {case.answer.title}" if case.answer else "not answered yet"
        yield f"a case is open since {case.trigger.at:%Y-%m-%d} ({case.trigger.title}): {answer}"


def _cases(pattern: SequencePattern, firings: Sequence[Firing]) -> tuple[list[Case], list[Firing]]:
    responses = firings_of(pattern.then, firings)
    return cases_of(firings_of(pattern.first, firings), responses, pattern.within), responses
