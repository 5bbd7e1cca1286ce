"""A launch turns out to be more than the first flash said: each step is one alert, as titles report it."""

import pytest

from tests.builders import an_item
from tests.flow.harness import RULES, Harness, harness, rules
from watcher.model.alerts import Alert, Reason

pytestmark = pytest.mark.usefixtures("each_store")

LEVEL_ORDER = RULES.replace(
    "joins: {family: launch, by: happening, rung: 2, quiet: 6h}",
    "joins: {family: launch, by: happening, rung: 1, quiet: 6h, "
    "ladder: {3: [$range-class], 2: [ballistic*, 탄도미사일]}}",
).replace(
    "dprk: {names: [North Korea*]}",
    "dprk: {names: [North Korea*, 북한]}, range-class: {names: [IRBM*, SLBM*, intermediate range*]}",
)
LEVEL_ORDER += "  - {says: echo, terms: [days after], reach: both}\n"

FLASH = "North Korea fires unidentified projectile"


def told_of(watching: Harness, *titles: str, summary: str = "") -> list[Alert]:
    """Return the alerts about titles that are published one after the other."""
    alerts = []
    for title in titles:
        watching.news.publishes("wire", an_item(title, summary=summary, guid=title))
        alerts += watching.later()
    return alerts


def test_a_launch_alerts_at_every_step_it_rises_once() -> None:
    alerts = told_of(
        harness(text=LEVEL_ORDER),
        FLASH,
        "North Korea fired a missile into the sea",
        "North Korea fired a ballistic missile, officials in Seoul say",
        "Ballistic missile of North Korea fell into the sea",
        "North Korea fired an intermediate-range missile over Japan",
        "The North Korean missile was an IRBM, analysts say",
        "North Korea fired a ballistic missile this morning",
        "North Korea fired an ICBM, Tokyo says",
        "North Korean missile seen as an IRBM until now",
    )

    assert [(alert.reason, alert.indicator, alert.context.step) for alert in alerts] == [
        (Reason.NEW, "missile-launch", 0),
        (Reason.ESCALATED, "missile-launch", 2),
        (Reason.ESCALATED, "missile-launch", 3),
        (Reason.ESCALATED, "icbm-launch", 0),
    ]
    assert len({alert.incident for alert in alerts}) == 1


def test_a_first_report_may_be_high_up_already() -> None:
    alerts = told_of(
        harness(text=LEVEL_ORDER),
        "North Korean missile is an IRBM",
        "North Korea fires ballistic missile",
        FLASH,
    )

    assert [(alert.reason, alert.context.step) for alert in alerts] == [(Reason.NEW, 3)]


def test_what_rose_is_among_the_evidence() -> None:
    _, escalated = told_of(
        harness(text=LEVEL_ORDER), FLASH, "North Korea fires missile of intermediate range"
    )

    assert "intermediate range" in escalated.evidence


@pytest.mark.parametrize(
    "title",
    [
        "North Korean missile fired days after IRBM launch",
        "North Korean missile may be an IRBM",
        "North Korean missile denied to be ballistic",
    ],
)
def test_what_a_title_looks_back_to_or_guesses_at_or_denies_is_no_step(title: str) -> None:
    watching = harness(text=LEVEL_ORDER)
    watching.rules = rules(LEVEL_ORDER + "  - {says: denied, terms: [denied], reach: both}\n")
    told_of(watching, FLASH)

    assert Reason.ESCALATED not in {alert.reason for alert in told_of(watching, title)}


def test_what_a_summary_names_in_passing_is_no_step() -> None:
    watching = harness(text=LEVEL_ORDER)
    told_of(watching, FLASH)

    assert (
        told_of(
            watching,
            "North Korean missile in the sea, coast guard says",
            summary="Last month it fired an IRBM. An ICBM flew in May.",
        )
        == []
    )


def test_a_step_in_another_language_is_the_same_step() -> None:
    alerts = told_of(
        harness(text=LEVEL_ORDER),
        FLASH,
        "North Korea fires ballistic missile",
        "북한 missile 탄도미사일 발사",
    )

    assert [alert.reason for alert in alerts] == [Reason.NEW, Reason.ESCALATED]
