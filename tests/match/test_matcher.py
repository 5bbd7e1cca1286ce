"""An item's hits: which indicators listen to it, and what a hit says."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.builders import NOON, a_list, an_item
from watcher.config import load_indicators
from watcher.config.shipped import shipped
from watcher.lab.archive import read_archive
from watcher.match import compile_list
from watcher.match.matcher import item_day, severity_of
from watcher.model.alerts import UNCERTAIN
from watcher.model.language import Claim, Severity
from watcher.model.news import Grade, Item

NEWS = Path(__file__).parents[1] / "data" / "labelled_news.jsonl"


def names_of_hits(scope: str, item: Item) -> list[str]:
    listed = a_list(f"indicators: [{{id: sign, category: provocation, match: [korea], feeds: {scope}}}]")
    return [hit.indicator for hit in compile_list(listed).match(item)]


@pytest.mark.parametrize(
    ("scope", "hears"),
    [
        ("{grade: A}", False),
        ("{grade: B or better}", True),
        ("{grade: C or better}", True),
        ("{owner: yonhap}", True),
        ("{owner: nhk}", False),
        ("{owners: [nhk, yonhap]}", True),
        ("{language: en}", True),
        ("{languages: [ko, ja]}", False),
        ("{id: yonhap-en}", True),
        ("{ids: [yonhap-ko]}", False),
        ("{grade: B or better, owner: yonhap, language: en, id: yonhap-en}", True),
        ("{grade: B or better, owner: yonhap, language: ko}", False),
    ],
)
def test_an_indicator_listens_to_the_feeds_in_its_scope(scope: str, *, hears: bool) -> None:
    item = an_item("Korea", feed="yonhap-en", owner="yonhap", grade=Grade.B, language="en-GB")

    assert names_of_hits(scope, item) == (["sign"] if hears else [])


def test_a_scope_by_owner_holds_for_the_outlet_and_for_who_passes_its_news_on() -> None:
    item = replace(an_item("Korea", owner="yonhap"), carrier="search")

    assert [bool(names_of_hits(f"{{owner: {owner}}}", item)) for owner in ("yonhap", "search", "nhk")] == [
        True,
        True,
        False,
    ]


def test_an_item_without_a_language_is_in_no_language_of_a_scope() -> None:
    assert names_of_hits("{language: en}", an_item("Korea")) == []


def test_a_hit_says_what_was_found_where() -> None:
    listed = a_list("""
indicators:
  - {id: launch, category: provocation, severity: high,
     match: {near: {words: 9, any: [north korea*], with: [fire*]}}}
  - {id: silence, category: diplomacy, match: [talks]}
  - {id: missile, category: provocation, severity: critical, match: [missile*]}
""")
    item = an_item("North Korea fires missile", "A missile of North Korea; missiles")

    launch, missile = compile_list(listed).match(item)

    assert (launch.item, launch.indicator, launch.claim, launch.severity) == (
        item,
        "launch",
        Claim.OCCURRED,
        Severity.HIGH,
    )
    assert launch.evidence == ("north korea", "fires")
    assert (missile.indicator, missile.severity, missile.evidence) == (
        "missile",
        Severity.CRITICAL,
        ("missile", "missiles"),
    )
    assert (launch.cues, launch.timing, launch.incident) == ((), (), None)


def test_a_hit_shows_twelve_words_at_most() -> None:
    listed = a_list("indicators: [{id: sign, category: provocation, match: [aa*]}]")

    (hit,) = compile_list(listed).match(an_item(" ".join(f"aa{number}" for number in range(20))))

    assert hit.evidence == tuple(f"aa{number}" for number in range(12))


def test_equal_spellings_are_looked_for_once_and_found_for_all() -> None:
    listed = a_list("""
indicators:
  - {id: one, category: provocation, match: [Kim Yo-jong]}
  - {id: other, category: provocation, match: [KIM YO JONG, =kim]}
""")

    hits = compile_list(listed).match(an_item("Kim Yŏ-jŏng speaks"))

    assert [hit.evidence for hit in hits] == [("kim yo jong",), ("kim", "kim yo jong")]


def test_a_list_that_has_matched_can_match_again() -> None:
    matcher = compile_list(a_list("indicators: [{id: sign, category: provocation, match: [korea]}]"))

    assert [len(matcher.match(an_item(title))) for title in ("Korea", "Japan", "Korea")] == [1, 0, 1]


def test_a_list_that_is_prepared_matches_as_one_that_is_not() -> None:
    listed = load_indicators(shipped("indicators.yaml"))
    item = an_item("North Korea fires ICBM toward Japan, Seoul says")
    prepared = compile_list(listed)
    prepared.prepare()

    assert prepared.read(item) == compile_list(listed).read(item)
    assert prepared.match(item)


def test_an_item_is_of_the_day_it_was_published_else_seen() -> None:
    item = an_item("Korea")

    assert item_day(item) == NOON.date()
    assert item_day(replace(item, published=datetime(2017, 9, 3, tzinfo=UTC))) == date(2017, 9, 3)


def test_whether_an_item_hits_is_the_same_read_in_short_and_in_full() -> None:
    matcher = compile_list(load_indicators(shipped("indicators.yaml")))
    items = list(read_archive(NEWS, NOON))

    assert [matcher.hits(each) for each in items] == [bool(matcher.match(each)) for each in items]
    assert {matcher.hits(each) for each in items} == {True, False}


def test_background_has_no_severity() -> None:
    indicator = a_list("indicators: [{id: sign, category: provocation, match: [korea]}]").indicators[0]

    assert severity_of(indicator, None) is None
    assert severity_of(indicator, Claim.DENIED) is Severity.MEDIUM


CERTAIN = """
cues: [{says: threatened, reach: after, terms: [threatens]}]
indicators:
  - id: test
    category: provocation
    severity: critical
    match: [nuclear test*]
    certain: [conducts, carries out]
    claims: {speculated: medium}
"""


@pytest.mark.parametrize(
    ("title", "says_so"),
    [
        ("North Korea conducts nuclear test", True),
        ("Activity at nuclear test site", False),
        ("Nuclear test possible at any time", False),
    ],
)
def test_a_title_without_the_words_of_the_deed_does_not_say_that_it_was_done(
    title: str, *, says_so: bool
) -> None:
    item = an_item(title, "It conducts a nuclear test every year.")

    (hit,) = compile_list(a_list(CERTAIN)).match(item)

    assert (UNCERTAIN in hit.roles) is not says_so


def test_what_is_threatened_needs_no_words_of_the_deed() -> None:
    (hit,) = compile_list(a_list(CERTAIN)).match(an_item("North Korea threatens nuclear test"))

    assert UNCERTAIN not in hit.roles
