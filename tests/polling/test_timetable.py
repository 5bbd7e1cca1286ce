"""Who is due by a timetable is who is due when the states of all feeds are looked at."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis.strategies import (
    DrawFn,
    SearchStrategy,
    builds,
    composite,
    dictionaries,
    integers,
    lists,
    none,
    sampled_from,
)

from watcher.model.news import Feed, FeedId
from watcher.model.polling import FeedState
from watcher.polling.cadence import due_at, is_due
from watcher.polling.timetable import Timetable

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FEEDS = tuple(Feed(id=FeedId(name), url=f"https://{name}.example/", owner=name) for name in "dabc")
UNLISTED = FeedId("unlisted")

moments = integers(-4, 4).map(lambda minutes: NOON + minutes * MINUTE)
maybe = none() | moments
states: SearchStrategy[FeedState] = builds(
    FeedState,
    feed=sampled_from([*(feed.id for feed in FEEDS), UNLISTED]),
    next_due=moments,
    failures=integers(0, 1),
    last_poll=maybe,
    called=maybe,
    answered=maybe,
)


@composite
def changes(draw: DrawFn) -> dict[FeedId, FeedState]:
    """Return what some states are at some time, by feed."""
    return {state.feed: state for state in draw(lists(states, max_size=3))}


def by_looking_at_all(known: dict[FeedId, FeedState], now: datetime) -> list[Feed]:
    return [feed for feed in FEEDS if is_due(known.get(feed.id), now)]


@given(lists(changes() | moments))
def test_it_says_what_looking_at_all_says(course: list[dict[FeedId, FeedState] | datetime]) -> None:
    timetable, known = Timetable(FEEDS), dict[FeedId, FeedState]()

    for step in course:
        if isinstance(step, dict):
            timetable.learn(step)
            known |= step
        else:
            assert timetable.due(step) == by_looking_at_all(known, step)
        times = [due_at(known[feed.id]) for feed in FEEDS if feed.id in known]
        assert timetable.first_due() == min(times, default=None)


@given(dictionaries(sampled_from([feed.id for feed in FEEDS]), moments), moments)
def test_a_feed_is_due_until_it_is_polled(times: dict[FeedId, datetime], now: datetime) -> None:
    timetable = Timetable(FEEDS)
    timetable.learn({feed: FeedState(feed=feed, next_due=at) for feed, at in times.items()})

    due = timetable.due(now)

    assert timetable.due(now) == due
    later = {feed.id: FeedState(feed=feed.id, next_due=now + MINUTE, last_poll=now) for feed in due}
    timetable.learn(later)
    assert timetable.due(now) == []
    assert timetable.due(now + 9 * MINUTE) == list(FEEDS)


def test_a_feed_that_is_called_is_due_sooner() -> None:
    timetable, (feed, *_) = Timetable(FEEDS[:1]), FEEDS
    waiting = FeedState(feed=feed.id, next_due=NOON + 9 * MINUTE, last_poll=NOON - MINUTE)
    timetable.learn({feed.id: waiting})

    timetable.learn({feed.id: replace(waiting, called=NOON)})

    assert timetable.first_due() == NOON
    assert timetable.due(NOON) == [feed]
