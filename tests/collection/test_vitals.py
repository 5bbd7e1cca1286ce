"""What people are told of the watcher itself: once when it is ill, once when it is well."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.builders import NOON, an_alert
from watcher.collection.vitals import (
    ClockStep,
    Vital,
    canary,
    disk,
    lag,
    tell_of,
    tell_of_dead,
    tell_of_steps,
)
from watcher.model.alerts import Alert, ChannelId, Delivery, DeliveryState, Reason

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GIB = 1 << 30
DESK, PHONE = ChannelId("desk"), ChannelId("phone")


def told_of(vitals: Sequence[Vital]) -> list[Alert]:
    """Look once a minute; return what people are told."""
    noted, alerts = "", list[Alert]()
    for minute, vital in enumerate(vitals):
        if cycle := tell_of(vital, noted, NOON + minute * MINUTE):
            noted = cycle.notes[vital.reason]
            alerts += cycle.alerts
    return alerts


@pytest.mark.parametrize(
    ("free", "total", "ill"),
    [
        (100 << 20, 1 * GIB, True),
        (1 * GIB, 40 * GIB, True),
        (4 * GIB, 2000 * GIB, True),
        (20 * GIB, 2000 * GIB, False),
        (250 << 20, 1 * GIB, None),
        (4 * GIB, 40 * GIB, False),
    ],
)
def test_a_disk_is_low_below_a_twentieth_but_a_large_one_only_below_what_lasts_for_years(
    free: int, total: int, *, ill: bool | None
) -> None:
    assert disk(free, total, "/data").ill is ill


def test_a_disk_that_hovers_about_the_mark_is_two_alerts() -> None:
    hovering = [1.9, 2.1, 1.9, 2.1, 2.5, 1.8] * 20
    looks = [disk(int(free * GIB), 40 * GIB, "/data") for free in (*hovering, 12.0, 12.0)]

    low, again = told_of(looks)

    assert (low.reason, low.title) == (Reason.DISK_LOW, "The disk is nearly full: 1,945 MiB free")
    assert (again.reason, again.title) == (Reason.RECOVERED, "The disk has space again: 12,288 MiB free")


def test_a_service_that_lags_now_and_then_is_told_of_once_until_it_has_kept_pace_for_an_hour() -> None:
    stale = ["no round of polls has ended for 2 minutes"]
    flapping = [lag(stale if minute % 10 == 0 else [], (minute % 10) * MINUTE) for minute in range(300)]

    alerts = told_of([*flapping, lag([], HOUR), lag([], 2 * HOUR)])

    assert [alert.reason for alert in alerts] == [Reason.LAGGING, Reason.RECOVERED]
    assert alerts[0].title == "The service lags: no round of polls has ended for 2 minutes"


def test_a_canary_that_is_lost_says_where_and_one_that_comes_back_says_so() -> None:
    alerts = told_of(
        [canary(""), canary("no indicator matched it"), canary("no indicator matched it"), canary("")]
    )

    assert [(alert.reason, alert.severity.word) for alert in alerts] == [
        (Reason.CANARY_LOST, "high"),
        (Reason.RECOVERED, "info"),
    ]
    assert "no indicator matched it" in alerts[0].title


@pytest.mark.parametrize(
    ("moved", "says"),
    [
        (-HOUR, "The clock stepped 1 hour back: from 2026-10-10 12:00:00Z to 2026-10-10 11:00:00Z"),
        (8 * HOUR, "The clock stepped 8 hours ahead: from 2026-10-10 12:00:00Z to 2026-10-10 20:00:00Z"),
        (3650 * DAY, "The clock stepped 3650 days ahead: from 2026-10-10 12:00:00Z to 2036-10-07 12:00:00Z"),
    ],
)
def test_a_step_of_the_clock_names_the_old_and_the_new_time(moved: timedelta, says: str) -> None:
    (alert,) = tell_of_steps([ClockStep(expected=NOON, shown=NOON + moved)], NOON + moved).alerts

    assert (alert.reason, alert.title) == (Reason.CLOCK_STEPPED, says)
    assert ("the machine slept" in alert.why) == (moved > timedelta())


# --- deliveries that were given up --------------------------------------------------------------------------


def given_up(channel: ChannelId) -> Delivery:
    return Delivery(
        alert=an_alert("Parade"),
        channel=channel,
        state=DeliveryState.DEAD,
        attempts=9,
        next_try=NOON,
        error="HTTP 404",
    )


def test_the_others_are_told_of_a_channel_whose_alerts_were_given_up() -> None:
    cycle = tell_of_dead({DESK: 3}, [given_up(DESK)], "", NOON)

    assert cycle is not None
    assert cycle.past == DESK
    assert cycle.alerts[0].title == "3 alerts for channel desk were given up"
    assert "“Parade”: HTTP 404" in cycle.alerts[0].why
    assert "`watcher channels retry desk`" in cycle.alerts[0].why


def test_a_channel_that_gives_up_every_alert_is_told_of_once_a_day_and_anew_after_a_retry() -> None:
    noted, told = "", []
    for hour in range(96):
        dead = 0 if hour == 60 else hour + 1
        if cycle := tell_of_dead({DESK: dead}, [given_up(DESK)], noted, NOON + hour * HOUR):
            noted = cycle.notes[Reason.DELIVERY_DEAD]
            told += [hour] * len(cycle.alerts)

    assert told == [0, 24, 48, 61, 85]


def test_two_channels_that_gave_up_are_two_alerts_and_then_quiet() -> None:
    noted, told = "", []
    for minute in range(60):
        cycle = tell_of_dead(
            {DESK: 1, PHONE: 2}, [given_up(DESK), given_up(PHONE)], noted, NOON + minute * MINUTE
        )
        if cycle:
            noted = cycle.notes[Reason.DELIVERY_DEAD]
            told.append(cycle.past)

    assert told == [DESK, PHONE]
