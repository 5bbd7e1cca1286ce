"""What is true of alerts compared with documented events."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.builders import an_alert, an_item
from watcher.errors import UsageError
from watcher.lab.events import Event, EventScore, Period, period_of, read_events, score_events
from watcher.model.alerts import Alert, Kind, Reason
from watcher.model.news import Item

DAY = datetime(2022, 10, 4, tzinfo=UTC)
OCTOBER = Period(datetime(2022, 10, 1, tzinfo=UTC), datetime(2022, 11, 1, tzinfo=UTC))
EVENT = Event(id="E1", day=DAY.date(), type="ballistic_missile")


def a_report(hours: float, title: str = "North Korea fires missile over Japan") -> Item:
    return replace(an_item(title), seen=DAY + timedelta(hours=hours))


def an_alert_of(hours: float, *, indicator: str = "missile-launch", reason: Reason = Reason.NEW) -> Alert:
    return replace(
        an_alert(alert_id=f"{indicator} {hours}"),
        at=DAY + timedelta(hours=hours),
        indicator=indicator,
        reason=reason,
    )


def the_missiles(items: list[Item], alerts: list[Alert], events: tuple[Event, ...] = (EVENT,)) -> EventScore:
    return score_events(events, items, alerts, OCTOBER)[0]


def test_an_event_that_was_reported_and_alerted_counts_with_its_delay() -> None:
    found = the_missiles(
        [a_report(1), a_report(3)], [an_alert_of(1.5), an_alert_of(4, reason=Reason.ESCALATED)]
    )

    assert (found.events, found.alerted, found.minutes) == (1, ("E1",), (30.0,))
    assert found.as_dict()["opening_alerts_per_event"] == 1
    assert found.as_dict()["alerts_per_event"] == 2


def test_an_event_nobody_reported_cannot_be_alerted() -> None:
    found = the_missiles([a_report(1, "Japan plays football"), a_report(60)], [])

    assert found.events == 0


def test_a_report_names_north_korea_and_a_word_of_the_class() -> None:
    assert the_missiles([a_report(1, "North Korea holds a parade")], []).events == 0
    assert the_missiles([a_report(1, "Iran fires missile")], []).events == 0
    assert the_missiles([a_report(1, "북한, 탄도미사일 발사")], []).events == 1


@pytest.mark.parametrize(("hours", "alerted"), [(-12.1, False), (-12, True), (47.9, True), (48, False)])
def test_an_event_is_looked_for_from_half_a_day_before_its_day_to_two_days_after_it_began(
    hours: float, alerted: bool
) -> None:
    found = the_missiles([a_report(0)], [an_alert_of(hours)])

    assert bool(found.alerted) is alerted
    assert len(found.out_of_reach) == (not alerted)


def test_only_opening_alerts_are_false_alarms() -> None:
    stray = [an_alert_of(100), an_alert_of(101, reason=Reason.REMINDER)]

    found = the_missiles([a_report(1)], stray)

    assert [alert.id for alert in found.out_of_reach] == ["missile-launch 100"]
    assert found.unalerted == ("E1",)
    assert found.as_dict()["false_alarms_per_day"] == pytest.approx(1 / 31, abs=0.001)


def test_alerts_about_the_service_itself_and_outside_the_days_do_not_count() -> None:
    own = replace(an_alert_of(1), kind=Kind.COLLECTION)

    assert the_missiles([a_report(1)], [own, an_alert_of(24 * 40)]).alerts == 0


def test_a_missile_alert_shows_a_satellite_launch_but_does_not_open_it() -> None:
    event = Event(id="S1", day=DAY.date(), type="satellite_launch")

    satellite = score_events(
        (event,), [a_report(1, "North Korea launches spy satellite")], [an_alert_of(2)], OCTOBER
    )[2]

    assert (satellite.name, satellite.alerted, satellite.opening) == ("satellite", ("S1",), 0)


def test_events_are_read_from_csv_and_vague_dates_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    rows = ("E0,2022-10,icbm,x", "E1,2022-10-04,ballistic_missile,x", "E2,2023-01-01,icbm,x")
    file.write_text("\n".join(("event_id,date,type,more", *rows)), encoding="utf-8")

    assert read_events(file, OCTOBER) == (EVENT,)
    assert [event.id for event in read_events(file)] == ["E1", "E2"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,date\n", "missing: event_id, type"),
        ("event_id,date,type\nE1,2022-13-04,icbm\n", ":2: no such day"),
    ],
)
def test_a_wrong_list_of_events_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "events.csv"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(UsageError, match=said):
        read_events(file)


def test_the_period_is_that_of_the_news_unless_days_are_given() -> None:
    moments = [a_report(0).seen, a_report(30).seen]

    assert period_of(moments) == Period(DAY, DAY + timedelta(days=2))
    assert period_of(moments, "2022-10-01", "2022-10-31") == OCTOBER
    assert OCTOBER.days == 31
    assert str(OCTOBER.last_day) == "2022-10-31"


@pytest.mark.parametrize(
    ("first", "last", "said"), [("soon", "", "no such day"), ("2022-10-09", "2022-10-01", "before --from")]
)
def test_days_that_cannot_be_are_refused(first: str, last: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        period_of([a_report(0).seen], first, last)


def test_no_news_has_no_period() -> None:
    with pytest.raises(UsageError, match="nothing to measure"):
        period_of([])
