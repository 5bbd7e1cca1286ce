"""A headline and an indicator in, how it speaks of the act and who acts out: by class, and a labelled set."""

import json
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.builders import NOON, a_list, an_item
from watcher.config import load_indicators
from watcher.config.roles import load_roles, read_roles
from watcher.errors import ConfigError
from watcher.match import compile_list
from watcher.match.directness import DirectnessReader
from watcher.match.matcher import Matcher
from watcher.model.alerts import Hit
from watcher.model.language import Actor, Directness, Role
from watcher.store import rows

_ROOT = Path(__file__).parents[2]
_LABELLED = _ROOT / "tests/data/directness.jsonl"

_LIST = """
indicators:
  - id: launch
    category: provocation
    match: [missile*, launch*, fire*, fired, 미사일, 발사, ミサイル, 発射, 导弹, 發射, ракет*, запуск*]
  - id: drill
    category: trigger
    actor: allies
    match: [drill*, 훈련]
  - id: talks
    category: diplomacy
    match: [talks, meet*, visit*]
  - id: threat
    category: rhetoric
    match: [threat*, warn*, ashes]
"""


@cache
def _matcher() -> Matcher:
    return compile_list(a_list(_LIST))


def _hit(indicator: str, title: str, summary: str = "") -> Hit:
    return next(hit for hit in _matcher().match(an_item(title, summary)) if hit.indicator == indicator)


@pytest.mark.parametrize(
    ("title", "directness", "actor"),
    [
        ("North Korea fires missile", "direct", "north"),
        ("Seoul says North Korea fired a missile", "direct", "north"),
        ("Ballistic missile has fallen, Japan's defence ministry says", "direct", "unknown"),
        ("South Korea accuses North of firing missile", "direct", "north"),
        ("Missile launched by North Korea, JCS says", "direct", "north"),
        ("Japan on alert as North Korea fires missile", "direct", "north"),
        ("Sirens in Hokkaido after North Korean missile launch", "direct", "north"),
        ("Amid tensions, North Korea fires missile", "direct", "north"),
        ("Japan condemns North Korea's missile launch", "reaction", "north"),
        ("UN to meet over North Korean missile launch", "reaction", "north"),
        ("Kim Jong Un vows more power after missile launch", "reaction", "north"),
        ("North Korea missile launch draws criticism", "reaction", "north"),
        ("Russia fired North Korean missiles, Kyiv says", "mention", "other"),
        ("South Korea test-fires missile to warn North Korea", "mention", "other"),
        ("North Korean missile launched at Odesa", "mention", "other"),
        ("Why does North Korea fire missiles", "mention", "north"),
        ("Did North Korea fire a missile?", "mention", "north"),
        ("Timeline: North Korea missile launches", "mention", "north"),
        ("North Korea fires missile; shares fall; rain in Seoul", "mention", "north"),
        ("Will talk to us: North Korea fires missile", "mention", "north"),
        ('합참 "北, 탄도미사일 발사"', "direct", "north"),
        ("한미일, 北미사일 발사 규탄", "reaction", "north"),
        ("軍, 미사일 시험발사…北에 경고", "mention", "other"),
        ("防衛省、ミサイル発射と発表", "direct", "unknown"),
        ("日米韓、北朝鮮のミサイル発射を非難", "reaction", "north"),
        ("韩国军方：朝鲜发射导弹", "direct", "north"),
        ("美日韩谴责朝鲜发射导弹", "reaction", "north"),
        ("США осудили запуск ракеты КНДР", "reaction", "north"),
        ("Япония заявила, что КНДР запустила ракету", "direct", "north"),
    ],
)
def test_a_title_reports_reacts_or_only_mentions(title: str, directness: str, actor: str) -> None:
    hit = _hit("launch", title)

    assert (hit.directness.word, hit.actor) == (directness, actor)


@pytest.mark.parametrize(
    ("indicator", "title", "directness", "actor"),
    [
        ("drill", "US and South Korea begin drills", "direct", "other"),
        ("drill", "North Korea slams US drills", "reaction", "other"),
        ("drill", "North Korea fires missile after US drills", "reaction", "other"),
        ("talks", "Trump says he will meet Kim", "direct", "other"),
        ("talks", "Seoul welcomes North Korea's offer of talks", "reaction", "north"),
        ("talks", "북중 정상 meeting", "direct", "unknown"),
        ("threat", "North Korea vows to turn South's leaders to ashes", "direct", "north"),
        ("threat", "Trump threatens North Korea", "mention", "other"),
        ("threat", "North Korea says US drills are a threat", "direct", "north"),
    ],
)
def test_an_indicator_says_whose_act_it_is_about(
    indicator: str, title: str, directness: str, actor: str
) -> None:
    hit = _hit(indicator, title)

    assert (hit.directness.word, hit.actor) == (directness, actor)


