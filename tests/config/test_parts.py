"""What is true of a list in parts: how they sum, what each may change, how mistakes name their files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from watcher.config import load_indicators, parts_of
from watcher.config.shipped import shipped
from watcher.config.tree import parse
from watcher.errors import ConfigError
from watcher.lab.examples import failing
from watcher.match import compile_list
from watcher.model.language import IndicatorList, Severity, Term

BASE = """\
version: 1
title: base
defaults: {severity: high, repeat_after: 3h}
entities:
  dprk: {names: [North Korea*, DPRK], besides: [North Korean restaurant*]}
calendars:
  party-day: {dates: ["10-10"]}
indicators:
  - id: launch
    title: Launch
    category: provocation
    why: The clearest provocation.
    match: {all: [$dprk, missile*]}
    examples:
      match: [North Korea fires missile]
      no_match: [Norway fires missile]
  - id: parade
    category: precursor
    match: {all: [$dprk, parade*]}
terminators: [even so]
"""

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return what writes files, by name, and returns the path of `indicators.yaml` among them."""

    def write(**texts: str) -> Path:
        for name, text in ({"base": BASE} | texts).items():
            path = tmp_path / f"{name.replace('__', '/')}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path / "indicators.yaml"

    return write


def mistakes(path: Path) -> list[str]:
    """Return what is wrong with a list, with places relative to its folder."""
    with pytest.raises(ConfigError) as caught:
        load_indicators(path)
    return [str(each).replace(f"{path.parent}/", "") for each in caught.value.mistakes]


def by_id(listed: IndicatorList) -> dict[str, Severity]:
    return {each.id: each.severity for each in listed.indicators}


# --- what sums ----------------------------------------------------------------------------------------------


def test_an_indicator_is_added_in_a_few_lines(write: Write) -> None:
    listed = load_indicators(
        write(
            indicators="""
include: base.yaml
indicators:
  - {id: balloon, category: provocation, match: {all: [$dprk, balloon*]}}
"""
        )
    )

    assert [each.id for each in listed.indicators] == ["launch", "parade", "balloon"]
    assert listed.title == "base"
    assert "even so" in listed.terminators


def test_a_list_may_only_name_parts(write: Write) -> None:
    listed = load_indicators(
        write(
            indicators="include: [base.yaml, desk]",
            desk__b="indicators: [{id: b, category: trigger, match: bravo}]",
            desk__a="indicators: [{id: a, category: trigger, match: alpha}]",
        )
    )

    assert [each.id for each in listed.indicators] == ["launch", "parade", "a", "b"]


def test_the_shipped_list_is_a_part_by_name(write: Write) -> None:
    listed = load_indicators(
        write(indicators="include: shipped\nindicators: [{id: missile-launch, severity: info}]")
    )

    assert len(listed.indicators) > 20
    assert by_id(listed)["missile-launch"] == Severity.INFO


def test_the_sum_of_one_list_is_that_list(write: Write) -> None:
    assert load_indicators(write(indicators="include: shipped")) == load_indicators(
        shipped("indicators.yaml")
    )


def test_a_pattern_takes_what_is_not_included_yet_and_not_the_file_itself(write: Write) -> None:
    path = write(
        indicators="include: [base.yaml, '*.yaml']",
        other="indicators: [{id: a, category: trigger, match: alpha}]",
    )

    assert [each.id for each in load_indicators(path).indicators] == ["launch", "parade", "a"]


def test_paths_are_relative_to_the_file_that_names_them(write: Write) -> None:
    path = write(
        indicators="include: desk/all.yaml",
        desk__all="include: [../base.yaml, mine.yaml]",
        desk__mine="indicators: [{id: a, category: trigger, match: $dprk}]",
    )

    assert [each.id for each in load_indicators(path).indicators] == ["launch", "parade", "a"]


def test_defaults_are_those_of_the_file_that_adds_an_indicator(write: Write) -> None:
    path = write(
        indicators="""
include: base.yaml
defaults: {severity: low}
indicators:
  - {id: a, category: trigger, match: alpha}
  - {id: launch, title: Anew}
"""
    )

    assert by_id(load_indicators(path)) == {
        "launch": Severity.HIGH,
        "parade": Severity.HIGH,
        "a": Severity.LOW,
    }


# --- what a later part changes ------------------------------------------------------------------------------


def test_a_later_part_changes_single_fields_and_leaves_the_others(write: Write) -> None:
    path = write(
        indicators="include: base.yaml\nindicators: [{id: launch, severity: critical, match: rocket}]",
    )
    launch = load_indicators(path).indicators[0]

    assert (launch.severity, launch.title, launch.why) == (
        Severity.CRITICAL,
        "Launch",
        "The clearest provocation.",
    )
    assert launch.pattern == Term("rocket")
    assert launch.place == f"{path.parent}/base.yaml:9:5"
    assert launch.changed == (f"{path}:2:14",)


