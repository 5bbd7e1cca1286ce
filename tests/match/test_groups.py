"""Every kind of group holds where it says, and points at the words that make it hold."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_list, an_item
from tests.match.matching import evidence
from watcher.match import compile_list
from watcher.match.groups import AllNode, AnyNode, Node, NoneNode, compile_group, compile_names
from watcher.match.lexicon import Lexicon, View
from watcher.model.language import AnyOf, Group, IndicatorList, NoneOf, Sentence, Term

HEADLINE = "North Korea fires two ballistic missiles toward Japan, Seoul says"

GROUPS = [
    # all, any, none
    ("[korea, absent]", HEADLINE, ["korea"]),
    ("{all: [korea, fires]}", HEADLINE, ["korea", "fires"]),
    ("{all: [korea, absent]}", HEADLINE, []),
    ("{any: [absent, gone]}", HEADLINE, []),
    ("{all: [korea], none: [drill]}", HEADLINE, ["korea"]),
    ("{all: [korea], none: [drill, japan]}", HEADLINE, []),
    ("{all: [korea, {none: [drill]}]}", HEADLINE, ["korea"]),
    ("{all: [korea, {none: [{none: [japan]}]}]}", HEADLINE, ["korea"]),
    ("{all: [korea, {none: [{none: [drill]}]}]}", HEADLINE, []),
    ("{all: [korea, {none: [{all: [japan, drill]}]}]}", HEADLINE, ["korea"]),
    ("{all: [korea, {none: [{all: [japan, seoul]}]}]}", HEADLINE, []),
    ("{any: [drill, {all: [korea, {any: [launches, fires]}]}]}", HEADLINE, ["korea", "fires"]),
    ("{any: [drill, {none: [drill], all: [japan]}]}", HEADLINE, ["japan"]),
    # at_least
    ("{at_least: 2, of: [korea, japan, drill]}", HEADLINE, ["korea", "japan"]),
    ("{at_least: 2, of: [korea, drill, gone]}", HEADLINE, []),
    ("{at_least: 3, of: [korea, japan, seoul, drill]}", HEADLINE, ["korea", "japan", "seoul"]),
    (
        "{at_least: 2, of: [missile*, ballistic missile*, drill]}",
        HEADLINE,
        ["ballistic missiles", "missiles"],
    ),
    ("{at_least: 2, of: [korea, {none: [drill]}]}", HEADLINE, ["korea"]),
    ("{at_least: 2, of: [korea, [drill, gone]]}", HEADLINE, []),
    # regex
    (r"{regex: 'two \w+ missiles'}", HEADLINE, ["two ballistic missiles"]),
    (r"{regex: '\bkore[an]+s?\b'}", HEADLINE, ["korea"]),
    (r"{regex: 'three \w+ missiles'}", HEADLINE, []),
    (r"{all: [seoul, {regex: 'two|three'}]}", HEADLINE, ["two", "seoul"]),
    (r"{regex: '화성 ?\d+'}", "북한, 화성-19형 발사", ["화성 19"]),
    # near
    ("{near: {words: 1, any: [korea], with: [fires]}}", HEADLINE, ["korea", "fires"]),
    ("{near: {words: 4, any: [korea], with: [missiles]}}", HEADLINE, ["korea", "missiles"]),
    ("{near: {words: 3, any: [korea], with: [missiles]}}", HEADLINE, []),
    ("{near: {words: 1, any: [fires], with: [korea]}}", HEADLINE, ["korea", "fires"]),
    ("{near: {words: 1, any: [fires], with: [korea], ordered: true}}", HEADLINE, []),
    ("{near: {words: 1, any: [korea], with: [fires], ordered: true}}", HEADLINE, ["korea", "fires"]),
    ("{near: {words: 1, any: [north korea], with: [fires]}}", HEADLINE, ["north korea", "fires"]),
    (
        "{near: {words: 2, any: [fires two ballistic], with: [toward]}}",
        HEADLINE,
        ["fires two ballistic", "toward"],
    ),
    ("{near: {words: 1, any: [fires two ballistic], with: [toward]}}", HEADLINE, []),
    ("{near: {words: 9, any: [korea], with: [korea]}}", HEADLINE, []),
    ("{near: {words: 9, any: [korea], with: [korea]}}", "Korea, Korea!", ["korea"]),
    ("{near: {words: 9, any: [gone], with: [korea]}}", HEADLINE, []),
    ("{near: {words: 9, any: [korea], with: [gone]}}", HEADLINE, []),
    ("{near: {words: 2, any: [japan, korea], with: [says, gone]}}", HEADLINE, ["japan", "says"]),
    (
        (
            "{near: {words: 1, any: [{near: {words: 1, any: [korea], with: [fires], ordered: true}}], "
            "with: [two], ordered: true}}"
        ),
        HEADLINE,
        ["korea", "fires", "two"],
    ),
    (
        (
            "{near: {words: 9, any: [{near: {words: 4, any: [korea], with: [missiles]}}], "
            "with: [two], ordered: true}}"
        ),
        HEADLINE,
        [],
    ),
    ("{near: {words: 2, any: [{all: [north, fires]}], with: [missiles], ordered: true}}", HEADLINE, []),
    (
        "{near: {words: 3, any: [{all: [north, fires]}], with: [missiles], ordered: true}}",
        HEADLINE,
        ["fires", "missiles"],
    ),
    ("{near: {words: 3, any: [북한], with: [발사]}}", "북한, 동해로 미사일 발사", ["북한", "발사"]),
    ("{near: {words: 2, any: [북한], with: [발사]}}", "북한, 동해로 미사일 발사", []),
    ("{near: {words: 4, any: [北朝鮮], with: [発射]}}", "北朝鮮がミサイル発射", ["北朝鮮", "発射"]),
    ("{near: {words: 1, any: [核], with: [実験]}}", "核実験", ["核", "実験"]),
    ("{all: [korea, {near: {words: 1, any: [korea], with: [missiles]}}]}", HEADLINE, []),
    ("{all: [korea], none: [{near: {words: 1, any: [korea], with: [missiles]}}]}", HEADLINE, ["korea"]),
    # sentence and title
    ("{all: [korea, {sentence: [korea, waits]}]}", "Korea fires. Japan waits", []),
    ("{all: [korea], none: [{sentence: [korea, waits]}]}", "Korea fires. Japan waits", ["korea"]),
    ("{sentence: [発射, 日本]}", "北朝鮮が発射。日本は待つ", []),
    ("{sentence: [日本, 待つ]}", "北朝鮮が発射。日本は待つ", ["日本", "待つ"]),
    ("{sentence: [{regex: '発.'}, {regex: '日本'}]}", "北朝鮮が発射。日本は待つ", []),
    ("{sentence: [{regex: 'wait.'}, {regex: 'jap..'}]}", "Korea fires. Japan waits", ["japan", "waits"]),
    ("{sentence: [korea, fires]}", "Korea fires. Japan waits", ["korea", "fires"]),
    ("{sentence: [korea, waits]}", "Korea fires. Japan waits", []),
    ("{sentence: [japan, waits]}", "Korea fires. Japan waits", ["japan", "waits"]),
    ("{sentence: [fires, {none: [japan]}]}", "Korea fires. Japan fires", ["fires"]),
    ("{sentence: [waits, {none: [japan]}]}", "Korea fires. Japan waits", []),
    (
        "{sentence: [{near: {words: 1, any: [korea], with: [fires]}}, seoul]}",
        "Korea fires, Seoul waits",
        ["korea", "fires", "seoul"],
    ),
    ("{title: [korea, fires]}", HEADLINE, ["korea", "fires"]),
    ("{title: [korea, gone]}", HEADLINE, []),
    # a group with several keys holds when all do
    ("{any: [korea, gone], at_least: 1, of: [fires], title: [japan]}", HEADLINE, ["korea", "fires", "japan"]),
    (
        "{query: '\"ballistic missiles\" NEAR/2 (fires OR launches) NOT drill'}",
        HEADLINE,
        ["fires", "ballistic missiles"],
    ),
]


@pytest.mark.parametrize(("group", "text", "expected"), GROUPS)
def test_a_group_finds_its_words(group: str, text: str, expected: list[str]) -> None:
    assert evidence(group, text) == sorted(expected, key=lambda words: first_place(text, words))


def first_place(text: str, words: str) -> tuple[int, int]:
    """Order evidence as it stands in the text, a shorter find first."""
    place = text.casefold().replace("-", " ").index(words)
    return place, len(words)


ACROSS = [
    ("{all: [korea, fires]}", ["korea", "fires"]),
    ("{near: {words: 50, any: [korea], with: [fires]}}", []),
    ("{near: {words: 50, any: [fires], with: [seoul]}}", ["fires", "seoul"]),
    ("{sentence: [korea, fires]}", []),
    ("{sentence: [fires, seoul]}", ["fires", "seoul"]),
    ("{title: [fires]}", []),
    ("{title: [korea]}", ["korea"]),
    ("{title: [{none: [fires]}], all: [seoul]}", ["seoul"]),
    ("{title: [{regex: 'fires'}]}", []),
    ("{title: [{regex: 'kor..'}]}", ["korea"]),
    ("{all: [korea, {title: [{regex: 'fires'}]}]}", []),
    ("{all: [missile], none: [{title: [missile]}]}", []),
    ("{all: [fires], none: [{title: [fires]}]}", ["fires"]),
]


@pytest.mark.parametrize(("group", "expected"), ACROSS)
def test_title_and_summary_are_two_places(group: str, expected: list[str]) -> None:
    assert evidence(group, "Korea and a missile", "The army fires, Seoul says") == expected


@pytest.mark.parametrize(
    ("look_in", "expected"),
    [
        ("title", ["korea", "missile"]),
        ("text", ["missile", "fires"]),
        ("title and text", ["korea", "missile", "fires"]),
    ],
)
def test_an_indicator_looks_where_it_is_told(look_in: str, expected: list[str]) -> None:
    assert (
        evidence("[korea, missile, fires]", "Korea missile", "A missile fires", look_in=look_in) == expected
    )


@pytest.mark.parametrize("title", ["Kim speaks", "Kim speaks."])
@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("A missile flies", ["missile"]),
        ("It rains. A missile flies", ["missile"]),
        ("It rains. It pours. A missile flies", []),
        ("It rains. A missile flies. Missiles flew in 2006", ["missile"]),
        ("", []),
    ],
)
def test_a_lead_is_two_sentences_long(title: str, summary: str, expected: list[str]) -> None:
    assert evidence("[missile*]", title, summary, look_in="title and lead") == expected
    assert evidence("[missile*]", f"Missile! {title}", summary, look_in="title and lead") == ["missile"]


def test_a_title_group_never_looks_in_the_summary_of_an_indicator_that_looks_there_only() -> None:
    assert evidence("{title: [korea]}", "Korea fires", "Korea fires", look_in="text") == []


@pytest.mark.parametrize(
    "group",
    [NoneOf((Term("gone"),)), AnyOf((Term("drill"), NoneOf((Term("gone"),)))), Sentence((NoneOf(()),))],
)
def test_absence_alone_is_no_find(group: Group) -> None:
    assert compile_list(a_list_of(group)).match(an_item(HEADLINE)) == ()


def a_list_of(group: Group) -> IndicatorList:
    """Return a list of one indicator with a group that nobody could write into a file."""
    listed = a_list("indicators: [{id: sign, category: provocation, match: [korea]}]")
    return replace(listed, indicators=(replace(listed.indicators[0], pattern=group),))


ENTITIES = """entities:
  dprk: {names: [North Korea*, 북한], besides: [North Korean restaurant, visitors of North Korea, 북한산]}
  us-president:
    names: [US president]
    holders:
      - {names: [Obama], from: 2009-01-20, until: 2017-01-19}
      - {names: [Trump], from: 2017-01-20, until: 2021-01-19}
      - {names: [Biden], from: 2021-01-20}
  founder: {holders: [{names: [Kim Il Sung], until: 1994-07-08}]}
