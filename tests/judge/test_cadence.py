"""When a feed is polled next, and what is remembered of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers, none, timedeltas

from watcher.errors import FetchError, ReadError
from watcher.judge.cadence import BACK_OFF_CAP, RETRY_CAP, after_failure, after_success, body_hash, is_due, next_request
from watcher.model.news import Feed, FeedId
from watcher.model.polling import FeedState, Fetched

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FEED = Feed(id=FeedId("wire"), url="https://wire.example/feed.xml", owner="wire", every=10 * MINUTE)
STATE = FeedState(
    feed=FEED.id, next_due=NOW, etag='"old"', modified="Sunday", body_hash="old", last_poll=NOW - 10 * MINUTE, last_ok=NOW - HOUR
)
DOWN = FetchError("timeout", "no answer")


def an_answer(body: bytes | None, moved_to: str = "") -> Fetched:
    return Fetched(
        feed=FEED.id, status=304 if body is None else 200, body=body, url=FEED.url, etag='"new"', modified="Monday", moved_to=moved_to
    )


def failed(times: int, feed: Feed = FEED) -> FeedState:
    state = STATE
    for _ in range(times):
        state = after_failure(state, feed, DOWN, NOW)
    return state


def test_a_good_poll_is_followed_by_the_next_at_its_pace() -> None:
    state = after_success(failed(3), an_answer(b"<rss/>"), FEED, NOW)

    assert state.next_due == NOW + 10 * MINUTE
    assert (state.failures, state.error, state.seeded) == (0, "", True)
    assert state.last_poll == state.last_ok == NOW


def test_a_complete_answer_leaves_its_validators() -> None:
    state = after_success(STATE, an_answer(b"<rss/>", moved_to="https://wire.example/new"), FEED, NOW)

    assert (state.etag, state.modified, state.body_hash) == ('"new"', "Monday", body_hash(b"<rss/>"))
    assert state.moved_to == "https://wire.example/new"


@pytest.mark.parametrize("after", [after_success(STATE, an_answer(None), FEED, NOW), failed(1), failed(9)])
def test_validators_are_of_the_last_complete_answer_only(after: FeedState) -> None:
    assert (after.etag, after.modified, after.body_hash) == ('"old"', "Sunday", "old")


@pytest.mark.parametrize("error", [DOWN, ReadError("not_a_feed", "an HTML page")])
def test_a_failure_is_counted_and_kept_in_words(error: FetchError | ReadError) -> None:
    state = after_failure(failed(2), FEED, error, NOW)

    assert (state.failures, state.error) == (3, str(error))
    assert (state.last_poll, state.last_ok) == (NOW, STATE.last_ok)


@pytest.mark.parametrize(("failures", "minutes"), [(1, 10), (2, 20), (3, 40), (4, 80), (5, 160)])
def test_each_failure_doubles_the_wait(failures: int, minutes: int) -> None:
    wait = failed(failures).next_due - NOW

    assert 0.9 * minutes * MINUTE <= wait <= 1.1 * minutes * MINUTE


@given(integers(0, 10**9), timedeltas(min_value=MINUTE, max_value=timedelta(days=3650)))
def test_the_wait_is_never_beyond_six_hours_or_the_feeds_own_pace(failures: int, every: timedelta) -> None:
    feed = replace(FEED, every=every)

    wait = after_failure(replace(STATE, failures=failures), feed, DOWN, NOW).next_due - NOW

    assert 0.89 * every <= wait or wait >= 0.89 * BACK_OFF_CAP
    assert wait <= max(every, BACK_OFF_CAP)


def test_feeds_that_fell_together_do_not_rise_together() -> None:
    waits = {after_failure(STATE, replace(FEED, id=FeedId(f"feed-{number}")), DOWN, NOW).next_due for number in range(50)}

    assert len(waits) > 40


def test_the_same_failure_has_the_same_wait() -> None:
    assert failed(4) == failed(4)


def test_a_server_that_asks_for_patience_gets_it() -> None:
    state = after_failure(STATE, FEED, FetchError("http", "503", retry_after=7200), NOW)

    assert state.next_due == NOW + 2 * HOUR


@given(none() | floats(allow_nan=False))
def test_patience_ends_after_a_day(retry_after: float | None) -> None:
    state = after_failure(STATE, FEED, FetchError("http", "503", retry_after=retry_after), NOW)

    assert NOW + 9 * MINUTE <= state.next_due <= NOW + RETRY_CAP


def test_stopping_the_service_is_not_the_feeds_failure() -> None:
    assert after_failure(STATE, FEED, FetchError("stopped", "the watcher is stopping"), NOW) == STATE


def test_a_known_body_brings_its_new_validators() -> None:
    same = replace(an_answer(None), status=200)

    state = after_success(STATE, same, FEED, NOW)

    assert (state.etag, state.modified, state.body_hash) == ('"new"', "Monday", "old")


def test_a_feed_is_due_when_its_time_has_come_or_the_clock_was_set_back() -> None:
    waiting = replace(STATE, next_due=NOW + MINUTE, last_poll=NOW - MINUTE)

    assert is_due(None, NOW)
    assert is_due(waiting, NOW + MINUTE)
    assert not is_due(waiting, NOW)
    assert is_due(waiting, NOW - HOUR)


def test_a_feed_never_polled_is_asked_for_whole() -> None:
    request = next_request(FEED, None, NOW)

    assert (request.feed, request.etag, request.modified) == (FEED, "", "")


def test_a_feed_whose_last_poll_is_not_known_is_asked_for_whole() -> None:
    assert next_request(FEED, replace(STATE, last_poll=None), NOW).etag == ""


def test_a_feed_is_asked_for_whole_once_a_day() -> None:
    state, whole = STATE, 0
    for minutes in range(0, 7 * 24 * 60, 10):
        now = NOW + minutes * MINUTE
        whole += not next_request(FEED, state, now).etag
        state = replace(state, last_poll=now)

    assert whole == 7


def test_feeds_are_not_all_asked_for_whole_at_midnight() -> None:
    feeds = [replace(FEED, id=FeedId(f"feed-{number}")) for number in range(100)]
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    state = replace(STATE, last_poll=midnight - 5 * MINUTE)

    whole = [feed for feed in feeds if not next_request(feed, state, midnight + 5 * MINUTE).etag]

    assert len(whole) < 10
