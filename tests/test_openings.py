"""The shipped list on short stories: talk of a deed opens at medium at most, the deed is told in full."""

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.builders import NOON, an_item
from watcher.alerting.build import Situation
from watcher.config import load_indicators
from watcher.incidents.correlate import correlate
from watcher.model.alerts import Alert, Incident, IncidentId
from watcher.model.language import Severity
from watcher.pipeline import Rules, rules_of
from watcher.pipeline.processing import decided, hits_of

_ROOT = Path(__file__).parent.parent
LAUNCH = {"missile-launch", "icbm-launch"}
QUARREL, TEST, WEAPON = {"inter-korean-hostility"}, {"nuclear-test"}, {"new-weapon"}
SATELLITE = {"satellite-launch", *LAUNCH}


class Story(NamedTuple):
    """What is said first, how much later the deed is reported, in which title, and of which indicators."""

    talk: str
    hours: float
    deed: str
    indicators: set[str]
    lead: str = ""


STORIES = [
    Story(
        "Pyongyang threatens war if leaflets keep coming",
        16,
        "North Korea fires shells at South Korean island",
        QUARREL,
    ),
    Story(
        "Defector group flies leaflets by balloon toward North Korea",
        11,
        "North Korea sends trash balloons across the border",
        QUARREL,
    ),
    Story(
        "Seoul to switch on border loudspeakers again",
        8,
        "North Korean soldiers open fire on guard post, South returns fire",
        QUARREL,
    ),
    Story("Two Koreas reopen military hotline", 70, "North Korea cuts all hotlines with South", QUARREL),
    Story(
        "Analyst warns North Korea may stage drone attack on Seoul",
        25,
        "North Korean drone enters no-fly zone over Seoul",
        QUARREL,
    ),
    Story(
        "North Korea admits patrol ship sank in storm",
        60,
        "Kim Jong Un unveils new destroyer with missile launchers",
        WEAPON,
    ),
    Story(
        "North Korea withdraws missiles from launch site, US officials say",
        28,
        "North Korea fires two missiles off east coast",
        LAUNCH,
    ),
    Story(
        "Experts: footage of North Korean missile launch was doctored",
        15,
        "North Korea test-fires submarine-launched missile",
        LAUNCH,
    ),
    Story(
        "What a missile launch buys North Korea",
        12,
        "North Korean missile flies over Hokkaido, residents told to take shelter",
        LAUNCH,
    ),
    Story(
        "Isotopes hint at secret North Korean nuclear test in 2010",
        30,
        "Magnitude 5.4 tremor in North Korea was nuclear test, Seoul confirms",
        TEST,
    ),
    Story("북한군, 괌 주변 포위사격 계획 검토", 14, '합참 "북한, 동해상으로 탄도미사일 발사"', LAUNCH),
    Story("탈북민단체, 파주서 대북전단 풍선 날려", 10, '합참 "북한, 오물풍선 또 부양"', QUARREL),
    Story(
        '기상청 "북한 길주서 규모 2.4 자연지진"',
        40,
        '기상청 "북한 풍계리서 규모 5.6 인공지진…핵실험 추정"',
        TEST,
    ),
    Story(
        "北朝鮮、衛星打ち上げの計画を国際機関に通報", 30, "北朝鮮が「衛星」打ち上げ 沖縄上空を通過", SATELLITE
    ),
    Story("衛星圖：豐溪里核試場有新活動", 90, "北韓宣布成功進行核試", TEST),
    Story("金正恩的算盘", 12, "朝鲜再射两枚弹道导弹", LAUNCH, lead="近来朝鲜不断试射导弹，外界猜测其意图。"),
]


@cache
def _rules() -> Rules:
    return rules_of(load_indicators(_ROOT / "indicators.yaml"))


def _told(*reports: tuple[float, str, str]) -> Iterator[list[Alert]]:
    """Yield what people are told at each report: hours from the start, title, lead."""
    rules, known = _rules(), dict[IncidentId, Incident]()
    for hours, title, lead in reports:
        item = an_item(title, lead, minutes=60 * hours, guid=title)
        correlated = correlate(
            hits_of([item], rules), tuple(known.values()), rules.joinings, rules.vocabulary
        )
        cycle = decided(correlated, Situation(now=item.seen, indicators=rules.indicators))
        known |= {incident.id: incident for incident in cycle.incidents}
        yield list(cycle.alerts)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.talk)
def test_talk_opens_at_medium_at_most_and_the_deed_is_told_in_full(story: Story) -> None:
    talk, deed = _told((0, story.talk, story.lead), (story.hours, story.deed, ""))

    assert all(alert.severity <= Severity.MEDIUM for alert in talk)
    assert any(alert.severity >= Severity.HIGH and alert.indicator in story.indicators for alert in deed), (
        f"{story.deed}: {deed}"
    )


def test_a_kind_in_the_lead_alone_raises_nothing() -> None:
    lead = "The drill came days after the North tested an ICBM."

    (told,) = _told((0, "North Korea fires cruise missiles", lead))

    assert {(alert.indicator, alert.severity) for alert in told} >= {("missile-launch", Severity.HIGH)}
    assert all(alert.indicator != "icbm-launch" for alert in told)


def test_an_alert_has_the_headline_of_the_report_that_earns_most() -> None:
    rules = _rules()
    items = [
        an_item("North Korea may launch another missile on Wednesday", guid="a"),
        an_item("North Korea fires missile into Sea of Japan", guid="b"),
    ]
    correlated = correlate(hits_of(items, rules), (), rules.joinings, rules.vocabulary)

    cycle = decided(correlated, Situation(now=NOON + timedelta(hours=1), indicators=rules.indicators))

    high = [alert.title for alert in cycle.alerts if alert.severity is Severity.HIGH]
    assert high == ["North Korea fires missile into Sea of Japan"]
