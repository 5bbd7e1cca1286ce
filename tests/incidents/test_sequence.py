"""What is true of triggers and responses: which answers which, how often, and how often by chance."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.builders import NOON
from watcher.incidents.kinds.sequence import AnswerRate, cases_of, rate_of
from watcher.model.alerts import Firing, IncidentId
from watcher.model.language import IndicatorId

FORTNIGHT = timedelta(days=14)


def firings(indicator: str, *days: float) -> list[Firing]:
    names = {day: f"{indicator} {day}" for day in days}
    return [
        Firing(
            indicator=IndicatorId(indicator),
            incident=IncidentId(name),
            at=NOON + timedelta(days=day),
            title=name,
        )
        for day, name in names.items()
    ]


def cases(drills: Sequence[float], launches: Sequence[float]) -> list[tuple[str, str | None]]:
    found = cases_of(firings("drill", *drills), firings("launch", *launches), FORTNIGHT)
    return [(case.trigger.incident, case.answer.incident if case.answer else None) for case in found]


def rate(drills: Sequence[float], launches: Sequence[float], before: float) -> AnswerRate:
    triggers, responses = firings("drill", *drills), firings("launch", *launches)
    return rate_of(
        cases_of(triggers, responses, FORTNIGHT), responses, FORTNIGHT, NOON + timedelta(days=before)
    )


def test_the_first_response_within_the_time_is_the_answer() -> None:
    assert cases([0], [-1, 3, 5]) == [("drill 0", "launch 3")]


def test_what_comes_at_the_same_moment_or_too_late_answers_nothing() -> None:
    assert cases([0], [0, 14.1]) == [("drill 0", None)]
    assert cases([0], [14]) == [("drill 0", "launch 14")]


def test_triggers_within_the_time_of_a_case_are_part_of_it() -> None:
    assert cases([0, 2, 14, 15], [3, 16]) == [("drill 0", "launch 3"), ("drill 15", "launch 16")]


def test_only_cases_whose_time_is_over_are_counted() -> None:
    found = rate([0, 20, 40], [3, 41], before=40)

    assert (found.cases, found.answered, found.soon) == (2, 1, timedelta(days=3))


def test_chance_is_what_responses_at_random_would_answer() -> None:
    assert rate([0, 100], [], before=200).chance == 0
    assert rate([0, 100], [1, 101], before=200).chance == pytest.approx(
        2 * (1 - 2.718281828 ** (-2 * 14 / 200))
    )


def test_a_rate_is_told_in_words() -> None:
    assert rate([], [], before=0).in_words(FORTNIGHT) == "no earlier case to compare with"
    assert rate([0, 20, 40], [3, 25], before=80).in_words(FORTNIGHT) == (
        "answered in 2 of 3 earlier cases within 14 days (0.9 by chance), median 4 days"
    )
    assert (
        rate([0], [], before=80).in_words(FORTNIGHT)
        == "answered in 0 of 1 earlier cases within 14 days (0.0 by chance)"
    )
