"""What is true of a group written as YAML."""

import yaml
from hypothesis import given
from hypothesis import strategies as st

from watcher.config import read_indicators
from watcher.config.query import parse_query
from watcher.config.written import as_yaml
from watcher.model.language import (
    AllOf,
    AnyOf,
    AtLeast,
    EntityId,
    Group,
    Names,
    Near,
    NoneOf,
    Regex,
    Sentence,
    Term,
    Title,
)

TERMS = st.sampled_from(
    ["launch*", "no", "on", "12:30", "Kim Yo-jong", "발사", "Hwasong-1?", "'s missile", "null"]
).map(Term)
LEAVES = TERMS | st.just(Names(EntityId("dprk"))) | st.just(Regex(r"hwasong[0-9]+"))


def _inner(groups: st.SearchStrategy[Group]) -> st.SearchStrategy[Group]:
    parts = st.lists(groups, min_size=1, max_size=3).map(tuple)
    return (
        parts.map(AllOf)
        | parts.map(AnyOf)
        | parts.map(Sentence)
        | parts.map(Title)
        | parts.map(lambda some: AtLeast(1, some))
        | st.builds(Near, st.integers(1, 20), parts, parts, st.booleans())
        | parts.map(lambda some: AllOf((Term("missile"), NoneOf(some))))
    )


@given(st.recursive(LEAVES, _inner, max_leaves=8))
def test_a_group_written_as_yaml_is_read_as_the_same_group(group: Group) -> None:
    whole = {
        "entities": {"dprk": {"names": ["North Korea*"]}},
        "indicators": [{"id": "a", "category": "trigger", **yaml.load(as_yaml(group), yaml.BaseLoader)}],
    }

    text = yaml.dump(whole, allow_unicode=True)

    assert read_indicators(text.encode(), "i.yaml").indicators[0].pattern == group


def test_a_query_is_written_as_the_groups_it_stands_for() -> None:
    group = parse_query('"Kim Yo Jong" NEAR/10 (warn* OR threat*) NOT film', ())

    assert yaml.safe_load(as_yaml(group)) == {
        "match": {
            "all": [
                {"near": {"words": 10, "any": ["Kim Yo Jong"], "with": ["warn*", "threat*"]}},
                {"none": ["film"]},
            ]
        }
    }
