"""The gate lets through whatever may hold, and of everyday news next to nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.news import story
from tests.builders import NOON, a_list, an_item
from tests.match.test_properties import an_indicator, groups, terms, texts
from watcher.config import load_indicators
from watcher.config.shipped import shipped
from watcher.match import compile_list
from watcher.match.gate import ways_of
from watcher.match.groups import compile_group, compile_names
from watcher.match.lexicon import Lexicon
from watcher.model.language import (
    Entity,
    EntityId,
    Group,
    Holder,
    IndicatorList,
    Names,
    Regex,
    SilencePattern,
)

GG = "entities: {gg: {names: [gg], holders: [{names: [hh], until: 2000-01-01}]}}"

WAYS = [
    ("[aa, bb]", [["aa|bb"]]),
    ("{all: [[aa, bb], cc]}", [["aa|bb", "cc"]]),
    ("{near: {words: 3, any: [aa, bb], with: [cc]}}", [["aa|bb", "cc"]]),
    ("{sentence: [[aa, bb], cc]}", [["aa|bb", "cc"]]),
    ("{all: [aa, {any: [{all: [bb, cc]}, {title: [dd, ee]}]}]}", [["aa", "bb", "cc"], ["aa", "dd", "ee"]]),
    ("[aa, {all: [bb, cc]}, dd]", [["bb", "cc"], ["aa|dd"]]),
    ("{all: [aa], none: [bb]}", [["aa"]]),
    ("{all: [aa, {regex: 'b+c'}]}", [["aa"]]),
    ("{at_least: 2, of: [aa, bb, cc]}", [["aa|bb|cc"]]),
    ("[$gg]", [["gg|hh"]]),
    ("[aa, {regex: 'b+c'}]", [[]]),
    ("{regex: 'b+c'}", [[]]),
]


@pytest.mark.parametrize(("group", "ways"), WAYS)
def test_a_group_holds_in_certain_ways(group: str, ways: list[list[str]]) -> None:
    listed = a_list(f"{GG}\nindicators: [{{id: sign, category: provocation, match: {group}}}]")
    lexicon, asked = Lexicon(), listed.indicators[0].pattern
    assert isinstance(asked, Group)
    node = compile_group(asked, lexicon, lambda entity: compile_names(listed.entities[entity], lexicon))

    assert ways_of(node) == tuple(
        tuple(frozenset(lexicon.add_all(terms.split("|"))) for terms in way) for way in ways
    )


def test_many_ways_are_told_as_fewer() -> None:
    pairs = ", ".join(
        f"{{any: [{{all: [a{n}, b{n}]}}, {{all: [c{n}, d{n}]}}, {{all: [e{n}, f{n}]}}]}}" for n in range(9)
    )
    listed = a_list(f"indicators: [{{id: sign, category: provocation, match: {{all: [{pairs}]}}}}]")

    (compiled,) = compile_list(listed).compiled

    assert 1 < len(ways_of(compiled.node)) <= 64


ENTITIES = {
    name: Entity(id=name, names=names, holders=holders, besides=besides)
    for name, names, holders, besides in (
        (EntityId("north"), ("north", "n* korea", "北"), (), ("north korea", "北核")),
        (EntityId("role"), (), (Holder(names=("kim",), end=NOON.date()), Holder(names=("icbm", "핵"))), ()),
    )
}
asked_for = st.one_of(
    terms, terms, st.sampled_from([Regex("kim|발사"), Regex("k.r")]), st.sampled_from([*map(Names, ENTITIES)])
)


@settings(max_examples=300)
@given(
    st.lists(groups(of=asked_for), min_size=1, max_size=4), texts, texts, st.integers(-1, 1), st.booleans()
)
def test_whatever_holds_passes_the_gate(
    asked: list[Group], title: str, summary: str, days: int, listens: bool
) -> None:
    signs = [an_indicator(group, f"sign-{number}") for number, group in enumerate(asked)]
    silence = SilencePattern(group=asked[0], longer=timedelta(days=2))
    if listens:
        signs.append(replace(an_indicator(asked[0], "silence"), pattern=silence))
    matcher = compile_list(IndicatorList(title="signs", indicators=tuple(signs), entities=ENTITIES))
    item = replace(an_item(title, summary), published=NOON + timedelta(days=days))
    view = matcher.view(item)

    passed = {compiled.indicator.id for compiled, _ in matcher.may_hold(item)}

    held = {each.indicator.id for each in matcher.compiled if matcher.judge(each, view)}
    assert held <= passed
    assert {hit.indicator for hit in matcher.match(item)} == held
    assert not (listens and "sign-0" in held) or "silence" in passed


def test_next_to_nothing_of_everyday_news_passes_the_gate_of_the_shipped_list() -> None:
    matcher = compile_list(load_indicators(shipped("indicators.yaml")))
    stories = [story(feed, number) for feed in range(20) for number in range(20)]

    passed = [each for each in stories if matcher.may_hold(an_item(each.title, each.summary))]

    assert 0 < len(passed) < len(stories) / 50
