"""What becomes of a delivery that was tried."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON, an_alert
from watcher.delivery.backoff import delivered, failed
from watcher.errors import DeliveryError
from watcher.model.alerts import ALERT_LOG, ChannelId, Delivery, DeliveryState

DOWN = DeliveryError("desk: http://127.0.0.1 answered 503")
GONE = DeliveryError("desk: http://127.0.0.1 answered 410", permanent=True)


def a_delivery(*, channel: str = "desk", attempts: int = 0, alert_id: str = "a1") -> Delivery:
    return Delivery(
        alert=an_alert(alert_id=alert_id), channel=ChannelId(channel), attempts=attempts, next_try=NOON
    )


def tried_until_dead(delivery: Delivery, error: DeliveryError, *, days: float) -> tuple[Delivery, datetime]:
    """Try whenever it is due, until it is dead or the days are over."""
    now = NOON
    while delivery.state is DeliveryState.PENDING and now < NOON + timedelta(days=days):
        delivery = failed(delivery, error, now)
        now = delivery.next_try
    return delivery, now


def test_a_taken_delivery_is_delivered_and_forgets_its_error() -> None:
    delivery = delivered(failed(a_delivery(), DOWN, NOON), NOON)

    assert (delivery.state, delivery.attempts, delivery.error) == (DeliveryState.DELIVERED, 2, "")


def test_the_wait_doubles_from_ten_seconds_to_an_hour() -> None:
    waits = [(failed(a_delivery(attempts=n), DOWN, NOON).next_try - NOON).total_seconds() for n in range(40)]

    for attempt, wait in enumerate(waits):
        assert min(10 * 2**attempt, 3600) <= wait <= min(10 * 2**attempt, 3600) * 1.25


def test_deliveries_that_failed_together_do_not_all_come_back_together() -> None:
    tries = {failed(a_delivery(alert_id=f"a{n}", attempts=9), DOWN, NOON).next_try for n in range(100)}

    assert len(tries) > 90


def test_the_same_failure_always_waits_the_same_time() -> None:
    assert failed(a_delivery(), DOWN, NOON) == failed(a_delivery(), DOWN, NOON)


def test_a_permanent_error_is_the_end_at_once() -> None:
    delivery = failed(a_delivery(), GONE, NOON)

    assert delivery.state is DeliveryState.DEAD
    assert delivery.error == "desk: http://127.0.0.1 answered 410"


def test_a_receiver_that_names_a_time_is_given_it_but_no_more_than_a_day() -> None:
    asked = DeliveryError("busy", retry_after=7200)
    greedy = DeliveryError("busy", retry_after=1e9)

    assert failed(a_delivery(), asked, NOON).next_try == NOON + timedelta(hours=2)
    assert failed(a_delivery(), greedy, NOON).next_try == NOON + timedelta(hours=24)


def test_a_receiver_that_asks_for_no_wait_does_not_shorten_ours() -> None:
    eager = DeliveryError("busy", retry_after=0)

    assert failed(a_delivery(), eager, NOON).next_try >= NOON + timedelta(seconds=10)


@given(st.sampled_from([None, 0.0, 30.0, 5000.0, 86_400.0]))
def test_a_receiver_that_is_down_for_a_week_still_gets_everything(retry_after: float | None) -> None:
    delivery, now = tried_until_dead(a_delivery(), DeliveryError("down", retry_after=retry_after), days=7)

    assert delivery.state is DeliveryState.PENDING
    assert now >= NOON + timedelta(days=7)


def test_a_receiver_that_never_comes_back_is_given_up_in_the_end() -> None:
    delivery, _ = tried_until_dead(a_delivery(), DOWN, days=30)

    assert delivery.state is DeliveryState.DEAD


def test_tries_that_came_sooner_than_their_turn_do_not_use_up_the_week() -> None:
    tried_often = a_delivery(attempts=500)

    assert failed(tried_often, DOWN, NOON + timedelta(days=6)).state is DeliveryState.PENDING
    assert failed(tried_often, DOWN, NOON + timedelta(days=7)).state is DeliveryState.DEAD


def test_the_alert_log_is_never_given_up() -> None:
    delivery, _ = tried_until_dead(a_delivery(channel=ALERT_LOG), DOWN, days=30)

    assert delivery.state is DeliveryState.PENDING
    assert failed(a_delivery(channel=ALERT_LOG), GONE, NOON).state is DeliveryState.PENDING
