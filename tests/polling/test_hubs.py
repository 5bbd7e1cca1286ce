"""Hubs are asked when it is time, never more often than is polite, and forgotten when nothing is left."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import builds, datetimes, integers, just, none, sampled_from, text

from tests.builders import NOON
from watcher.model.news import FeedId, Hub
from watcher.model.polling import FeedState
from watcher.model.subscription import Subscription
from watcher.polling.hubs import HUB_LEASE, HubAction, agreed, hub_of, next_action, requested_again

BASE = "https://watcher.example/websub/"
HUB, OTHER, NOBODY = (
    Hub(url="https://hub.example/", topic="https://wire.example/f"),
    Hub(url="https://b.example/", topic="b"),
    Hub(),
)
ASKED = Subscription(feed=FeedId("wire"), hub=HUB, callback=f"{BASE}token", secret="hush", asked=NOON)
AGREED = agreed(ASKED, "864000", NOON)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def action(known: Subscription | None, after: timedelta, hub: Hub = HUB, base: str = BASE) -> HubAction:
    return next_action(hub, known, base, NOON + after)


def test_a_hub_is_asked_when_a_feed_names_one() -> None:
    assert action(None, HOUR) is HubAction.SUBSCRIBE
    assert action(None, HOUR, NOBODY) is HubAction.NONE


def test_a_hub_that_does_not_agree_is_requested_again_ever_more_rarely_and_once_a_day_for_good() -> None:
    waits = []
    known = ASKED
    for _ in range(8):
        wait = next(
            hours
            for hours in range(100)
            if action(known, known.asked - NOON + hours * HOUR) is HubAction.RENEW
        )
        known = requested_again(known, known.asked + wait * HOUR)
        waits.append(wait)

    assert waits == [1, 2, 4, 8, 16, 24, 24, 24]


def test_a_lease_is_renewed_in_its_last_quarter() -> None:
    assert action(AGREED, 7.4 * DAY) is HubAction.NONE
    assert action(AGREED, 7.6 * DAY) is HubAction.RENEW


def test_a_lease_of_a_minute_is_renewed_once_an_hour() -> None:
    short = agreed(ASKED, "60", NOON)

    assert action(short, 59 * MINUTE) is HubAction.NONE
    assert action(short, HOUR) is HubAction.RENEW


def test_another_hub_or_another_address_of_ours_begins_anew() -> None:
    assert action(AGREED, HOUR, OTHER) is HubAction.SUBSCRIBE
    assert action(AGREED, HOUR, base="https://moved.example/websub/") is HubAction.SUBSCRIBE


def test_a_feed_that_names_another_hub_at_each_poll_makes_us_ask_once_an_hour() -> None:
    assert action(ASKED, 59 * MINUTE, OTHER) is HubAction.NONE
    assert action(AGREED, 59 * MINUTE, OTHER) is HubAction.NONE


def test_what_no_feed_names_any_more_runs_out_and_is_forgotten() -> None:
    assert action(AGREED, 9.9 * DAY, NOBODY) is HubAction.NONE
    assert action(AGREED, 10 * DAY, NOBODY) is HubAction.FORGET
    assert action(ASKED, HOUR, NOBODY) is HubAction.FORGET


def test_the_hub_of_a_feed_that_nobody_polls_is_nobody() -> None:
    state = FeedState(feed=FeedId("wire"), next_due=NOON, hub=HUB)

    assert hub_of(state, NOON + 59 * MINUTE) == HUB
    assert hub_of(state, NOON + HOUR) == NOBODY


def test_a_clock_that_was_wrong_keeps_no_hub_unasked() -> None:
    assert action(AGREED, -40 * DAY) is HubAction.RENEW
    assert action(ASKED, -DAY) is HubAction.RENEW


@pytest.mark.parametrize(
    ("said", "lasts"),
    [
        ("864000", HUB_LEASE),
        ("1", timedelta(seconds=1)),
        ("99999999", 30 * DAY),
        *((bad, DAY) for bad in ("", "0", "-5", "1e9", "٣", "9" * 400)),
    ],
)
def test_an_agreement_lasts_as_long_as_the_hub_says_within_reason(said: str, lasts: timedelta) -> None:
    after = agreed(requested_again(ASKED, NOON + HOUR), said, NOON + 2 * HOUR)

    assert (after.tries, after.agreed, after.until) == (0, NOON + 2 * HOUR, NOON + 2 * HOUR + lasts)


def test_an_agreement_that_is_said_again_changes_nothing() -> None:
    assert agreed(AGREED, "864000", NOON + 5 * DAY) == AGREED


def test_what_a_hub_agreed_to_counts_while_it_is_requested_again() -> None:
    again = requested_again(AGREED, NOON + 8 * DAY)

    assert (again.tries, again.until) == (1, AGREED.until)
    assert action(again, 9 * DAY, NOBODY) is HubAction.NONE


MOMENTS = datetimes(
    timezones=just(UTC),
    min_value=NOON.replace(year=2000, tzinfo=None),
    max_value=NOON.replace(year=2100, tzinfo=None),
)
KNOWN = builds(
    replace,
    just(ASKED),
    asked=MOMENTS,
    tries=integers(0, 10**6),
    agreed=none() | MOMENTS,
    until=none() | MOMENTS,
    hub=sampled_from([HUB, OTHER]),
)


@given(KNOWN, MOMENTS, sampled_from([HUB, OTHER, NOBODY]), text())
def test_nothing_is_done_about_a_feed_within_an_hour_of_asking(
    known: Subscription, now: datetime, hub: Hub, base: str
) -> None:
    done = next_action(hub, known, base, now)

    assert done is HubAction.NONE or not timedelta() <= now - known.asked < HOUR
    assert done in (HubAction.NONE, HubAction.FORGET) or hub.url
