"""The shipped indicators cover the whole brief, their examples hold, and the entities know their names."""

from datetime import date
from pathlib import Path

import pytest

from tests.builders import an_item
from watcher.config import load_indicators
from watcher.incidents.correlate import joining_for
from watcher.lab.examples import failing
from watcher.match import compile_list
from watcher.match.groups import compile_group, compile_names
from watcher.match.lexicon import Lexicon
from watcher.match.matcher import Matcher
from watcher.model.language import EntityId, IndicatorId, IndicatorList, Names, Severity

ROOT = Path(__file__).parent.parent

ROWS_OF_THE_BRIEF = {
    f"{section}{number:02}"
    for section, last in (("P", 10), ("R", 12), ("H", 21), ("T", 12), ("D", 20), ("C", 8))
    for number in range(1, last + 1)
}

CONTRACT = {
    "missile-launch",
    "icbm-launch",
    "nuclear-test",
    "satellite-launch",
    "new-weapon",
    "engine-test",
    "launch-preparation",
    "nuclear-site-activity",
    "parade",
    "kim-yo-jong",
    "threat-statement",
    "election-timed-threat",
    "inter-korean-hostility",
    "allied-exercise",
    "sanctions-pressure",
    "diplomacy",
}


@pytest.fixture(scope="module")
def shipped() -> IndicatorList:
    return load_indicators(ROOT / "indicators.yaml")


def test_every_row_of_the_brief_is_covered(shipped: IndicatorList) -> None:
    assert len(ROWS_OF_THE_BRIEF) == 83
    covered = {row for indicator in shipped.indicators for row in indicator.covers}

    assert covered == ROWS_OF_THE_BRIEF


def test_the_ids_others_rely_on_are_there(shipped: IndicatorList) -> None:
    assert {indicator.id for indicator in shipped.indicators} >= CONTRACT


def test_every_indicator_has_examples_of_both_kinds(shipped: IndicatorList) -> None:
    for indicator in shipped.indicators:
        hits = [example for example in indicator.examples if example.hits]
        assert len(hits) >= 3, indicator.id
        assert len(indicator.examples) - len(hits) >= 3, indicator.id


def test_every_example_comes_out_as_written(shipped: IndicatorList) -> None:
    assert [str(mistake) for mistake in failing(compile_list(shipped))] == []


def test_what_has_happened_long_ago_is_never_a_hit_of_an_event(shipped: IndicatorList) -> None:
    matcher = compile_list(shipped)
    events = [
        compiled.indicator for compiled in matcher.compiled if compiled.indicator.category == "provocation"
    ]

    assert events
    assert all(indicator.claims for indicator in events)


# Each line: the entity, the day, a text, and whether the text names it.
NAMES = [
    ("dprk", "2024-01-01", "North Korean leader Kim Jong Un", True),
    ("dprk", "2024-01-01", "N. Korea's military", True),
    ("dprk", "2024-01-01", "DPRK Missile Administration conducts", True),
    ("dprk", "2024-01-01", "Pyongyang says", True),
    ("dprk", "2024-01-01", "the hermit kingdom", True),
    ("dprk", "2024-01-01", "북한이 쐈다", True),
    ("dprk", "2024-01-01", "北, 미사일 발사", True),
    ("dprk", "2024-01-01", "조선민주주의인민공화국 미싸일총국", True),
    ("dprk", "2024-01-01", "北朝鮮が発射", True),
    ("dprk", "2024-01-01", "朝鲜试射导弹", True),
    ("dprk", "2024-01-01", "北韓試射飛彈", True),
    ("dprk", "2024-01-01", "КНДР запустила ракету", True),
    ("dprk", "2024-01-01", "северокорейские военные", True),
    ("dprk", "2024-01-01", "South Korea's president", False),
    ("dprk", "2024-01-01", "주말 북한산 등산객", False),
    ("dprk", "2024-01-01", "태평양 함대", False),
    ("dprk", "2024-01-01", "朝鮮半島の気候", False),
    ("dprk", "2024-01-01", "《朝鮮日報》社論", False),
    ("dprk", "2024-01-01", "北京の天気", False),
    ("kim-yo-jong", "2024-01-01", "Kim Yo-jong", True),
    ("kim-yo-jong", "2024-01-01", "KIM YO JONG", True),
    ("kim-yo-jong", "2024-01-01", "Kim Yŏ-jŏng's statement", True),
    ("kim-yo-jong", "2024-01-01", "김여정은 담화에서", True),
    ("kim-yo-jong", "2024-01-01", "金与正氏の談話", True),
    ("kim-yo-jong", "2024-01-01", "金與正發表談話", True),
    ("kim-yo-jong", "2024-01-01", "キム・ヨジョン氏", True),
    ("kim-yo-jong", "2024-01-01", "Ким Ё Чжон заявила", True),
    ("kim-yo-jong", "2024-01-01", "Kim Jong Un", False),
    ("icbm", "2024-01-01", "ICBM을 발사", True),
    ("icbm", "2024-01-01", "Hwasong-18", True),
    ("icbm", "2024-01-01", "화성-19형", True),
    ("icbm", "2024-01-01", "「火星17」型", True),
    ("icbm", "2024-01-01", "洲际弹道导弹", True),
    ("icbm", "2024-01-01", "洲際彈道飛彈", True),
    ("icbm", "2024-01-01", "大陸間弾道ミサイル", True),
    ("icbm", "2024-01-01", "межконтинентальная баллистическая ракета", True),
    ("icbm", "2024-01-01", "Hwasong-12", False),
    ("us-president", "2016-06-01", "Obama says", True),
    ("us-president", "2018-06-12", "Obama says", False),
    ("us-president", "2018-06-12", "트럼프 대통령", True),
    ("us-president", "2022-06-12", "Trump says", False),
    ("us-president", "2022-06-12", "バイデン氏", True),
    ("us-president", "2025-06-12", "特朗普表示", True),
    ("us-president", "2025-06-12", "the US president", True),
    ("rok-president", "2018-04-27", "Moon Jae-in", True),
    ("rok-president", "2023-04-27", "Moon Jae-in", False),
    ("rok-president", "2023-04-27", "尹錫悦大統領", True),
    ("rok-president", "2025-08-15", "이재명 대통령", True),
    ("jp-prime-minister", "2017-09-15", "安倍首相", True),
    ("jp-prime-minister", "2023-09-15", "Kishida", True),
    ("dprk-foreign-minister", "2020-07-01", "Ri Son-gwon", True),
    ("dprk-foreign-minister", "2024-07-01", "Ri Son-gwon", False),
    ("dprk-foreign-minister", "2024-07-01", "최선희 외무상", True),
]


