"""A mute ends: what it kept back is told, with all that was gained meanwhile."""

from datetime import timedelta

import pytest

from tests.builders import an_item
from tests.flow.harness import Harness, harness
from watcher.model.alerts import Alert, Reason
from watcher.model.language import IndicatorId
from watcher.pipeline.reviewing import Reviewer

pytestmark = pytest.mark.usefixtures("each_store")

REPORTS = (
    "North Korea fires missile",
    "North Korea fires missile into the sea, Seoul says",
    "North Korea fired missile of long range, Tokyo says",
)
MUTED = IndicatorId("missile-launch")


def muted(target: str = MUTED, hours: float = 1) -> Harness:
    """Return a harness in which a mute holds for some hours."""
    made = harness("wire")
    made.polls()
    reviewer = Reviewer(made.store, "lee", made.clock())
    reviewer.mute(target, made.clock() + timedelta(hours=hours), "announced", [MUTED])
    return made


def reports(made: Harness, *titles: str, hours: float = 0.25) -> list[Alert]:
    made.news.publishes("wire", *map(an_item, titles))
    return made.later(hours)


def test_a_report_after_the_mute_brings_those_that_it_kept_back() -> None:
    made = muted()
    assert reports(made, *REPORTS[:1]) == []
    assert reports(made, *REPORTS[:2]) == []

    (alert,) = reports(made, *REPORTS, hours=1)

    assert [item.title for item in alert.items] == list(REPORTS)
    assert alert.context.late.startswith("kept back by a mute: missile-launch until")
    assert made.later(24) == []


def test_what_nobody_reports_again_is_told_when_the_mute_ends() -> None:
    made = muted()
    reports(made, *REPORTS[:2])

    assert made.later(0.25) == []
    (alert,) = made.later(1)

    assert (alert.reason, [item.title for item in alert.items]) == (Reason.NEW, list(REPORTS[:2]))
    assert "kept back by a mute" in alert.context.late
    assert made.later(24) == []


def test_what_was_told_before_the_mute_is_not_told_again() -> None:
    made = harness("wire")
    (first,) = reports(made, REPORTS[0])
    Reviewer(made.store, "lee", made.clock()).mute(first.id, made.clock() + timedelta(hours=1), "known", [])
    assert reports(made, REPORTS[0], "North Korea fires missile again and again, Seoul says") == []

    told = made.later(2)

    assert REPORTS[0] not in [item.title for alert in told for item in alert.items]


def test_an_unmute_tells_at_the_end_of_the_next_round() -> None:
    made = muted(hours=48)
    reports(made, REPORTS[0])
    Reviewer(made.store, "lee", made.clock()).unmute(MUTED)

    assert [alert.title for alert in made.later()] == [REPORTS[0]]


def test_many_that_one_mute_kept_back_are_one_alert_and_the_critical_ones_their_own() -> None:
    made = muted("provocation", hours=100)
    for day in range(5):
        reports(made, f"North Korea fires missile number {day} toward place {day}", hours=15)
    reports(made, "North Korea fires ICBM", hours=15)

    told = made.later(30)

    assert [(alert.reason, len(alert.incidents)) for alert in told] == [(Reason.LATE, 5), (Reason.NEW, 0)]
    assert told[0].title == "A mute has ended: 5 incidents that it kept back"
    assert told[1].title == "North Korea fires ICBM"
