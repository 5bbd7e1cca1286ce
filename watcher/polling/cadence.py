"""How a poll went in, when to poll next and what to remember out.

A feed has a normal interval (`every`) and a longest wait (`at_most`). It is polled four times as often, but
not within a minute, while it reports of something, and when a poll shared no item with those before it: what
came and went in between was missed. It is polled more rarely when it has been quiet for long, or asks for it
(ttl, Cache-Control, skipHours, skipDays): never beyond `at_most`, or a hostile feed could silence itself, and
in a hurry not beyond `every`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from watcher.errors import FetchError, ReadError
from watcher.model.alerts import Incident
from watcher.model.news import Document, Feed, FeedId, Item
from watcher.model.polling import FeedState, Fetched, Request
from watcher.text.durations import in_words

FAILING_AFTER = 3
"""Polls that fail in a row before a feed counts as failing."""

LATE_AFTER = timedelta(hours=2)
"""A feed not seen for longer, and for four of its turns and twice its longest wait, brings late news."""

HURRY = timedelta(hours=3)
"""How long a feed is polled faster after a poll that probably missed items, or a report of its incident."""

QUICKER, QUICKEST = 4, timedelta(minutes=1)
"""How many times faster, but never more often than this."""

CALL_REST = timedelta(minutes=1)
"""A feed whose hub calls is due no sooner than this after its last poll."""

QUIET_TURNS, QUIET_SLOWER = 48, 2
"""A feed slows down when nothing new came for so many of its turns, and waits for that part of the quiet.

