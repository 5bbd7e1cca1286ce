"""Feeds and what the world offers in, recorded cycles out.

Each feed goes down the line by itself as soon as its answer is there, so that a slow one delays nobody. What
hits is recorded at once, in a transaction of its own; feeds that bring nothing to decide share one.
Everything before `record` may run again without harm. There is no `if` about news here.

Several watchers on one database fetch, read and match side by side. What hits is judged one by one: whoever
judges holds `Sink.judging` from before it reads what decisions go by until it has recorded them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import accumulate
from typing import TypeVar

from watcher.collection import habits
from watcher.delivery import routing
from watcher.errors import ConflictError, FetchError, ReadError, StoreError
from watcher.match import Found
from watcher.model.alerts import ChannelId
from watcher.model.language import IndicatorId
from watcher.model.news import Document, Feed, FeedId, FeedKind, Item
from watcher.model.nodes import Permit
from watcher.model.polling import Cycle, FeedState, Fetched, Poll, PollStatus
from watcher.model.routes import Route
from watcher.pipeline.processing import new_items, process, reading_of
from watcher.pipeline.round_end import RoundStep, steps_for_news, steps_for_service
from watcher.pipeline.rules import Rules
from watcher.polling import cadence
from watcher.ports import Answer, Channel, Clock, Fetcher, Reader, RoundStore, Store

MOST_TEXT = 2_000_000
"""Characters of new items that one poll matches: seconds, even when every word was written to cost time."""

TOGETHER, SOON = 200, timedelta(seconds=2)
"""How many feeds that bring nothing to decide are recorded together, and how soon, if answers come."""

ITEMS_TOGETHER = 500
"""After so many items they are recorded, whatever their number; the last feed may bring more."""

HELD_TOGETHER = 10_000
"""The same for the items of their documents, new or known: a document is held until it is recorded."""

ATTEMPTS = 5
"""How often a step runs while others keep changing what it goes by."""

MaybeCycle = TypeVar("MaybeCycle", bound=Cycle | None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink:
    """Where cycles go: the store, the channels that are told of their alerts, and the time it is there."""

    store: Store
    channels: tuple[Channel, ...]
    clock: Clock
    routes: Mapping[ChannelId, Route] = field(default_factory=dict)
    """What each channel takes, and when; a channel without a route takes everything at once."""
    judging: Callable[[], AbstractContextManager[object]] = nullcontext
    """Keeps all others on the same database from judging while this one does."""
    permit: Permit | None = None
    """What must still hold when a cycle is recorded; None is nothing, for who is alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World(Sink):
    """What is behind the ports."""

    fetcher: Fetcher
    reader: Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """A feed that is polled: how it did so far, and whether news of what still goes on may come of it."""

    feed: Feed
    state: FeedState
    busy: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _News:
    """What a document brings: how many new items, those of them that one poll takes, and what they say."""

    document: Document
    new: int
    items: tuple[Item, ...]
    readings: tuple[Found, ...]

    @property
    def hits(self) -> bool:
        return any(reading.hits for reading in self.readings)


_Outcome = _News | FetchError | ReadError | None
"""What came of a request; None is a feed in which nothing has changed."""

_Answered = tuple[_Turn, Fetched | FetchError, _Outcome]


@dataclass(slots=True)
class _Quiet:
    """Answers that bring nothing to decide, until they are recorded together."""

    since: datetime
    answers: list[_Answered] = field(default_factory=list)
    items: int = 0
    held: int = 0

    def add(self, answered: _Answered, now: datetime) -> None:
        outcome = answered[2]
        self.since = self.since if self.answers else now
        self.answers.append(answered)
        if isinstance(outcome, _News):
            self.items += len(outcome.items)
            self.held += len(outcome.document.items)

    def are_due(self, now: datetime) -> bool:
        many = len(self.answers) >= TOGETHER or self.items >= ITEMS_TOGETHER or self.held >= HELD_TOGETHER
        return bool(self.answers) and (many or abs(now - self.since) >= SOON)

    def take(self) -> Sequence[_Answered]:
        taken, self.answers, self.items, self.held = self.answers, [], 0, 0
        return taken


