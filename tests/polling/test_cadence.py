"""When a feed is polled next, and what is remembered of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import booleans, builds, floats, integers, lists, none, timedeltas

from tests.builders import an_incident, an_item
from watcher.errors import FetchError, ReadError
from watcher.model.news import Document, Feed, FeedId, Item, PollHints
from watcher.model.polling import FeedState, Fetched
from watcher.polling.cadence import (
    BACK_OFF_CAP,
    HURRY,
    QUICKEST,
    RETRY_CAP,
    after_answer,
    after_error,
    away,
    due_at,
    in_turn,
    is_due,
    longest_wait,
    next_request,
    reporting,
)

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FEED = Feed(id=FeedId("wire"), url="https://wire.example/feed.xml", owner="wire", every=10 * MINUTE)
STATE = FeedState(
    feed=FEED.id,
    next_due=NOW,
    etag='"old"',
    modified="Sunday",
    body_hash="old",
    last_poll=NOW - 10 * MINUTE,
    last_ok=NOW - HOUR,
)
DOWN = FetchError("timeout", "no answer")


def an_answer(body: bytes | None, moved_to: str = "") -> Fetched:
    return Fetched(
        feed=FEED.id,
        status=304 if body is None else 200,
        body=body,
        url=FEED.url,
        body_hash="new" if body else "",
        etag='"new"',
        modified="Monday",
        moved_to=moved_to,
    )


def failed(times: int, feed: Feed = FEED) -> FeedState:
    state = STATE
    for _ in range(times):
        state = after_error(state, feed, DOWN, NOW)
    return state


def test_a_good_poll_is_followed_by_the_next_after_its_interval() -> None:
    state = after_answer(failed(3), an_answer(b"<rss/>"), FEED, NOW)

    assert state.next_due == NOW + 10 * MINUTE
    assert (state.failures, state.error, state.seeded) == (0, "", True)
    assert state.last_poll == state.last_ok == NOW


def test_a_complete_answer_leaves_its_validators() -> None:
    state = after_answer(STATE, an_answer(b"<rss/>", moved_to="https://wire.example/new"), FEED, NOW)

    assert (state.etag, state.modified, state.body_hash) == ('"new"', "Monday", "new")
    assert state.moved_to == "https://wire.example/new"


@pytest.mark.parametrize("after", [after_answer(STATE, an_answer(None), FEED, NOW), failed(1), failed(9)])
def test_validators_are_of_the_last_complete_answer_only(after: FeedState) -> None:
    assert (after.etag, after.modified, after.body_hash) == ('"old"', "Sunday", "old")


@pytest.mark.parametrize("error", [DOWN, ReadError("not_a_feed", "an HTML page")])
def test_a_failure_is_counted_and_kept_in_words(error: FetchError | ReadError) -> None:
    state = after_error(failed(2), FEED, error, NOW)

    assert (state.failures, state.error) == (3, str(error))
    assert (state.last_poll, state.last_ok) == (NOW, STATE.last_ok)


@pytest.mark.parametrize(("failures", "minutes"), [(1, 10), (2, 20), (3, 40), (4, 80), (5, 160)])
def test_each_failure_doubles_the_wait(failures: int, minutes: int) -> None:
    wait = failed(failures).next_due - NOW

    assert 0.9 * minutes * MINUTE <= wait <= 1.1 * minutes * MINUTE


@given(integers(0, 10**9), timedeltas(min_value=MINUTE, max_value=timedelta(days=3650)))
def test_the_wait_is_never_beyond_six_hours_or_the_feeds_own_interval(
    failures: int, every: timedelta
) -> None:
    feed = replace(FEED, every=every)

    wait = after_error(replace(STATE, failures=failures), feed, DOWN, NOW).next_due - NOW

    assert 0.89 * every <= wait or wait >= 0.89 * BACK_OFF_CAP
    assert wait <= max(every, BACK_OFF_CAP)


def test_feeds_that_fell_together_do_not_rise_together() -> None:
    waits = {
        after_error(STATE, replace(FEED, id=FeedId(f"feed-{number}")), DOWN, NOW).next_due
        for number in range(50)
    }

    assert len(waits) > 40


def test_the_same_failure_has_the_same_wait() -> None:
    assert failed(4) == failed(4)


def test_a_server_that_asks_for_patience_gets_it() -> None:
    state = after_error(STATE, FEED, FetchError("http", "503", retry_after=7200), NOW)

    assert state.next_due == NOW + 2 * HOUR


@given(none() | floats(allow_nan=False))
def test_patience_ends_after_a_day(retry_after: float | None) -> None:
    state = after_error(STATE, FEED, FetchError("http", "503", retry_after=retry_after), NOW)

    assert NOW + 9 * MINUTE <= state.next_due <= NOW + RETRY_CAP


def test_a_known_body_brings_its_new_validators() -> None:
    same = replace(an_answer(None), status=200)

    state = after_answer(STATE, same, FEED, NOW)

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


# --- faster -------------------------------------------------------------------------------------------------

SEEDED = replace(STATE, seeded=True, last_new=NOW - 10 * MINUTE)
OLD, NEW = an_item("An old story"), an_item("A new story")


def a_document(*items: Item, hints: PollHints | None = None) -> Document:
    return Document(format="rss20", title="Wire", items=items, hints=hints or PollHints())


def wait(
    state: FeedState = SEEDED,
    answer: Fetched | None = None,
    feed: Feed = FEED,
    now: datetime = NOW,
    *,
    busy: bool = False,
) -> timedelta:
    return after_answer(state, answer or an_answer(None), feed, now, busy=busy).next_due - now


def test_a_poll_that_shares_no_item_with_those_before_makes_the_next_come_sooner() -> None:
    state = after_answer(SEEDED, an_answer(b"<rss/>"), FEED, NOW, a_document(NEW), [NEW])

    assert state.last_missed == NOW
    assert state.next_due == NOW + 2.5 * MINUTE


@pytest.mark.parametrize(
    ("state", "document", "new"),
    [
        (SEEDED, a_document(OLD, NEW), [NEW]),
        (SEEDED, a_document(OLD), []),
        (SEEDED, a_document(), []),
        (SEEDED, a_document(OLD), [replace(OLD, revision=1)]),
        (replace(SEEDED, seeded=False), a_document(NEW), [NEW]),
        (replace(SEEDED, last_new=None), a_document(NEW), [NEW]),
    ],
)
def test_nothing_was_missed_while_a_poll_shares_an_item_with_those_before(
    state: FeedState, document: Document, new: list[Item]
) -> None:
    after = after_answer(state, an_answer(b"<rss/>"), FEED, NOW, document, new)

    assert after.last_missed is None
    assert after.next_due == NOW + 10 * MINUTE


def test_the_hurry_after_missed_items_ends() -> None:
    missed = replace(SEEDED, last_missed=NOW, last_new=NOW + HURRY)

    assert wait(missed, now=NOW + HURRY - MINUTE) == 2.5 * MINUTE
    assert wait(missed, now=NOW + HURRY) == 10 * MINUTE


def test_a_feed_that_reports_of_something_is_polled_sooner() -> None:
    assert wait(busy=True) == 2.5 * MINUTE
    assert wait(replace(SEEDED, last_new=NOW - timedelta(days=9)), busy=True) == 2.5 * MINUTE


@pytest.mark.parametrize(
    ("every", "seconds"), [(3 * MINUTE, 60), (MINUTE, 60), (timedelta(seconds=20), 20), (HOUR, 900)]
)
def test_no_hurry_is_faster_than_a_minute_or_slower_than_the_normal_interval(
    every: timedelta, seconds: int
) -> None:
    assert wait(feed=replace(FEED, every=every), busy=True) == timedelta(seconds=seconds)


def test_the_owners_who_report_are_those_of_incidents_that_still_move() -> None:
    moving = replace(an_incident(), updated=NOW - MINUTE, owners=frozenset({"wire", "paper"}))
    still = replace(an_incident(), updated=NOW - HURRY, owners=frozenset({"radio"}))
    closed = replace(an_incident(), updated=NOW - MINUTE, owners=frozenset({"office"}), closed=NOW)

    assert reporting([moving, still, closed], NOW) == {"wire", "paper"}


# --- more rarely --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quiet", "minutes"), [(HOUR, 10), (8 * HOUR, 10), (12 * HOUR, 15), (16 * HOUR, 20), (400 * HOUR, 20)]
)
def test_a_feed_slows_down_when_it_has_been_quiet_for_long(quiet: timedelta, minutes: int) -> None:
    assert wait(replace(SEEDED, last_new=NOW - quiet)) == minutes * MINUTE


def test_news_ends_the_slowness() -> None:
    quiet = replace(SEEDED, last_new=NOW - 400 * HOUR)

    assert (
        after_answer(quiet, an_answer(b"<rss/>"), FEED, NOW, a_document(OLD, NEW), [NEW]).next_due
        == NOW + 10 * MINUTE
    )


@pytest.mark.parametrize(
    ("every", "at_most", "longest"),
    [
        (5 * MINUTE, None, HOUR),
        (30 * MINUTE, None, 2 * HOUR),
        (2 * HOUR, None, 6 * HOUR),
        (12 * HOUR, None, 12 * HOUR),
        (5 * MINUTE, 5 * MINUTE, 5 * MINUTE),
        (5 * MINUTE, 24 * HOUR, 24 * HOUR),
        (HOUR, 5 * MINUTE, HOUR),
    ],
)
def test_the_longest_wait_a_feed_may_ask_for_is_as_written_or_four_turns_within_bounds(
    every: timedelta, at_most: timedelta | None, longest: timedelta
) -> None:
    feed, patient = replace(FEED, every=every, at_most=at_most), replace(SEEDED, hints=PollHints(ttl=10**6))

    assert longest_wait(feed) == longest
    assert after_answer(patient, an_answer(None), feed, NOW).next_due == NOW + longest


def test_a_feed_that_is_only_slow_has_not_been_away() -> None:
    feed = replace(FEED, every=HOUR)

    assert not away(feed, replace(STATE, last_ok=NOW - longest_wait(feed) - HOUR), NOW)
    assert away(feed, replace(STATE, last_ok=NOW - 9 * HOUR), NOW) == "wire had not been polled for 9 hours"


def test_what_a_feed_asks_for_is_heeded() -> None:
    assert wait(replace(SEEDED, hints=PollHints(ttl=40))) == 40 * MINUTE
    assert wait(answer=replace(an_answer(None), fresh_for=30 * MINUTE)) == 30 * MINUTE
    assert wait(replace(SEEDED, hints=PollHints(ttl=5))) == 10 * MINUTE


def test_what_a_document_asks_for_still_holds_when_nothing_changed() -> None:
    state = after_answer(SEEDED, an_answer(b"<rss/>"), FEED, NOW, a_document(OLD, hints=PollHints(ttl=40)))

    assert state.next_due == after_answer(state, an_answer(None), FEED, NOW).next_due == NOW + 40 * MINUTE


def test_hours_and_days_that_a_feed_leaves_out_are_left_out() -> None:
    ten_to_ten = NOW - 10 * MINUTE

    assert (
        wait(replace(SEEDED, hints=PollHints(skip_hours=(10,))), now=ten_to_ten) == 70 * MINUTE - 10 * MINUTE
    )  # the longest wait is an hour
    assert wait(replace(SEEDED, hints=PollHints(skip_hours=(9,))), now=ten_to_ten) == 10 * MINUTE
    assert (
        wait(replace(SEEDED, hints=PollHints(skip_days=(0,))), feed=replace(FEED, at_most=24 * HOUR), now=NOW)
        == 14 * HOUR
    )


def test_in_a_hurry_nobody_waits_longer_than_the_normal_interval() -> None:
    shy = replace(SEEDED, hints=PollHints(ttl=600, skip_hours=tuple(range(24))))

    assert wait(shy, replace(an_answer(None), fresh_for=9 * HOUR), busy=True) == 10 * MINUTE


PACES = builds(
    PollHints,
    ttl=integers(0, 10**7),
    skip_hours=lists(integers(0, 23)).map(tuple),
    skip_days=lists(integers(0, 6)).map(tuple),
)


@given(
    PACES,
    timedeltas(timedelta(), timedelta(days=1)),
    timedeltas(timedelta(seconds=1), timedelta(days=30)),
    booleans(),
)
def test_no_feed_can_silence_itself(
    hints: PollHints, fresh_for: timedelta, every: timedelta, busy: bool
) -> None:
    feed = replace(FEED, every=every)

    chosen = wait(
        replace(SEEDED, hints=hints), replace(an_answer(None), fresh_for=fresh_for), feed, busy=busy
    )

    assert min(every, QUICKEST) <= chosen <= max(every, 6 * HOUR)
    assert not busy or chosen <= every


# --- gone, and the order ------------------------------------------------------------------------------------


def test_a_feed_that_is_gone_is_told_of_at_once_and_asked_once_a_day() -> None:
    gone = after_error(STATE, FEED, FetchError("gone", "410 Gone"), NOW)

    assert (gone.failures, gone.next_due, gone.last_failing) == (3, NOW + 24 * HOUR, NOW)
    assert after_error(gone, FEED, FetchError("gone", "410 Gone"), NOW).next_due == NOW + 24 * HOUR
    assert (
        after_error(STATE, replace(FEED, every=48 * HOUR), FetchError("gone", "410 Gone"), NOW).next_due
        == NOW + 48 * HOUR
    )


def test_feeds_that_fail_are_asked_last() -> None:
    feeds = [replace(FEED, id=FeedId(name)) for name in ("worse", "bad", "new", "good")]
    states = {
        FeedId(name): replace(STATE, failures=failures)
        for name, failures in (("worse", 9), ("bad", 1), ("good", 0))
    }

    assert [feed.id for feed in in_turn(feeds, states)] == ["new", "good", "bad", "worse"]


def test_who_has_waited_longest_is_fetched_first() -> None:
    feeds = [replace(FEED, id=FeedId(name)) for name in ("just due", "late", "later still")]
    waits = {"just due": 0, "late": 5, "later still": 9}
    states = {
        FeedId(name): replace(STATE, next_due=NOW - minutes * MINUTE) for name, minutes in waits.items()
    }

    assert [feed.id for feed in in_turn(feeds, states)] == ["later still", "late", "just due"]


# --- called by a hub ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("called", "due"),
    [
        pytest.param(9, 9, id="a feed that is called is due at once"),
        pytest.param(0.5, 1, id="but not within a minute of its last poll"),
        pytest.param(20, 15, id="and never later than planned"),
    ],
)
def test_a_feed_that_works_is_due_when_its_hub_calls(called: float, due: float) -> None:
    state = replace(STATE, last_poll=NOW, next_due=NOW + 15 * MINUTE, called=NOW + called * MINUTE)

    assert due_at(state) == NOW + due * MINUTE


@pytest.mark.parametrize(
    "state",
    [
        replace(STATE, failures=1),
        replace(STATE, last_poll=None),
        replace(STATE, answered=NOW + MINUTE),
    ],
    ids=["it fails", "it was never polled", "the call is answered"],
)
def test_a_call_changes_nothing_for_a_feed(state: FeedState) -> None:
    state = replace(state, next_due=NOW + 15 * MINUTE, called=NOW + MINUTE)

    assert due_at(state) == NOW + 15 * MINUTE
