"""What is true of reading indicators.yaml: what each word means, and how each mistake is told."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from watcher.config import load_cues, load_indicators, read_indicators
from watcher.config.indicators import HOW_TO_MAKE_INDICATORS
from watcher.config.source import MAX_BYTES
from watcher.config.tree import MAX_DEPTH
from watcher.errors import ConfigError, Mistake
from watcher.model.language import (
    AllOf,
    AnyOf,
    AtLeast,
    Category,
    Claim,
    Corroboration,
    EntityId,
    Group,
    Indicator,
    IndicatorList,
    JoinBy,
    Joining,
    Names,
    Near,
    NoneOf,
    Pattern,
    Regex,
    Sentence,
    Severity,
    Term,
    Then,
    Title,
)
from watcher.model.news import Grade

HEAD = "entities: {dprk: {names: [North Korea*]}}\ncalendars: {party-day: {dates: ['10-10']}}\nindicators:\n"


def read(text: str | bytes) -> IndicatorList:
    return read_indicators(text.encode() if isinstance(text, str) else text, "i.yaml")


def indicator(lines: str) -> Indicator:
    """Read one indicator; `lines` are further keys, one a line."""
    body = "".join(f"    {line}\n" for line in lines.splitlines())
    return read(f"{HEAD}  - id: icbm\n    category: provocation\n{body}").indicators[0]


def matching(match: str) -> Pattern:
    return indicator(f"match: {match}").pattern


def mistakes(text: str | bytes) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(text)
    return [str(mistake) for mistake in caught.value.mistakes]


def mistakes_of(lines: str) -> list[str]:
    """Mistakes of one indicator whose keys begin on line 6, column 5."""
    with pytest.raises(ConfigError) as caught:
        indicator(lines)
    return [str(mistake) for mistake in caught.value.mistakes]


# --- what is understood -------------------------------------------------------------------------------------


def test_the_example_of_the_design_is_read_whole() -> None:
    found = indicator(
        """title: ICBM test
severity: critical
why: The clearest provocation.
match:
  all: [$dprk, {near: {words: 12, any: [ICBM*], with: [test*, 발사], ordered: true}}]
  none: [video game]
