"""Who is told of what, and when: hours, quiet hours and digests, through nights on which clocks change."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON, an_alert
from watcher.delivery.routing import deliveries, end_of_quiet, every, last_slot, refusal, unwanted
from watcher.model.alerts import ALERT_LOG, Alert, ChannelId, Kind, Reason
from watcher.model.language import Severity
from watcher.model.routes import EVERY_DAY, Hours, Route, Schedule

DESK = ChannelId("desk")
SEOUL, BERLIN = ZoneInfo("Asia/Seoul"), ZoneInfo("Europe/Berlin")
NIGHT = Hours(begins=time(22), ends=time(7))
DAY = Hours(begins=time(8), ends=time(20))
EIGHT = Schedule(name="daily 08:00", times=(time(8),))


def grave(severity: Severity, at: datetime = NOON) -> Alert:
    return replace(an_alert(at=at), severity=severity)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# --- who takes what -----------------------------------------------------------------------------------------


def test_a_channel_of_which_nothing_is_said_takes_everything_at_once() -> None:
    (route,) = every([DESK], {})

    (delivery,) = deliveries([an_alert()], [route], NOON)

    assert (delivery.channel, delivery.next_try) == (DESK, NOON)


def test_the_targets_of_a_table_have_its_rules_and_what_is_for_it_alone() -> None:
    first, second = every(
        [ChannelId("desk/1"), ChannelId("desk/2")], {DESK: Route(channel=DESK, days=frozenset({5}))}
    )

    assert (first.channel, second.channel) == ("desk/1", "desk/2")
    assert first.days == second.days == {5}
    assert refusal(second, replace(an_alert(), only=DESK)) == ""
    assert refusal(second, replace(an_alert(), only="desk/2")) == ""
    assert refusal(second, replace(an_alert(), only="desk/1")) == "it is for desk/1 alone"


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ({"least": Severity.CRITICAL}, "it takes severity critical and above, and this is high"),
        (
            {"indicators": frozenset({"drill", "parade"})},
            "it takes the indicators drill, parade, and this is icbm-launch",
        ),
        (
            {"categories": frozenset({"rhetoric"})},
            "it takes the categories rhetoric, and this is provocation",
        ),
        ({"kinds": frozenset({Kind.COLLECTION})}, "it takes the kinds collection, and this is incident"),
        ({"reasons": frozenset({Reason.DENIED})}, "it takes the reasons denied, and this is new"),
        ({"hours": DAY, "zone": SEOUL}, "it takes alerts from 08:00 to 20:00, and this came at 21:00"),
        ({"days": frozenset({0, 1})}, "it takes no alerts on a Saturday"),
        ({"digest": EIGHT}, "it is told in the digest (daily 08:00)"),
    ],
)
def test_a_rule_that_does_not_take_an_alert_says_why(rule: dict[str, object], why: str) -> None:
    route = replace(Route(channel=DESK), **rule)  # type: ignore[arg-type]

    assert refusal(route, grave(Severity.HIGH)) == why
    assert list(deliveries([grave(Severity.HIGH)], [route], NOON)) == []


def test_every_rule_that_takes_an_alert_lets_it_through() -> None:
    route = Route(
        channel=DESK,
        least=Severity.HIGH,
        indicators=frozenset({"icbm-launch"}),
        categories=frozenset({"provocation"}),
        kinds=frozenset({Kind.INCIDENT}),
        reasons=frozenset({Reason.NEW, Reason.ESCALATED}),
        hours=DAY,
        days=frozenset({5}),
    )

    assert refusal(route, grave(Severity.CRITICAL)) == ""


FALL = replace(an_alert(), kind=Kind.BOARD, reason=Reason.LEVEL_FELL, severity=Severity.INFO)


def test_a_level_that_falls_is_in_the_log_and_rings_nobody_who_did_not_ask_for_it() -> None:
    routes = (
        Route(channel=ALERT_LOG),
        Route(channel=DESK),
        Route(channel=ChannelId("wall"), kinds=frozenset({Kind.BOARD})),
        Route(channel=ChannelId("ebb"), reasons=frozenset({Reason.LEVEL_FELL})),
    )

    assert [each.channel for each in deliveries([FALL], routes, NOON)] == [ALERT_LOG, "wall", "ebb"]
    assert refusal(routes[1], FALL) == "a level that falls is sent only to channels that name it"


def test_a_digest_has_the_levels_that_fell() -> None:
    assert unwanted(Route(channel=DESK, digest=EIGHT), FALL) == ""


def test_an_alert_for_one_channel_goes_to_that_one_whatever_it_takes() -> None:
    alert = replace(grave(Severity.INFO), only="desk")
    routes = [Route(channel=DESK, least=Severity.CRITICAL), Route(channel=ChannelId("phone"))]

    assert [delivery.channel for delivery in deliveries([alert], routes, NOON)] == [DESK]


def test_hours_past_midnight_belong_to_the_day_on_which_they_began() -> None:
    fridays = Route(channel=DESK, hours=NIGHT, days=frozenset({4}))

    assert refusal(fridays, grave(Severity.HIGH, utc("2026-10-10T03:00"))) == ""
    assert refusal(fridays, grave(Severity.HIGH, utc("2026-10-09T23:00"))) == ""
    assert "begin on a Thursday" in refusal(fridays, grave(Severity.HIGH, utc("2026-10-09T03:00")))


# --- quiet hours --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-10-10T21:59", None),
        ("2026-10-10T22:00", "2026-10-11T07:00"),
        ("2026-10-11T03:00", "2026-10-11T07:00"),
        ("2026-10-11T06:59", "2026-10-11T07:00"),
        ("2026-10-11T07:00", None),
    ],
)
def test_quiet_hours_past_midnight_end_in_the_morning(now: str, until: str | None) -> None:
    route = Route(channel=DESK, quiet=NIGHT)

    assert end_of_quiet(route, grave(Severity.HIGH), utc(now)) == (utc(until) if until else None)


def test_quiet_hours_are_those_of_the_channels_zone() -> None:
    route = Route(channel=DESK, quiet=NIGHT, zone=SEOUL)

    assert end_of_quiet(route, grave(Severity.HIGH), utc("2026-10-10T13:00")) == utc("2026-10-10T22:00")
    assert end_of_quiet(route, grave(Severity.HIGH), utc("2026-10-10T12:59")) is None


def test_what_is_critical_does_not_wait_for_the_morning() -> None:
    route = Route(channel=DESK, quiet=NIGHT)

    assert end_of_quiet(route, grave(Severity.CRITICAL), utc("2026-10-11T03:00")) is None


def test_what_comes_in_quiet_hours_is_posted_for_their_end() -> None:
    night = utc("2026-10-11T03:00")

    found = deliveries(
        [grave(Severity.HIGH, night)], [Route(channel=ALERT_LOG), Route(channel=DESK, quiet=NIGHT)], night
    )

    assert [(each.channel, each.next_try) for each in found] == [
        (ALERT_LOG, night),
        (DESK, utc("2026-10-11T07:00")),
    ]


@pytest.mark.parametrize(
    ("evening", "hours"),
    [("2026-03-28T21:00", 8), ("2026-10-24T20:00", 10), ("2026-06-01T20:00", 9)],
    ids=["clocks go forward", "clocks go back", "an ordinary night"],
)
def test_a_night_on_which_clocks_change_is_as_long_as_it_is(evening: str, hours: int) -> None:
    route = Route(channel=DESK, quiet=NIGHT, zone=BERLIN)

    assert end_of_quiet(route, grave(Severity.HIGH), utc(evening)) == utc(evening) + timedelta(hours=hours)


def test_quiet_hours_that_begin_in_the_hour_that_is_skipped_begin_after_it() -> None:
    route = Route(channel=DESK, quiet=Hours(begins=time(2, 30), ends=time(5)), zone=BERLIN)

    assert end_of_quiet(route, grave(Severity.HIGH), utc("2026-03-29T01:15")) is None
    assert end_of_quiet(route, grave(Severity.HIGH), utc("2026-03-29T01:30")) == utc("2026-03-29T03:00")


def test_hours_from_a_time_to_itself_are_the_whole_day() -> None:
    route = Route(channel=DESK, quiet=Hours(begins=time(0), ends=time(0)))

    assert end_of_quiet(route, grave(Severity.HIGH), NOON) == utc("2026-10-11T00:00")


TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
MOMENTS = st.datetimes(
    datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2030-01-01"), timezones=st.just(UTC)
)


@given(
    begins=TIMES,
    ends=TIMES,
    now=MOMENTS,
    zone=st.sampled_from([UTC, SEOUL, BERLIN, ZoneInfo("America/New_York")]),
)
def test_quiet_hours_end_within_a_day_and_an_hour(
    begins: time, ends: time, now: datetime, zone: ZoneInfo
) -> None:
    until = end_of_quiet(
        Route(channel=DESK, quiet=Hours(begins=begins, ends=ends), zone=zone), grave(Severity.HIGH), now
    )

    assert until is None or timedelta() < until - now <= timedelta(hours=25)


@given(begins=TIMES, ends=TIMES, now=MOMENTS)
def test_at_the_end_of_quiet_hours_nothing_is_quiet(begins: time, ends: time, now: datetime) -> None:
    route = Route(channel=DESK, quiet=Hours(begins=begins, ends=ends))

    until = end_of_quiet(route, grave(Severity.HIGH), now)

    assert until is None or begins == ends or end_of_quiet(route, grave(Severity.HIGH), until) is None


# --- digests ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "now", "slot"),
    [
        (EIGHT, "2026-10-10T08:00", "2026-10-10T08:00"),
        (EIGHT, "2026-10-10T07:59", "2026-10-09T08:00"),
        (replace(EIGHT, days=frozenset({0})), "2026-10-11T12:00", "2026-10-05T08:00"),
        (replace(EIGHT, days=frozenset({0})), "2026-10-12T07:00", "2026-10-05T08:00"),
        (replace(EIGHT, days=frozenset({0})), "2026-10-12T08:00", "2026-10-12T08:00"),
        (Schedule(name="shift", times=(time(6), time(14), time(22))), "2026-10-10T03:00", "2026-10-09T22:00"),
        (Schedule(name="shift", times=(time(6), time(14), time(22))), "2026-10-10T15:00", "2026-10-10T14:00"),
    ],
)
def test_a_digest_is_due_at_the_last_of_its_times(schedule: Schedule, now: str, slot: str) -> None:
    assert last_slot(schedule, UTC, utc(now)) == utc(slot)


def test_a_digest_in_seoul_is_due_on_seouls_morning() -> None:
    mondays = replace(EIGHT, days=frozenset({0}))

    assert last_slot(mondays, SEOUL, utc("2026-10-11T23:00")) == utc("2026-10-11T23:00")
    assert last_slot(mondays, SEOUL, utc("2026-10-11T22:59")) == utc("2026-10-04T23:00")


@given(now=MOMENTS, zone=st.sampled_from([UTC, SEOUL, BERLIN]))
def test_a_daily_digest_is_never_more_than_a_day_and_an_hour_away(now: datetime, zone: ZoneInfo) -> None:
    assert timedelta() <= now - last_slot(EIGHT, zone, now) <= timedelta(hours=25)


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_a_digest_at_an_hour_that_is_skipped_or_comes_twice_is_due_once(day: str) -> None:
    half_past_two = Schedule(name="daily 02:30", times=(time(2, 30),), days=EVERY_DAY)
    minutes = (utc(day) + timedelta(minutes=minute) for minute in range(0, 24 * 60, 5))

    assert len({last_slot(half_past_two, BERLIN, minute) for minute in minutes}) == 2
