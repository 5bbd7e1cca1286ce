"""What is told together, what is marked, and what ends: late news, floods, denials, quiet."""

from datetime import timedelta

import pytest

from tests.builders import NOON, an_item
from tests.flow.harness import RULES, Harness, harness, rules
from watcher.model.alerts import Incident, Kind, Reason
from watcher.model.language import Severity
from watcher.model.news import Item
from watcher.model.review import Action, ActionKind

pytestmark = pytest.mark.usefixtures("each_store")

LAUNCH = an_item("North Korea fires missile, JCS says", guid="launch")
ICBM = an_item("North Korea fired ICBM, JCS says", guid="icbm")
HOUSES = """
indicators:
  - {id: fire, title: Fire, category: provocation, severity: medium, match: [fire*]}
  - {id: flood, title: Flood, category: provocation, severity: critical, match: [flood*]}
budget: {medium: 3}
"""


def statements(*numbers: int) -> tuple[Item, ...]:
    """Return statements of Kim, each a story of its own."""
    return tuple(an_item(f"Statement {number} of Kim", guid=f"statement {number}") for number in numbers)


def fires(*names: str) -> tuple[Item, ...]:
    """Return fires, each a story of its own."""
    return tuple(an_item(f"Fire at {name} {name} harbour", guid=name) for name in names)


def incidents(watching: Harness) -> list[Incident]:
    return list(watching.store.open_incidents(NOON - timedelta(days=9)))


# --- after we were away -------------------------------------------------------------------------------------


def test_after_a_night_away_the_news_is_told_in_one_alert_marked_late() -> None:
    watching = harness("wire")
    watching.later()
    watching.news.publishes("wire", *statements(1, 2, 3, 4))

    (alert,) = watching.later(hours=9)

    assert (alert.kind, alert.reason, alert.title) == (
        Kind.INCIDENT,
        Reason.LATE,
        "Seen late: 4 incidents from a time without polls",
    )
    assert {item.title for item in alert.items} == {f"Statement {number} of Kim" for number in (1, 2, 3, 4)}
    assert watching.hears() == []


def test_a_few_late_stories_are_told_one_by_one_each_marked() -> None:
    watching = harness("wire")
    watching.later()
    watching.news.publishes("wire", *statements(1, 2))

    alerts = watching.later(hours=9)

    assert [(alert.reason, alert.title) for alert in alerts] == [
        (Reason.NEW, "Statement 1 of Kim"),
        (Reason.NEW, "Statement 2 of Kim"),
    ]
    assert {alert.context.late for alert in alerts} == {"wire had not been polled for 9 hours"}


def test_what_is_critical_never_waits_for_a_summary() -> None:
    watching = harness("wire")
    watching.later()
    watching.news.publishes("wire", ICBM, *statements(1, 2, 3, 4))

    told = watching.later(hours=9)

    assert [(alert.reason, alert.severity) for alert in told] == [
        (Reason.NEW, Severity.CRITICAL),
        (Reason.LATE, Severity.LOW),
    ]
    assert told[0].context.late


def test_a_feed_polled_in_time_is_not_late() -> None:
    watching = harness("wire")
    watching.later()
    watching.news.publishes("wire", LAUNCH)

    (alert,) = watching.later(hours=1)

    assert not alert.context.late


# --- floods -------------------------------------------------------------------------------------------------


def test_a_flood_goes_over_the_budget_into_one_alert_an_hour_and_nothing_is_dropped() -> None:
    watching = Harness(harness("wire").feeds, rules(HOUSES))
    watching.news.publishes("wire", *fires("Ada", "Bor", "Cid", "Dun", "Els"))

    at_once = watching.later(hours=0)
    more = watching.later(hours=0.5)
    together = watching.later(hours=0.75)

    assert [alert.reason for alert in at_once] == [Reason.NEW] * 3
    assert more == []
    assert [(alert.reason, alert.title) for alert in together] == [
        (Reason.BUDGET, "Over today's budget: 2 incidents more")
    ]
    told = {item.title for alert in (*at_once, *together) for item in alert.items}
    assert told == {item.title for item in fires("Ada", "Bor", "Cid", "Dun", "Els")}
    assert watching.hears(hours=2) == []


