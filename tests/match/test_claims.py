"""The words around a find decide what is claimed of it."""

import pytest

from tests.builders import a_list, an_item
from watcher.match import compile_list
from watcher.model.alerts import Hit

CUES = """
  - {says: speculated, terms: [may, might, could], reach: after, words: 4}
  - {says: imminent, terms: [prepar*], reach: after, words: 4}
  - {says: threatened, terms: [vows], reach: both, words: 2}
  - {says: denied, terms: [denies], reach: after}
  - {says: denied, terms: [부인], reach: before, words: 3}
  - {says: historical, terms: [in 2006], reach: before, words: 3}
  - {says: historical, terms: [anniversary], reach: text}
  - {says: background, terms: [film], reach: title}
  - {says: background, terms: [maker shares], reach: after}
  - {says: echo, terms: [condemns], reach: after}
  - {says: occurred, terms: [confirms], reach: after}
  - {says: none, terms: [may have fired, what could be, offers to], reach: both}
  - {says: imminent, terms: [to prepare], reach: after, words: 4}
  - {says: speculated, terms: [what could be a guess, may have, denies nothing of], reach: after}
  - {says: historical, terms: [years after], reach: both}
  - {says: none, terms: [condemns nobody], reach: both}
"""


def hit(title: str, summary: str = "", *, match: str = "[missile*, 미사일]", more: str = "") -> Hit | None:
    """Return the hit of an indicator on missiles; `more` are further keys of it."""
    sign = f"{{id: sign, category: provocation, severity: high, match: {match}{more}}}"
    listed = f"indicators:\n  - {sign}\ncues:{CUES}"
    hits = compile_list(a_list(listed, terminators=("but", "after", "지만"))).match(an_item(title, summary))
    return hits[0] if hits else None


