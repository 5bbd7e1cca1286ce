"""The line: feeds and what the world offers in, a recorded cycle out.

    poll -> read -> unseen -> match -> correlate -> decide -> record   |   deliver

Each feed goes down the line by itself as soon as its answer is there, so that a slow one delays nobody, and ends in one
transaction. Everything left of `record` may run again without harm; `deliver` reads the outbox. There is no `if` about news here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import accumulate

from watcher.errors import DeliveryError, FetchError, ReadError, StoreError
from watcher.judge import again, cadence, digest, habits, outbox, routing, silence
from watcher.judge.bench import Session, judge
from watcher.judge.board import tell_of_board
from watcher.judge.collection import tell_of_dead
from watcher.judge.correlate import Correlated, correlate, joining_for, joining_of, longest_quiet
from watcher.judge.ending import ending_of, soonest
from watcher.judge.feeds import tell_of_feeds
from watcher.judge.patterns import HISTORY, Book, Past, with_patterns
from watcher.judge.pressure import reach
from watcher.judge.summary import sum_up
from watcher.judge.timing import place_in_time
from watcher.match import Matcher, Reading, compile_list
from watcher.model.alerts import Alert, ChannelId, Decision, DeliveryState, Hit, Incident, Reason
from watcher.model.language import Indicator, IndicatorId, IndicatorList, Joining, Severity
from watcher.model.news import Document, Feed, FeedId, Grade, Item
from watcher.model.polling import Cycle, FeedState, Fetched, Poll, PollStatus
from watcher.model.routes import Route
from watcher.ports import Answer, Channel, Clock, Fetcher, Reader, Store
from watcher.read.identity import unseen

LEASE = timedelta(minutes=5)
"""How long a delivery is held by whoever tries it; after that it is free again, should the holder have died."""

Afterthought = Callable[[Store, datetime], Cycle | None]
"""What is said when a round of polls is over: the store and the time in, a cycle to record out, if there is anything to say."""

MOST_TEXT = 2_000_000
"""Characters of new items that one poll of a feed takes to match: seconds, even when every word of them was written to cost time."""

RECORD = timedelta(days=365)
"""How far back it counts how often an indicator has fired."""

_BATCH = 50
_ALL = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The analyst's list, compiled, and what judging needs of it. Made by `rules_of`."""

    matcher: Matcher
    indicators: Mapping[IndicatorId, Indicator]
    joinings: Mapping[IndicatorId, Joining]
    reach: timedelta
    """How far back an incident may still be open."""
    shortest: timedelta
    """How long an incident is open at least."""
    page: str = ""
    """The address of the page that alerts link to; empty is none."""


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
class Conclusion:
    """What news amounts to: its hits, the incidents they changed, every decision, and the alerts."""

    hits: tuple[Hit, ...] = ()
    incidents: tuple[Incident, ...] = ()
    decisions: tuple[Decision, ...] = ()
    alerts: tuple[Alert, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """A feed whose answer is there: how it did so far, and whether its owner reports of something that still goes on."""

    feed: Feed
    state: FeedState
    busy: bool


def rules_of(listed: IndicatorList, page: str = "") -> Rules:
    """Compile an indicator list into rules; `page` is the address of the page that alerts link to, if there is one."""
    joinings = {indicator.id: joining_for(indicator) for indicator in listed.indicators}
    return Rules(
        matcher=compile_list(listed),
        indicators={indicator.id: indicator for indicator in listed.indicators},
        joinings=joinings,
        reach=longest_quiet(joinings),
        shortest=soonest(listed.indicators, joinings),
        page=page,
    )


def poll(feeds: Sequence[Feed], world: World, rules: Rules) -> Iterator[Cycle]:
    """Send feeds down the line; yield each recorded cycle: one for every feed, and what there is to say of all of them together.

    Raises:
        StoreError: a cycle could not be recorded; its feed is as before and will be polled again.
    """
    states = world.store.states()
    now = world.clock()
    requests = [cadence.next_request(feed, states.get(feed.id), now) for feed in cadence.in_turn(feeds, states)]
    reporting = cadence.reporting(world.store.open_incidents(now - cadence.HURRY), now)
    answers = _with_news(world.fetcher.fetch(requests), states)
    for feed, answer, document in world.reader.read(answers, now):
        state = states.get(feed.id) or FeedState(feed=feed.id, next_due=now)
        turn = _Turn(feed=feed, state=state, busy=feed.owner in reporting)
        yield record(_digest(turn, answer, document, world, rules), world)
    afterwards: tuple[Afterthought, ...] = (
        *wind_up(rules),
        lambda store, at: sum_up_feeds(store, now, at),
        sum_up_deliveries,
        *for_channels(world.routes),
    )
    for cycle in (make(world.store, world.clock()) for make in afterwards):
        if cycle:
            yield record(cycle, world)


def record(cycle: Cycle, world: World) -> Cycle:
    """Record a cycle, with what each channel is to be told of it."""
    routes = routing.every([channel.id for channel in world.channels if channel.id != cycle.past], world.routes)
    world.store.record(cycle, tuple(routing.deliveries(cycle.alerts, routes, world.clock())))
    return cycle


def conclude(
    items: Sequence[Item],
    store: Store,
    rules: Rules,
    now: datetime,
    *,
    grade: Grade = Grade.C,
    seeding: bool = False,
    late: str = "",
) -> Conclusion:
    """Match, correlate and decide: say what new items amount to; `late` says that their feed had not been seen for unusually long."""
    readings = [read(item, rules, grade) for item in items]
    notes = silence.diaries_after(items, readings, rules.indicators.values(), diaries_of(store), seeding=seeding)
    hits = [hit for reading in readings for hit in reading.hits]
    if not hits:
        return Conclusion(notes=notes)
    known = store.open_incidents(min(hit.item.seen for hit in hits) - rules.reach)
    correlated = with_patterns(correlate(hits, known, rules.joinings, seeding=seeding), known, _past(store, now), _book(rules))
    return replace(_judged(correlated, _session(store, rules, now, known, late)), notes=notes)


def match(items: Iterable[Item], rules: Rules, grade: Grade = Grade.C) -> list[Hit]:
    """Return the hits of items, placed in the analyst's calendars."""
    return [hit for item in items for hit in read(item, rules, grade).hits]


def read(item: Item, rules: Rules, grade: Grade = Grade.C) -> Reading:
    """Return all that an item amounts to, its hits placed in the analyst's calendars."""
    reading = rules.matcher.read(item, grade)
    return replace(reading, hits=_placed(reading.hits, rules))


def wind_up(rules: Rules) -> tuple[Afterthought, ...]:
    """Return what is done when a round of polls is over, in order: each may give a cycle, to be recorded before the next is asked."""
    return (
        lambda store, now: sum_up_held(store, rules, now),
        lambda store, now: listen(store, rules, now),
        lambda store, now: close(store, rules, now),
        lambda store, now: reassess(store, rules, now),
    )


def sum_up_held(store: Store, rules: Rules, now: datetime) -> Cycle | None:
    """Return the cycle that tells of the incidents that have waited for it long enough, or None when there is nothing to tell."""
    held = store.held_incidents()
    return sum_up(held, store.hits, _session(store, rules, now, store.open_incidents(now - rules.reach))) if held else None


def listen(store: Store, rules: Rules, now: datetime) -> Cycle | None:
    """Return the cycle that tells of who or what has been silent for unusually long, or None when all that is new was told."""
    silent = (hit for hit in silence.silences(rules.indicators.values(), diaries_of(store), now) if store.item(hit.item.id) is None)
    hits = _placed(silent, rules)
    if not hits:
        return None
    told = _judged(correlate(hits, (), rules.joinings), _session(store, rules, now, ()))
    items = tuple(hit.item for hit in hits)
    return Cycle(items=items, hits=told.hits, incidents=told.incidents, decisions=told.decisions, alerts=told.alerts)


def close(store: Store, rules: Rules, now: datetime) -> Cycle | None:
    """Return the cycle that closes the incidents that nothing can join any more, or None when there are none."""
    waiting = store.unclosed_incidents(now - rules.shortest)
    over = [(incident, why) for incident in waiting if (why := _ending(incident, store, rules, now))]
    decisions = (Decision(incident=each.id, at=now, reason=Reason.CLOSED, item=each.sightings[-1].item, because=why) for each, why in over)
    return Cycle(incidents=tuple(replace(each, closed=now) for each, _ in over), decisions=tuple(decisions)) if over else None


def reassess(store: Store, rules: Rules, now: datetime) -> Cycle | None:
    """Return the cycle that records which levels of the board change, or None when none does."""
    board = rules.matcher.listed.board
    return tell_of_board(store.board(), store.signs(now - reach(board)), rules.indicators, store.actions(), board, now)


def for_channels(routes: Mapping[ChannelId, Route]) -> tuple[Afterthought, ...]:
    """Return what single channels are told when a round of polls is over: their digests, and what nobody has answered."""
    digests = [partial(tell, route) for route in routes.values() if route.digest for tell in (_begin_digests, _make_digest)]
    return (*digests, *(partial(_say_again, route) for route in routes.values() if route.renotify))


def sum_up_feeds(store: Store, began: datetime, now: datetime) -> Cycle | None:
    """Return the cycle that tells which feeds fail or work again. Who was due and not polled since `began` is no longer listed."""
    listed = [state for state in store.states().values() if state.next_due > began]
    return tell_of_feeds(listed, now)


def sum_up_deliveries(store: Store, now: datetime) -> Cycle | None:
    """Return the cycle that tells the other channels of one whose alerts were given up, or None when there is nothing to tell."""
    given_up, noted = store.given_up(), store.noted(Reason.DELIVERY_DEAD)
    return tell_of_dead(store.outbox(), given_up, noted, now) if given_up or noted else None


def deliver(channel: Channel, store: Store, clock: Clock, route: Route | None = None) -> int:
    """Hand over what a channel is due, oldest first, until it is empty or the channel refuses; return how many were taken.

    What became due again in the channel's quiet hours waits for their end.
    """
    route = route or Route(channel=channel.id)
    taken = 0
    while batch := store.lease(channel.id, clock(), clock() + LEASE, _BATCH):
        for delivery in batch:
            if rest := routing.rest_of(route, delivery.alert, clock()):
                store.settle(outbox.after_rest(delivery, rest), clock())
                continue
            try:
                channel.send(delivery.alert)
            except DeliveryError as error:
                settled = outbox.after_failure(delivery, error, clock())
            except Exception as error:  # noqa: BLE001 - a bug that one alert brings out must not hold its channel unseen; it is shown by name
                settled = outbox.after_failure(delivery, DeliveryError(f"internal: {type(error).__name__}: {error}"), clock())
            else:
                settled = outbox.after_success(delivery, clock())
            store.settle(settled, clock())
            if settled.state is DeliveryState.PENDING:
                return taken
            taken += settled.state is DeliveryState.DELIVERED
    return taken


def _with_news(answers: Iterable[Answer], states: Mapping[FeedId, FeedState]) -> Iterator[Answer]:
    """Pass answers on, without the body where it is the one read last time."""
    for feed, answer in answers:
        state = states.get(feed.id)
        if isinstance(answer, Fetched) and answer.body is not None and state and state.body_hash == cadence.body_hash(answer.body):
            yield feed, replace(answer, body=None)
        else:
            yield feed, answer


def _digest(turn: _Turn, answer: Fetched | FetchError, document: Document | ReadError | None, world: World, rules: Rules) -> Cycle:
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


def _succeeded(turn: _Turn, answer: Fetched, document: Document | None, store: Store, rules: Rules, now: datetime) -> Cycle:
    feed, state = turn.feed, turn.state
    if document is None:
        after = cadence.after_success(state, answer, feed, now, busy=turn.busy)
        return Cycle(polls=(Poll(feed=feed.id, at=now, status=PollStatus.NOT_MODIFIED),), states=(after,))
    new = unseen(document.items, store.known(feed.id, [item.keys for item in document.items]))
    items = within(MOST_TEXT, new)
    concluded = conclude(
        items, store, rules, now, grade=feed.grade, seeding=feed.seed and not state.seeded, late=cadence.away(feed, state, now)
    )
    rest = f"{len(items)} of {len(new)} new items taken, the rest at the next poll" if len(items) < len(new) else ""
    notes = tuple(filter(None, (document.damage, *document.notes, rest)))
    after = cadence.after_success(state, answer, feed, now, document, items, busy=turn.busy or bool(concluded.hits))
    return Cycle(
        polls=(Poll(feed=feed.id, at=now, status=PollStatus.OK, items=len(document.items), new=len(items), notes=notes),),
        states=(cadence.after_part(after, state, now) if rest else after,),
        items=items,
        hits=concluded.hits,
        incidents=concluded.incidents,
        decisions=concluded.decisions,
        alerts=concluded.alerts,
        notes=concluded.notes,
    )


def _with_habits(turn: _Turn, document: Document | None, cycle: Cycle, now: datetime) -> Cycle:
    """Add to the cycle of a poll that worked what it says of the habits of its feed."""
    (after,) = cycle.states
    known = habits.after_poll(turn.state, after, turn.feed, document, cycle.items, now)
    return replace(cycle, states=(replace(after, habits=known),))


def within(most: int, items: Sequence[Item]) -> tuple[Item, ...]:
    """Return the first items that have together at most `most` characters, but at least one."""
    lengths = accumulate(len(item.title) + len(item.summary) for item in items)
    return tuple(item for item, length in zip(items, lengths, strict=True) if length <= most) or tuple(items[:1])


def _placed(hits: Iterable[Hit], rules: Rules) -> tuple[Hit, ...]:
    calendars = rules.matcher.listed.calendars
    placed = (place_in_time(hit, rules.indicators[hit.indicator], calendars) for hit in hits)
    return tuple(hit for hit in placed if hit)


def _judged(correlated: Correlated, session: Session) -> Conclusion:
    judged = judge(correlated.incidents, correlated.hits, session)
    return Conclusion(
        hits=correlated.hits,
        incidents=tuple(each.incident for each in judged),
        decisions=tuple(each.decision for each in judged),
        alerts=tuple(each.alert for each in judged if each.alert),
    )


def _ending(incident: Incident, store: Store, rules: Rules, now: datetime) -> str:
    joining, indicator = joining_of(incident.indicator, rules.joinings), rules.indicators.get(incident.indicator)
    return ending_of(incident, indicator, joining, diaries_of(store)(incident.indicator), now)


def diaries_of(store: Store) -> silence.Diaries:
    """Return what tells the days on which something was heard."""
    return lambda indicator: silence.diary_of(store.noted(silence.note_of(indicator)))


def _past(store: Store, now: datetime) -> Past:
    return lambda indicators: store.firings(indicators, now - HISTORY)


def _book(rules: Rules) -> Book:
    return Book(indicators=rules.indicators, joinings=rules.joinings, calendars=rules.matcher.listed.calendars)


def _session(store: Store, rules: Rules, now: datetime, known: Sequence[Incident], late: str = "") -> Session:
    return Session(
        now=now,
        indicators=rules.indicators,
        budget=rules.matcher.listed.budget,
        spent=store.spoken(_midnight(now)),
        actions=store.actions(),
        records=store.track_records(now - RECORD),
        calendars=rules.matcher.listed.calendars,
        known=known,
        late=late,
        page=rules.page,
    )


def _begin_digests(route: Route, store: Store, now: datetime) -> Cycle | None:
    return digest.begin(route, store.noted(digest.note_of(route)), now)


def _make_digest(route: Route, store: Store, now: datetime) -> Cycle | None:
    due = digest.due(route, store.noted(digest.note_of(route)), now)
    if due is None:
        return None
    polls = (poll for feed in store.states() for poll in store.polls(feed, limit=_ALL))
    return digest.digest_of(route, store.alerts(since=due[0], limit=_ALL), digest.watch_of(polls, *due), *due)


def _say_again(route: Route, store: Store, now: datetime) -> Cycle | None:
    grave = store.alerts(since=now - again.REACH, limit=_ALL, least=Severity.CRITICAL)
    return again.say_again(route, list(reversed(grave)), store.actions(), lambda name: store.alert(name) is not None, now)


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
