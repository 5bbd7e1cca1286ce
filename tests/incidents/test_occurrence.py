"""What a report says that tells its happening from the next."""

from datetime import date, timedelta

import pytest

from tests.builders import NOON, VOCABULARY, an_item
from watcher.incidents.occurrence import NOT_FIRST, Features, differ, features_of, korean_day

HOUR = timedelta(hours=1)
SATURDAY, FRIDAY, THURSDAY = date(2026, 10, 10), date(2026, 10, 9), date(2026, 10, 8)


def read(title: str, summary: str = "") -> Features:
    """Return the features of an item seen at noon UTC on a Saturday, 9 in the evening in Seoul."""
    return features_of(an_item(title, summary), VOCABULARY)


def test_noon_is_a_saturday_in_korea() -> None:
    assert korean_day(NOON) == SATURDAY
    assert korean_day(NOON + 3 * HOUR) == date(2026, 10, 11)


@pytest.mark.parametrize(
    ("title", "summary", "day"),
    [
        ("North Korea fires missile", "", None),
        ("North Korea fires missile", "It flew on Thursday, Seoul said.", THURSDAY),
        ("North Korea fired missile Friday", "", FRIDAY),
        ("North Korea fires missile", "The army said Friday that it flew east.", None),
        ("North Korea fires missile", "Tension has grown since Thursday.", None),
        ("North Korea fires missile", "It flew shortly after midnight on Friday.", FRIDAY),
        ("North Korea fires missile", "One on Thursday, one on Friday.", FRIDAY),
        ("North Korea says it fired missile", "KCNA reported on Saturday the launch of Friday.", FRIDAY),
        ("북한 미사일 발사", "합참은 9일 오전 발사를 포착했다.", FRIDAY),
        ("북한 미사일 발사", "9일 만에 다시 쐈다.", None),
        ("북한 미사일 발사", "이는 25일 발사와 다르다.", None),
        ("北朝鮮がミサイル発射", "9日朝に発射した。", FRIDAY),
        ("北朝鮮がミサイル発射", "9日ぶりの発射となる。", None),
        ("朝鲜发射导弹", "韩国军方周五通报。", FRIDAY),
        ("北韓射飛彈", "南韓軍方星期五表示。", FRIDAY),
        ("КНДР запустила ракету", "Запуск произошел в пятницу.", FRIDAY),
        ("КНДР запустила ракету", "Запуск произошел 9 октября.", FRIDAY),
        ("North Korea fires missile", "The launch of October 9 was the third.", FRIDAY),
        ("North Korea fires missile", "The launch of 9 October was the third.", FRIDAY),
        ("North Korea fires missile", "A file photo of October 9, 2026.", None),
        ("North Korea fires missile", "The test of 4 July was the first.", None),
    ],
)
def test_a_report_names_the_day_of_what_it_reports(title: str, summary: str, day: date | None) -> None:
    assert read(title, summary).day == day


def test_the_date_of_a_caption_is_kept_apart() -> None:
    assert read("North Korea fires missile", "A screen in Seoul on Oct. 9, 2026. (AP)").pictured == FRIDAY


@pytest.mark.parametrize(
    ("title", "kinds"),
    [
        ("North Korea fires cruise missiles", {"cruise"}),
        ("북한, 순항미사일 발사", {"cruise"}),
        ("北朝鮮が巡航ミサイルを発射", {"cruise"}),
        ("朝鲜发射巡航导弹", {"cruise"}),
        ("КНДР запустила крылатые ракеты", {"cruise"}),
        ("North Korea fires short-range ballistic missile", {"ballistic", "short"}),
        ("북한, 단거리 탄도미사일 발사", {"ballistic", "short"}),
        ("North Korea launches ICBM", {"ballistic", "intercontinental"}),
        ("北朝鮮がICBM級を発射", {"ballistic", "intercontinental"}),
        ("КНДР запустила межконтинентальную ракету", {"intercontinental"}),
        ("North Korea fires missile two days after ICBM test", set()),
        ("North Korea sends trash balloons", {"balloons"}),
        ("북한 무인기 침범", {"drones"}),
        ("北朝鮮が砲撃", {"shelling"}),
        ("North Korea fires missile", set()),
    ],
)
def test_a_report_names_the_class_of_what_it_reports(title: str, kinds: set[str]) -> None:
    assert read(title).kinds == kinds


