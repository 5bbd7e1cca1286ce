"""Items are found by their words, in scripts with spaces and without, until they are taken out."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NOON, a_hit, an_incident, an_item
from tests.store.kinds import Real
from tests.text.strange import any_text
from watcher.errors import UsageError
from watcher.model.listing import IncidentQuery
from watcher.model.news import Item
from watcher.model.polling import Cycle
from watcher.store.search import searchable
from watcher.store.sqlite.words import tokenized
from watcher.text.fold import fold
from watcher.text.words import joins_words, runs

LAUNCH = an_item("North Korea launches Hwasong-17 ICBM", minutes=1)
KOREAN = replace(
    an_item("북한, 동해상으로 탄도미사일 발사", minutes=2),
    summary='합참 "북한이 신형 ICBM발사" 김정은 참관, 핵 위협',
)
JAPANESE = an_item("北朝鮮がミサイルを発射 防衛省", minutes=3)
RUSSIAN = an_item("КНДР запустила ракету в сторону моря", minutes=4)


@pytest.fixture
def archive(database: Real) -> Real:
    for item in (LAUNCH, KOREAN, JAPANESE, RUSSIAN):
        database.record(Cycle(items=(item,)), ())
    return database


def found(store: Real, words: str) -> list[Item]:
    return list(store.search(words))


@pytest.mark.parametrize(
    ("words", "item"),
    [
        ("launches", LAUNCH),
        ("LAUNCHES korea", LAUNCH),
        ("launch*", LAUNCH),
        ('"hwasong 17"', LAUNCH),
        ("Hwasong-17", LAUNCH),
        ('"korea launch"*', LAUNCH),
        ("발사", KOREAN),
        ("미사일", KOREAN),
        ("탄도미사일", KOREAN),
        ("핵", KOREAN),
        ("합참", KOREAN),
        ('"탄도미사일 발사"', KOREAN),
        ('"미사일 발"', KOREAN),
        ("ICBM발사", KOREAN),
        ("정은 참관", KOREAN),
        ("発射", JAPANESE),
        ("ミサイル", JAPANESE),
        ("朝鮮 防衛", JAPANESE),
        ("ракет*", RUSSIAN),
    ],
)
def test_a_part_of_what_an_item_says_finds_it(archive: Real, words: str, item: Item) -> None:
    assert found(archive, words) == [item]


@pytest.mark.parametrize(
    "words", ["launch", '"korea hwasong"', "사발", '"발사 탄도미사일"', "射発", "ICBM ракету", "일발"]
)
def test_what_no_item_says_finds_nothing(archive: Real, words: str) -> None:
    assert found(archive, words) == []


def test_what_was_seen_last_comes_first_and_no_more_than_asked_for(archive: Real) -> None:
    assert found(archive, "icbm") == [KOREAN, LAUNCH]
    assert list(archive.search("icbm", limit=1)) == [KOREAN]
    assert list(archive.search("icbm", since=NOON + timedelta(minutes=2))) == [KOREAN]


@pytest.mark.parametrize("words", ["", '"', "* *", "…"])
def test_a_question_without_a_word_is_wrong_use(archive: Real, words: str) -> None:
    with pytest.raises(UsageError, match="there is no word in"):
        archive.search(words)


def test_an_edited_item_is_found_by_what_it_says_now(archive: Real) -> None:
    edited = replace(
        LAUNCH, title="Pyongyang tests a rocket engine", revision=1, seen=NOON + timedelta(hours=1)
    )

    archive.record(Cycle(items=(edited,)), ())

    assert found(archive, "launches") == []
    assert found(archive, "engine") == [edited]


def test_recording_again_what_is_there_or_was_there_before_changes_nothing(archive: Real) -> None:
    edited = replace(LAUNCH, title="Pyongyang tests a rocket engine", revision=1)
    archive.record(Cycle(items=(edited,)), ())

    archive.record(Cycle(items=(edited, LAUNCH)), ())

    assert found(archive, "launches") == []
    assert found(archive, "engine") == [edited]


def test_quotes_and_signs_of_the_query_language_are_only_text(archive: Real) -> None:
    assert found(archive, 'hwasong" OR NEAR(a) ^x') == []
    assert found(archive, "title:hwasong") == []
    assert found(archive, "{hwasong} (icbm) - + korea") == [LAUNCH]


# --- against looking at every text --------------------------------------------------------------------------

WORD = st.sampled_from(
    ["icbm", "sea", "seal", "17", "북한", "북", "한미", "미사일", "일", "発射", "射", "ミサ", "ракета"]
)
TEXT = st.lists(st.tuples(WORD, st.sampled_from(["", " ", ", "])), min_size=1, max_size=6).map(
    lambda parts: "".join(map("".join, parts))
)
PART = st.tuples(TEXT, st.booleans())


def says(text: str, phrase: str, *, begins: bool) -> bool:
    """Say whether a text has the runs of a phrase in order; the last may go on if it has no boundaries."""
    wanted, given_ = runs(fold(phrase)), runs(fold(text))
    return any(
        all(
            _fits(run, asked, at == 0, at == len(wanted) - 1, begins)
            for at, (run, asked) in enumerate(zip(stretch, wanted, strict=True))
        )
        for start in range(len(given_) - len(wanted) + 1)
        if (stretch := given_[start : start + len(wanted)])
    )


def _fits(run: str, asked: str, first: bool, last: bool, begins: bool) -> bool:
    if not joins_words(asked[0]):
        return run.startswith(asked) if last and begins else run == asked
    if first and last:
        return asked in run
    if first:
        return run.endswith(asked)
    return run.startswith(asked) if last else run == asked


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=12), st.lists(PART, min_size=1, max_size=2))
def test_the_index_finds_what_looking_at_every_text_finds(
    fresh: Callable[[], Real], texts: list[str], parts: list[tuple[str, bool]]
) -> None:
    numbers = count()
    items = [replace(an_item("x", guid=f"g{next(numbers)}"), title=text) for text in texts]
    asked = " ".join(f'"{phrase}"{"*" if begins else ""}' for phrase, begins in parts)

    with closing(fresh()) as store:
        store.record(Cycle(items=tuple(items)), ())

        expected = {
            item.id
            for item in items
            if all(says(f"{item.title} ", phrase, begins=begins) for phrase, begins in parts)
        }
        assert {item.id for item in store.search(asked)} == expected
        assert store.count_found(asked) == len(expected)


def test_the_tokens_are_those_the_index_was_made_of() -> None:
    """Who changes the tokens adds a schema step that makes the index anew, or old items are not found."""
    assert (
        searchable("Kim's Hwasong-17, 북한이 발사", "ミサイルX")
        == "kim hwasong 17 북한 한이 이 발사 사 ミサ サイ イル ル x"
    )


def tokens_in_order(text: str) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE words USING fts5(text, tokenize = 'ascii')")
        connection.execute("CREATE VIRTUAL TABLE tokens USING fts5vocab(words, 'instance')")
        connection.execute("INSERT INTO words VALUES (?)", (text,))
        return connection.execute("SELECT term, offset FROM tokens ORDER BY offset").fetchall()


@given(any_text, any_text)
def test_sqlite_is_given_a_text_that_has_the_tokens_of_an_item(title: str, summary: str) -> None:
    told = searchable(title, summary)

    assert tokens_in_order(tokenized(title, summary)) == [
        (token, place) for place, token in enumerate(told.split())
    ]


@given(any_text, any_text)
def test_the_words_of_a_title_and_a_summary_are_those_of_both_together(title: str, summary: str) -> None:
    assert [*runs(fold(title)), *runs(fold(summary))] == runs(fold(f"{title} {summary}"))


def test_incidents_are_found_by_the_words_feed_and_language_of_their_reports(
    database: Real,
) -> None:
    first = an_item("North Korea fires an ICBM", feed="wire-en", owner="wire", language="en", guid="g")
    other = an_item("북한 발사", feed="wire-ko", owner="yonhap", language="ko")
    hits = (a_hit(first, incident="i1"), a_hit(other, incident="i2"))
    incidents = (an_incident("i1", items=(first,)), an_incident("i2", items=(other,)))
    database.record(Cycle(items=(first, other), hits=hits, incidents=incidents), ())

    def listed(**asked: object) -> list[str]:
        query = replace(IncidentQuery(alerted=None), **asked)  # type: ignore[arg-type]
        return [each.incident.id for each in database.incidents(query)]

    holding = database.incidents_holding

    assert (listed(feed="wire-ko"), listed(owner="wire"), listed(language="ko")) == (["i2"], ["i1"], ["i2"])
    assert [sorted(holding(each)) for each in ("ICBM", "발사", "nothing")] == [["i1"], ["i2"], []]
    assert (listed(among=holding("발사")), listed(among=frozenset())) == (["i2"], [])

    revised = replace(first, title="North Korea fires a rocket", revision=1)
    database.record(Cycle(items=(revised,)), ())

    assert [sorted(holding(each)) for each in ("rocket", "ICBM")] == [["i1"], []]
    with pytest.raises(UsageError):
        holding("!")


def test_the_incident_of_a_report_that_is_written_again_is_still_found(database: Real) -> None:
    first, second = an_item("North Korea fires an ICBM", guid="1"), an_item("Weather fine", guid="2")
    hit, incident = a_hit(first, incident="i1"), an_incident("i1", items=(first,))
    database.record(Cycle(items=(first, second), hits=(hit,), incidents=(incident,)), ())

    database.record(Cycle(items=(first,)), ())

    assert database.incidents_holding("ICBM") == {"i1"}


def test_an_item_that_is_pruned_leaves_nothing_to_the_next_one(database: Real) -> None:
    old, new = (
        an_item("North Korea fires an ICBM", guid="1"),
        an_item("A parade in Pyongyang", guid="2", minutes=600),
    )
    database.record(Cycle(items=(old,), hits=(a_hit(old, incident=None),)), ())

    database.prune(NOON + timedelta(hours=1))
    hit, incident = a_hit(new, incident="i1"), an_incident("i1", items=(new,))
    database.record(Cycle(items=(new,)), ())
    database.record(Cycle(hits=(hit,), incidents=(incident,)), ())

    assert [database.incidents_holding(each) for each in ("ICBM", "parade")] == [set(), {"i1"}]
