"""What is true of explanations: they name the words that decided."""

from datetime import UTC, datetime

import pytest

from tests.lab.news import the_rules
from watcher.lab.examples import an_item, failing
from watcher.lab.explain import explain

SEASONAL = """
calendars: {party-day: {dates: ["10-10"]}}
indicators:
  - id: a
    title: A
    category: rhetoric
    match: statement
    timing: {near: [party-day], before: 7d, after: 7d, then: only}
    examples: {match: [{text: a statement, date: 2026-10-09}], no_match: [{text: a statement, date: 2026-07-15}]}
"""
HEAD = "entities: {dprk: {names: [North Korea*]}}\nindicators: [{id: a, title: A, category: trigger, match: "


def because(match: str, text: str) -> str:
    (found,) = explain(the_rules(f"{HEAD}{match}}}]").matcher, an_item(text))
    return found.because


@pytest.mark.parametrize(
    ("match", "text", "said"),
    [
        ("{all: [$dprk, missile*]}", "North Korea fires missile", "A: everything it asks for is there"),
        ("{all: [$dprk, missile*]}", "North Korea fires", "missile* is not there"),
        ("{all: [$dprk], none: [film]}", "North Korea film", "`none` failed: film is there"),
        (
            "{near: {words: 2, any: [$dprk], with: [missile*, rocket*]}}",
            "North Korea fires",
            "`near, 2 words` failed: north korea is there, but nothing of missile*, rocket* is there",
        ),
        (
            "{near: {words: 2, any: [$dprk], with: [missile*]}}",
            "North Korea has never in its history shown a missile",
            "`near, 2 words` failed: north korea, missile are there, but not together",
        ),
        ("{any: [{all: [aa, bb, cc]}, {all: [$dprk, missile*]}]}", "North Korea fires", "missile* is not there"),
        ("{all: [$dprk, {any: [aa, bb]}]}", "North Korea fires", "nothing of aa, bb is there"),
        (
            "{sentence: [$dprk, missile*]}",
            "North Korea. A missile",
            "`sentence` failed: north korea, missile are there, but not together in one sentence",
        ),
        ("{title: [$dprk]}", "A missile\nNorth Korea", "`title` failed: north korea are there, but not together in the title"),
    ],
)
def test_an_explanation_names_the_group_and_the_words(match: str, text: str, said: str) -> None:
    assert because(match, text) == said


def test_a_long_list_of_what_is_missing_is_cut() -> None:
    many = ", ".join(f"word{number}" for number in range(10))

    assert because(f"{{all: [$dprk, {{any: [{many}]}}]}}", "North Korea").endswith("word7 and 2 more is there")


def test_a_closed_window_is_why_a_text_does_not_hit() -> None:
    matcher = the_rules(SEASONAL).matcher

    (july,), (october,) = (explain(matcher, an_item("a statement", at=datetime(2026, month, 9, tzinfo=UTC))) for month in (7, 10))

    assert (july.outcome, july.because) == ("near", "2026-07-09 is outside its window (party-day)")
    assert october.outcome == "hit"


def test_examples_come_out_as_on_their_day() -> None:
    assert list(failing(the_rules(SEASONAL).matcher)) == []
    assert [mistake.line for mistake in failing(the_rules(SEASONAL.replace("2026-10-09", "2026-06-09")).matcher)] == [9]
