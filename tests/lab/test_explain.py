"""What is true of explanations: they name the words that decided."""

import pytest

from tests.lab.news import the_rules
from watcher.lab.examples import an_item
from watcher.lab.explain import explain

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
