"""Properties of every list and every text: of the matcher, and of a second one that is obviously right."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.builders import NOON, a_list, an_item
from tests.match.reference import Reference
from tests.text.strange import STRANGE, any_text
from watcher.match import Matcher, compile_list
from watcher.model.alerts import Hit
from watcher.model.language import (
    AllOf,
    AnyOf,
    AtLeast,
    Category,
    Group,
    Indicator,
    IndicatorId,
    IndicatorList,
    Near,
    NoneOf,
    Sentence,
    Severity,
    Term,
    Title,
)
from watcher.text.fold import fold

WORDS = [
    "kim",
    "kims",
    "north",
    "korea",
    "icbm",
    "ракета",
    "북한",
    "발사",
    "발사를",
    "北",
    "核",
    "ミサイル",
    "北核",
]
LATIN = ["kim", "kim*", "ki?", "north korea", "korea", "n* korea", "icbm", "ракет*"]
TERMS = [*LATIN, "북한", "발사", "북한 발사", "icbm 발사", "北", "核", "北 核", "サイ", "=北"]

texts = st.lists(st.sampled_from([*WORDS, *WORDS, ".", "。"]), max_size=6).flatmap(
    lambda words: st.lists(st.sampled_from([" ", " ", ""]), min_size=len(words), max_size=len(words)).map(
        lambda gaps: "".join(word + gap for word, gap in zip(words, gaps, strict=True))
    )
)
terms = st.sampled_from(TERMS).map(Term)


def groups(*, negated: bool = True, of: SearchStrategy[Group] = terms) -> SearchStrategy[Group]:
    """Return groups of all kinds, three deep; without `negated`, none that wants words absent."""

    def larger(inner: SearchStrategy[Group]) -> SearchStrategy[Group]:
        parts = st.lists(inner, min_size=1, max_size=3).map(tuple)
        sides = st.lists(inner, min_size=1, max_size=2).map(tuple)
        kinds: list[SearchStrategy[Group]] = [
            st.builds(AllOf, parts),
            st.builds(AnyOf, parts),
            st.builds(AtLeast, st.integers(1, 3), parts),
            st.builds(Near, st.integers(0, 3), sides, sides, st.booleans()),
            st.builds(Sentence, parts),
            st.builds(Title, parts),
        ]
        return st.one_of(*kinds, st.builds(NoneOf, parts)) if negated else st.one_of(*kinds)

    return st.recursive(of, larger, max_leaves=6)


def an_indicator(match: Group, name: str = "sign") -> Indicator:
    return Indicator(
        id=IndicatorId(name), title=name, category=Category.PROVOCATION, severity=Severity.HIGH, pattern=match
    )


def a_matcher(*indicators: Indicator) -> Matcher:
    return compile_list(IndicatorList(title="signs", indicators=indicators))


def hits(match: Group, title: str, summary: str = "") -> tuple[Hit, ...]:
    return a_matcher(an_indicator(match)).match(an_item(title, summary))


@settings(max_examples=300)
@given(groups(), texts, texts)
def test_a_plain_second_matcher_finds_the_same(group: Group, title: str, summary: str) -> None:
    matcher = a_matcher(an_indicator(group))
    expected = Reference(title, summary).mentions(group)
    assume(len(expected or ()) < 64)

    judged = matcher.judge(matcher.compiled[0], matcher.view(an_item(title, summary)))

    assert {frozenset(mention) for mention in (judged[0] if judged else ())} == (expected or set())


@given(
    st.permutations(TERMS).flatmap(lambda names: st.tuples(st.just(names), st.integers(1, len(names)))), texts
)
def test_the_order_of_terms_does_not_matter(drawn: tuple[list[str], int], text: str) -> None:
    names = drawn[0][: drawn[1]]

    one = hits(AnyOf(tuple(map(Term, names))), text)
    other = hits(AnyOf(tuple(map(Term, sorted(names)))), text)

    assert one == other


@given(st.lists(groups(), min_size=2, max_size=3), texts, texts)
def test_the_order_of_groups_does_not_matter(parts: list[Group], title: str, summary: str) -> None:
    for kind in (AllOf, AnyOf, Sentence, Title):
        found = [hits(kind(order), title, summary) for order in permutations(parts)]

        assert all(each == found[0] for each in found)


@given(st.lists(groups(), min_size=1, max_size=4), texts)
def test_the_order_and_company_of_indicators_does_not_matter(matches: list[Group], text: str) -> None:
    indicators = [an_indicator(match, f"sign-{number}") for number, match in enumerate(matches)]
    item = an_item(text)

    together = a_matcher(*indicators).match(item)

    assert a_matcher(*reversed(indicators)).match(item) == tuple(reversed(together))
    assert [hit for indicator in indicators for hit in a_matcher(indicator).match(item)] == list(together)


@given(groups(), st.lists(texts, min_size=1, max_size=4))
def test_the_order_of_items_does_not_matter(match: Group, titles: list[str]) -> None:
    items = [an_item(title, minutes=minute) for minute, title in enumerate(titles)]
    matcher = a_matcher(an_indicator(match))

    forth = {item.seen: matcher.match(item) for item in items}
    back = {item.seen: matcher.match(item) for item in reversed(items)}

    assert forth == back
    assert set(forth) == {NOON + timedelta(minutes=minute) for minute in range(len(titles))}


@given(groups(negated=False), groups(negated=False), texts, texts)
def test_an_alternative_never_removes_a_hit(group: Group, other: Group, title: str, summary: str) -> None:
    before = hits(group, title, summary)

    for more in widened(group, other):
        after = hits(more, title, summary)

        assert len(after) >= len(before)
        assert all(set(hit.evidence) <= set(after[0].evidence) for hit in before) or isinstance(
            group, Sentence | Near
        )


def widened(group: Group, other: Group) -> Sequence[Group]:
    """Return a group with an alternative wherever it takes one."""
    match group:
        case AnyOf(parts):
            inside: Group = AnyOf((*parts, other))
        case AtLeast(count, parts):
            inside = AtLeast(count, (*parts, other))
        case Near():
            inside = replace(group, right=(*group.right, other))
        case AllOf(parts) | Sentence(parts) | Title(parts):
            inside = replace(group, parts=(AnyOf((parts[0], other)), *parts[1:]))
        case _:
            inside = AnyOf((group, other))
    return inside, AnyOf((group, other)), AnyOf((other, group))


@given(groups(), texts, texts)
def test_every_hit_names_words_that_are_in_the_text(group: Group, title: str, summary: str) -> None:
    for hit in hits(group, title, summary):
        assert hit.evidence
        assert all(words in fold(title) or words in fold(summary) for words in hit.evidence)


@given(groups(), texts)
def test_spelling_does_not_matter(group: Group, text: str) -> None:
    spelt = [
        hits(group, spelling)
        for spelling in (text.upper(), f"{text}\u200b\u202e", text.replace(" ", "\u00a0\t"))
    ]

    assert all(bool(each) == bool(hits(group, text)) for each in spelt)


EVERYTHING = r"""
entities:
  dprk: {names: [North Korea*, 북한], besides: [North Korean restaurant]}
