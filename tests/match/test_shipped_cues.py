"""The shipped cues: what reports the news itself, what only echoes it, and what is not news at all."""

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
