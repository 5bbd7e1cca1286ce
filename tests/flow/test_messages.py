"""One story is one message: a channel is told of every alert, and rung for once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOON, an_alert, an_item
from tests.fakes import FakeChannel
from tests.flow.harness import Harness, harness
from watcher import pipeline
from watcher.errors import DeliveryError
from watcher.model.alerts import ALERT_LOG, Alert, AlertId, DeliveryState, IncidentId, Kind, Reason
from watcher.model.language import Severity
from watcher.model.polling import Cycle
from watcher.model.routes import Route
from watcher.pipeline import DELIVERY_LEASE

pytestmark = pytest.mark.usefixtures("each_store")

RULES = """
indicators:
  - {id: launch, title: Launch, category: provocation, severity: high, match: [missile]}
  - {id: threat, title: Threat, category: rhetoric, severity: medium, match: [threat*]}
  - {id: drill, title: Drill, category: precursor, severity: low, match: [drill]}
"""
THREE = an_item("North Korea fires missile as threat over drill", guid="three")


class Killed(BaseException):
    """The process is gone."""


class DiesAfterSending(FakeChannel):
    """Takes a message; then the process is killed, once."""

    killed = False

    def send(self, alert: Alert, also: Sequence[Alert] = ()) -> None:
        super().send(alert, also)
        if not self.killed:
            self.killed = True
            raise Killed


def indicators(message: tuple[Alert, ...]) -> list[str]:
    return [alert.indicator for alert in message]


def tells(made: Harness, *alerts: Alert) -> list[list[str]]:
    """Record alerts, deliver, and return the ids of each message that this brings."""
    before = len(made.channel.messages)
    pipeline.record(Cycle(alerts=alerts), made.world)
    made.delivers()
    return [[alert.id for alert in message] for message in made.channel.messages[before:]]


def after(seconds: float, name: str, severity: Severity = Severity.HIGH) -> Alert:
    """Return an alert about one incident, some seconds after noon."""
    at = NOON + timedelta(seconds=seconds)
    return replace(an_alert(name, alert_id=name, at=at, incident="launch"), severity=severity)


def a_rise(seconds: float) -> Alert:
    """Return an alert of the board about what the incident did to it."""
    return replace(
        after(seconds, "board", Severity.MEDIUM),
        kind=Kind.BOARD,
        reason=Reason.LEVEL_ROSE,
        incident="board",
        items=(),
        incidents=(IncidentId("launch"),),
    )


def told_with(made: Harness, name: str) -> list[tuple[DeliveryState, str]]:
    return [(each.state, each.told_with) for each in made.store.deliveries(AlertId(name))]


def test_a_headline_that_three_indicators_hit_is_one_message_with_the_board_and_four_lines_of_the_log() -> (
    None
):
    made, log = harness(text=RULES), FakeChannel(ALERT_LOG)
    made.later()
    made.news.publishes("wire", THREE)
    made.clock.passes(0.25)
    list(pipeline.poll(made.feeds, replace(made.world, channels=(made.channel, log)), made.rules))

    pipeline.deliver(log, made.store, made.clock)
    made.delivers()

    (message,) = made.channel.messages
    assert indicators(message) == ["launch", "threat", "drill", "board"]
    assert sorted(alert.id for (alert,) in log.messages) == sorted(alert.id for alert in message)
    assert [told_with(made, alert.id)[0] for alert in message] == [
        (DeliveryState.DELIVERED, "" if alert is message[0] else message[0].id) for alert in message
    ]


def test_a_rise_of_the_board_that_comes_after_its_incident_was_sent_is_settled_with_it() -> None:
    made = harness()

    assert tells(made, after(0, "first")) == [["first"]]
    made.clock.passes(20 / 3600)
    assert tells(made, a_rise(20)) == []

    assert told_with(made, "board") == [(DeliveryState.DELIVERED, "first")]
    assert made.delivers() == 0


def test_what_is_settled_without_sending_does_not_say_that_a_channel_is_up() -> None:
    made = harness()
    assert tells(made, after(0, "first")) == [["first"]]
    made.clock.passes(1 / 60)
    made.channel.refuses(*[DeliveryError("503 try later")] * 9)
    others = [replace(after(20 + seconds, f"other {seconds}"), incident=f"{seconds}") for seconds in range(8)]

    assert tells(made, *others[:4], a_rise(24), *others[4:]) == []

    assert told_with(made, "board") == [(DeliveryState.DELIVERED, "first")]
    assert len(made.channel.refusals) == 4


def test_a_channel_that_takes_the_board_only_gets_its_rise() -> None:
    route = Route(channel=harness().channel.id, kinds=frozenset({Kind.BOARD}))
    made = harness(text=RULES, route=route)
    made.later()
    made.news.publishes("wire", THREE)

    (alert,) = made.later()

    assert (alert.kind, alert.reason) == (Kind.BOARD, Reason.LEVEL_ROSE)


def test_five_alerts_about_a_launch_within_a_minute_are_two_messages() -> None:
    made, messages = harness(), []
    for seconds, alert in (
        (0, after(0, "first")),
        (10, a_rise(10)),
        (20, after(20, "second")),
        (30, after(30, "third")),
        (50, after(50, "fourth")),
    ):
        made.clock.now = NOON + timedelta(seconds=seconds)
        messages += tells(made, alert)
    assert messages == [["first"]]

    made.clock.now = NOON + timedelta(minutes=1)
    assert made.delivers() == 3
    assert [alert.id for alert in made.channel.messages[-1]] == ["second", "third", "fourth"]


def test_what_is_graver_than_what_was_told_is_told_at_once() -> None:
    made = harness()
    tells(made, after(0, "first"))

    assert tells(made, after(0, "graver", Severity.CRITICAL)) == [["graver"]]


def test_a_message_that_is_refused_is_tried_again_whole() -> None:
    made = harness()
    made.channel.refuses(DeliveryError("503"))
    assert tells(made, after(0, "low", Severity.LOW), after(0, "high")) == []
    made.clock.passes(1)

    assert made.delivers() == 2
    assert [alert.id for alert in made.channel.messages[0]] == ["high", "low"]


def test_a_message_that_is_refused_for_good_is_dead_whole() -> None:
    made = harness()
    made.channel.refuses(DeliveryError("410", permanent=True))
    tells(made, after(0, "first"), after(0, "second"))

    assert made.store.delivery_counts()[made.channel.id]["dead"] == 2


def test_a_kill_after_sending_and_before_that_is_noted_tells_again_under_the_same_key() -> None:
    made = harness()
    made = replace(made, channel=DiesAfterSending(made.channel.id))
    with pytest.raises(Killed):
        tells(made, after(0, "first"), after(0, "second"))

    made.clock.passes(DELIVERY_LEASE / timedelta(hours=1))

    assert made.delivers() == 2
    assert [[alert.id for alert in message] for message in made.channel.messages] == [["first", "second"]] * 2