def test_the_united_states_are_not_us() -> None:
    assert _hit("drill", "US drills begin").actor is Actor.OTHER
    assert _hit("drill", "Join us for fire drills").actor is Actor.UNKNOWN


def test_the_lead_reports_what_a_title_of_the_north_leaves_open() -> None:
    opened = _hit(
        "launch",
        "North Korea opens new year with a show",
        "North Korea fired a missile on Sunday. More follows.",
    )
    elsewhere = _hit(
        "launch", "Seoul prepares for a summit", "It rains. North Korea fired a missile last week."
    )

    assert (opened.directness, opened.actor) == (Directness.DIRECT, Actor.NORTH)
    assert elsewhere.directness is Directness.MENTION


def test_what_looks_back_is_a_mention() -> None:
    listed = a_list(_LIST + "cues:\n  - {says: historical, reach: both, terms: [years ago]}\n")
    hits = compile_list(listed).match(an_item("North Korea fired missile ten years ago"))

    assert {hit.directness for hit in hits} == {Directness.MENTION}


def test_the_words_that_decided_are_kept() -> None:
    assert _hit("launch", "Japan condemns North Korea's missile launch").roles == (
        "reaction: condemns",
        "north: north korea",
    )


def test_without_words_for_roles_every_hit_is_direct() -> None:
    reader = DirectnessReader(())

    assert (
        reader.parsed(
            _matcher().view(an_item("North Korea fires missile")), an_item("North Korea fires missile")
        )
        is None
    )


def test_directness_is_stored_with_the_hit() -> None:
    row = rows.HIT.row(_hit("launch", "Japan condemns North Korea's missile launch"))

    assert {Directness.REACTION, Actor.NORTH, '["reaction: condemns","north: north korea"]'} <= set(row)


def test_every_shipped_language_has_words_for_each_side() -> None:
    found = {(each.language, each.role) for each in load_roles()}

    assert {
        (language, role)
        for language in ("en", "ko", "ja", "zh", "ru")
        for role in (Role.NORTH, Role.OTHER, Role.REACTS)
    } <= found


def test_no_shipped_word_plays_two_roles_in_a_language() -> None:
    marks = (Role.TOWARD, Role.BY, Role.SUBJECT, Role.AND)
    played = Counter(
        (each.language, term.lower())
        for each in load_roles()
        if each.role not in marks
        for term in each.terms
    )

    assert not [word for word, times in played.items() if times > 1]


def test_an_unknown_role_is_named_with_its_place() -> None:
    with pytest.raises(ConfigError, match=r"r.yaml:3:10: unknown role of a word"):
        read_roles(b"version: 1\nroles:\n  - {is: villain, language: en, terms: [North]}\n", "r.yaml")


@pytest.mark.parametrize("held_out", [False, True])
def test_labelled_titles_are_read_as_labelled(*, held_out: bool) -> None:
    matcher = compile_list(load_indicators(_ROOT / "indicators.yaml"))
    labels = [
        label
        for line in _LABELLED.read_text("utf-8").splitlines()
        if (label := json.loads(line))["held_out"] is held_out
    ]
    read = []
    for label in labels:
        hits = matcher.match(an_item(label["title"], published=NOON.replace(year=2024)))
        read += [(label, hit) for hit in hits if hit.indicator == label["indicator"]]

    assert len(read) >= 0.85 * len(labels)
    assert sum(hit.directness.word == label["directness"] for label, hit in read) >= 0.93 * len(read)
    assert sum(hit.actor == label["actor"] for label, hit in read) >= 0.93 * len(read)


@pytest.mark.parametrize(
    "title",
    [
        "North Korea fires short-range missiles two days after ICBM test",
        "Seoul: North Korea fires missile days after ICBM launch",
        "北朝鮮が短距離ミサイルを発射 ICBM発射の2日後",
    ],
)
def test_what_stands_in_the_occasion_of_another_act_is_no_report_of_it(title: str) -> None:
    matcher = compile_list(load_indicators(_ROOT / "indicators.yaml"))

    hits = {str(hit.indicator): hit.directness.word for hit in matcher.match(an_item(title))}

    assert (hits["missile-launch"], hits["icbm-launch"]) == ("direct", "reaction")