def test_a_flood_that_trickles_in_is_an_alert_an_hour_too() -> None:
    watching = Harness(harness("wire").feeds, rules(HOUSES))
    watching.news.publishes("wire", *fires("Ada", "Bor", "Cid"))
    watching.later(hours=0)
    told = []
    for name in ("Dun", "Els", "Fay", "Gus", "Hal", "Ivo", "Jon", "Kay"):
        watching.news.publishes("wire", *fires(name))
        told += watching.hears(hours=0.25)

    assert told == [(Reason.BUDGET, "Over today's budget: 5 incidents more")]


def test_a_budget_has_no_hold_over_what_is_critical() -> None:
    watching = Harness(harness("wire").feeds, rules(HOUSES))
    names = ("Ada", "Bor", "Cid", "Dun", "Els")
    watching.news.publishes(
        "wire", *(an_item(f"Flood at {name} {name} harbour", guid=name) for name in names)
    )

    assert [alert.reason for alert in watching.later(hours=0)] == [Reason.NEW] * 5


def test_the_next_day_has_a_budget_of_its_own() -> None:
    watching = Harness(harness("wire").feeds, rules(HOUSES))
    watching.news.publishes("wire", *fires("Ada", "Bor", "Cid"))
    watching.later(hours=0)
    watching.news.publishes("wire", *fires("Dun"))

    assert [reason for reason, _ in watching.hears(hours=13)] == [Reason.NEW]


# --- denials, the end, and what an alert knows --------------------------------------------------------------


def test_a_denial_of_what_was_told_is_news_once() -> None:
    watching = Harness(
        harness("wire").feeds, rules(RULES + "  - {says: denied, terms: [denies], reach: after}\n")
    )
    watching.news.publishes("wire", LAUNCH)
    watching.later(hours=0)
    watching.news.publishes("wire", an_item("North Korea denies missile was fired", guid="no"))
    (denial,) = watching.later()
    watching.news.publishes("wire", an_item("Ministry denies North Korea missile story", guid="no again"))

    assert (denial.reason, denial.why.split(":")[0]) == (Reason.DENIED, "It is now denied")
    assert denial.context.against == ("denied: North Korea denies missile was fired (wire)",)
    assert watching.hears() == []


def test_an_incident_that_stays_quiet_is_closed_once_and_says_so_in_its_decisions() -> None:
    watching = harness("wire")
    watching.news.publishes("wire", LAUNCH)
    watching.later(hours=0)
    for _ in range(3):
        watching.later(hours=10)

    (incident,) = incidents(watching)

    assert incident.closed == NOON + timedelta(hours=20)
    assert [decision.reason for decision in watching.store.decisions(incident.id)] == [
        Reason.NEW,
        Reason.CLOSED,
    ]


def test_a_timeline_has_a_line_for_everything_first_said() -> None:
    watching = harness("wire", "other")
    watching.news.publishes("wire", an_item("North Korea may fire missile", guid="1"))
    watching.later(hours=0)
    watching.news.publishes("wire", LAUNCH)
    watching.news.publishes("other", an_item("Missile of North Korea flew far", guid="copy"))
    (alert,) = watching.later()

    assert alert.context.timeline == (
        "10 Oct 12:00Z wire: first report, speculated",
        "10 Oct 12:15Z wire: occurred, jcs",
    )


def test_an_alert_says_how_often_its_indicator_fires_and_how_right_it_was() -> None:
    watching = harness("wire")
    for week in range(4):
        watching.news.publishes("wire", an_item(f"North Korea fires missile number {week}", guid=str(week)))
        (alert,) = watching.later(hours=0 if week == 0 else 24 * 7)
        verdict = "noise" if week == 1 else "useful"
        watching.store.add_action(
            Action(
                id=str(week),
                at=watching.clock(),
                by="Ann",
                kind=ActionKind.VERDICT,
                target=alert.incident,
                value=verdict,
            )
        )

    watching.news.publishes("wire", an_item("North Korea fires missile yet again", guid="last"))
    (alert,) = watching.later(hours=24 * 7)

    assert alert.context.base_rate == "1.0 a week in 28 days, last on 31 Oct 2026"
    assert alert.context.precision == "3 of 4 reviewed incidents useful"


def test_an_alert_names_the_days_that_are_near() -> None:
    watching = harness("wire")
    watching.news.publishes("wire", LAUNCH)

    (alert,) = watching.later(hours=0)

    assert alert.context.calendar == ("party-day today",)
