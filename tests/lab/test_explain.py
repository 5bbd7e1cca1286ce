"""What is true of explanations: they name the words that decided."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.lab.news import the_rules
from watcher.lab.examples import an_item, failing
from watcher.lab.explain import Trace, decisive, explain
from watcher.model.news import Point

SEASONAL = """
calendars: {party-day: {dates: ["10-10"]}}
indicators:
  - id: a
    title: A
    category: rhetoric
    match: statement
    timing: {near: [party-day], before: 7d, after: 7d, then: only}
    examples:
      match: [{text: a statement, date: 2026-10-09}]
      no_match: [{text: a statement, date: 2026-07-15}]
"""
HEAD = "entities: {dprk: {names: [North Korea*]}}\nindicators: [{id: a, title: A, category: trigger, match: "


def because(match: str, text: str) -> str:
    (found,) = explain(the_rules(f"{HEAD}{match}}}]").matcher, an_item(text))
    return found.because


@pytest.mark.parametrize(
    ("match", "text", "said"),
    [
        ("{all: [$dprk, missile*]}", "North Korea fires missile", "A: all its conditions hold"),
        ("{all: [$dprk, missile*]}", "North Korea fires", "missile* is missing"),
        ("{all: [$dprk], none: [film]}", "North Korea film", "`none` failed: found film"),
        (
            "{near: {words: 2, any: [$dprk], with: [missile*, rocket*]}}",
            "North Korea fires",
            "`near, 2 words` failed: found north korea, but none of missile*, rocket*",
        ),
        (
            "{near: {words: 2, any: [$dprk], with: [missile*]}}",
            "North Korea has never in its history shown a missile",
            "`near, 2 words` failed: found north korea, missile, but not together",
        ),
        (
            "{any: [{all: [aa, bb, cc]}, {all: [$dprk, missile*]}]}",
            "North Korea fires",
            "missile* is missing",
        ),
        ("{all: [$dprk, {any: [aa, bb]}]}", "North Korea fires", "found none of aa, bb"),
        (
            "{sentence: [$dprk, missile*]}",
            "North Korea. A missile",
            "`sentence` failed: found north korea, missile, but not together in one sentence",
        ),
        (
            "{title: [$dprk]}",
            "A missile\nNorth Korea",
            "`title` failed: found north korea, but not together in the title",
        ),
    ],
)
def test_an_explanation_names_the_group_and_the_words(match: str, text: str, said: str) -> None:
    assert because(match, text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "North Korea fires IRBM missile",
            "A: all its conditions hold, and the title reaches step 3 (irbm)",
        ),
        ("North Korea fires missile\nIt may be an IRBM", "A: all its conditions hold"),
    ],
)
def test_an_explanation_names_the_step_that_a_title_reaches(text: str, said: str) -> None:
    joins = "{family: launch, rung: 1, ladder: {2: ballistic, 3: [IRBM*]}}"
    match = f"{{near: {{words: 4, any: [$dprk], with: [missile*]}}}}, joins: {joins}"

    assert because(match, text) == said


def test_a_long_list_of_what_is_missing_is_cut() -> None:
    many = ", ".join(f"word{number}" for number in range(10))

    assert because(f"{{all: [$dprk, {{any: [{many}]}}]}}", "North Korea").endswith("word7 and 2 more")


def test_a_closed_window_is_why_a_text_does_not_hit() -> None:
    matcher = the_rules(SEASONAL).matcher

    (july,), (october,) = (
        explain(matcher, an_item("a statement", at=datetime(2026, month, 9, tzinfo=UTC))) for month in (7, 10)
    )

    assert (july.outcome, july.because) == ("near", "2026-07-09 is outside its window (party-day)")
    assert october.outcome == "hit"


@pytest.mark.parametrize(
    ("title", "outcome", "said"),
    [
        ("M 5.1 - Kilju", "hit", "A: strong, shallow and near enough"),
        ("M 2.1 - Kilju", "near", "magnitude 2.1 is less than 3.5"),
        ("M 2.1 - Depth 30 km", "near", "magnitude 2.1 is less than 3.5; 30 km is deeper than 10 km"),
    ],
)
def test_a_quake_is_explained_by_what_was_measured(title: str, outcome: str, said: str) -> None:
    seismic = "{near: [41.3, 129], km: 50, magnitude: 3.5, depth: 10}"
    listed = f"indicators: [{{id: a, title: A, category: precursor, seismic: {seismic}}}]"
    item = replace(an_item(title), point=Point(latitude=41.3, longitude=129))

    (found,) = explain(the_rules(listed).matcher, item)

    assert (found.outcome, found.because) == (outcome, said)


def test_examples_come_out_as_on_their_day() -> None:
    assert list(failing(the_rules(SEASONAL).matcher)) == []
    assert [
        mistake.line for mistake in failing(the_rules(SEASONAL.replace("2026-10-09", "2026-06-09")).matcher)
    ] == [10]


KINDS = """entities: {kim: {names: [Kim Jong Un]}}
indicators:
  - {id: launch, category: provocation, match: [missile*]}
  - {id: drill, category: trigger, match: [drill*]}
  - {id: a, category: precursor, %s, examples: {%s: [%s]}}
