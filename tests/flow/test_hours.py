"""When people are told: quiet hours, digests, and what nobody answers, as hours go by on a fake clock."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NOON, an_alert
from tests.flow.harness import Harness, harness
from watcher import pipeline
from watcher.alerting.review import action_of
from watcher.errors import DeliveryError, StoreError
from watcher.model.alerts import Alert, ChannelId, Kind, Reason
from watcher.model.language import Severity
from watcher.model.polling import Cycle
from watcher.model.review import ActionKind
from watcher.model.routes import Hours, Route, Schedule

pytestmark = pytest.mark.usefixtures("each_store")

DESK = ChannelId("desk")
BUSY = DeliveryError("503 try later")
GONE = DeliveryError("410 gone", permanent=True)
QUIET = Route(channel=DESK, quiet=Hours(begins=time(22), ends=time(7)))
DAILY = Route(channel=DESK, digest=Schedule(name="daily 08:00", times=(time(8),)))


def at(time_of_day: str) -> datetime:
    """Return a time of the tenth of October."""
    return datetime.combine(NOON.date(), time.fromisoformat(time_of_day), NOON.tzinfo)


def reports(made: Harness, *titles: str, hours: float = 0) -> list[str]:
    """Let the feed publish titles; return what people are told of."""
    return [alert.title for alert in made.publishes(*titles, hours=hours or 0.25)]


# --- quiet hours --------------------------------------------------------------------------------------------

NIGHT_ONE, NIGHT_TWO = "North Korea fires missile", "North Korea rolls out a second missile, 7 seen"
GRAVE = "North Korea fires ICBM"


def test_what_comes_at_night_is_decided_at_night_and_told_in_the_morning_in_order() -> None:
    made = harness(route=QUIET, at=at("22:00"))

    assert reports(made, NIGHT_ONE) == []
    assert [alert.title for alert in made.store.alerts()] == [NIGHT_ONE]
    assert reports(made, NIGHT_ONE, NIGHT_TWO, hours=8) == []
    assert [alert.title for alert in made.later(1)] == [
        alert.title for alert in reversed(made.store.alerts())
    ]


def test_what_is_critical_comes_at_night_past_what_waits() -> None:
    made = harness(route=QUIET, at=at("22:00"))
    reports(made, NIGHT_ONE)

    assert reports(made, NIGHT_ONE, GRAVE) == [GRAVE]
    assert [alert.title for alert in made.later(9)] == [NIGHT_ONE]


def a_night(made: Harness, *alerts: Alert) -> None:
    pipeline.record(Cycle(alerts=alerts), made.world)


def test_what_failed_in_the_evening_is_not_tried_in_the_night_and_keeps_nothing_critical_back() -> None:
    made = harness(route=QUIET, at=at("21:59"))
    made.channel.refuses(BUSY)
    assert reports(made, NIGHT_ONE, hours=0.001) == []
    made.clock.passes(0.2)

    assert made.delivers() == 0
    assert reports(made, NIGHT_ONE, GRAVE) == [GRAVE]
    assert [alert.title for alert in made.later(9)] == [NIGHT_ONE]


def test_a_night_longer_than_a_batch_is_told_whole_and_in_order() -> None:
    made = harness(route=QUIET, at=at("23:00"))
    for number in range(120):
        a_night(
            made,
            an_alert(f"{number:03}", alert_id=f"{number:03}", at=made.clock() + timedelta(seconds=number)),
        )
    made.clock.passes(9)

    made.delivers()

    assert [alert.title for alert in made.channel.taken] == [f"{number:03}" for number in range(120)]


@given(
    st.lists(
        st.tuples(
            st.integers(1, 240),
            st.sampled_from(["slight", "grave", "refuses", "refuses for good", "nothing"]),
        ),
        max_size=30,
    )
)
@settings(max_examples=60, deadline=None)
def test_whatever_happens_each_alert_comes_once_in_order_unless_refused_and_nothing_rings_at_night(
    events: list[tuple[int, str]],
) -> None:
    made = harness(route=QUIET)
    heard: list[tuple[datetime, Alert]] = []
    for number, (minutes, event) in enumerate((*events, *[(60, "nothing")] * 48)):
        made.clock.passes(minutes / 60)
        if event in ("slight", "grave"):
            severity = Severity.CRITICAL if event == "grave" else Severity.HIGH
            a_night(made, replace(an_alert(alert_id=f"{number:03}", at=made.clock()), severity=severity))
        elif event != "nothing":
            made.channel.refuses(BUSY if event == "refuses" else GONE)
        before = len(made.channel.taken)
        made.delivers()
        heard += [(made.clock(), alert) for alert in made.channel.taken[before:]]

    ids = [alert.id for _, alert in heard]
    dead = made.store.delivery_counts().get(DESK, {}).get("dead", 0)
    assert len(ids) == len(set(ids)) == len(made.store.alerts(limit=99)) - dead
    in_order = "refuses" not in [event for _, event in events]
    for severity in (Severity.HIGH, Severity.CRITICAL) if in_order else ():
        own = [alert.id for _, alert in heard if alert.severity is severity]
        assert own == sorted(own)
    assert not [
        alert.id for at, alert in heard if alert.severity < Severity.CRITICAL and not 7 <= at.hour < 22
    ]


# --- digests ------------------------------------------------------------------------------------------------


def test_a_digest_comes_at_its_time_with_all_since_the_last_and_single_alerts_do_not() -> None:
    made = harness(route=DAILY)

    assert reports(made, NIGHT_ONE) == []
    assert reports(made, NIGHT_ONE, GRAVE) == []
    (digest,) = made.later(20)

    assert (digest.kind, digest.reason, digest.title) == (
        Kind.COLLECTION,
        Reason.DIGEST,
        "nobody watched for 20 hours; 1 story, the gravest critical",
    )
    assert len(digest.entries[0].alerts) == 2
    assert made.later(1) == []


def test_a_quiet_day_says_that_it_is_quiet_and_that_the_watcher_was_awake() -> None:
    made = harness(route=DAILY)
    made.polls()

    for _ in range(19):
        assert made.later(1) == []
    (digest,) = made.later(1.1)

    assert digest.title == "nothing to report, and the watcher was at work"
    assert "it read 1 of 1 feed" in digest.why


def test_every_day_has_one_digest_however_often_the_watcher_looks() -> None:
    made = harness(route=DAILY)

    told = [made.later(0.25) for _ in range(4 * 24 * 3)]

    assert sum(map(len, told)) == 3


def test_a_restart_between_making_and_sending_a_digest_sends_it_once() -> None:
    made = harness(route=DAILY)
    made.polls()
    made.clock.passes(21)
    made.polls()
    made.channel.refuses(BUSY)

    assert made.delivers() == 0
    made.polls()
    assert [alert.reason for alert in made.later(1)] == [Reason.DIGEST]
    assert made.later(1) == []


def test_a_digest_that_could_not_be_recorded_is_made_again_the_same() -> None:
    made, undisturbed = harness(route=DAILY), harness(route=DAILY)
    for each in (made, undisturbed):
        each.polls()
        each.clock.passes(20)
    made.store.full = True
    with pytest.raises(StoreError):
        made.polls()
    made.store.full = False

    assert made.store.alerts() == []
    assert [alert.id for alert in made.later(0.25)] == [alert.id for alert in undisturbed.later(0.25)]
    assert made.later(0.25) == []


def test_a_digest_missed_while_away_is_made_once_for_the_whole_time() -> None:
    made = harness(route=DAILY)
    reports(made, NIGHT_ONE)

    (digest,) = made.later(24 * 5)

    assert digest.title == "nobody watched for 5 days; 1 story, the gravest high"
    assert "From 2026-10-10 08:00 to 2026-10-15 08:00 (UTC)" in digest.why


# --- again --------------------------------------------------------------------------------------------------


def test_what_is_critical_is_said_again_until_it_is_acknowledged() -> None:
    made = harness(route=Route(channel=DESK, renotify=timedelta(minutes=30)))
    assert reports(made, GRAVE) == [GRAVE]

    (again,) = made.later(0.6)
    assert again.reason is Reason.UNACKNOWLEDGED
    made.store.add_action(action_of(ActionKind.ACKNOWLEDGE, again.incident, "kim", made.clock()))

    assert [made.later(0.6) for _ in range(4)] == [[]] * 4


def test_what_nobody_answers_is_said_three_times_more_and_then_left() -> None:
    made = harness(route=Route(channel=DESK, renotify=timedelta(minutes=30)))
    reports(made, GRAVE)

    again = [alert.reason for _ in range(40) for alert in made.later(0.25)]

    assert again == [Reason.UNACKNOWLEDGED] * 3