@pytest.mark.parametrize(("entity", "day", "text", "named"), NAMES)
def test_an_entity_knows_its_names(
    shipped: IndicatorList, entity: str, day: str, text: str, named: bool
) -> None:
    lexicon = Lexicon()
    node = compile_group(
        Names(EntityId(entity)), lexicon, lambda entity: compile_names(shipped.entities[entity], lexicon)
    )
    view = lexicon.view(text, "", date.fromisoformat(day))

    assert (node.find(view, 0, len(view.text) + 1) is not None) == named


LEVEL_ORDER = [
    (1, "North Korea fires unidentified projectile toward East Sea"),
    (1, "North Korea fires cruise missiles off its west coast"),
    (1, "북한, 동해상으로 미상 발사체 발사"),
    (1, "北韓朝東部海域發射飛彈"),
    (1, "КНДР запустила неизвестный снаряд"),
    (1, "North Korea fires missile, days after IRBM test"),
    (1, "North Korea's projectile was not a ballistic missile, Seoul says"),
    (2, "North Korea fires ballistic missile toward the East Sea"),
    (2, "북한, 동해상으로 탄도미사일 발사"),
    (2, "北朝鮮が弾道ミサイルを発射 防衛省"),
    (2, "朝鲜发射弹道导弹 落入东部海域"),
    (2, "КНДР запустила баллистическую ракету"),
    (3, "North Korea fires intermediate-range missile over Japan"),
    (3, "북한, 단거리 탄도미사일 2발 발사"),
    (3, "北朝鮮が潜水艦発射弾道ミサイルを発射"),
    (3, "北韓試射中程彈道飛彈"),
    (3, "КНДР запустила баллистическую ракету средней дальности"),
    (4, "North Korea fires suspected ICBM"),
]


@pytest.fixture(scope="module")
def matcher(shipped: IndicatorList) -> Matcher:
    return compile_list(shipped)


@pytest.mark.parametrize(("step", "title"), LEVEL_ORDER)
def test_a_launch_stands_on_the_step_that_its_title_names(matcher: Matcher, step: int, title: str) -> None:
    joinings = {indicator.id: joining_for(indicator) for indicator in matcher.listed.indicators}
    launches = [hit for hit in matcher.match(an_item(title)) if joinings[hit.indicator].family == "launch"]

    assert max(max(hit.step, joinings[hit.indicator].step) for hit in launches) == step


@pytest.mark.parametrize(
    "title",
    [
        "M 4.7 Nuclear Explosion - 24 km ENE of Sungjibaegam, North Korea",
        "mb 5.2 - Nuclear explosion - NORTH KOREA",
    ],
)
def test_a_quake_that_a_service_types_as_a_nuclear_explosion_may_be_critical(
    matcher: Matcher, title: str
) -> None:
    hits = {hit.indicator: hit.severity for hit in matcher.match(an_item(title))}

    assert hits[IndicatorId("nuclear-test")] is Severity.CRITICAL