def test_the_summary_names_the_class_where_the_title_does_not() -> None:
    assert read(
        "North Korea fires ballistic missile", "A cruise missile flew last week; this one was short-range."
    ).kinds == {"ballistic", "short"}


@pytest.mark.parametrize(
    ("title", "again", "soon"),
    [
        ("North Korea fires missile", False, False),
        ("North Korea fires another missile", True, False),
        ("North Korea fires missile, third test this week", True, False),
        ("North Korea fires missile, second launch in two days", True, True),
        ("North Korea later on Thursday fired two more", True, True),
        ("North Korea fires missile day after launching satellite", True, False),
        ("북, 이틀 연속 탄도미사일 발사", True, True),
        ("북한, 탄도미사일 추가 발사", True, False),
        ("北朝鮮、2日連続で発射", True, True),
        ("北朝鮮、再び発射", True, False),
        ("朝鲜连续两天发射导弹", True, True),
        ("КНДР вновь запустила ракету", True, False),
        ("Второй за день пуск ракеты в КНДР", True, True),
    ],
)
def test_a_report_says_that_it_is_not_the_first(title: str, *, again: bool, soon: bool) -> None:
    features = read(title)

    assert (features.not_first, features.second_soon, NOT_FIRST in features.remembered) == (
        again,
        soon,
        again,
    )


@pytest.mark.parametrize(
    ("title", "own_account"),
    [
        ("North Korea says it tested new ICBM", True),
        ("Photos show Kim Jong Un at launch", True),
        ('북한 "신형 미사일 시험발사 성공" 주장', True),
        ("朝中社：试射成功", True),
        ("South Korea says missile flew 600 km", False),
        ("北朝鮮がミサイル発射", False),
    ],
)
def test_pyongyangs_own_account_is_known(title: str, *, own_account: bool) -> None:
    assert read(title).own_account == own_account


@pytest.mark.parametrize(
    ("title", "retold"),
    [
        ("Why does North Korea test missiles?", True),
        ("What we know about the North Korean missile", True),
        ("US carrier arrives as North Korea tests missiles", True),
        ("北朝鮮ミサイル、なぜ今か", True),
        ("[사설] 북한 미사일 발사", True),
        ("North Korea fires missile as allies drill", False),
    ],
)
def test_what_only_retells_is_known(title: str, *, retold: bool) -> None:
    assert read(title).retold == retold


def test_rare_names_are_marks() -> None:
    assert read("North Korea tests Hwasong-18", "The solid-fuel missile flew high.").marks == {
        "hwasong18",
        "solidfuel",
    }


@pytest.mark.parametrize(
    ("one", "other", "hours", "different"),
    [
        ({"cruise"}, {"ballistic"}, 3, True),
        ({"cruise"}, {"ballistic"}, 2.9, False),
        ({"cruise"}, {"ballistic", "cruise"}, 30, False),
        ({"short"}, {"intercontinental"}, 12, True),
        ({"short"}, {"intercontinental"}, 11, False),
        ({"short"}, {"cruise"}, 30, False),
        (set(), {"cruise"}, 30, False),
        ({NOT_FIRST}, {"cruise"}, 30, False),
    ],
)
def test_reports_that_name_no_class_in_common_differ_once_the_first_hours_are_over(
    one: set[str], other: set[str], hours: float, *, different: bool
) -> None:
    assert differ(frozenset(one), frozenset(other), hours * HOUR, VOCABULARY.axes) == different
