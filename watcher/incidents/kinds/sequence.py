"""When triggers and responses happened in, which response answered which trigger out, and how often triggers are answered.

A trigger opens a case for as long as a response may follow; triggers meanwhile are part of it. So ten reports
of one exercise are one case, and a case has at most one answer, the first.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from watcher.model.alerts import Firing
from watcher.text.durations import in_words


@dataclass(frozen=True, slots=True)
class Case:
    """A trigger, and the first response to it within its time."""

    trigger: Firing
    answer: Firing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How many of the cases whose time is over were answered, how many would be by chance, and how soon (None: none was)."""

    cases: int
    answered: int
    chance: float
    soon: timedelta | None

    def says(self, within: timedelta) -> str:
        """Return the rate as people read it."""
        if not self.cases:
            return "no earlier case to compare with"
        soon = f", median {in_words(self.soon)}" if self.soon is not None else ""
        return f"answered in {self.answered} of {self.cases} earlier cases within {in_words(within)} ({self.chance:.1f} by chance){soon}"


def cases_of(triggers: Sequence[Firing], responses: Sequence[Firing], within: timedelta) -> list[Case]:
    """Return the cases, the oldest first; both come in order of time."""
    cases: list[Case] = []
    for trigger in triggers:
        if not cases or trigger.at > cases[-1].trigger.at + within:
            following = (each for each in responses if trigger.at < each.at <= trigger.at + within)
            cases.append(Case(trigger, next(following, None)))
    return cases


def rate_of(cases: Sequence[Case], responses: Sequence[Firing], within: timedelta, before: datetime) -> Rate:
    """Return how often triggers were answered whose case began and ended before a moment."""
    over = [case for case in cases if case.trigger.at + within < before]
    delays = [(case.answer.at - case.trigger.at).total_seconds() for case in over if case.answer]
    past = [response for response in responses if response.at < before]
    span = before - min((firing.at for firing in (*past, *(case.trigger for case in over))), default=before)
    expected = len(past) * (within / span) if span else 0.0
    return Rate(
        cases=len(over),
        answered=len(delays),
        chance=len(over) * (1 - math.exp(-expected)),
        soon=timedelta(seconds=median(delays)) if delays else None,
    )
