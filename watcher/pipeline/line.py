"""Feeds and what the world offers in, recorded cycles out.

Each feed goes down the line by itself as soon as its answer is there, so that a slow one delays nobody, and
ends in one transaction. Everything left of `record` may run again without harm. There is no `if` about news
here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import accumulate

from watcher.collection import habits
from watcher.delivery import routing
from watcher.errors import FetchError, ReadError, StoreError
from watcher.model.alerts import ChannelId
from watcher.model.news import Document, Feed, FeedId, Item
from watcher.model.polling import Cycle, FeedState, Fetched, Poll, PollStatus
from watcher.model.routes import Route
from watcher.pipeline.conclusion import conclude
from watcher.pipeline.round_end import (
    RoundEndStep,
    for_channels,
    round_end_steps,
    sum_up_deliveries,
    sum_up_feeds,
)
from watcher.pipeline.rules import Rules
from watcher.polling import cadence
from watcher.ports import Answer, Channel, Clock, Fetcher, Reader, RoundStore, Store
from watcher.read.identity import unseen

MOST_TEXT = 2_000_000
"""Characters of new items that one poll of a feed takes to match: seconds, even when every word of them was written to cost time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What stands behind the ports."""

    fetcher: Fetcher
    reader: Reader
    store: Store
    channels: tuple[Channel, ...]
    clock: Clock
    routes: Mapping[ChannelId, Route] = field(default_factory=dict)
    """What each channel takes, and when; a channel without a route takes everything at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """A feed whose answer is there: how it did so far, and whether its owner reports of something that still goes on."""

    feed: Feed
    state: FeedState
    busy: bool


def poll(feeds: Sequence[Feed], world: World, rules: Rules) -> Iterator[Cycle]:
    """Send feeds down the line; yield each recorded cycle: one for every feed, and what there is to say of all of them together.

    Raises:
        StoreError: a cycle could not be recorded; its feed is as before and will be polled again.
    """
    states = world.store.states()
    now = world.clock()
    requests = [
        cadence.next_request(feed, states.get(feed.id), now) for feed in cadence.in_turn(feeds, states)
    ]
    reporting = cadence.reporting(world.store.open_incidents(now - rules.reach), now)
    answers = _with_news(world.fetcher.fetch(requests), states)
    for feed, answer, document in world.reader.read(answers, now):
        state = states.get(feed.id) or FeedState(feed=feed.id, next_due=now)
        turn = _Turn(feed=feed, state=state, busy=feed.owner in reporting)
        yield record(_digest(turn, answer, document, world, rules), world)
    steps: tuple[RoundEndStep, ...] = (
        *round_end_steps(rules),
        lambda store, at: sum_up_feeds(store, now, at),
        sum_up_deliveries,
        *for_channels(world.routes),
    )
    yield from _said(steps, world)


def record(cycle: Cycle, world: World) -> Cycle:
    """Record a cycle, with what each channel is to be told of it."""
    routes = routing.every(
        [channel.id for channel in world.channels if channel.id != cycle.past], world.routes
    )
    world.store.record(cycle, tuple(routing.deliveries(cycle.alerts, routes, world.clock())))
    return cycle


def within(most: int, items: Sequence[Item]) -> tuple[Item, ...]:
    """Return the first items that have together at most `most` characters, but at least one."""
    lengths = accumulate(len(item.title) + len(item.summary) for item in items)
    return tuple(item for item, length in zip(items, lengths, strict=True) if length <= most) or tuple(
        items[:1]
    )


def _said(steps: Iterable[RoundEndStep], world: World) -> Iterator[Cycle]:
    """Yield what each afterthought has to say, recorded; a bug in one silences no other, and is raised when all were asked."""
    bugs: list[Exception] = []
    for make in steps:
        try:
            cycle = make(world.store, world.clock())
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - raised below, whatever it is
            bugs.append(error)
        else:
            if cycle:
                yield record(cycle, world)
    if bugs:
        raise ExceptionGroup("when a round of polls was over", bugs)


def _with_news(answers: Iterable[Answer], states: Mapping[FeedId, FeedState]) -> Iterator[Answer]:
    """Pass answers on, without the body where it is the one read last time."""
    for feed, answer in answers:
        state = states.get(feed.id)
        if (
            isinstance(answer, Fetched)
            and answer.body is not None
            and state
            and state.body_hash == cadence.body_hash(answer.body)
        ):
            yield feed, replace(answer, body=None)
        else:
            yield feed, answer


def _digest(
    turn: _Turn,
    answer: Fetched | FetchError,
    document: Document | ReadError | None,
    world: World,
    rules: Rules,
) -> Cycle:
    """Turn one feed's answer into the cycle that records it; whatever goes wrong is this feed's trouble only."""
    now = world.clock()
    if isinstance(answer, FetchError):
        return _failed(turn, answer, now)
    if isinstance(document, ReadError):
        return _failed(turn, document, now)
    try:
        return _with_habits(turn, document, _succeeded(turn, answer, document, world.store, rules, now), now)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - a bug that one feed brings out must not blind the others; it is shown by name
        return _failed(turn, FetchError("internal", f"{type(error).__name__}: {error}"), now)


def _failed(turn: _Turn, error: FetchError | ReadError, now: datetime) -> Cycle:
    return Cycle(
        polls=(Poll(feed=turn.feed.id, at=now, status=PollStatus.ERROR, error=str(error)),),
        states=(cadence.after_failure(turn.state, turn.feed, error, now),),
    )


def _succeeded(
    turn: _Turn, answer: Fetched, document: Document | None, store: RoundStore, rules: Rules, now: datetime
) -> Cycle:
    feed, state = turn.feed, turn.state
    if document is None:
        after = cadence.after_success(state, answer, feed, now, busy=turn.busy)
        return Cycle(polls=(Poll(feed=feed.id, at=now, status=PollStatus.NOT_MODIFIED),), states=(after,))
    new = unseen(document.items, store.known(feed.id, [item.keys for item in document.items]))
    items = within(MOST_TEXT, new)
    concluded = conclude(
        items,
        store,
        rules,
        now,
        seeding=feed.seed and not state.seeded,
        late=cadence.away(feed, state, now),
    )
    rest = (
        f"{len(items)} of {len(new)} new items taken, the rest at the next poll"
        if len(items) < len(new)
        else ""
    )
    notes = tuple(filter(None, (document.damage, *document.notes, rest)))
    after = cadence.after_success(
        state, answer, feed, now, document, items, busy=turn.busy or bool(concluded.hits)
    )
    return replace(
        concluded,
        polls=(
            Poll(
                feed=feed.id,
                at=now,
                status=PollStatus.OK,
                items=len(document.items),
                new=len(items),
                notes=notes,
            ),
        ),
        states=(cadence.after_part(after, state, feed, now) if rest else after,),
        items=items,
    )


def _with_habits(turn: _Turn, document: Document | None, cycle: Cycle, now: datetime) -> Cycle:
    """Add to the cycle of a poll that worked what it says of the habits of its feed."""
    (after,) = cycle.states
    known = habits.after_poll(turn.state, after, turn.feed, document, cycle.items, now)
    return replace(cycle, states=(replace(after, habits=known),))
