"""The board follows the news: from a poll to an alert of kind `board`."""

import pytest

from tests.builders import NOON, an_item
from tests.flow.harness import Harness, harness
from watcher.alerting.review import action_of
from watcher.model.alerts import ChannelId, Kind, Level, Reason
from watcher.model.review import ActionKind
from watcher.model.routes import Route

pytestmark = pytest.mark.usefixtures("each_store")

RULES = """
indicators:
  - {id: icbm-launch, title: ICBM test, category: provocation, severity: critical, match: [ICBM*],
     corroborate: {origins: 2}}
  - {id: statement, title: Statement, category: rhetoric, severity: low, match: [statement]}
"""
ICBM = an_item("North Korea fires ICBM, JCS says", guid="icbm")


def levels(watching: Harness) -> dict[str, Level]:
    return {str(each.subject): each.level for each in watching.store.board()}


def test_a_launch_is_told_and_then_what_it_does_to_the_board_in_one_alert() -> None:
    watching = harness(text=RULES)
    watching.later()
    watching.news.publishes("wire", ICBM)

    told = watching.later()

    assert [(alert.kind, alert.reason) for alert in told] == [
        (Kind.INCIDENT, Reason.NEW),
        (Kind.BOARD, Reason.LEVEL_ROSE),
    ]
    assert told[1].incidents == (told[0].incident,)
    assert levels(watching) == dict.fromkeys(
        ("problem", "category:provocation", "indicator:icbm-launch"), Level.CRITICAL
    )
    assert watching.later() == []


def test_the_levels_fall_without_any_news_and_who_asks_for_it_is_told() -> None:
    watching = harness(text=RULES, route=Route(channel=ChannelId("desk"), kinds=frozenset(Kind)))
    watching.later()
    watching.news.publishes("wire", ICBM)
    watching.later()

    told = [alert.title for _ in range(20) for alert in watching.later(hours=24) if alert.kind is Kind.BOARD]

    assert told == [
        "The problem fell from critical to elevated",
        "The problem fell from elevated to watch",
        "The problem fell from watch to quiet",
    ]


def test_what_is_there_before_us_sets_the_board_and_is_told_once_by_the_summary_of_the_start() -> None:
    watching = harness(seed=True, text=RULES)
    watching.news.publishes("wire", ICBM)

    assert [alert.reason for alert in watching.later()] == [Reason.SEEDING]
    assert levels(watching)["problem"] is Level.CRITICAL


def test_what_an_analyst_sets_is_taken_up_with_the_next_round() -> None:
    watching = harness(text=RULES)
    watching.later()
    watching.store.add_action(
        action_of(ActionKind.OVERRIDE, "category:rhetoric", "Kim", NOON, value="elevated", why="parade")
    )

    (alert,) = watching.later()

    assert alert.title == "Rhetoric rose from quiet to elevated"
    assert watching.later() == []