indicators:
  - {id: all, category: provocation, match: {all: [$dprk, [missile*, 미사일]], none: [museum]}}
  - {id: near, category: provocation,
     match: {near: {words: 5, any: [$dprk], with: [fire*, 발사], ordered: true}}}
  - {id: far, category: provocation, match: {near: {words: 1, any: [korea], with: [korea]}}}
  - {id: sentence, category: provocation,
     match: {sentence: [may, fire*, {near: {words: 3, any: [fire], with: [missile]}}]}}
  - {id: regex-in-sentence, category: provocation, match: {sentence: [{regex: 'fi\w+'}, gone]}}
  - {id: title, category: provocation, match: {title: [{at_least: 2, of: [aa, mi*, 핵, mis?ile*]}]}}
  - {id: regex, category: provocation, match: {regex: '(s|ss|i)*missile+'}}
cues:
  - {says: speculated, terms: [may, might], reach: after}
  - {says: background, terms: [museum, korea again], reach: both}
  - {says: none, terms: [may fire missile may], reach: both}
"""


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE)
def test_a_megabyte_of_anything_gives_hits_or_none(text: str) -> None:
    matcher = compile_list(a_list(EVERYTHING, terminators=("but",)))

    for item in (an_item(text), an_item("North Korea fires", text)):
        assert all(hit.evidence for hit in matcher.match(item))


@given(any_text, any_text)
def test_any_text_gives_hits_or_none(title: str, summary: str) -> None:
    matcher = compile_list(a_list(EVERYTHING))

    assert len(matcher.match(an_item(title, summary))) <= 7