claims: {historical: ignore, speculated: low}
heeds: [denied, background]
timing: {near: [party-day], before: 30d, after: 3d, then: only}
corroborate: {origins: 3, owners: 4, grade: B or better, within: 90m}
feeds: {grade: C or better, owner: yonhap, languages: [ko, en], id: [yonhap-en]}
look_in: title
repeat_after: 2w
joins: {family: launch, rung: 4, by: happening, quiet: 6h}
covers: [P01, P02]
examples:
  match: [North Korea tests ICBM, {text: North Korea may test ICBM, claim: speculated}]
  no_match: [{text: ICBM video game, date: 2026-07-15}]"""
    )

    assert (found.id, found.title, found.category, found.severity) == (
        "icbm",
        "ICBM test",
        Category.PROVOCATION,
        Severity.CRITICAL,
    )
    near = Near(12, (Term("ICBM*"),), (Term("test*"), Term("발사")), ordered=True)
    assert found.pattern == AllOf((AllOf((Names_("dprk"), near)), NoneOf((Term("video game"),))))
    assert found.claims == {Claim.HISTORICAL: None, Claim.SPECULATED: Severity.LOW}
    assert found.heeds == frozenset({"denied", "background"})
    assert [(each.near, each.before.days, each.after.days, each.then) for each in found.timing] == [
        (("party-day",), 30, 3, Then.ONLY)
    ]
    assert found.corroborate is not None
    assert found.corroborate == Corroboration(
        origins=3, owners=4, grade=Grade.B, within=timedelta(minutes=90)
    )
    assert (found.scope.grade, found.scope.owners, found.scope.languages) == (
        Grade.C,
        frozenset({"yonhap"}),
        frozenset({"ko", "en"}),
    )
    assert (found.look_in, found.repeat_after) == (("title",), timedelta(weeks=2))
    assert found.joining == Joining(family="launch", step=4, by=JoinBy.HAPPENING, quiet=timedelta(hours=6))
    assert [(each.hits, each.claim, each.day) for each in found.examples] == [
        (True, None, None),
        (True, Claim.SPECULATED, None),
        (False, None, date(2026, 7, 15)),
    ]
    assert (found.covers, found.place) == (("P01", "P02"), "i.yaml:4:5")
    assert found.examples[1].place == "i.yaml:22:39"


def test_the_steps_of_a_ladder_are_groups_like_any_other() -> None:
    found = indicator(
        "match: xx\njoins: {family: f, rung: 1, ladder: {3: [$dprk, IRBM*], 2: {all: [aa, bb]}}}"
    ).joining

    assert found is not None
    assert found.steps == ((3, AnyOf((Names_("dprk"), Term("IRBM*")))), (2, AllOf((Term("aa"), Term("bb")))))


def Names_(entity: str) -> Names:  # noqa: N802 - reads as the value it makes
    return Names(EntityId(entity))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ICBM", Term("ICBM")),
        ("$dprk", Names_("dprk")),
        ("[ICBM, $dprk]", AnyOf((Term("ICBM"), Names_("dprk")))),
        ("{any: [ICBM]}", AnyOf((Term("ICBM"),))),
        ("{all: [ICBM, [aa, bb]]}", AllOf((Term("ICBM"), AnyOf((Term("aa"), Term("bb")))))),
        ("{at_least: 2, of: [aa, bb, cc]}", AtLeast(2, (Term("aa"), Term("bb"), Term("cc")))),
        ("{sentence: [aa, bb]}", Sentence((Term("aa"), Term("bb")))),
        ("{title: [aa]}", Title((Term("aa"),))),
        (
            "{query: aa NOT bb, none: [cc]}",
            AllOf((AllOf((Term("aa"), NoneOf((Term("bb"),)))), NoneOf((Term("cc"),)))),
        ),
        (r"{regex: 'hwasong \d+'}", Regex(r"hwasong \d+")),
        ("{any: [aa], title: [bb]}", AllOf((AnyOf((Term("aa"),)), Title((Term("bb"),))))),
        (
            "[no, on, 12:30, 0x10, null, ~yes]",
            AnyOf(tuple(map(Term, ("no", "on", "12:30", "0x10", "null", "~yes")))),
        ),
        ("[核, Hwasong-1?, prepar* to]", AnyOf((Term("核"), Term("Hwasong-1?"), Term("prepar* to")))),
    ],
)
def test_a_group_means_what_is_written(written: str, meant: Group) -> None:
    assert matching(written) == meant


def test_defaults_fill_what_an_indicator_leaves_out() -> None:
    found = read(
        "defaults: {severity: high, look_in: text, repeat_after: 6h}\nindicators: [{id: a, "
        "category: trigger, match: [sanctions]}]"
    ).indicators[0]

    assert (found.severity, found.look_in, found.repeat_after) == (
        Severity.HIGH,
        ("summary",),
        timedelta(hours=6),
    )
    assert found.title == "a"


def test_a_role_has_holders_and_days() -> None:
    found = read(
        """entities:
  us-president:
    names: [POTUS]
    holders: [{names: [Trump], from: 2017-01-20, until: 2021-01-20}, {names: [Biden], from: 2021-01-20}]
    besides: [Trump Tower]
indicators: [{id: a, category: trigger, match: $us-president}]"""
    )
    role = next(iter(found.entities.values()))

    assert [(each.names, each.start, each.end) for each in role.holders] == [
        (("Trump",), date(2017, 1, 20), date(2021, 1, 20)),
        (("Biden",), date(2021, 1, 20), None),
    ]
    assert role.besides == ("Trump Tower",)


def test_calendars_have_dates_or_a_rule() -> None:
    found = read(
        """calendars:
  party-day: {dates: ["10-10", 2026-06-03]}
  vote: {every: first Tuesday after first Monday of November, years: every 4 from 2020}
