"""What was decided reaches people: in order, again after a refusal, and after a restart."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOON, an_alert, an_item, posted
from tests.fakes import FakeChannel
from tests.flow.harness import Harness, harness
from watcher import pipeline
from watcher.errors import DeliveryError
from watcher.model.alerts import AlertId, ChannelId, Reason
from watcher.model.polling import Cycle
from watcher.pipeline import DELIVERY_LEASE

pytestmark = pytest.mark.usefixtures("each_store")

BUSY = DeliveryError("503 try later")
GONE = DeliveryError("410 gone", permanent=True)


def waiting(*names: str) -> Harness:
    """Return a harness with alerts that wait for delivery, a minute apart, all due."""
    made = harness()
    for minute, name in enumerate(names):
        alert = an_alert(name, alert_id=name, at=NOON + timedelta(minutes=minute))
        made.store.record(Cycle(alerts=(alert,)), posted([alert], made.channel.id))
    made.clock.passes(len(names))
    return made


def told(made: Harness) -> list[str]:
    return [alert.title for alert in made.channel.taken]


def test_alerts_are_delivered_in_order_and_once() -> None:
    made = waiting("first", "second", "third")

    assert (made.delivers(), made.delivers()) == (3, 0)
    assert told(made) == ["first", "second", "third"]


def test_more_alerts_than_one_batch_are_all_delivered() -> None:
    made = waiting(*(f"{number:03}" for number in range(120)))

    assert made.delivers() == 120
    assert told(made) == sorted(told(made))


def test_a_delivery_refused_steps_aside_for_those_behind_it_and_is_tried_again() -> None:
    made = waiting("first", "second", "third")
    made.channel.refuses(BUSY)

    assert made.delivers() == 2
    assert made.delivers() == 0
    made.clock.passes(1)
    assert made.delivers() == 1
    assert told(made) == ["second", "third", "first"]


def test_a_channel_that_is_down_is_tried_a_few_times_a_call_and_then_gets_all_in_order() -> None:
    made = waiting(*(f"{number:02}" for number in range(20)))
    made.channel.refuses(*[BUSY] * 20)

    assert made.delivers() == 0
    assert len(made.channel.refusals) == 15
    made.channel.refusals.clear()
    assert made.delivers() == 15
    made.clock.passes(1)
    assert made.delivers() == 5
    assert told(made)[15:] == ["00", "01", "02", "03", "04"]


def test_when_one_that_had_failed_is_taken_the_others_that_failed_are_tried_at_once() -> None:
    made = waiting("first", "second")
    made.channel.refuses(BUSY, BUSY)
    made.delivers()
    first, second = (made.store.deliveries(AlertId(name))[0].next_try for name in ("first", "second"))
    made.clock.now = min(first, second)

    assert made.delivers() == 2


def test_the_end_of_a_minute_that_a_clock_set_back_makes_far_away_is_not_waited_for() -> None:
    made = harness()
    made.clock.passes(365 * 24)
    for name in ("first", "second"):
        alert = an_alert(name, alert_id=name, at=made.clock(), incident="i")
        made.store.record(Cycle(alerts=(alert,)), posted([alert], made.channel.id))
        if name == "first":
            made.delivers()
    made.clock.now = NOON

    made.delivers()
    made.clock.passes(1)
    made.delivers()

    assert told(made) == ["first", "second"]


def test_a_channel_whose_alerts_were_given_up_is_told_of_once_until_none_is_dead() -> None:
    made = waiting("first")
    made.channel.refuses(GONE)
    made.delivers()

    reasons = [[alert.reason for cycle in made.polls() for alert in cycle.alerts] for _ in range(2)]

    assert reasons == [[Reason.DELIVERY_DEAD], []]
    assert made.store.noted(Reason.DELIVERY_DEAD)
    made.store.forget_dead(made.channel.id)
    made.polls()
    assert not made.store.noted(Reason.DELIVERY_DEAD)


def test_what_was_taken_before_a_refusal_is_not_sent_again() -> None:
    made = waiting("first", "second")
    made.delivers()
    alerts = (an_alert("third", alert_id="third"), an_alert("fourth", alert_id="fourth"))
    made.store.record(Cycle(alerts=alerts), posted(alerts, made.channel.id))
    made.channel.refuses(BUSY)

    made.delivers()
    made.clock.passes(1)
    made.delivers()

    assert told(made) == ["first", "second", "third", "fourth"]


def test_a_delivery_nobody_will_ever_take_does_not_hold_up_the_rest() -> None:
    made = waiting("first", "second")
    made.channel.refuses(GONE)

    assert made.delivers() == 1
    assert told(made) == ["second"]
    assert made.store.delivery_counts()[made.channel.id] == {"pending": 0, "delivered": 1, "dead": 1}


def test_a_bug_that_an_alert_brings_out_is_a_refusal_that_people_see() -> None:
    made = waiting("first", "second")
    made.channel.refuses(KeyError("oops"))

    assert made.delivers() == 1
    (first,) = made.store.first_waiting()
    assert (first.attempts, first.error) == (1, "internal: KeyError: 'oops'")
    made.clock.passes(1)
    assert made.delivers() == 1


def test_a_restart_between_recording_and_delivering_delivers() -> None:
    made = harness()
    made.news.publishes("wire", an_item("North Korea fires missile"))
    made.polls()

    restarted = replace(made, channel=FakeChannel(made.channel.id))

    assert restarted.delivers() == 1
    assert told(restarted) == ["North Korea fires missile"]


def test_what_a_courier_that_died_held_is_delivered_after_the_lease() -> None:
    made = waiting("first")
    made.store.lease(made.channel.id, made.clock(), made.clock() + DELIVERY_LEASE, 50)

    assert made.delivers() == 0
    made.clock.passes(DELIVERY_LEASE.total_seconds() / 3600)
    assert made.delivers() == 1


def test_a_channel_that_refuses_does_not_keep_others_waiting() -> None:
    made = harness()
    log = FakeChannel(ChannelId("log"))
    made.store.record(
        Cycle(alerts=(an_alert("first"),)), posted([an_alert("first")], made.channel.id, log.id)
    )
    made.channel.refuses(BUSY)

    assert made.delivers() == 0
    assert pipeline.deliver(log, made.store, made.clock) == 1
