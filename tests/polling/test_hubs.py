"""Hubs are asked when it is time, never more often than is polite, and forgotten when nothing of them is left."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import builds, datetimes, integers, just, none, sampled_from, text

from tests.builders import NOON
from watcher.model.news import FeedId, Hub
from watcher.model.polling import FeedState
from watcher.model.subscription import Subscription
from watcher.polling.hubs import HUB_LEASE, Step, agreed, asked_again, hub_of, next_step

BASE = "https://watcher.example/websub/"
HUB, OTHER, NOBODY = (
    Hub(url="https://hub.example/", topic="https://wire.example/f"),
    Hub(url="https://b.example/", topic="b"),
    Hub(),
)
ASKED = Subscription(feed=FeedId("wire"), hub=HUB, callback=f"{BASE}token", secret="hush", asked=NOON)
AGREED = agreed(ASKED, "864000", NOON)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def step(known: Subscription | None, after: timedelta, hub: Hub = HUB, base: str = BASE) -> Step:
    return next_step(hub, known, base, NOON + after)


def test_a_hub_is_asked_when_a_feed_names_one() -> None:
    assert step(None, HOUR) is Step.BEGIN
    assert step(None, HOUR, NOBODY) is Step.REST


def test_a_hub_that_does_not_agree_is_asked_again_ever_more_rarely_and_once_a_day_for_good() -> None:
    waits = []
    known = ASKED
    for _ in range(8):
        wait = next(
            hours for hours in range(100) if step(known, known.asked - NOON + hours * HOUR) is Step.AGAIN
        )
        known = asked_again(known, known.asked + wait * HOUR)
        waits.append(wait)

    assert waits == [1, 2, 4, 8, 16, 24, 24, 24]


def test_a_lease_is_renewed_in_its_last_quarter() -> None:
    assert step(AGREED, 7.4 * DAY) is Step.REST
    assert step(AGREED, 7.6 * DAY) is Step.AGAIN


def test_a_lease_of_a_minute_is_renewed_once_an_hour() -> None:
    short = agreed(ASKED, "60", NOON)

    assert step(short, 59 * MINUTE) is Step.REST
    assert step(short, HOUR) is Step.AGAIN


def test_another_hub_or_another_address_of_ours_begins_anew() -> None:
    assert step(AGREED, HOUR, OTHER) is Step.BEGIN
    assert step(AGREED, HOUR, base="https://moved.example/websub/") is Step.BEGIN


def test_a_feed_that_names_another_hub_at_each_poll_makes_us_ask_once_an_hour() -> None:
    assert step(ASKED, 59 * MINUTE, OTHER) is Step.REST
    assert step(AGREED, 59 * MINUTE, OTHER) is Step.REST


def test_what_no_feed_names_any_more_runs_out_and_is_forgotten() -> None:
    assert step(AGREED, 9.9 * DAY, NOBODY) is Step.REST
    assert step(AGREED, 10 * DAY, NOBODY) is Step.END
    assert step(ASKED, HOUR, NOBODY) is Step.END


def test_the_hub_of_a_feed_that_nobody_polls_is_nobody() -> None:
    state = FeedState(feed=FeedId("wire"), next_due=NOON, hub=HUB)

    assert hub_of(state, NOON + 59 * MINUTE) == HUB
    assert hub_of(state, NOON + HOUR) == NOBODY


def test_a_clock_that_was_wrong_keeps_no_hub_unasked() -> None:
    assert step(AGREED, -40 * DAY) is Step.AGAIN
    assert step(ASKED, -DAY) is Step.AGAIN


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
    after = agreed(asked_again(ASKED, NOON + HOUR), said, NOON + 2 * HOUR)

    assert (after.tries, after.agreed, after.until) == (0, NOON + 2 * HOUR, NOON + 2 * HOUR + lasts)


def test_an_agreement_that_is_said_again_changes_nothing() -> None:
    assert agreed(AGREED, "864000", NOON + 5 * DAY) == AGREED


def test_what_a_hub_agreed_to_counts_while_it_is_asked_again() -> None:
    again = asked_again(AGREED, NOON + 8 * DAY)

    assert (again.tries, again.until) == (1, AGREED.until)
    assert step(again, 9 * DAY, NOBODY) is Step.REST


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
    done = next_step(hub, known, base, now)

    assert done is Step.REST or not timedelta() <= now - known.asked < HOUR
    assert done in (Step.REST, Step.END) or hub.url
