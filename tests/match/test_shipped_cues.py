"""The shipped cues: what reports the news itself, what only echoes it, and what is not news at all."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import an_item
from watcher.config import load_indicators
from watcher.match import Matcher, compile_list
from watcher.model.alerts import Hit


@pytest.fixture(scope="module")
def shipped() -> Matcher:
    return compile_list(load_indicators(Path(__file__).parent.parent.parent / "indicators.yaml"))


def launch(matcher: Matcher, title: str, summary: str = "") -> Hit | None:
    """Return what the text is to the indicator of missile launches."""
    return next(
        (hit for hit in matcher.match(an_item(title, summary)) if hit.indicator == "missile-launch"), None
    )


@pytest.mark.parametrize(
    "title",
    [
        "북한, 이틀 연속 단거리 미사일 발사",
        "북한, 하루 만에 또 탄도미사일 발사",
        "북한, 하루만에 다시 순항미사일 발사",
        "북한, 동해로 단거리 미사일 추가 발사",
    ],
)
def test_a_second_launch_in_a_row_is_a_report_of_its_own(shipped: Matcher, title: str) -> None:
    found = launch(shipped, title)
    assert found is not None
    assert (found.claim, found.fresh) == ("occurred", True)


@pytest.mark.parametrize(
    "title", ["북한 미사일 발사 이틀 뒤 한미 공군 훈련", "북한 미사일 발사 하루 만에 안보리 소집 요구"]
)
def test_what_comes_days_after_a_launch_echoes_it(shipped: Matcher, title: str) -> None:
    found = launch(shipped, title)
    assert found is not None
    assert not found.fresh


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        pytest.param(
            "Your Tuesday Briefing: harvests and floods",
            "Also, North Korea fires a missile.",
            id="a newsletter",
        ),
        pytest.param(
            "Tokyo names new envoy",
            "National flags of Japan and South Korea, before North Korea fired a missile.",
            id="a caption",
        ),
        pytest.param(
            "What drives Pyongyang",
            "Analysts on a North Korea that fired a record number of missiles.",
            id="a count",
        ),
    ],
)
def test_a_launch_in_passing_is_no_report_of_one(shipped: Matcher, title: str, summary: str) -> None:
    assert launch(shipped, title, summary) is None


@pytest.mark.parametrize(
    ("title", "claim"),
    [
        ("North Korean missile launch sets off false alarm in Hokkaido", "occurred"),
        ("Пуск ракеты КНДР вызвал ложную тревогу в Японии", "occurred"),
        ("Japan says North Korean missile alert was a false alarm", "denied"),
    ],
)
def test_a_false_alarm_over_a_real_launch_denies_nothing(shipped: Matcher, title: str, claim: str) -> None:
    found = launch(shipped, title)
    assert found is not None
    assert found.claim == claim


@pytest.mark.parametrize(
    ("title", "language", "claim"),
    [
        pytest.param(
            "南韓軍方通報朝鮮發射彈道導彈", "", "occurred", id="通報 warns in Japanese, and tells in Chinese"
        ),
        pytest.param("南韓軍方通報朝鮮發射彈道導彈", "zh-Hant", "occurred", id="the feed says so too"),
        pytest.param("北朝鮮がミサイル発射を通報", "", "imminent", id="kana make it Japanese"),
        pytest.param("北朝鮮 弾道弾発射通報", "ja", "imminent", id="Han alone: the feed decides"),
    ],
)
def test_a_cue_acts_in_its_own_language_only(shipped: Matcher, title: str, language: str, claim: str) -> None:
    found = next(
        (
            hit
            for hit in shipped.match(replace(an_item(title), language=language))
            if hit.indicator == "missile-launch"
        ),
        None,
    )
    assert found is not None
    assert found.claim == claim