def poll(feeds: Sequence[Feed], world: World, rules: Rules) -> Iterator[Cycle]:
    """Poll feeds; yield each recorded cycle: of every feed, then those of the end of the round.

    Raises:
        StoreError: as `poll_feeds`.
    """
    began = world.clock()
    yield from poll_feeds(feeds, world, rules)
    yield from end_round((*steps_for_news(rules), *steps_for_service(began, world.routes)), world)


def poll_feeds(feeds: Sequence[Feed], world: World, rules: Rules) -> Iterator[Cycle]:
    """Poll feeds; yield the recorded cycle of every feed.

    Feeds that bring nothing to decide are recorded together. Until then they are as before: whatever ends the
    poll sooner costs no item, for they are asked again.

    Raises:
        StoreError: a cycle could not be recorded; its feed is as before and will be polled again.
    """
    if not feeds:
        return
    states = world.store.states([feed.id for feed in feeds])
    began = world.clock()
    requests = [
        cadence.next_request(feed, states.get(feed.id), began) for feed in cadence.in_turn(feeds, states)
    ]
    reporting = cadence.reporting(world.store.open_incidents(began - rules.longest_open), began)
    answers = _without_known_bodies(_asked(world.fetcher.fetch(requests)), states)
    quiet = _Quiet(began)
    for feed, answer, document in world.reader.read(answers, began, partial(_prepare, rules)):
        state = states.get(feed.id) or FeedState(feed=feed.id, next_due=began)
        # an aggregator brings the next news of every outlet
        busy = feed.owner in reporting or (bool(reporting) and feed.kind is FeedKind.AGGREGATOR)
        turn = _Turn(feed=feed, state=state, busy=busy)
        outcome = _outcome_of(answer, document, rules, world.store)
        answered = (turn, _without_body(answer), outcome)
        if isinstance(outcome, _News) and outcome.hits:
            yield _judged(answered, world, rules)
        else:
            quiet.add(answered, world.clock())
        if quiet.are_due(world.clock()):
            yield from _recorded_together(quiet.take(), world, rules)
    yield from _recorded_together(quiet.take(), world, rules)


def _judged(answered: _Answered, world: World, rules: Rules) -> Cycle:
    """Return the recorded cycle of one feed whose news may change what people are told."""
    return run_step(partial(_changed, *answered, rules), world)


def _recorded_together(quiet: Sequence[_Answered], world: World, rules: Rules) -> Iterator[Cycle]:
    """Yield recorded cycles of answers that bring nothing to decide.

    News of a feed that another watcher has polled meanwhile is looked at anew, and may have to be judged.
    """
    if not quiet:
        return
    cycle = run_step(partial(_together, quiet, rules), world, judges=False)
    yield cycle
    recorded = {poll.feed for poll in cycle.polls}
    for answered in quiet:
        if answered[0].feed.id not in recorded:
            yield _judged(answered, world, rules)


def end_round(steps: Iterable[RoundStep], sink: Sink) -> Iterator[Cycle]:
    """Yield what each step of the end of a round gives, recorded before the next begins.

    A step that may have more to give runs again. A bug in one step holds up no other, and is raised when all
    have run.
    """
    bugs: list[Exception] = []
    for step in steps:
        try:
            while cycle := run_step(step, sink):
                yield cycle
                if not cycle.more:
                    break
        except StoreError:
            raise
        except Exception as bug:  # noqa: BLE001 - raised below, whatever it is
            bugs.append(bug)
    if bugs:
        raise ExceptionGroup("when a round of polls was over", bugs)