def test_the_examples_of_a_changed_indicator_are_still_run(write: Write) -> None:
    path = write(indicators="include: base.yaml\nindicators: [{id: launch, match: rocket}]")

    (failure,) = failing(compile_list(load_indicators(path)))

    assert str(failure).startswith(f"{path.parent}/base.yaml:15:15: example 'North Korea fires missile'")


def test_examples_are_added_and_one_of_the_same_text_counts_as_the_later_part_says(write: Write) -> None:
    path = write(
        indicators="""
include: base.yaml
indicators:
  - id: launch
    match: {all: [$dprk, rocket*]}
    examples:
      match: [DPRK fires rocket]
      no_match: [North Korea fires missile]
"""
    )
    listed = load_indicators(path)

    assert sorted((each.hits, each.text) for each in listed.indicators[0].examples) == [
        (False, "North Korea fires missile"),
        (False, "Norway fires missile"),
        (True, "DPRK fires rocket"),
    ]
    assert list(failing(compile_list(listed))) == []


def test_words_of_an_entity_and_days_of_a_calendar_are_added(write: Write) -> None:
    path = write(
        indicators="""
include: base.yaml
entities: {dprk: {names: [КНДР]}, rok: {names: [Seoul]}}
calendars: {party-day: {dates: ["10-11"]}}
"""
    )
    listed = load_indicators(path)

    names = {str(name): each.names for name, each in listed.entities.items()}
    assert names == {"dprk": ("North Korea*", "DPRK", "КНДР"), "rok": ("Seoul",)}
    assert [each.dates for each in listed.calendars.values()] == [("10-10", "10-11")]
    assert [each.besides for each in listed.entities.values()] == [("North Korean restaurant*",), ()]


def test_single_settings_of_the_board_and_of_the_budget_are_changed(write: Write) -> None:
    path = write(
        base=f"{BASE}board: {{leave: 0.4, dwell: 12h}}\nbudget: {{low: 50, medium: 100}}\n",
        indicators="include: base.yaml\nboard: {leave: 0.3}\nbudget: {low: 10}",
    )
    listed = load_indicators(path)

    assert (listed.board.leave, listed.board.dwell.total_seconds()) == (0.3, 12 * 3600)
    assert listed.budget == {Severity.LOW: 10, Severity.MEDIUM: 100}


def test_an_indicator_is_taken_out_and_may_be_written_anew(write: Write) -> None:
    out = write(indicators="include: base.yaml\ndisable: [parade]")
    assert list(by_id(load_indicators(out))) == ["launch"]

    anew = write(
        indicators="include: base.yaml\ndisable: launch\n"
        "indicators: [{id: launch, category: trigger, match: a term}]"
    )
    assert [each.title for each in load_indicators(anew).indicators] == ["parade", "launch"]


# --- mistakes -----------------------------------------------------------------------------------------------


def test_mistakes_of_all_parts_are_told_at_once_each_with_its_file(write: Write) -> None:
    path = write(
        base=BASE.replace("category: precursor", "category: procursor"),
        indicators="include: [base.yaml, desk/*.yaml]\ntitel: mine",
        desk__a="indicators: [{id: launch, severity: huge}]",
        desk__b="indicators:\n  - {id: b, category: trigger, match: $dprx}\ndefaults: {severty: low}",
    )

    assert mistakes(path) == [
        "base.yaml:18:15: unknown category `procursor`; did you mean `precursor`?",
        "desk/a.yaml:1:37: unknown severity `huge`; use info, low, medium, high or critical",
        "desk/b.yaml:2:39: unknown entity `$dprx`; did you mean `$dprk`?",
        "desk/b.yaml:3:12: unknown key `severty`; did you mean `severity`?",
        "indicators.yaml:2:1: unknown key `titel`; did you mean `title`?",
    ]