"""


@pytest.mark.parametrize(
    ("name", "text", "day", "expected"),
    [
        ("$dprk", "North Korean army, north korea", "2020-01-01", ["north korean", "north korea"]),
        ("$dprk", "북한이 발사", "2020-01-01", ["북한"]),
        ("$dprk", "A North Korean restaurant in Hanoi", "2020-01-01", []),
        ("$dprk", "North Korea closes a North Korean restaurant", "2020-01-01", ["north korea"]),
        ("$dprk", "A North Korean restaurant opens near North Korea", "2020-01-01", ["north korea"]),
        ("$dprk", "Visitors of North Korea", "2020-01-01", []),
        ("$dprk", "Visitors of North Koreans", "2020-01-01", ["north koreans"]),
        ("$dprk", "북한산 등반", "2020-01-01", []),
        ("$dprk", "북한, 북한산 사진 공개", "2020-01-01", ["북한"]),
        ("$us-president", "the US president speaks", "1900-01-01", ["us president"]),
        ("$us-president", "Obama and Trump", "2017-01-19", ["obama"]),
        ("$us-president", "Obama and Trump", "2017-01-20", ["trump"]),
        ("$us-president", "Trump and Biden", "2021-01-19", ["trump"]),
        ("$us-president", "Trump and Biden", "2021-01-20", ["biden"]),
        ("$us-president", "Trump and Biden", "2030-01-01", ["biden"]),
        ("$us-president", "Obama", "2008-12-31", []),
        ("$founder", "Kim Il Sung speaks", "1994-07-08", ["kim il sung"]),
        ("$founder", "Kim Il Sung speaks", "1994-07-09", []),
    ],
)
def test_an_entity_is_found_by_the_names_of_its_day(
    name: str, text: str, day: str, expected: list[str]
) -> None:
    assert evidence(f"[{name}]", text, head=ENTITIES, on=day) == expected


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("{title: [$dprk]}", []),
        ("{all: [pyongyang, {title: [$dprk]}]}", []),
        ("{sentence: [$dprk, waits]}", []),
        ("{sentence: [$dprk, fires]}", ["north korea", "fires"]),
        ("{sentence: [seoul, waits]}", ["seoul", "waits"]),
        ("{all: [$dprk], none: [{sentence: [$dprk, waits]}]}", ["north korea"]),
    ],
)
def test_an_entity_is_found_where_its_group_looks(group: str, expected: list[str]) -> None:
    assert evidence(group, "Pyongyang", "North Korea fires. Seoul waits", head=ENTITIES) == expected


def test_an_item_without_a_date_is_of_the_day_it_was_seen() -> None:
    assert evidence("[$us-president]", "Biden speaks, not Trump", head=ENTITIES) == ["biden"]


EXPLAINED = (
    "{all: [{near: {words: 3, any: [aa], with: [bb], ordered: true}}, "
    "{near: {words: 4, any: [cc], with: [dd]}}, {at_least: 1, of: [ee]}, {sentence: [ff]}, {title: [$gg]}, "
    "{regex: 'h+i'}], none: [jj]}"
)


def test_every_group_has_a_name_a_person_can_read() -> None:
    listed = a_list(
        "entities: {gg: {names: [gg]}}\n"
        f"indicators: [{{id: sign, category: provocation, match: {EXPLAINED}}}]"
    )

    labels = set(labels_of(compile_list(listed).compiled[0].node))

    assert {
        "all",
        "near, 3 words, in order",
        "near, 4 words",
        "any",
        "at least 1",
        "sentence",
        "title",
        "none",
    } <= labels
    assert {"aa", "bb", "cc", "dd", "ee", "ff", "$gg", "regex h+i", "jj"} <= labels


def labels_of(node: Node) -> Iterator[str]:
    yield node.label
    for part in node.parts:
        yield from labels_of(part)


GG = "entities: {gg: {names: [gg], holders: [{names: [hh], until: 2000-01-01}]}}"

NEEDED = [
    ("[aa, bb]", [{"aa", "bb"}]),
    ("{all: [[aa, bb], cc]}", [{"aa", "bb"}, {"cc"}]),
    ("{near: {words: 3, any: [aa, bb], with: [cc]}}", [{"aa", "bb"}, {"cc"}]),
    ("{sentence: [[aa, bb], cc]}", [{"aa", "bb"}, {"cc"}]),
    ("{title: [aa, [bb, cc]]}", [{"aa"}, {"bb", "cc"}]),
    ("{all: [aa, aa]}", [{"aa"}]),
    ("{all: [aa], none: [bb]}", [{"aa"}]),
    ("{all: [aa, {regex: 'b+c'}]}", [{"aa"}]),
    ("[aa, {all: [[bb, cc, dd], [ee, ff]]}]", [{"aa", "ee", "ff"}, {"aa", "bb", "cc", "dd"}]),
    ("{at_least: 2, of: [aa, bb, cc]}", [{"aa", "bb", "cc"}]),
    ("[$gg]", [{"gg", "hh"}]),
    ("[aa, {regex: 'b+c'}]", []),
    ("{regex: 'b+c'}", []),
]


@pytest.mark.parametrize(("group", "needed"), NEEDED)
def test_an_indicator_is_skipped_unless_something_it_needs_is_there(
    group: str, needed: list[set[str]]
) -> None:
    listed = a_list(f"{GG}\nindicators: [{{id: sign, category: provocation, match: {group}}}]")
    lexicon, asked = Lexicon(), listed.indicators[0].pattern
    assert isinstance(asked, Group)

    node = compile_group(asked, lexicon, lambda entity: compile_names(listed.entities[entity], lexicon))

    assert node.needs() == tuple(frozenset(lexicon.add_all(terms)) for terms in needed)


@pytest.mark.parametrize(
    "group", ["{near: {words: 9, any: [kim], with: [warns]}}", "{sentence: [kim, {regex: 'w.rns'}]}"]
)
def test_a_text_that_repeats_itself_gives_so_many_pairs_and_no_more(group: str) -> None:
    matcher = compile_list(a_list(f"indicators: [{{id: sign, category: provocation, match: {group}}}]"))

    judged = matcher.judge(matcher.compiled[0], matcher.view(an_item("Kim warns. " * 70)))

    assert judged is not None
    assert len(judged[0]) == 64


_words = st.lists(
    st.sampled_from(["aa", "bb", "cc", "dd", "ee", "ff", "bcc", "hh.", "가나", "x"]), max_size=6
)


@given(_words, st.sampled_from([group for group, _ in NEEDED]))
def test_what_is_skipped_would_not_have_held(words: list[str], group: str) -> None:
    listed = a_list(f"{GG}\nindicators: [{{id: sign, category: provocation, match: {group}}}]")
    matcher, item = compile_list(listed), an_item(" ".join(words))
    view = matcher.view(item)
    (compiled,) = matcher.compiled

    assert _holds(compiled.node, view) == bool(matcher.match(item))


def _holds(node: Node, view: View) -> bool:
    """Say whether a group holds, by looking at every part of it."""
    match node:
        case AllNode():
            return all(_holds(part, view) for part in node.parts)
        case AnyNode():
            return sum(_holds(part, view) for part in node.parts) >= node.count
        case NoneNode():
            return not any(_holds(part, view) for part in node.parts)
    return node.find(view, 0, len(view.text) + 1) is not None
