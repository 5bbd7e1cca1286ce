"""How a poll went in, when to poll next and what to remember out."""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b

from watcher.errors import FetchError, ReadError
from watcher.judge.spell import spell
from watcher.model.news import Feed
from watcher.model.polling import FeedState, Fetched, Request

FAILING_AFTER = 3
"""Polls that fail in a row before a feed counts as failing."""

LATE_AFTER = timedelta(hours=2)
"""A feed not seen for longer, and for four of its turns, brings late news."""

BACK_OFF_CAP = timedelta(hours=6)
RETRY_CAP = timedelta(hours=24)
NOT_MODIFIED = 304
_DAY = timedelta(days=1)


def is_due(state: FeedState | None, now: datetime) -> bool:
    """Say whether to poll a feed; a last poll in the future means that the clock was set back, and nobody waits for it to catch up."""
    return state is None or state.next_due <= now or (state.last_poll is not None and state.last_poll > now)


def away(feed: Feed, state: FeedState, now: datetime) -> str:
    """Say that a feed had not been seen for unusually long, so that what it lists now may be as old; else an empty string."""
    gap = now - state.last_ok if state.last_ok else timedelta()
    return f"{feed.id} had not been seen for {spell(gap)}" if gap > max(LATE_AFTER, 4 * feed.every) else ""


def next_request(feed: Feed, state: FeedState | None, now: datetime) -> Request:
    """Ask only for what changed, save once a day: a server whose validators are stuck is found out within a day."""
    if state is None or _day(feed, now) != _day(feed, state.last_poll):
        return Request(feed=feed)
    return Request(feed=feed, etag=state.etag, modified=state.modified)


def body_hash(body: bytes) -> str:
    """Name a body by its content."""
    return blake2b(body, digest_size=16).hexdigest()


def after_success(state: FeedState, fetched: Fetched, feed: Feed, now: datetime) -> FeedState:
    """Remember an answer that was read in full; a 304 says that what we remember still holds.

    A 200 without its body is the body of last time: its validators may be new, and without them it would be sent in full for ever.
    """
    state = replace(
        state, next_due=now + feed.every, failures=0, seeded=True, last_poll=now, last_ok=now, error="", moved_to=fetched.moved_to
    )
    if fetched.status == NOT_MODIFIED:
        return state
    read = state.body_hash if fetched.body is None else body_hash(fetched.body)
    return replace(state, etag=fetched.etag, modified=fetched.modified, body_hash=read)


def after_failure(state: FeedState, feed: Feed, error: FetchError | ReadError, now: datetime) -> FeedState:
    """Count a failure and wait longer after each; the validators stay those of the last complete answer."""
    if error.cause == "stopped":
        return state
    failures = state.failures + 1
    wait = max(_back_off(feed, failures), _asked_for(error))
    last_failing = now if failures >= FAILING_AFTER else state.last_failing
    return replace(state, next_due=now + wait, failures=failures, last_poll=now, error=str(error), last_failing=last_failing)


def _back_off(feed: Feed, failures: int) -> timedelta:
    """Double from `every`, up to six hours; a feed that is polled more rarely than that keeps its pace."""
    cap = max(feed.every, BACK_OFF_CAP)
    doubled = feed.every.total_seconds() * 2 ** min(failures - 1, 20)
    return min(timedelta(seconds=min(doubled, cap.total_seconds()) * _jitter(feed, failures)), cap)


def _jitter(feed: Feed, failures: int) -> float:
    """A number of 0.9 to 1.1, so that feeds which fell together do not rise together."""
    digest = blake2b(f"{feed.id}/{failures}".encode(), digest_size=4).digest()
    return 0.9 + 0.2 * int.from_bytes(digest, "big") / 0xFFFF_FFFF


def _asked_for(error: FetchError | ReadError) -> timedelta:
    if not isinstance(error, FetchError) or error.retry_after is None:
        return timedelta()
    return timedelta(seconds=min(max(error.retry_after, 0.0), RETRY_CAP.total_seconds()))


def _day(feed: Feed, at: datetime | None) -> int | None:
    """Number the days of a feed; they begin at another time for each, or all would be fetched whole at midnight."""
    if at is None:
        return None
    shift = int.from_bytes(blake2b(feed.id.encode(), digest_size=4).digest(), "big")
    return int(at.timestamp() + shift % _DAY.total_seconds()) // int(_DAY.total_seconds())