def test_all_parts_that_cannot_be_read_are_told_at_once(write: Write) -> None:
    path = write(
        indicators="include: [bsae.yaml, dsk/*.yaml, desk/c.yaml, broken.yaml, nothing/at/all.yaml]\n"
        "indicators: [",
        desk__a="indicators: []",
        broken="a: [\n",
    )
    assert len(mistakes(path)) == 1  # nothing can be said of the parts of what is no YAML

    path.write_text(path.read_text(encoding="utf-8").removesuffix("["), encoding="utf-8")

    assert mistakes(path) == [
        (
            "broken.yaml:2:1: did not find expected node content while parsing a flow node that begins "
            "on line 2; the file is no YAML from here on"
        ),
        "indicators.yaml:1:11: `bsae.yaml`: there is no such file; did you mean `base.yaml`?",
        "indicators.yaml:1:22: no file matches `dsk/*.yaml`; did you mean `desk/*.yaml`?",
        "indicators.yaml:1:34: `desk/c.yaml`: there is no such file; did you mean `desk/a.yaml`?",
        "indicators.yaml:1:60: `nothing/at/all.yaml`: there is no such file",
        "indicators.yaml:2:12: nothing is written here; write a value or remove it",
    ]


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (
            {"indicators": "include: [base.yaml, ./base.yaml]"},
            (
                "indicators.yaml:1:22: `./base.yaml` is already included at indicators.yaml:1:11; "
                "include it once"
            ),
        ),
        (
            {"indicators": "include: [base.yaml, a.yaml]", "a": "include: base.yaml"},
            "a.yaml:1:10: `base.yaml` is already included at indicators.yaml:1:11; include it once",
        ),
        (
            {"indicators": "include: [base.yaml, a.yaml]", "a": "include: indicators.yaml"},
            "a.yaml:1:10: `indicators.yaml` includes itself: indicators.yaml -> a.yaml -> indicators.yaml",
        ),
        (
            {"indicators": "include: [base.yaml, {a: b}]"},
            "indicators.yaml:1:22: expected text, found keys and values",
        ),
        (
            {"indicators": "include: shiped"},
            "indicators.yaml:1:10: `shiped`: there is no such file; did you mean `shipped`?",
        ),
        ({"indicators": "include: empty", "empty__x": ""}, "empty/x.yaml:1:1: the file is empty"),
        (
            {"indicators": 'include: [base.yaml, "a\\0"]'},
            "indicators.yaml:1:22: a control character is hidden here; type the text anew",
        ),
        (
            {"indicators": f"include: [base.yaml, {'a' * 300}]"},
            f"indicators.yaml:1:22: `{'a' * 60}…`: cannot be read: File name too long",
        ),
        (
            {"indicators": "include: base.yaml\ndisable: [parede]"},
            "indicators.yaml:2:11: no included file has the indicator `parede`; did you mean `parade`?",
        ),
        (
            {"indicators": "include: base.yaml\ndisable: [parade, parade]"},
            "indicators.yaml:2:19: `parade` is already disabled",
        ),
        (
            {"indicators": "disable: [a]\nindicators: [{id: a, category: trigger, match: alpha}]"},
            "indicators.yaml:1:11: `a` is in this file; remove it there",
        ),
        (
            {"indicators": "include: base.yaml\nindicators: [{id: lanch, severity: low}]"},
            ("indicators.yaml:2:14: no included file has the indicator `lanch`; did you mean `launch`?"),
        ),
        (
            {"indicators": "include: base.yaml\nindicators: [{id: other, severity: low}]"},
            ("indicators.yaml:2:14: no included file has the indicator `other`; a new one needs `category`"),
        ),
        (
            {
                "indicators": "include: base.yaml\n"
                "indicators: [{id: launch, title: A}, {id: launch, title: B}]"
            },
            "indicators.yaml:2:43: duplicate id `launch`; it is already on line 2",
        ),
        (
            {"indicators": "include: base.yaml\ndefaults: {severity: low}"},
            (
                "indicators.yaml:2:11: `defaults` apply to the indicators that this file adds, "
                "and it adds none"
            ),
        ),
        (
            {"indicators": "include: base.yaml\nentities: [dprk]"},
            "indicators.yaml:2:11: expected keys and values, found a list",
        ),
        (
            {"indicators": "include: base.yaml\nindicators: {}"},
            "indicators.yaml:2:13: expected a list, found keys and values",
        ),
        (
            {"indicators": "include: [base.yaml, a.yaml]", "a": "- a"},
            "a.yaml:1:1: expected keys and values, found a list",
        ),
        (
            {"indicators": "include: [base.yaml, a.yaml]", "a": "version: 2"},
            "a.yaml:1:10: expected version 1, found `2`; a later version needs a later watcher",
        ),
        (
            {
                "indicators": "include: base.yaml\ndisable: [parade]\nindicators:\n"
                "  - {id: many, category: trigger, tempo: {of: parade, within: 3d, count: 2}}"
            },
            (
                "indicators.yaml:4:47: `parade` is disabled at indicators.yaml:2:11;"
                " disable this one too, or change what it names"
            ),
        ),
    ],
)
def test_a_mistake_in_how_parts_are_summed_is_told_at_its_place(
    write: Write, parts: dict[str, str], told: str
) -> None:
    assert mistakes(write(**parts)) == [told]


def test_what_a_change_makes_wrong_is_told_at_the_change(write: Write) -> None:
    path = write(
        indicators="include: base.yaml\nindicators: [{id: launch, tempo: {of: parade, within: 3d, count: 2}}]"
    )

    (told,) = mistakes(path)

    assert told.startswith(
        "indicators.yaml:2:14: an indicator has one kind of pattern; this one has `match` and `tempo`"
    )


# --- the files of a list ------------------------------------------------------------------------------------


def test_the_files_of_a_list_are_known_when_some_are_wrong_or_missing(write: Write) -> None:
    path = write(
        indicators="include: [none.yaml, broken.yaml, desk]", broken="[", desk__a="include: ../base.yaml"
    )

    assert parts_of(path) == tuple(
        f"{path.parent}/{name}" for name in ("none.yaml", "broken.yaml", "desk/*.yaml", "desk/../base.yaml")
    )
    assert parts_of(path.parent / "no.yaml") == ()


def test_signs_that_yaml_has_other_uses_for_are_texts_like_any() -> None:
    assert parse("signs: [=, <<, yes, 12:30]\n", "list.yaml").data == {"signs": ["=", "<<", "yes", "12:30"]}
