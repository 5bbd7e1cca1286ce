"""What is true of search strings pasted from other tools."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.config import read_indicators
from watcher.config.query import MAX_NESTING, parse_query
from watcher.errors import ConfigError
from watcher.model.language import AllOf, AnyOf, EntityId, Group, Names, Near, NoneOf, Term

A, B, C, FILM = Term("aa"), Term("bb"), Term("cc"), Term("film")


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("aa", A),
        ('"aa bb"', Term("aa bb")),
        ("“aa bb”", Term("aa bb")),
        ("aa bb", AllOf((A, B))),
        ("aa AND bb", AllOf((A, B))),
        ("aa OR bb", AnyOf((A, B))),
        ('aa "NEAR/3" bb', AllOf((A, Term("NEAR/3"), B))),
        ("aa OR bb cc", AnyOf((A, AllOf((B, C))))),
        ("(aa OR bb) cc", AllOf((AnyOf((A, B)), C))),
        ("aa NOT film", AllOf((A, NoneOf((FILM,))))),
        ("aa AND NOT (bb OR film)", AllOf((A, NoneOf((AnyOf((B, FILM)),))))),
        ("$dprk launch*", AllOf((Names(EntityId("dprk")), Term("launch*")))),
        ("aa | bb", AnyOf((A, B))),
        ("aa|bb cc", AnyOf((A, AllOf((B, C))))),
        ("aa -film", AllOf((A, NoneOf((FILM,))))),
        ('aa -"bb cc" -(bb | cc)', AllOf((A, NoneOf((Term("bb cc"),)), NoneOf((AnyOf((B, C)),))))),
        ("aa-bb", Term("aa-bb")),
        ("aa W/3 bb", Near(3, (A,), (B,))),
        ("aa w/3 bb", Near(3, (A,), (B,))),
        ("aa PRE/3 bb", Near(3, (A,), (B,), ordered=True)),
        ("aa ONEAR/3 (bb OR cc)", Near(3, (A,), (B, C), ordered=True)),
        ("nearly near", AllOf((Term("nearly"), Term("near")))),
        ("aa NEAR/3 bb NEAR/5 cc", AllOf((Near(3, (A,), (B,)), Near(5, (B,), (C,))))),
        (
            '"Kim Yo Jong" NEAR/10 (warn* OR threat*) NOT film',
            AllOf((Near(10, (Term("Kim Yo Jong"),), (Term("warn*"), Term("threat*"))), NoneOf((FILM,)))),
        ),
    ],
)
def test_a_query_means_what_search_engines_take_it_for(query: str, meant: Group) -> None:
    assert parse_query(query, {"dprk"}) == meant


@pytest.mark.parametrize(
    ("query", "column", "said"),
    [
        ("", 0, "an empty query"),
        ("aa (bb", 3, "this `(` is never closed"),
        ("aa) bb", 2, "this `)` has no matching `(`"),
        ('aa "bb', 3, "this quotation mark is never closed"),
        ("aa OR", 5, "the query ends where a word is expected"),
        ("OR aa", 0, "expected a word before `OR`"),
        ("()", 1, "expected a word before `)`"),
        ("aa NEAR bb", 3, "`NEAR` is no operator; write how many words at most, as in NEAR/10"),
        ("aa NEAR/0 bb", 3, "`NEAR/0` is no operator; write how many words at most, as in NEAR/10"),
        ("aa PRE/x bb", 3, "`PRE/x` is no operator; write how many words at most, as in PRE/10"),
        ("aa w/ bb", 3, "`w/` is no operator; write how many words at most, as in W/10"),
        ("aa |", 4, "the query ends where a word is expected"),
        ("-film", 0, "NOT alone matches nearly everything; add what must be there"),
        ("NOT film", 0, "NOT alone matches nearly everything; add what must be there"),
        ("aa OR NOT film", 6, "NOT alone matches nearly everything; add what must be there"),
        ("aa or bb", 3, '`or` is an operator only in capitals; write OR, or put the phrase in "…"'),
        ("aa x", 3, "`x` is one letter, which is in nearly every text; write a longer term"),
        ("aa $dprx", 3, "unknown entity `$dprx`; did you mean `$dprk`?"),
        ("(" * (MAX_NESTING + 1), MAX_NESTING, f"parentheses nested more than {MAX_NESTING} deep"),
    ],
)
def test_a_wrong_query_is_a_mistake_at_the_very_character(query: str, column: int, said: str) -> None:
    text = (
        f"entities: {{dprk: {{names: [North Korea]}}}}\nindicators: "
        f"[{{id: a, category: trigger, match: {{query: '{query}'}}}}]"
    )

    with pytest.raises(ConfigError) as caught:
        read_indicators(text.encode(), "i.yaml")

    begins = text.splitlines()[1].index("'") + 2
    assert [str(each) for each in caught.value.mistakes] == [
        f"i.yaml:2:{begins + column}: {said} (at character {column + 1} of the query)"
    ]


def test_a_query_on_several_lines_is_placed_where_it_begins() -> None:
    text = (
        "indicators:\n  - id: a\n    category: trigger\n    match:\n      query: >\n        aa\n        OR\n"
    )

    with pytest.raises(ConfigError) as caught:
        read_indicators(text.encode(), "i.yaml")

    assert str(caught.value).startswith("i.yaml:5:14: the query ends where a word is expected")


@given(
    st.lists(
        st.sampled_from(
            [
                "aa",
                '"bb cc"',
                "(",
                ")",
                "AND",
                "OR",
                "NOT",
                "NEAR/3",
                "PRE/2",
                "NEAR",
                "|",
                "-",
                "$dprk",
                '"',
                " ",
                "x",
            ]
        ),
        max_size=12,
    )
)
def test_any_query_is_a_group_or_a_value_error(pieces: list[str]) -> None:
    try:
        parse_query(" ".join(pieces), {"dprk"})
    except ValueError as error:
        message = str(error)
    else:
        message = "read"
    assert message