def run_step(
    step: Callable[[RoundStore, datetime], MaybeCycle],
    sink: Sink,
    attempts: int = ATTEMPTS,
    *,
    judges: bool = True,
) -> MaybeCycle:
    """Return what a step gives, recorded if it is a cycle; no other step that `judges` runs meanwhile.

    When another watcher has changed meanwhile what the step went by, the step runs again.

    Raises:
        ConflictError: others changed it at every attempt.
    """
    try:
        with sink.judging() if judges else nullcontext():
            cycle = step(sink.store, sink.clock())
            if isinstance(cycle, Cycle):
                record(cycle, sink)
            return cycle
    except ConflictError:
        if attempts == 1:
            raise
    return run_step(step, sink, attempts - 1, judges=judges)


def record(cycle: Cycle, sink: Sink) -> Cycle:
    """Record a cycle, with the deliveries of its alerts."""
    routes = routing.every([channel.id for channel in sink.channels if channel.id != cycle.past], sink.routes)
    permitted = replace(cycle, permit=sink.permit) if sink.permit else cycle
    sink.store.record(permitted, tuple(routing.deliveries(cycle.alerts, routes, sink.clock())))
    return cycle


def within(most: int, items: Sequence[Item]) -> tuple[Item, ...]:
    """Return the first items that have together at most `most` characters, but at least one."""
    lengths = accumulate(len(item.title) + len(item.summary) for item in items)
    taken = sum(length <= most for length in lengths)
    return tuple(items[: max(taken, 1)])


def _prepare(rules: Rules) -> None:
    """Compile the list ahead of the first text; what goes wrong there goes wrong again with each text."""
    with suppress(Exception):
        rules.matcher.prepare()


def _asked(answers: Iterable[Answer]) -> Iterator[Answer]:
    """Pass answers on, but of feeds that were not asked because the service stops: they stay as before."""
    for feed, answer in answers:
        if not (isinstance(answer, FetchError) and answer.cause == cadence.STOPPED):
            yield feed, answer


def _without_known_bodies(answers: Iterable[Answer], states: Mapping[FeedId, FeedState]) -> Iterator[Answer]:
    """Pass answers on, without the body where it is the one read last time, else with its hash."""
    for feed, answer in answers:
        if isinstance(answer, Fetched) and answer.body:
            known, found = states.get(feed.id), cadence.body_hash(answer.body)
            same = known is not None and known.body_hash == found
            yield feed, replace(answer, body=None) if same else replace(answer, body_hash=found)
        else:
            yield feed, answer


def _without_body(answer: Fetched | FetchError) -> Fetched | FetchError:
    return replace(answer, body=None) if isinstance(answer, Fetched) and answer.body else answer


def _outcome_of(
    answer: Fetched | FetchError, document: Document | ReadError | None, rules: Rules, store: RoundStore
) -> _Outcome:
    """Match what is new in a document; whatever goes wrong is this feed's trouble only."""
    if isinstance(answer, FetchError):
        return answer
    if not isinstance(document, Document):
        return document
    try:
        new = new_items(document.items, store)
        items = within(MOST_TEXT, new)
        readings = tuple(reading_of(item, rules) for item in items)
        return _News(document=document, new=len(new), items=items, readings=readings)
    except StoreError:
        raise
    except Exception as bug:  # noqa: BLE001 - as in `_polled`
        return _shown(bug)


def _changed(
    turn: _Turn,
    answer: Fetched | FetchError,
    outcome: _Outcome,
    rules: Rules,
    store: RoundStore,
    now: datetime,
) -> Cycle:
    """Return the cycle that records the answer of one feed."""
    state = store.state(turn.feed.id)
    if isinstance(outcome, _News) and _was_polled(state, turn, outcome):
        outcome = _outcome_of(answer, outcome.document, rules, store)
    return _polled(turn, state, answer, outcome, rules, store, now)