indicators: [{id: a, category: trigger, match: [vote], timing: [{near: [party-day]},
  {near: [vote], before: 2w, then: raise}]}]"""
    )

    assert [(each.dates, each.every, each.years) for each in found.calendars.values()] == [
        (("10-10", "2026-06-03"), "", ""),
        ((), "first Tuesday after first Monday of November", "every 4 from 2020"),
    ]
    assert len(found.indicators[0].timing) == 2


def test_cues_of_the_analyst_join_those_that_ship() -> None:
    shipped, terminators = load_cues()
    text = (
        "indicators: [{id: a, category: trigger, match: [aa]}]\ncues: [{says: denied, reach: "
        "after, language: en, terms: [scoffs at]}]"
    )

    found = read(text)

    assert found.cues[: len(shipped)] == shipped
    assert [(cue.says, cue.terms) for cue in found.cues[len(shipped) :]] == [("denied", ("scoffs at",))]
    assert found.terminators == terminators
    assert {"but", "지만"} <= set(terminators)


MINIMAL = "indicators: [{id: a, category: trigger, match: [탄도미사일, صاروخ]}]\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf" + MINIMAL.encode(),
        MINIMAL.encode("utf-16"),
        b"\xfe\xff" + MINIMAL.encode("utf-16-be"),
        MINIMAL.replace("[{", "\r\n- {").replace("}]", "}\r\n").encode(),
        (
            '{"version": 1,\n\t"indicators": [{"id": "a", "category": "trigger", "match": ["탄도미사일", '
            '"صاروخ"]}]}'
        ).encode(),
    ],
    ids=["utf-8 with a mark", "utf-16", "utf-16 big-endian", "CRLF", "JSON"],
)
def test_files_of_other_editors_read_the_same(raw: bytes) -> None:
    assert read(raw).indicators[0].pattern == AnyOf((Term("탄도미사일"), Term("صاروخ")))


def test_the_advice_for_a_missing_file_is_a_file_that_loads() -> None:
    advice = HOW_TO_MAKE_INDICATORS.split("`")[1]

    assert read(advice).indicators[0].id == "icbm"


# --- files that are no lists --------------------------------------------------------------------------------


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    path = tmp_path / "indicators.yaml"

    with pytest.raises(ConfigError) as caught:
        load_indicators(path)

    assert str(caught.value) == f"{path}:1:1: there is no such file; {HOW_TO_MAKE_INDICATORS}"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_indicators(tmp_path)

    assert str(caught.value) == f"{tmp_path}:1:1: this is a folder; name a file in it"


NO_YAML = "the file is no YAML from here on"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "i.yaml:1:1: the file is empty"),
        (b"# only a remark\n", "i.yaml:1:1: the file is empty"),
        (b"---\n", "i.yaml:1:1: the file is empty"),
        (b"ICBM\n", "i.yaml:1:1: expected keys and values, found `ICBM`"),
        (b"- a\n", "i.yaml:1:1: expected keys and values, found a list"),
        (b"x" * (MAX_BYTES + 1), "i.yaml:1:1: the file is over 5 MB"),
        (
            b"indicators:\n  - caf\xe9\n",
            "i.yaml:2:8: byte 0xE9 at offset 19 is not UTF-8; save the file as UTF-8",
        ),
        (
            "# 북한\n#".encode() + b"\xff",
            "i.yaml:2:2: byte 0xFF at offset 10 is not UTF-8; save the file as UTF-8",
        ),
        (b"\xff\xfea\x00b", "i.yaml:1:2: byte 0x62 at offset 4 is not UTF-16; save the file as UTF-8"),
        (b"a: b\nc: d\x1be\n", "i.yaml:2:5: control character U+001B; remove it"),
        (MINIMAL.encode() + b"---\na: b\n", "i.yaml:2:1: a second document begins here; a file holds one"),
        (
            b'indicators:\n  - "ICBM\n',
            f"i.yaml:3:1: the quotation mark on line 2 is never closed; {NO_YAML}",
        ),
        (
            b"indicators:\n  - id: b\n    reg\n",
            (
                "i.yaml:4:1: the word on line 3 is no key and no entry; add a colon, or begin with `- `; "
                f"{NO_YAML}"
            ),
        ),
        (b"indicators:\n\t- a\n", "i.yaml:2:1: a tab; indent with blanks"),
        (b"[" * 100_000, f"i.yaml:1:{MAX_DEPTH + 2}: nested more than {MAX_DEPTH} deep"),
        (b"indicators: [" + b"a," * 200_000 + b"]", "i.yaml:1:200010: more than 100,000 values in one file"),
    ],
)
def test_what_is_no_list_is_named_at_its_place(raw: bytes, said: str) -> None:
    assert mistakes(raw) == [said]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"title: &a x\n{MINIMAL}", ["i.yaml:1:8: anchor `&a` is not allowed; remove it"]),
        (
            f"title: *a\n{MINIMAL}",
            [
                (
                    "i.yaml:1:8: alias `*a` is not allowed; write the value itself, or name an entity "
                    "and use `$name`"
                )
            ],
        ),
        (
            "indicators: &a\n  - *a\n",
            [
                "i.yaml:1:13: anchor `&a` is not allowed; remove it",
                (
                    "i.yaml:2:5: alias `*a` is not allowed; write the value itself, or name an entity "
                    "and use `$name`"
                ),
            ],
        ),
        (
            f"title: !!python/name:os.system ''\n{MINIMAL}",
            [
                (
                    "i.yaml:1:8: tag `tag:yaml.org,2002:python/name:os.system` is not allowed; remove "
                    "it, or put the text in quotes"
                )
            ],
        ),
        (f"title: a\n{MINIMAL}title: b\n", ["i.yaml:3:1: duplicate key `title`; it is already on line 1"]),
        (f"title:\n{MINIMAL}", ["i.yaml:1:7: nothing is written here; write a value or remove it"]),
        (
            f'title: "a\\0b"\n{MINIMAL}',
            ["i.yaml:1:8: a control character is hidden here; type the text anew"],
        ),
        (f"? [a]\n: b\n{MINIMAL}", ["i.yaml:1:3: a key must be a word"]),
        (f"titel: a\n{MINIMAL}", ["i.yaml:1:1: unknown key `titel`; did you mean `title`?"]),
        (
            f"version: 2\n{MINIMAL}",
            ["i.yaml:1:10: expected version 1, found `2`; a later version needs a later watcher"],
        ),
        ("indicators: []\n", ["i.yaml:1:13: an empty list; write at least one thing in it"]),
        ("title: x\n", ["i.yaml:1:1: missing key `indicators`"]),
        ("indicators: [ICBM]\n", ["i.yaml:1:14: expected keys and values, found `ICBM`"]),
        (
            f"entities: {{a: {{names: []}}}}\n{MINIMAL}",
            ["i.yaml:1:23: an empty list; write at least one thing in it"],
        ),
        (
            f"entities: {{a: {{}}}}\n{MINIMAL}",
            ["i.yaml:1:15: an entity needs `names`, or `holders` with names"],
        ),
        (
            f"entities: {{a: {{names: [$b]}}}}\n{MINIMAL}",
            ["i.yaml:1:24: `$b`: names are spellings, not other entities"],
        ),
        (
            f"entities: {{a b: {{names: [xx]}}}}\n{MINIMAL}",
            [
                (
                    "i.yaml:1:12: `a b` is no id; use letters a-z, digits, `-`, `_` and `.`, at most "
                    "80, as in `icbm-launch`"
                )
            ],
        ),
        (
            f"entities: {{a: {{holders: [{{names: [xx], from: 2020-13-01}}]}}}}\n{MINIMAL}",
            ["i.yaml:1:46: `2020-13-01` is no date: month must be in 1..12"],
        ),
        (
            "entities: {a: {holders: [{names: [xx], from: 2021-01-01, until: 2020-01-01}]}}\n" + MINIMAL,
            ["i.yaml:1:26: `from: 2021-01-01` is after `until: 2020-01-01`"],
        ),
        (
            f"calendars: {{a: {{dates: [10/10]}}}}\n{MINIMAL}",
            ['i.yaml:1:25: expected a date such as "10-10" or "2026-06-03", found `10/10`'],
        ),
        (
            f"calendars: {{a: {{dates: [02-30]}}}}\n{MINIMAL}",
            [
                (
                    "i.yaml:1:25: `02-30` is no day of a year: day is out of range for month; write "
                    "month and day, as in 10-31"
                )
            ],
        ),
        (
            f"calendars: {{a: {{years: even}}}}\n{MINIMAL}",
            ["i.yaml:1:16: a calendar has either `dates` or `every`"],
        ),
        (
            f"cues: [{{says: denied, reach: far, terms: [xx]}}]\n{MINIMAL}",
            ["i.yaml:1:30: expected the reach of a cue (after, before, both, title or text), found `far`"],
        ),
    ],
)
def test_a_mistake_of_the_file_is_named_at_its_place(text: str, said: list[str]) -> None:
    assert mistakes(text) == said


def test_calendar_rules_are_the_judge_s_to_understand() -> None:
    said = mistakes(
        f"calendars:\n  a: {{every: fourth Blursday of May}}\n  b: "
        f"{{every: first Monday of May, years: sometimes}}\n{MINIMAL}"
    )

    assert [each.split(": ")[0] for each in said] == ["i.yaml:2:14", "i.yaml:3:42"]
    assert "fourth Blursday of May" in said[0]
    assert "sometimes" in said[1]


# --- mistakes of one indicator ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("match: $dprx", ["i.yaml:6:12: unknown entity `$dprx`; did you mean `$dprk`?"]),
        ("match: [$zzzz]", ["i.yaml:6:13: unknown entity `$zzzz`"]),
        (
            "match: $dprk missile",
            [
                (
                    "i.yaml:6:12: `$dprk missile` is no name of an entity; write $ and its id, as in "
                    "$dprk, alone in its term"
                )
            ],
        ),
        (
            "match: ['', '  ']",
            [
                "i.yaml:6:13: an empty term is in every text; write a word or remove it",
                "i.yaml:6:17: an empty term is in every text; write a word or remove it",
            ],
        ),
        (
            "match: [a]",
            ["i.yaml:6:13: `a` is one letter, which is in nearly every text; write a longer term"],
        ),
        (
            "match: [a*]",
            ["i.yaml:6:13: `a*` is one letter, which is in nearly every text; write a longer term"],
        ),
        ("match: ['...']", ["i.yaml:6:13: `...` has no letter or digit"]),
        (
            "match: [la*nch]",
            [
                (
                    "i.yaml:6:13: `la*nch`: `*` stands at the end of a word, as in launch*; use `?` "
                    "for one character inside it"
                )
            ],
        ),
        (
            f"match: [{'x' * 201}]",
            [
                (
                    "i.yaml:6:13: a term of 201 characters; at most 200 are taken, and a phrase of a "
                    "few words finds more"
                )
            ],
        ),
        (
            "match: {none: [film]}",
            [
                (
                    "i.yaml:6:12: no word here is required: `none` alone matches nearly "
                    "everything; add what must be there"
                )
            ],
        ),
        (
            "match: [launch, {none: [film]}]",
            [
                (
                    "i.yaml:6:12: no word here is required: `none` alone matches nearly "
                    "everything; add what must be there"
                )
            ],
        ),
        (
            "match: {at_least: 1, of: [launch, {none: [film]}]}",
            [
                (
                    "i.yaml:6:12: no word here is required: `none` alone matches nearly "
                    "everything; add what must be there"
                )
            ],
        ),
        (
            "match: {}",
            [
                (
                    "i.yaml:6:12: an empty group; write all, any, none, at_least, of, near, sentence, "
                    "title, regex or query"
                )
            ],
        ),
        ("match: {al: [xx]}", ["i.yaml:6:13: unknown key `al`; did you mean `all`?"]),
        ("match: {all: ICBM}", ["i.yaml:6:18: expected a list, found `ICBM`"]),
        ("match: {at_least: 3, of: [xx, yy]}", ["i.yaml:6:12: `at_least: 3` of 2 parts can never be"]),
        ("match: {query: [xx]}", ["i.yaml:6:20: expected a query, found a list"]),
        (
            "match: {at_least: 2}",
            ["i.yaml:6:12: `at_least` and `of` go together, as in {at_least: 2, of: [a, b, c]}"],
        ),
        (
            "match: {at_least: 0, of: [xx]}",
            ["i.yaml:6:23: expected a whole number from 1 to 1,000, found `0`"],
        ),
        (
            "match: {near: {words: 0, any: [xx], with: [yy]}}",
            ["i.yaml:6:27: expected a whole number from 1 to 1,000, found `0`"],
        ),
        ("match: {near: {words: 3, any: [xx]}}", ["i.yaml:6:19: missing key `with`"]),
        (
            "match: {near: {words: 3, any: [xx], with: [yy], ordered: maybe}}",
            ["i.yaml:6:62: expected true or false, found `maybe`"],
        ),
        (
            "match: {regex: '.*'}",
            ["i.yaml:6:20: this regular expression matches the empty text, so it matches everything"],
        ),
        (
            "match: {regex: 'x*'}",
            ["i.yaml:6:20: this regular expression matches the empty text, so it matches everything"],
        ),
        (
            r"match: {regex: '\b'}",
            ["i.yaml:6:20: this regular expression matches the empty text, so it matches everything"],
        ),
        (
            "match: {regex: '^(a|a)*$'}",
            ["i.yaml:6:20: this regular expression matches the empty text, so it matches everything"],
        ),
        (
            "match: {regex: '.+'}",
            ["i.yaml:6:20: this regular expression matches nearly any text; name something it must contain"],
        ),
        (
            "match: {regex: '[가-힣]+'}",
            ["i.yaml:6:20: this regular expression matches nearly any text; name something it must contain"],
        ),
        ("match: {regex: [xx]}", ["i.yaml:6:20: expected a regular expression, found a list"]),
        (
            "match: {regex: 'ICBM'}",
            ["i.yaml:6:20: text is compared in small letters, so `I` is never found; write `i`"],
        ),
        (
            r"match: {regex: '(a)\1'}",
            [
                (
                    r"i.yaml:6:20: this regular expression cannot run in linear time or is wrong: "
                    r"invalid escape sequence: \1"
                )
            ],
        ),
        (
            "match: {regex: '(?=ab)c'}",
            [
                (
                    "i.yaml:6:20: this regular expression cannot run in linear time or is wrong: "
                    "invalid perl operator: (?="
                )
            ],
        ),
        (
            "match: {regex: '(x{1,50}){1,50}z'}",
            [
                (
                    "i.yaml:6:20: this regular expression cannot run in linear time or is wrong: "
                    "invalid repetition size: {1,50}"
                )
            ],
        ),
        ("match: xx\nall: [yy]", ["i.yaml:7:5: `all` belongs under `match`"]),
        ("match: xx\nid: other", ["i.yaml:7:5: duplicate key `id`; it is already on line 4"]),
        ("match: xx\nseverity: hihg", ["i.yaml:7:15: unknown severity `hihg`; did you mean `high`?"]),
        (
            "match: xx\nseverity: 5",
            ["i.yaml:7:15: unknown severity `5`; use info, low, medium, high or critical"],
        ),
        (
            "match: xx\nseverity: [low]",
            ["i.yaml:7:15: expected a severity (info, low, medium, high or critical), found a list"],
        ),
        (
            "match: xx\nclaims: {denyed: low, historical: huge}",
            [
                "i.yaml:7:14: unknown claim `denyed`; did you mean `denied`?",
                "i.yaml:7:39: unknown severity `huge`; use info, low, medium, high or critical",
            ],
        ),
        (
            "match: xx\njoins: {family: f, rung: 2, ladder: {3: aa, 2: [bb]}}",
            ["i.yaml:7:12: step 2 of `ladder` is not above `rung: 2`, where everything begins"],
        ),
        (
            "match: xx\njoins: {family: f, ladder: {two: [bb]}}",
            ["i.yaml:7:33: expected a whole number from 1 to 1,000, found `two`"],
        ),
        (
            "match: xx\njoins: {family: f, ladder: {2: [$dprx]}}",
            ["i.yaml:7:37: unknown entity `$dprx`; did you mean `$dprk`?"],
        ),
        (
            "seismic: {near: [41.30, 129.08], km: 10, magnitude: 3}\njoins: {family: f, ladder: {2: [bb]}}",
            ["i.yaml:4:5: a `ladder` of words goes with `match`; this indicator has `seismic`"],
        ),
        (
            "match: xx\ntiming: {near: [party-dya], before: 30d}",
            ["i.yaml:7:21: unknown calendar `party-dya`; did you mean `party-day`?"],
        ),
        (
            "match: xx\ntiming: {near: [party-day], before: a month}",
            [
                (
                    "i.yaml:7:41: `a month` is no duration; write a whole number and one of s, m, h, "
                    "d, w, as in 90s, 15m, 6h, 30d, 2w"
                )
            ],
        ),
        ("match: xx\nrepeat_after: 999w", ["i.yaml:7:19: `999w` is longer than ten years"]),
        (
            "match: xx\nlook_in: body",
            [
                (
                    "i.yaml:7:14: expected where to look (title and text, title and lead, title or "
                    "text), found `body`"
                )
            ],
        ),
        (
            "match: xx\nfeeds: {grade: Z or better}",
            ["i.yaml:7:20: expected a grade such as `C or better` (A to F), found `Z or better`"],
        ),
        (
            "match: xx\nexamples: {match: [{text: yy, date: tomorrow}]}",
            ["i.yaml:7:41: expected a date such as 2026-06-03, found `tomorrow`"],
        ),
        ("match: xx\nexamples: [yy]", ["i.yaml:7:15: expected keys and values, found a list"]),
        ("match: xx\ntitle: {a: b}", ["i.yaml:7:12: expected text, found keys and values"]),
    ],
)
def test_a_mistake_of_an_indicator_is_named_at_its_place(line: str, said: list[str]) -> None:
    assert mistakes_of(line) == said


@pytest.mark.parametrize("regex", [r"\s+$", ".*.*=.*;", r"^([\w.-]+)+@x$", r"(?i)ICBM", r"hwasong \D"])
def test_a_regex_that_is_slow_elsewhere_is_welcome(regex: str) -> None:
    assert matching(f"{{regex: '{regex}'}}") == Regex(regex)


def test_two_indicators_cannot_share_an_id() -> None:
    said = mistakes(
        "indicators:\n  - {id: a, category: trigger, match: xx}\n  - {id: a, category: trigger, match: yy}\n"
    )

    assert said == ["i.yaml:3:10: duplicate id `a`; it is already on line 2"]


def test_all_mistakes_come_at_once_in_the_order_of_the_file() -> None:
    said = mistakes(
        "title: a\ntitle: b\nentitys: {}\nindicators:\n"
        "  - {id: x, category: nonsense, match: [$no, ''], severity: huge}\n  - {id: x, match: yy}\n"
    )

    assert [each.split(": ", 1)[0] for each in said] == [
        "i.yaml:2:1",
        "i.yaml:3:1",
        "i.yaml:5:23",
        "i.yaml:5:41",
        "i.yaml:5:46",
        "i.yaml:5:61",
        "i.yaml:6:5",
        "i.yaml:6:10",
    ]


def test_a_flood_of_mistakes_is_cut_with_a_word_about_it() -> None:
    said = mistakes("indicators: [" + "a," * 1000 + "]")

    assert len(said) == 200
    assert said[-1].endswith("and 801 more mistakes from here on")


MARKS = (
    *(
        "indicators",
        "entities",
        "match",
        "all",
        "none",
        "near",
        "words",
        "at_least",
        "of",
        "regex",
        "id",
        "category",
        "provocation",
    ),
    *(
        "$dprk",
        "ICBM",
        "12",
        "a*",
        "''",
        "북한",
        "[",
        "]",
        "{",
        "}",
        ":",
        ",",
        "-",
        "&",
        "*",
        "!",
        "|",
        ">",
        "#",
        "%",
        "@",
        '"',
        "'",
        "?",
        "~",
    ),
    *("---", "...", "\n", "\n  ", "\n    - ", ": ", "\t", "\ufeff", "\u2028"),
)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=200)
    | st.lists(st.sampled_from(MARKS), max_size=40).map(lambda words: "".join(words).encode())
)
@example(b"\xff\xfe")
@example(b"? ? ? a")
@example(b"'\\ud800'")
def test_any_bytes_are_a_list_or_a_config_error(raw: bytes) -> None:
    assert all(mistake.line >= 1 and mistake.column >= 1 and mistake.what for mistake in mistakes_if_any(raw))


TREES = st.recursive(
    st.sampled_from(["ICBM", "$dprk", "", "2", "a", "none"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "all",
                    "any",
                    "none",
                    "near",
                    "at_least",
                    "of",
                    "words",
                    "with",
                    "regex",
                    "title",
                    "sentence",
                    "x",
                ]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(TREES)
def test_any_group_is_a_value_or_a_config_error(tree: object) -> None:
    text = f"{HEAD}  - id: icbm\n    category: provocation\n    match: {json.dumps(tree)}\n"

    assert {mistake.line for mistake in mistakes_if_any(text.encode())} <= {6}


def mistakes_if_any(raw: bytes) -> Sequence[Mistake]:
    try:
        read(raw)
    except ConfigError as error:
        return error.mistakes
    return ()


def test_an_analyst_adds_words_that_end_the_reach_of_a_cue() -> None:
    listed = read_indicators(f"{MINIMAL}\nterminators: [even so, 그래도]\n".encode(), "i.yaml")

    assert listed.terminators[-2:] == ("even so", "그래도")
    assert "but" in listed.terminators


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("{id: a, was: a, %}, {id: b, %}", ["x.yaml:1:27: `a` is or was the name of another indicator"]),
        ("{id: a, was: [c, b], %}, {id: b, %}", ["`b` is or was the name of another indicator, at x.yaml:"]),
        ("{id: a, was: c, %}, {id: b, was: c, %}", ["`c` is or was the name of another indicator"]),
    ],
)
def test_a_former_name_is_that_of_no_other_indicator(names: str, said: list[str]) -> None:
    text = f"indicators: [{names.replace('%', 'category: provocation, match: xyz')}]"

    with pytest.raises(ConfigError) as caught:
        read_indicators(text.encode(), "x.yaml")

    (mistake,) = caught.value.mistakes
    assert all(words in str(mistake) for words in said)


def test_an_indicator_knows_its_former_names() -> None:
    text = "indicators: [{id: a, was: [b, c], category: provocation, match: xyz}]"

    assert read_indicators(text.encode(), "x.yaml").indicators[0].was == ("b", "c")