"""
TEMPO = "tempo: {of: launch, within: 30d, count: 2}"
SEQUENCE = "sequence: {first: drill, then: launch, within: 14d}"
SILENCE = "silence: {entity: kim, longer: 14d}"
QUAKE = "seismic: {near: [41.3, 129], km: 50, magnitude: 3.5}"
HEARD = "heard: [2026-01-01, 2026-01-02, 2026-01-03, 2026-01-04, 2026-01-05]"


@pytest.mark.parametrize(
    ("kind", "example", "holds"),
    [
        (TEMPO, "{history: {launch: [2026-01-01, 2026-01-05]}}", True),
        (TEMPO, "{history: {launch: [2026-01-01, 2026-02-05]}}", False),
        (TEMPO, "{history: {drill: [2026-01-01, 2026-01-05]}}", False),
        (SEQUENCE, "{history: {drill: [2026-01-01], launch: [2026-01-05]}}", True),
        (SEQUENCE, "{history: {drill: [2026-01-01], launch: [2026-01-25]}}", False),
        (SILENCE, f"{{{HEARD}, date: 2026-01-20}}", True),
        (SILENCE, f"{{{HEARD}, date: 2026-01-19}}", False),
        (QUAKE, "{text: M 5.1, point: [41.4, 129]}", True),
        (QUAKE, "{text: M 5.1, point: [44, 129]}", False),
        (QUAKE, "{text: M 5.1, point: [41.4, 129], claim: speculated}", True),
    ],
)
def test_an_example_of_any_kind_fails_where_it_is_not_as_written(
    kind: str, example: str, holds: bool
) -> None:
    as_written, otherwise = ("match", "no_match") if holds else ("no_match", "match")

    assert list(failing(the_rules(KINDS % (kind, as_written, example)).matcher)) == []
    (mistake,) = failing(the_rules(KINDS % (kind, otherwise, example)).matcher)

    assert "should" in mistake.what
    assert mistake.line == 5


@pytest.mark.parametrize(
    ("match", "text", "shown"),
    [
        ("{all: [$dprk, missile*]}", "North Korea fires missile", ("all", [("$dprk", []), ("missile*", [])])),
        ("{any: [{all: [$dprk]}, missile*]}", "North Korea fires", ("$dprk", [])),
        ("{any: [missile*, rocket*]}", "a missile, a rocket", ("any", [])),
        (
            "{any: [{all: [$dprk, missile*]}, {all: [$dprk, fire*]}]}",
            "North Korea fires missile",
            ("all", [("$dprk", []), ("missile*", [])]),
        ),
        (
            "{near: {words: 5, any: [$dprk], with: [missile*]}}",
            "North Korea fires missile",
            ("near, 5 words", [("$dprk", []), ("missile*", [])]),
        ),
    ],
)
def test_what_decided_is_one_way_through_the_groups_without_empty_layers(
    match: str, text: str, shown: tuple[str, list[object]]
) -> None:
    def labels(trace: Trace) -> tuple[str, list[object]]:
        return trace.label, [labels(part) for part in trace.parts]

    (found,) = explain(the_rules(f"{HEAD}{match}}}]").matcher, an_item(text))

    assert labels(decisive(found.trace)) == shown