def claim(title: str, summary: str = "", *, match: str = "[missile*, 미사일]", more: str = "") -> str:
    """Return what is claimed, and by which cues; "background" when nothing is."""
    found = hit(title, summary, match=match, more=more)
    return "; ".join((found.claim, *found.cues)) if found else "background"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        pytest.param("Missile fired", "occurred", id="no cue"),
        pytest.param("Kim may fire missile", "speculated; speculated: may", id="after the cue"),
        pytest.param("Missile may fall", "occurred", id="not ahead of a cue that acts after it"),
        pytest.param(
            "Missile test in 2006", "historical; historical: in 2006", id="ahead of a cue that acts before it"
        ),
        pytest.param("In 2006 missile fired", "occurred", id="not after a cue that acts before it"),
        pytest.param(
            "Vows missile", "threatened; threatened: vows", id="after a cue that acts on both sides"
        ),
        pytest.param(
            "Missile, Kim vows", "threatened; threatened: vows", id="ahead of a cue that acts on both sides"
        ),
        pytest.param("미사일 발사 부인", "denied; denied: 부인", id="the verb at the end"),
        pytest.param("발사를 부인한 미사일", "occurred", id="a cue that acts before it, behind"),
        pytest.param("may a b c missile", "speculated; speculated: may", id="just in reach"),
        pytest.param("may a b c d missile", "occurred", id="just out of reach"),
        pytest.param("missile a b vows", "occurred", id="out of reach on the other side"),
        pytest.param("missile a vows", "threatened; threatened: vows", id="in reach on the other side"),
        pytest.param("Kim may rest. Missile fired", "occurred", id="another sentence"),
        pytest.param("Kim may rest but missile fired", "occurred", id="a terminator between"),
        pytest.param(
            "But Kim may fire missile", "speculated; speculated: may", id="a terminator ahead of both"
        ),
        pytest.param(
            "Kim may fire missile after all", "speculated; speculated: may", id="a terminator behind both"
        ),
        pytest.param("Missile but vows", "occurred", id="a terminator between, the cue behind"),
        pytest.param(
            "Years after missile",
            "historical; historical: years after",
            id="a terminator inside the cue ahead",
        ),
        pytest.param(
            "Missile flew years after",
            "historical; historical: years after",
            id="a terminator inside the cue behind",
        ),
        pytest.param("미사일부인", "denied; denied: 부인", id="written in one word"),
        pytest.param("부인미사일", "occurred", id="written in one word, on the wrong side"),
        pytest.param("미사일지만부인", "occurred", id="written in one word, a terminator between"),
        pytest.param("Kim vows missile but rests", "threatened; threatened: vows", id="a terminator outside"),
        pytest.param(
            "Missile fired on anniversary",
            "historical; historical: anniversary",
            id="anywhere in the text, ahead",
        ),
        pytest.param(
            "Anniversary is near. It rains. Missile!",
            "historical; historical: anniversary",
            id="anywhere in the text, behind",
        ),
        pytest.param("Missile in new film", "background", id="anywhere in the title"),
        pytest.param("Maker shares missile photo", "background", id="background"),
    ],
)
def test_a_cue_has_a_direction_and_a_reach(title: str, expected: str) -> None:
    assert claim(title) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Kim denies he may fire missile", "denied; denied: denies"),
        ("Kim denies preparing missile", "denied; denied: denies"),
        ("Kim may be preparing missile", "imminent; imminent: preparing"),
        ("Kim may and vows missile", "threatened; threatened: vows"),
        ("Kim denies missile in 2006", "denied; denied: denies"),
        ("Preparing missile in 2006", "historical; historical: in 2006"),
        ("Confirms it may fire missile", "speculated; speculated: may"),
        ("Confirms missile", "occurred; occurred: confirms"),
        ("Film: Kim denies missile", "background"),
    ],
)
def test_of_several_cues_at_one_place_the_strongest_decides(title: str, expected: str) -> None:
    assert claim(title) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        pytest.param(
            "Kim prepares, vows missile",
            "threatened; threatened: vows",
            id="threatened beside it, prepared further off",
        ),
        pytest.param(
            "Prepares, may fire missile",
            "speculated; speculated: may",
            id="guessed beside it, prepared further off",
        ),
        pytest.param(
            "Prepares missile Kim vows",
            "imminent; imminent: prepares",
            id="prepared beside it, threatened further off",
        ),
        pytest.param("Prepares missile, vows", "imminent; imminent: prepares", id="equally near"),
        pytest.param(
            "Might fire, may fire missile",
            "speculated; speculated: may",
            id="the nearest of one kind is named",
        ),
        pytest.param(
            "Denies it, may fire missile", "denied; denied: denies", id="a denial decides from afar"
        ),
    ],
)
def test_of_preparation_threat_and_guess_the_nearest_decides(title: str, expected: str) -> None:
    assert claim(title) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        pytest.param("Kim may have fired missile", "occurred", id="what only looks like a cue"),
        pytest.param("Kim fires what could be missile", "occurred", id="what only looks like a cue, inside"),
        pytest.param("Kim may have missile", "speculated; speculated: may have", id="the longer of two cues"),
        pytest.param(
            "Kim may have fired, may fire missile",
            "speculated; speculated: may",
            id="hides nothing elsewhere",
        ),
        pytest.param(
            "Kim denies nothing of missile",
            "speculated; speculated: denies nothing of",
            id="hides a stronger one inside",
        ),
        pytest.param("Seoul condemns nobody for missile", "occurred", id="what only looks like an echo"),
        pytest.param(
            "Kim what could be prepares missile", "imminent; imminent: prepares", id="what begins behind it"
        ),
        pytest.param(
            "Kim offers to prepare missile",
            "occurred",
            id="what begins inside what only looks like a cue, and ends behind it",
        ),
        pytest.param(
            "What could be a guess: missile",
            "speculated; speculated: what could be a guess",
            id="longer than what hides",
        ),
    ],
)
def test_the_longest_cue_wins(title: str, expected: str) -> None:
    assert claim(title) == expected


def test_a_cue_that_is_what_the_indicator_found_says_nothing_of_it() -> None:
    assert claim("Kim vows revenge", match="[vows]") == "occurred"
    assert claim("Kim vows revenge", match="{near: {words: 3, any: [kim], with: [vows]}}") == "occurred"
    assert claim("Kim denies report", match="[denies report]") == "occurred"