def _together(answered: Sequence[_Answered], rules: Rules, store: RoundStore, now: datetime) -> Cycle:
    """Return the cycle that records answers that bring nothing to decide, but of feeds polled meanwhile."""
    states = store.states([turn.feed.id for turn, _, _ in answered])
    cycles = [
        _polled(turn, state, answer, outcome, rules, store, now)
        for turn, answer, outcome in answered
        if not _was_polled(state := states.get(turn.feed.id), turn, outcome)
    ]
    heard = defaultdict[IndicatorId, frozenset[date]](frozenset)
    for name, days in (each for cycle in cycles for each in cycle.heard.items()):
        heard[name] |= days
    return Cycle(
        items=tuple(item for cycle in cycles for item in cycle.items),
        heard=dict(heard),
        polls=tuple(polled for cycle in cycles for polled in cycle.polls),
        states=tuple(state for cycle in cycles for state in cycle.states),
    )


def _was_polled(state: FeedState | None, turn: _Turn, outcome: _Outcome) -> bool:
    """Say whether another watcher may have brought the items of a feed since it was asked."""
    return isinstance(outcome, _News) and state is not None and state.version != turn.state.version


def _polled(
    turn: _Turn,
    state: FeedState | None,
    answer: Fetched | FetchError,
    outcome: _Outcome,
    rules: Rules,
    store: RoundStore,
    now: datetime,
) -> Cycle:
    """Return the cycle that records one feed's answer; whatever goes wrong is this feed's trouble only.

    `state` is how the feed stands now, which may differ from when it was asked.
    """
    if state is not None and state is not turn.state:
        # A call that came while the feed was fetched is still to be answered.
        turn = replace(turn, state=replace(state, called=turn.state.called))
    if isinstance(answer, FetchError):
        error: FetchError | ReadError = answer
    elif isinstance(outcome, FetchError | ReadError):
        error = outcome
    else:
        try:
            return _succeeded(turn, answer, outcome, rules, store, now)
        except StoreError:
            raise
        # A bug that one feed brings out must not blind the others; it is shown by name.
        except Exception as bug:  # noqa: BLE001
            error = _shown(bug)
    return Cycle(
        polls=(Poll(feed=turn.feed.id, at=now, status=PollStatus.ERROR, error=str(error)),),
        states=(cadence.after_error(turn.state, turn.feed, error, now),),
    )


def _shown(bug: Exception) -> FetchError:
    return FetchError("internal", f"{type(bug).__name__}: {bug}")


def _succeeded(
    turn: _Turn, answer: Fetched, news: _News | None, rules: Rules, store: RoundStore, now: datetime
) -> Cycle:
    feed, state = turn.feed, turn.state
    if news is None:
        polled = Poll(feed=feed.id, at=now, status=PollStatus.NOT_MODIFIED)
        after = cadence.after_answer(state, answer, feed, now, busy=turn.busy)
        return Cycle(polls=(polled,), states=(_with_habits(state, after, feed, None, (), now),))
    document, items, readings = news.document, news.items, news.readings
    seeding, late = feed.seed and not state.seeded, cadence.away(feed, state, now)
    cycle = process(items, rules, store, now, seeding=seeding, late=late, readings=readings)
    busy = turn.busy or bool(cycle.hits)
    after = cadence.after_answer(state, answer, feed, now, document, items, busy=busy)
    rest = ""
    if len(items) < news.new:
        rest = f"{len(items)} of {news.new} new items taken, the rest at the next poll"
        after = cadence.after_part(after, state, feed, now)
    notes = tuple(filter(None, (document.damage, *document.notes, rest)))
    polled = Poll(
        feed=feed.id, at=now, status=PollStatus.OK, items=len(document.items), new=len(items), notes=notes
    )
    return replace(cycle, polls=(polled,), states=(_with_habits(state, after, feed, document, items, now),))


def _with_habits(
    before: FeedState,
    after: FeedState,
    feed: Feed,
    document: Document | None,
    items: Sequence[Item],
    now: datetime,
) -> FeedState:
    known = habits.after_poll(before, after, feed, document, items, now)
    return after if known is after.habits else replace(after, habits=known)