It gets so many times slower at most, if it does not say `at_most`: what breaks the quiet is what we are for.
"""

LEAST_CEILING, MOST_CEILING = timedelta(hours=1), timedelta(hours=6)
"""A feed without `at_most` may ask to wait for four of its turns within these bounds, or for `every`."""

BACK_OFF_CAP = timedelta(hours=6)
RETRY_CAP = timedelta(hours=24)
NOT_MODIFIED, GONE, STOPPED = 304, "gone", "stopped"
_DAY = timedelta(days=1)


def due_at(state: FeedState) -> datetime:
    """Return when to poll a feed: as planned, or sooner when it works and its hub or a reviewer asks."""
    if state.called is None or state.called == state.answered or state.failures or state.last_poll is None:
        return state.next_due
    return min(state.next_due, max(state.called, state.last_poll + CALL_REST))


def after_asking(feed: Feed, state: FeedState | None) -> str:
    """Return when a feed is polled after somebody asked for it, for people."""
    if state is None or state.last_poll is None:
        return f"{feed.id} has never been polled, and is at the next round."
    if state.failures:
        return (
            f"{feed.id} fails, and is polled at {state.next_due:%Y-%m-%d %H:%M} UTC; a test shows its answer."
        )
    return f"{feed.id} is polled at the next round, but not within a minute of its last poll."


def is_due(state: FeedState | None, now: datetime) -> bool:
    """Say whether to poll a feed.

    A last poll in the future means that the clock was set back, and nobody waits for it to catch up.
    """
    return state is None or due_at(state) <= now or (state.last_poll is not None and state.last_poll > now)


def away(feed: Feed, state: FeedState, now: datetime) -> str:
    """Say that a feed had not been polled for unusually long, so that its items may be old; else nothing."""
    gap = now - state.last_ok if state.last_ok else timedelta()
    usual = max(LATE_AFTER, 4 * feed.every, 2 * longest_wait(feed))
    return f"{feed.id} had not been polled for {in_words(gap)}" if gap > usual else ""


def longest_wait(feed: Feed) -> timedelta:
    """Return the longest wait between polls of a feed that work."""
    return max(feed.every, feed.at_most or min(max(4 * feed.every, LEAST_CEILING), MOST_CEILING))


def in_turn(feeds: Iterable[Feed], states: Mapping[FeedId, FeedState]) -> Sequence[Feed]:
    """Put feeds in the order to fetch them.

    Those that fail come last, for they may take all the room until their deadline. Of the others who has
    waited longest is first, so that nobody is forgotten where rounds are cut short again and again.
    """

    def turn(feed: Feed) -> tuple[int, datetime]:
        state = states.get(feed.id)
        return (state.failures, state.next_due) if state else (0, datetime.min.replace(tzinfo=UTC))

    return sorted(feeds, key=turn)


def reporting(incidents: Iterable[Incident], now: datetime) -> frozenset[str]:
    """Return the owners who reported of incidents that still move: they bring the next news of them."""
    moving = (incident for incident in incidents if not incident.closed and now - incident.updated < HURRY)
    return frozenset(owner for incident in moving for owner in incident.owners)


def next_request(feed: Feed, state: FeedState | None, now: datetime) -> Request:
    """Ask only for what changed, but once a day for all, so that stuck validators are found out."""
    if state is None or state.last_poll is None or _is_new_day(feed, state.last_poll, now):
        return Request(feed=feed)
    return Request(feed=feed, etag=state.etag, modified=state.modified)


def body_hash(body: bytes) -> str:
    """Name a body by its content."""
    return blake2b(body, digest_size=16).hexdigest()


def after_answer(
    state: FeedState,
    fetched: Fetched,
    feed: Feed,
    now: datetime,
    document: Document | None = None,
    items: Sequence[Item] = (),
    *,
    busy: bool = False,
) -> FeedState:
    """Return the state after an answer, with its document if that has changed, and what is new in it.

    A 304 says that what we remember still holds. A 200 without a hash is the body of last time: its
    validators may be new, and without them it would be sent in full for ever. `busy` says that the feed
    reports of something that still goes on.
    """
    if document:
        all_new = len(items) == len(document.items) and not any(item.revision for item in items)
        missed = state.seeded and state.last_new is not None and bool(items) and all_new
        state = replace(
            state,
            damage=document.damage,
            hints=document.hints,
            hub=document.hub,
            last_new=now if items else state.last_new,
            last_missed=now if missed else state.last_missed,
        )
    wait = _wait(state, fetched, feed, now, busy=busy)
    state = replace(
        state,
        next_due=now + wait,
        failures=0,
        seeded=True,
        last_poll=now,
        last_ok=now,
        error="",
        moved_to=fetched.moved_to,
        answered=state.called,
    )
    if fetched.status == NOT_MODIFIED:
        return state
    read = fetched.body_hash or state.body_hash
    return replace(state, etag=fetched.etag, modified=fetched.modified, body_hash=read)


def after_part(after: FeedState, before: FeedState, feed: Feed, now: datetime) -> FeedState:
    """Return the state after an answer of which only a part was taken.

    The rest is asked for soon, and is as new, as old or as late as the part was.
    """
    soon = now + min(QUICKEST, feed.every)
    return replace(
        after, next_due=soon, etag="", modified="", body_hash="", seeded=before.seeded, last_ok=before.last_ok
    )


def after_error(state: FeedState, feed: Feed, error: FetchError | ReadError, now: datetime) -> FeedState:
    """Count a failure and wait longer after each; the validators stay those of the last complete answer.

    A feed that is gone for good counts as failing at once, and is asked once a day whether it came back.
    """
    if error.cause == GONE:
        failures, wait = max(state.failures + 1, FAILING_AFTER), max(feed.every, _DAY)
    else:
        failures = state.failures + 1
        asked = (error.retry_after or 0.0) if isinstance(error, FetchError) else 0.0
        asked = min(max(asked, 0.0), RETRY_CAP.total_seconds())
        wait = max(_back_off(feed, failures), timedelta(seconds=asked))
    return replace(
        state,
        next_due=now + wait,
        failures=failures,
        last_poll=now,
        error=str(error),
        last_failing=now if failures >= FAILING_AFTER else state.last_failing,
        answered=state.called,
    )


def _wait(state: FeedState, fetched: Fetched, feed: Feed, now: datetime, *, busy: bool) -> timedelta:
    """Choose a wait of our own, and lengthen it as the feed asks, within bounds."""
    if busy or (state.last_missed and abs(now - state.last_missed) < HURRY):
        own, most = min(max(feed.every / QUICKER, QUICKEST), feed.every), feed.every
    else:
        quiet = now - state.last_new if state.last_new else timedelta()
        most = longest_wait(feed)
        own = max(feed.every, min(quiet / QUIET_TURNS, feed.at_most or QUIET_SLOWER * feed.every))
    hints = state.hints
    wait = max(own, min(max(timedelta(minutes=hints.ttl), fetched.fresh_for), most))
    at = now + wait
    for _ in range(24):  # hours or days that the feed asks to leave out, looking one day ahead
        if at.hour not in hints.skip_hours and at.weekday() not in hints.skip_days:
            break
        at = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return max(wait, min(at - now, most))


def _back_off(feed: Feed, failures: int) -> timedelta:
    """Double from `every`, up to six hours, or `every` where that is longer.

    It varies by a tenth, so that feeds which fail together are not tried together.
    """
    cap = max(feed.every, BACK_OFF_CAP)
    digest = blake2b(f"{feed.id}/{failures}".encode(), digest_size=4).digest()
    jitter = 0.9 + 0.2 * int.from_bytes(digest, "big") / 0xFFFF_FFFF
    doubled = feed.every.total_seconds() * 2 ** min(failures - 1, 20)
    return min(timedelta(seconds=min(doubled, cap.total_seconds()) * jitter), cap)


def _is_new_day(feed: Feed, before: datetime, now: datetime) -> bool:
    """Say whether a day of a feed began; each has its own time, or all would be fetched whole at midnight."""
    shift, day = int.from_bytes(blake2b(feed.id.encode(), digest_size=4).digest(), "big"), 86_400
    return (int(before.timestamp()) + shift) // day != (int(now.timestamp()) + shift) // day