def test_preparations_that_are_found_are_preparations() -> None:
    assert (
        claim("Kim prepares launch", match="{near: {words: 3, any: [kim], with: [prepar*]}}")
        == "imminent; imminent: prepares"
    )


def test_a_terminator_that_is_part_of_a_find_ends_no_reach() -> None:
    assert claim("Kim may go after missile", match="[after missile]") == "speculated; speculated: may"


def test_cues_are_named_in_the_order_of_the_text() -> None:
    found = claim("May fire 미사일; might fire missile", match="[missile, 미사일]")

    assert found == "speculated; speculated: may; speculated: might"


def test_a_cue_that_overlaps_a_find_reaches_it_in_any_direction() -> None:
    assert claim("Missile maker shares fall", match="[missile maker]") == "background"
    assert claim("Missile maker shares fall", match="[shares fall]") == "background"
    assert claim("Missile maker shares fall", match="[missile]") == "occurred"


@pytest.mark.parametrize(
    ("title", "summary", "expected"),
    [
        pytest.param(
            "Kim may fire missile", "Missile fired", "speculated; speculated: may", id="the title wins"
        ),
        pytest.param(
            "Missile fired", "Kim may fire missile", "occurred", id="the title wins, whatever it says"
        ),
        pytest.param(
            "Kim in Pyongyang", "Kim may fire missile", "speculated; speculated: may", id="a silent title"
        ),
        pytest.param(
            "Missile! Maker shares missile", "Kim may fire missile", "occurred", id="a find the title reports"
        ),
        pytest.param(
            "Maker shares missile",
            "Kim may fire missile",
            "speculated; speculated: may",
            id="a title of background",
        ),
        pytest.param("Maker shares missile", "Maker shares missile", "background", id="background in both"),
        pytest.param(
            "Kim may speak", "missile fired", "occurred", id="a cue of the title does not reach the summary"
        ),
        pytest.param(
            "It rains",
            "Anniversary. Missile fired",
            "historical; historical: anniversary",
            id="anywhere in the text",
        ),
        pytest.param(
            "Anniversary",
            "Missile fired",
            "historical; historical: anniversary",
            id="from the title to the summary",
        ),
        pytest.param("Film", "Missile fired", "background", id="a cue in the title acts on the summary"),
        pytest.param(
            "Pyongyang",
            "Film: missile fired",
            "occurred",
            id="a cue that counts in the title, in the summary",
        ),
    ],
)
def test_what_the_title_claims_wins_over_the_summary(title: str, summary: str, expected: str) -> None:
    assert claim(title, summary) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Missile fired; Kim may fire missiles", "occurred"),
        ("Kim may fire missile; vows missiles", "threatened; threatened: vows"),
        ("Kim vows missile; prepares missiles", "imminent; imminent: prepares"),
        ("Kim denies missile; missiles may fly", "occurred"),
        ("Kim denies missile; may fire missiles", "speculated; speculated: may"),
        ("Missile in 2006; Kim denies missiles", "denied; denied: denies"),
        ("Maker shares missile; missiles in 2006", "historical; historical: in 2006"),
        ("May fire missile; might fire missiles", "speculated; speculated: may; speculated: might"),
        ("May fire missile; may fire missiles", "speculated; speculated: may"),
    ],
)
def test_the_strongest_of_several_claims_is_reported(title: str, expected: str) -> None:
    assert claim(title) == expected


def test_words_of_one_sentence_are_read_together() -> None:
    assert (
        claim("Kim might. Missile near, missiles may or missiles may not", match="[missile*]")
        == "speculated; speculated: may"
    )


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Missile parade. Kim may fire missile", "speculated; speculated: may"),
        ("Kim fires missile. Kim may fire missile", "occurred"),
        ("Missile parade. Missile film. Kim prepares to fire missile", "background"),
    ],
)
def test_words_tied_together_are_read_where_they_are_tied(title: str, expected: str) -> None:
    assert claim(title, match="[missile, {near: {words: 3, any: [fire*], with: [missile]}}]") == expected


