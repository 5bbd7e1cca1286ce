"""Verdicts propose terms: what tells noise from useful reports, and missed ones from all that is stored."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON, a_hit, a_list, an_incident, an_item
from tests.fakes import FakeStore
from watcher.alerting.review import action_of
from watcher.lab.judged import judged_of
from watcher.lab.suggest import JudgedReports, Proposals, known_terms, propose, terms_of
from watcher.match import Matcher
from watcher.model.polling import Cycle
from watcher.model.review import ActionKind, Verdict

MATCHER = Matcher(
    a_list("""
entities: {dprk: {names: [North Korea*, 북한]}}
indicators:
  - {id: launch, title: Launch, category: provocation, severity: high,
     match: {all: [$dprk, {any: [missile*, 미사일]}], none: [museum]}}
  - {id: talks, title: Talks, category: diplomacy, severity: low, match: {all: [$dprk, talks]}}
""")
)
LAUNCH = MATCHER.listed.indicators[0]
USEFUL = [f"North Korea fires missile number {number} into the sea" for number in range(10)]
NOISE = [f"North Korea missile seen in video game trailer {number}" for number in range(5)]
MISSED = [f"Pyongyang sends ballistic rocket {number} toward the east" for number in range(4)]
OTHERS = [f"Weather in Pyongyang is fine on day {number}" for number in range(200)]


def said(
    useful: Sequence[str] = (),
    noise: Sequence[str] = (),
    missed: Sequence[str] = (),
    stored: Sequence[str] = OTHERS,
) -> Proposals:
    """Return what is proposed by titles that were judged, of all that are stored."""
    reports = JudgedReports(
        useful=tuple(map(an_item, useful)),
        noise=tuple(map(an_item, noise)),
        missed=tuple(map(an_item, missed)),
    )
    texts = [terms_of(each) for each in (*useful, *noise, *missed, *stored)]
    known = known_terms(LAUNCH, MATCHER.listed.entities)
    return propose(reports, known, lambda term: sum(term in each for each in texts), len(texts))


def test_what_tells_noise_from_useful_is_proposed_to_exclude_with_its_counts() -> None:
    found = said(USEFUL, NOISE)

    (game,) = (each for each in found.exclude if each.term == "video game trailer")
    assert (game.useful, game.noise, game.missed, game.stored) == (0, 5, 0, 5)
    assert found.add == ()


def test_what_was_missed_is_proposed_to_add_unless_it_is_everywhere() -> None:
    found = said(USEFUL, NOISE, MISSED)

    added = {each.term for each in found.add}
    assert "sends ballistic rocket" in added
    assert not any(term == "pyongyang" for term in added)
    assert all(each.noise == 0 for each in found.add)


def test_what_the_indicator_has_is_not_proposed() -> None:
    found = said((), (), [f"North Koreans show missiles {number}, says museum" for number in range(4)])

    assert not {"missiles", "museum", "north koreans"} & {each.term for each in found.add}


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_verdicts_propose_nothing_and_say_how_many_it_takes(count: int) -> None:
    found = said(USEFUL, NOISE[:count], MISSED[:count])

    assert (found.add, found.exclude) == ((), ())
    assert found.short_of == (
        f"{count} of 3 verdicts `missed` that it takes to propose a term to add",
        f"{count} of 3 verdicts `noise` that it takes to propose a term to exclude",
    )


def test_noise_alone_tells_nothing_apart() -> None:
    assert said((), NOISE).exclude == ()


@pytest.mark.parametrize(
    ("text", "terms", "absent"),
    [
        ("북한이 미사일을 발사했다", {"북한", "미사일"}, {"북한이", "미사일을"}),
        ("북한의 ICBM을 열병식에서", {"북한", "icbm", "열병식"}, {"열병식에서"}),
        ("北朝鮮がミサイルを発射", {"北朝鮮", "ミサイル", "発射"}, {"がミ", "を発", "鮮が"}),
        ("朝鲜发射导弹", {"朝鲜", "导弹", "发射导弹"}, {"朝"}),
        ("A film of the war. Games begin", {"film", "war", "games begin"}, {"the", "film of", "war games"}),
        ("КНДР запустила ракету", {"кндр", "запустила ракету"}, set()),
    ],
)
def test_a_term_is_what_an_analyst_would_write(text: str, terms: set[str], absent: set[str]) -> None:
    found = terms_of(text)

    assert terms <= found
    assert not absent & found


def test_a_korean_and_a_japanese_word_are_proposed() -> None:
    noise = [f"북한 미사일 게임에서 {number}번" for number in range(5)]
    useful = [f"북한이 미사일을 발사 {number}" for number in range(10)]
    missed = [f"北朝鮮が飛翔体を発射 {number}" for number in range(4)]

    found = said(useful, noise, missed)

    assert "게임" in {each.term for each in found.exclude}
    assert any("飛翔体" in each.term for each in found.add)


WORDS = st.sampled_from(["video", "game", "missile", "rocket", "pyongyang", "북한", "발사", "発射", "film"])
TITLES = st.lists(st.lists(WORDS, min_size=1, max_size=6).map(" ".join), max_size=8)


@given(TITLES, TITLES, TITLES)
def test_counts_are_those_of_the_reports_whatever_was_judged(
    useful: list[str], noise: list[str], missed: list[str]
) -> None:
    found = said(useful, noise, missed)

    for each in (*found.add, *found.exclude):
        for count, titles in ((each.useful, useful), (each.noise, noise), (each.missed, missed)):
            assert count == sum(each.term in terms_of(title) for title in titles)
        assert each.z >= 1.96
    assert all(each.noise == 0 and each.missed >= 3 for each in found.add)
    assert all(each.noise >= 3 for each in found.exclude)


def test_the_judged_reports_are_one_of_each_incident_and_the_items_that_were_missed() -> None:
    store = FakeStore()
    story = [an_item(f"North Korea fires missile, report {number}", minutes=number) for number in range(3)]
    near, far, named = an_item("North Korea fires rocket"), an_item("Weather"), an_item("Something else")
    hits = tuple(a_hit(item, indicator="launch", incident="i1") for item in story)
    store.record(
        Cycle(
            items=(*story, near, far, named),
            hits=hits,
            incidents=(an_incident("i1", items=tuple(story)),),
        ),
        (),
    )
    for target, value, why in (
        ("i1", Verdict.NOISE, ""),
        ("i1", Verdict.USEFUL, "after all"),
        (near.id, Verdict.MISSED, ""),
        (far.id, Verdict.MISSED, ""),
        (named.id, Verdict.MISSED, "launch should have"),
    ):
        store.add_action(action_of(ActionKind.VERDICT, target, "kim", NOON, value=value, why=why))

    judged = judged_of(LAUNCH, MATCHER, store)  # type: ignore[arg-type]

    assert judged.useful == (story[0],)
    assert judged.noise == ()
    assert {item.title for item in judged.missed} == {near.title, named.title}
