"""What is true of warnings: what is allowed in a list but hardly meant."""

import pytest
import re2

from tests.lab.news import LIST, line, the_list, the_rules
from watcher.clock import utc_now
from watcher.config.tree import parse
from watcher.lab.archive import item_of
from watcher.lab.backtest import backtest
from watcher.lab.lint import MOST_HITS_A_DAY, lint, lint_by_news
from watcher.lab.progress import no_progress_bar


def warnings_for(text: str) -> list[str]:
    return [str(warning) for warning in lint(parse(text, "i.yaml"), the_list(text))]


def warnings_for_any(terms: str) -> list[str]:
    found = warnings_for(f"indicators: [{{id: a, category: trigger, match: {{any: [{terms}]}}}}]")
    return [warning.partition(" ")[2] for warning in found]


def warnings_by_news(text: str, *titles: str, hours: float = 24) -> list[str]:
    items = [
        item_of(line(title, item=f"n{number}", hours=number * hours), "news", utc_now())
        for number, title in enumerate(titles)
    ]
    return [warning.what for warning in lint_by_news(backtest(items, the_rules(text), no_progress_bar))]


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ("launch*, launch", "`launch` is swallowed by `launch*`"),
        ("launch, launch*", "`launch` is swallowed by `launch*`"),
        ("launch*, launched", "`launched` is swallowed by `launch*`"),
        ("Hwasong 1?, Hwasong-15", "`Hwasong-15` is swallowed by `Hwasong 1?`"),
        ("Kim Yo-jong, KIM YO JONG", "`KIM YO JONG` is the same as `Kim Yo-jong`"),
        ('北, "=北"', "`=北` is swallowed by `北`"),
    ],
)
def test_a_term_that_another_of_its_list_finds_as_a_whole_changes_nothing(terms: str, said: str) -> None:
    assert warnings_for_any(terms) == [f"{said} in the same list; it changes nothing"]


@pytest.mark.parametrize(
    "terms",
    [
        "launch, launches",
        "missile, ballistic missile",
        "launch*, relaunch",
        '"=北", 北朝鮮',
        "北, 北朝鮮",
        "Hwasong 1?, Hwasong 1",
    ],
)
def test_terms_that_find_different_words_are_left_in_peace(terms: str) -> None:
    assert warnings_for_any(terms) == []


def test_terms_that_must_all_be_there_do_not_swallow_each_other() -> None:
    assert warnings_for("indicators: [{id: a, category: trigger, match: {all: [launch, launch*]}}]") == []


def warnings_for_regex(expression: str) -> list[str]:
    text = f"indicators: [{{id: a, category: trigger, match: [{{regex: '{expression}'}}]}}]"
    return [warning.partition(" ")[2] for warning in warnings_for(text)]


@pytest.mark.parametrize(
    "expression",
    [r"\b발사\b", r"\b(?:시험|발사)", r"\b(launch|발사)", r"(?:발사|launch)\b", r"icbm 발사\b", r"\b[발사]+"],
)
def test_a_boundary_beside_a_letter_beyond_ascii_is_never_found(expression: str) -> None:
    (warning,) = warnings_for_regex(expression)

    assert "it never matches beside others" in warning


def test_the_form_that_is_advised_finds_the_word_alone() -> None:
    (warning,) = warnings_for_regex(r"\b발사\b")

    advised = warning.partition("write `")[2].partition("`")[0]

    assert [bool(re2.search(advised, text)) for text in ("북한 발사 확인", "발사", "재발사", "발사체")] == [
        True,
        True,
        False,
        False,
    ]
    assert not re2.search(r"\b발사\b", "북한 발사 확인")


def test_a_letter_of_ascii_in_an_expression_about_others_is_named() -> None:
    assert warnings_for_regex(r"북한\w+ 발사") == [r"`\w` knows ASCII letters only; write `[\pL\pN_]`"]


@pytest.mark.parametrize(
    "expression",
    [r"\bicbm\b", r"hwasong[ ]?\d+", r"규모\s?\d", r"\bicbm\b.{0,9}발사", r"발사.{0,9}\bicbm", r"\pL+발사"],
)
def test_an_expression_that_finds_what_it_says_is_left_in_peace(expression: str) -> None:
    assert warnings_for_regex(expression) == []


def test_a_warning_says_where_the_term_stands() -> None:
    text = (
        "entities:\n  dprk:\n    names: [North Korea*, North Korean]\n"
        "indicators: [{id: a, category: trigger, match: $dprk}]"
    )

    assert warnings_for(text) == [
        "i.yaml:3:27: `North Korean` is swallowed by `North Korea*` in the same list; it changes nothing"
    ]


def test_a_name_that_its_own_besides_covers_never_counts() -> None:
    text = (
        "entities: {dprk: {names: [Pyongyang, KCNA], besides: [Pyongyang*]}}\n"
        "indicators: [{id: a, category: trigger, match: $dprk}]"
    )

    assert [warning.partition(" ")[2] for warning in warnings_for(text)] == [
        "`Pyongyang` never counts: `Pyongyang*` of `besides` covers it"
    ]


def test_a_name_may_be_covered_by_a_spelling_that_begins_with_any_character() -> None:
    text = (
        "entities: {dprk: {names: [KCNA, '?CNA'], besides: ['?CNA']}}\n"
        "indicators: [{id: a, category: trigger, match: $dprk}]"
    )

    assert [warning.partition(" ")[2] for warning in warnings_for(text)] == [
        "`KCNA` never counts: `?CNA` of `besides` covers it",
        "`?CNA` never counts: `?CNA` of `besides` covers it",
    ]


def test_a_text_that_must_and_must_not_match_is_a_contradiction() -> None:
    text = """
indicators:
  - id: a
    category: trigger
    match: ICBM
    examples:
      match: ["ICBM fired"]
      no_match: ["Icbm  Fired", {text: "ICBM fired", date: 2020-01-01}]
"""

    assert warnings_for(text) == [
        "i.yaml:8:18: a: `Icbm  Fired` must match on line 7 and must not match here"
    ]


def test_examples_are_no_terms() -> None:
    assert (
        warnings_for(
            "indicators: [{id: a, category: trigger, match: ICBM, examples: {match: [ICBM, ICBM fired]}}]"
        )
        == []
    )


def test_an_indicator_that_never_fires_on_the_news_is_named() -> None:
    assert warnings_by_news(LIST, "North Korea fires missile") == ["parade never fires on this news (1 days)"]


def test_an_indicator_that_hits_all_day_is_no_sign() -> None:
    news = [f"North Korea fires missile {number} and plans a parade" for number in range(MOST_HITS_A_DAY + 1)]

    found = warnings_by_news(LIST, *news, hours=0)

    assert (
        found[0]
        == f"missile-launch hits {len(news)} items a day on this news; more than {MOST_HITS_A_DAY} is no sign"
    )


@pytest.mark.parametrize(("then", "warned"), [("raise", True), ("only", False)])
def test_a_window_that_raises_without_lift_is_named(then: str, warned: bool) -> None:
    timing = f"{{near: [party-day], before: 5d, after: 5d, then: {then}}}"
    text = f"{LIST}    timing: {timing}\n    joins: {{family: parade, quiet: 1h}}\n"
    on_every_day = [
        f"North Korea fires missile and holds parade number {number * 7919}" for number in range(30)
    ]

    found = warnings_by_news(text, *on_every_day)

    assert any("`then: raise` near party-day -5d +5d has no lift" in warning for warning in found) is warned