def test_what_is_tied_inside_a_sentence_is_read_there() -> None:
    tied = "{sentence: [seoul, {near: {words: 3, any: [fire*], with: [missile]}}]}"

    assert claim("Kim may see Seoul but fires missile", match=tied) == "occurred"
    assert claim("Seoul: Kim may fire missile", match=tied) == "speculated; speculated: may"


def test_words_tied_in_the_summary_do_not_silence_the_title() -> None:
    match = "[{near: {words: 3, any: [Kim], with: [missile]}}, {title: [warship, missile]}]"
    assert claim("Warship missile roars", "Kim had a missile in 2006", match=match) == "occurred"


def test_the_words_of_a_sentence_are_tied_together() -> None:
    assert (
        claim("Kim shows missile. Kim may see Seoul", match="[missile, {sentence: [kim, seoul]}]")
        == "speculated; speculated: may"
    )


@pytest.mark.parametrize(
    ("more", "title", "expected"),
    [
        (", heeds: [denied]", "Kim denies missile", "denied; denied: denies"),
        (", heeds: [denied]", "Kim may fire missile", "occurred"),
        (", heeds: [denied]", "Maker shares missile", "occurred"),
        (", heeds: [denied, background]", "Maker shares missile", "background"),
        (", heeds: [denied]", "Kim condemns missile", "occurred; echo: condemns"),
        (", heeds: [speculated]", "Kim fires what could be missile", "occurred"),
    ],
)
def test_an_indicator_heeds_the_cues_it_names(more: str, title: str, expected: str) -> None:
    assert claim(title, more=more) == expected


@pytest.mark.parametrize(
    ("title", "severity"),
    [
        ("Missile fired", "critical"),
        ("Kim may fire missile", "low"),
        ("Kim denies missile", None),
        ("Kim vows missile", "high"),
    ],
)
def test_severity_follows_the_claim(title: str, severity: str | None) -> None:
    found = hit(title, more=", claims: {occurred: critical, speculated: low, denied: ignore}")

    assert (found.severity.word if found else None) == severity


TIED = "[{near: {words: 3, any: [fire*], with: [missile*]}}, missile*]"


@pytest.mark.parametrize(
    ("title", "summary", "score", "cues"),
    [
        ("Kim fires missile", "", 1.0, ()),
        ("Kim may fire missile", "", 1.0, ("speculated: may",)),
        ("Seoul condemns as Kim fires missile", "", 0.9, ("echo: condemns",)),
        ("Seoul condemns threat: may fire missile", "", 0.9, ("speculated: may", "echo: condemns")),
        ("Kim shows missile", "", 0.8, ()),
        ("Kim speaks", "Kim fires missile", 0.7, ()),
        ("Kim speaks", "Kim shows missile", 0.5, ()),
        ("Seoul condemns Kim. Kim fires missile", "", 1.0, ()),
        ("Seoul condemns fired missile; Kim fires missile", "", 1.0, ("echo: condemns",)),
    ],
)
def test_the_score_says_how_directly_a_text_reports(
    title: str, summary: str, score: float, cues: tuple[str, ...]
) -> None:
    found = hit(title, summary, match=TIED)

    assert found is not None
    assert (found.score, found.cues) == (score, cues)
    assert found.fresh == (score == 1.0)


@pytest.mark.parametrize(
    "match",
    [
        "[missile*]",
        "{any: [missile*, {title: [rocket*]}]}",
        "{all: [missile*], none: [film]}",
        "{regex: 'missiles?'}",
    ],
)
def test_who_asks_for_one_thing_only_has_it_reported_by_whoever_names_it(match: str) -> None:
    found = hit("Army fires missile; drills end", match=match)

    assert found
    assert found.score == 1.0


def test_a_cue_of_another_kind_does_not_hide_an_echo() -> None:
    cues = (
        "cues: [{says: echo, terms: [after], reach: both}, "
        "{says: speculated, terms: [soon after], reach: both}]"
    )
    listed = a_list(f"indicators: [{{id: sign, category: provocation, match: [missile]}}]\n{cues}")

    (found,) = compile_list(listed).match(an_item("Missile soon after talks"))

    assert found.cues == ("speculated: soon after", "echo: after")
