"""Nodes, feeds and what everything costs in, every poll and how busy each part was out: a simulation.

What decides is the product's own code: `watcher.nodes` (leases, batches, ticks, signs of life) and
`watcher.polling.cadence` (when a feed is due next, and who is asked first). What takes time is a model: a
node has one core for its threads (the interpreter runs one at a time) and processes that read documents; all
nodes share a database and its judging lock. Whoever needs a part that is busy waits. Time is in seconds since
`BEGINS`; chance is drawn from a name, so that the same setup gives the same polls.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from heapq import heapify, heappop, heappush, heapreplace
from itertools import count
from math import exp, log
from statistics import NormalDist
from typing import NamedTuple

from benchmarks.clockwork import Clockwork, Lock, Process, Station, Steps
from benchmarks.news import BEGINS, Chance
from watcher.errors import FetchError
from watcher.model.news import Document, Feed, FeedId, Item, ItemId, ItemKeys
from watcher.model.nodes import Lease, NodeName, NodeSign
from watcher.model.polling import FeedState, Fetched
from watcher.nodes.leasing import Pace, begun, ended, freed, in_force, may_take, next_tick, sizes, take
from watcher.nodes.living import workers
from watcher.pipeline.line import SOON, TOGETHER
from watcher.polling.cadence import HURRY, after_answer, after_error, due_at, in_turn

LATEST_TICK = Pace().longest_rest
_NEVER_ANSWERS = 10
"""Polls of a feed that never answers that have failed before the simulation begins."""


class Cost(NamedTuple):
    """CPU seconds of a node and of the database."""

    node: float
    database: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What everything costs, in seconds; `docs/scaling.md` says where each figure comes from.

    `exchange` is a request and its answer, `read` a document in a process of its own, `match` telling what is
    new in it and what hits. Then a feed is recorded: `unchanged` together with others, `changed` or `failed`
    alone, `judged` under the lock. A `tick` asks what is due, a `claim` takes and posts a batch, with
    `claimed` for each feed, a `job` gets it and ends it, a `sign` renews it or says that a node lives. At the
    end of a round, the node in charge has a `look` at each feed. `commit` is how long a transaction waits for
    the network and the disk. What a dead node held in the database is free after `noticed`.
    """

    exchange: float
    read: float
    match: Cost
    unchanged: Cost
    changed: Cost
    failed: Cost
    judged: Cost
    tick: Cost
    claim: Cost
    claimed: Cost
    job: Cost
    sign: Cost
    look: Cost
    commit: float
    noticed: float = 0.0


MEASURED = Costs(
    exchange=0.00006,
    read=0.003,
    match=Cost(0.002, 0.001),
    unchanged=Cost(0.00016, 0.0001),
    changed=Cost(0.004, 0.0045),
    failed=Cost(0.0022, 0.0013),
    judged=Cost(0.019, 0.010),
    tick=Cost(0.0015, 0.0012),
    claim=Cost(0.0015, 0.0021),
    claimed=Cost(0.000055, 0.00006),
    job=Cost(0.0036, 0.003),
    sign=Cost(0.0005, 0.0003),
    look=Cost(0.000013, 0.0000005),
    commit=0.005,
)
"""What `python -m benchmarks.pieces` said of PostgreSQL with 20,000 feeds, `look` with 100,000.

`commit` is assumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is polled, and how it answers.

    Of the polls at the normal pace a share brings news that do not hit (`changed`) and that do (`hits`); who
    is polled sooner brings less. Answers take `median` seconds, one in a hundred `slowest` or longer. A share
    of the feeds never answers (`silent`), a share of the polls waits until the `timeout` (`hung`). From and
    until the moments of `burst`, the share `burst_hits` of all polls hits. `together` are feeds that are all
    due at the start, as after an outage.
    """

    feeds: int
    every: timedelta = timedelta(minutes=15)
    changed: float = 0.12
    hits: float = 0.03
    median: float = 0.25
    slowest: float = 3.0
    silent: float = 0.01
    hung: float = 0.001
    timeout: float = 30.0
    burst: tuple[float, float] = (0.0, 0.0)
    burst_hits: float = 0.3
    together: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What is simulated, for how many `seconds`. Nodes die at the moments of `deaths`, the last one first."""

    load: Load
    nodes: int
    seconds: float = 900.0
    deaths: Sequence[float] = ()
    costs: Costs = MEASURED
    pace: Pace = field(default_factory=Pace)
    readers: int = 2
    in_flight: int = 32
    database: int = 4
    """Cores of the database."""
    seed: str = "nodes"


class Kind(Enum):
    """What a poll brings."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    HITS = "hits"
    FAILED = "failed"


class Polled(NamedTuple):
    """A recorded poll: when it was due, asked and recorded, what it brought, and which node made it."""

    feed: FeedId
    due: float
    asked: float
    recorded: float
    kind: Kind
    node: NodeName


@dataclass(slots=True, eq=False)
class Node:
    """One service: its last sign of life, its core, its reading processes and its one connection."""

    sign: NodeSign
    readers: Station
    connection: Lock
    core: Station = field(default_factory=Station)
    batches: set["_Batch"] = field(default_factory=set)
    dead: bool = False
    is_noticed: bool = False
    """Whether the database has noticed that it is dead, and how often the others have since."""
    missed: int = 0

    def lives(self) -> bool:
        return not self.dead


@dataclass(slots=True, eq=False)
class _Batch:
    """A batch that waits or is polled; `got_on` is when it last did."""

    generations: dict[FeedId, int]
    got_on: float = 0.0


class _Answer(NamedTuple):
    """What a feed that was asked answers at a moment; then the document of the answer is read."""

    at: float
    number: int
    feed: FeedId
    kind: Kind
    asked: float
    read: bool = False


class Leases:
    """All leases by when they may be taken: what an index of the database finds."""

    def __init__(self, pace: Pace) -> None:
        self.by_feed: dict[FeedId, Lease] = {}
        self._pace = pace
        self._free: list[tuple[datetime, FeedId]] = []
        self._held: list[tuple[datetime, FeedId]] = []
        self._ready: list[tuple[datetime, FeedId]] = []
        self._takeable: set[FeedId] = set()

    def put(self, lease: Lease) -> None:
        """Write a lease."""
        self.by_feed[lease.feed] = lease
        self._takeable.discard(lease.feed)
        if lease.until is None:
            heappush(self._free, (lease.due, lease.feed))
        else:
            heappush(self._held, (lease.until, lease.feed))

    def due(self, now: datetime) -> int:
        """Return how many may be taken."""
        for heap in (self._free, self._held):
            while heap and heap[0][0] <= now:
                _, feed = heappop(heap)
                if feed not in self._takeable and may_take(self.by_feed[feed], now):
                    self._takeable.add(feed)
                    heappush(self._ready, (self.by_feed[feed].due, feed))
        return len(self._takeable)

    def take(self, most: int, holder: str, now: datetime) -> Sequence[Lease]:
        """Take as many for a batch."""
        self.due(now)
        first: list[Lease] = []
        while self._ready and len(first) < most:
            _, feed = heappop(self._ready)
            if feed in self._takeable:
                first.append(self.by_feed[feed])
        taken = take(first, most, holder, now, self._pace)
        for lease in taken:
            self.put(lease)
        return taken

    def first_due(self) -> datetime | None:
        """Return when the first feed that nobody holds is or was due."""
        while self._ready and self._ready[0][1] not in self._takeable:
            heappop(self._ready)
        while self._free and self.by_feed[self._free[0][1]].until is not None:
            heappop(self._free)
        first = self._ready or self._free
        return first[0][0] if first else None


class Cluster:
    """Nodes at work on one database."""

    def __init__(self, setup: Setup) -> None:
        self.setup, self._costs, self._pace = setup, setup.costs, setup.pace
        self._clockwork = Clockwork()
        self._chance = Chance(setup.seed)
        self.database, self.judging = Station(setup.database), Lock(self._clockwork)
        self.leases = Leases(setup.pace)
        self._queue: deque[_Batch] = deque()
        self._idle: deque[Process] = deque()
        self._feeds: dict[FeedId, Feed] = {}
        self._states: dict[FeedId, FeedState] = {}
        self._reports: dict[FeedId, float] = {}
        """Until when the owner of a feed reports of something that still goes on."""
        self._silent: set[FeedId] = set()
        self._numbers = count()
        self.polls: list[Polled] = []
        self.batches: list[int] = []
        self.late_batches = self.refused = 0
        """Feeds of a batch that somebody else had taken when it began, and when it recorded them."""
        self.lost: dict[FeedId, float] = {}
        """The feeds that a dead node was polling, and when it died."""
        for number in range(setup.load.feeds):
            self._make_feed(FeedId(f"feed-{number}"))
        self.nodes = [self._make_node(NodeName(f"node-{number}")) for number in range(1, setup.nodes + 1)]

    def run(self) -> "Cluster":
        """Let time pass, and return itself with what happened."""
        for moment, node in zip(self.setup.deaths, reversed(self.nodes), strict=False):
            self._clockwork.start(self._dies(node, moment))
        for node in self.nodes:
            for steps in (self._signs(node), self._ticks(node), self._rounds(node), *self._workers(node)):
                self._clockwork.start(steps, node.lives)
        self._clockwork.run(self.setup.seconds)
        return self

    # --- a node ---------------------------------------------------------------------------------------------

    def _signs(self, node: Node) -> Steps:
        while True:
            node.sign = replace(node.sign, seen=self._moment)
            yield from self._spends(node, self._costs.sign)
            yield self._now + self._pace.heartbeat.total_seconds()

    def _ticks(self, node: Node) -> Steps:
        yield self._draw() * LATEST_TICK.total_seconds() / 10  # nodes start one after the other
        while True:
            yield from self._spends(node, self._costs.tick)
            alive = workers([each.sign for each in self.nodes], self._moment, self._pace)
            for size in sizes(self.leases.due(self._moment), len(self._queue), alive, self._pace):
                each = self._costs.claimed
                yield from self._spends(node, self._costs.claim)
                yield from self._spends(node, Cost(each.node * size, each.database * size))
                taken = self.leases.take(size, f"batch-{next(self._numbers)}", self._moment)
                if taken:
                    self._post(_Batch({lease.feed: lease.generation for lease in taken}))
            latest = self._moment + LATEST_TICK
            at = next_tick(self.leases.first_due(), self._moment, latest, self._pace.rest)
            yield (at - BEGINS).total_seconds()

    def _rounds(self, node: Node) -> Steps:
        look, feeds, looked = self._costs.look, self.setup.load.feeds, -self._pace.look.total_seconds()
        while True:
            if node is next(each for each in self.nodes if each.lives()):
                self._free_dead()
                if self._now - looked >= self._pace.look.total_seconds():
                    looked = self._now
                    yield from self._spends(node, Cost(look.node * feeds, look.database * feeds))
            yield self._now + self._pace.round_end.total_seconds()

    def _free_dead(self) -> None:
        """Let go of what nodes held that the database has missed twice."""
        for node in self.nodes:
            node.missed += node.is_noticed
            if node.missed == 2:
                for lease in self.leases.by_feed.values():
                    if lease.holder == node.sign.name:
                        self.leases.put(*freed([lease], node.sign.name))

    def _post(self, batch: _Batch) -> None:
        self.batches.append(len(batch.generations))
        self._queue.append(batch)
        while self._idle:
            if (process := self._idle.popleft()).lives():
                self._clockwork.wake(process)
                return

    def _workers(self, node: Node) -> Sequence[Steps]:
        return [self._works(node) for _ in range(self._pace.workers)]

    def _works(self, node: Node) -> Steps:
        while True:
            while not self._queue:
                self._idle.append(self._clockwork.current)
                yield None
            batch = self._queue.popleft()
            node.batches.add(batch)
            yield from self._polls(node, batch)
            node.batches.remove(batch)

    def _renews(self, node: Node, batch: _Batch) -> Steps:
        while True:
            yield self._now + self._pace.renew.total_seconds()
            if batch not in node.batches or self._now - batch.got_on > self._pace.patience.total_seconds():
                return
            self._hold(node, batch)
            yield from self._spends(node, self._costs.sign)

    def _hold(self, node: Node, batch: _Batch) -> Sequence[Lease]:
        held = begun(self.leases.by_feed, batch.generations, self._moment, self._pace, node.sign.name)
        for lease in held:
            self.leases.put(lease)
        return held

    def _dies(self, node: Node, moment: float) -> Steps:
        yield moment
        node.dead = True
        for batch in node.batches:
            held = begun(self.leases.by_feed, batch.generations, self._moment, self._pace)
            self.lost |= {lease.feed: moment for lease in held}
        yield self._now + self._costs.noticed
        node.is_noticed = True
        if self.judging.holder and self.judging.holder.lives == node.lives:
            self.judging.let_go()

    # --- the polls of a batch -------------------------------------------------------------------------------

    def _polls(self, node: Node, batch: _Batch) -> Steps:
        """Poll the feeds of a batch as `watcher.pipeline.line` does."""
        yield node.core.until(self._now, self._costs.job.node)
        yield self.database.until(self._now, self._costs.job.database) + self._costs.commit
        held = self._hold(node, batch)
        self.late_batches += len(batch.generations) - len(held)
        batch.got_on = self._now
        self._clockwork.start(self._renews(node, batch), node.lives)
        answers, unchanged, since = self._ask([lease.feed for lease in held]), list[_Answer](), self._now
        while answers:
            answer = heappop(answers)
            yield max(answer.at, self._now)
            batch.got_on = self._now
            if not answer.read:
                yield node.core.until(self._now, self._costs.exchange)
            if answer.kind is Kind.UNCHANGED:
                since = since if unchanged else self._now
                unchanged.append(answer)
            elif answer.kind is not Kind.FAILED and not answer.read:
                ready = node.readers.until(self._now, self._costs.read)
                heappush(answers, answer._replace(at=ready, read=True))
            else:
                yield from self._records_one(node, batch, answer)
            if unchanged and (len(unchanged) >= TOGETHER or self._now - since >= SOON.total_seconds()):
                yield from self._records(node, batch, unchanged, self._costs.unchanged)
                unchanged.clear()
        if unchanged:
            yield from self._records(node, batch, unchanged, self._costs.unchanged)

    def _ask(self, feeds: Sequence[FeedId]) -> list[_Answer]:
        """Return the answers of feeds, `in_flight` at a time, as a heap by their moment."""
        free, answers = [self._now] * self.setup.in_flight, list[_Answer]()
        for number, feed in enumerate(in_turn([self._feeds[feed] for feed in feeds], self._states)):
            asked = free[0]
            kind, seconds = self._answer(feed.id, asked)
            heapreplace(free, asked + seconds)
            answers.append(_Answer(asked + seconds, number, feed.id, kind, asked))
        heapify(answers)
        return answers

    def _records_one(self, node: Node, batch: _Batch, answer: _Answer) -> Steps:
        if answer.kind is Kind.FAILED:
            yield from self._records(node, batch, [answer], self._costs.failed)
            return
        yield from self._spends(node, self._costs.match)
        if answer.kind is Kind.CHANGED:
            yield from self._records(node, batch, [answer], self._costs.changed)
            return
        yield from node.connection.taken()  # it is held while the node waits for its turn to judge
        yield from self.judging.taken()
        yield node.core.until(self._now, self._costs.judged.node)
        yield self.database.until(self._now, self._costs.judged.database) + self._costs.commit
        self._record(node, batch, [answer])
        self.judging.let_go()
        node.connection.let_go()

    def _records(self, node: Node, batch: _Batch, answers: Sequence[_Answer], each: Cost) -> Steps:
        """Record polls in one transaction."""
        yield from self._spends(node, Cost(each.node * len(answers), each.database * len(answers)))
        self._record(node, batch, answers)

    def _record(self, node: Node, batch: _Batch, answers: Sequence[_Answer]) -> None:
        """Record polls, each if its lease is still in force."""
        for answer in answers:
            lease = self.leases.by_feed[answer.feed]
            if not in_force(lease, batch.generations[answer.feed]):
                self.refused += 1
                continue
            state = self._after(answer)
            self._states[answer.feed] = state
            self.leases.put(ended(lease, due_at(state)))
            due = (lease.due - BEGINS).total_seconds()
            self.polls.append(Polled(answer.feed, due, answer.asked, self._now, answer.kind, node.sign.name))

    def _after(self, answer: _Answer) -> FeedState:
        feed, state = self._feeds[answer.feed], self._states[answer.feed]
        if answer.kind is Kind.FAILED:
            return after_error(state, feed, FetchError("timeout", "no answer"), self._moment)
        if answer.kind is Kind.HITS:
            self._reports[answer.feed] = self._now + HURRY.total_seconds()
        new = () if answer.kind is Kind.UNCHANGED else _DOCUMENT.items[:1]
        document = _DOCUMENT if new else None
        busy = self._reports.get(answer.feed, 0.0) > self._now
        return after_answer(state, _FETCHED, feed, self._moment, document, new, busy=busy)

    def _spends(self, node: Node, cost: Cost) -> Steps:
        yield node.core.until(self._now, cost.node)
        yield from node.connection.taken()
        yield self.database.until(self._now, cost.database) + self._costs.commit
        node.connection.let_go()

    # --- feeds ----------------------------------------------------------------------------------------------

    def _answer(self, feed: FeedId, now: float) -> tuple[Kind, float]:
        """Draw what a feed answers, and after how many seconds."""
        load, state = self.setup.load, self._states[feed]
        if feed in self._silent or self._draw() < load.hung:
            return Kind.FAILED, load.timeout
        spread = log(load.slowest / load.median) / _ONE_IN_A_HUNDRED
        seconds = load.median * exp(spread * _NORMAL.inv_cdf(self._draw()))
        since = (self._moment - state.last_poll) / load.every if state.last_poll else 1.0
        burst = load.burst[0] <= now < load.burst[1]
        hits = load.burst_hits if burst else 1 - (1 - load.hits) ** since
        changed = hits + 1 - (1 - load.changed) ** since
        drawn = self._draw()
        kind = Kind.HITS if drawn < hits else Kind.CHANGED if drawn < changed else Kind.UNCHANGED
        return kind, min(seconds, load.timeout)

    def _make_feed(self, name: FeedId) -> None:
        """Make a feed as it stands when the service has long been running."""
        load = self.setup.load
        hurry = HURRY / load.every
        failures = _NEVER_ANSWERS if self._draw() < load.silent else 0
        if failures:
            self._silent.add(name)
        if self._draw() > (1 - load.hits) ** hurry:
            self._reports[name] = self._draw() * HURRY.total_seconds()
        feed = Feed(id=name, url="", owner=name, every=load.every)
        state = FeedState(
            feed=name, next_due=BEGINS, failures=failures, seeded=True, last_poll=BEGINS, last_new=BEGINS
        )
        if failures:
            planned = after_error(state, feed, FetchError("timeout", "no answer"), BEGINS)
        else:
            busy = name in self._reports
            planned = after_answer(state, _FETCHED, feed, BEGINS, busy=busy)
        wait = planned.next_due - BEGINS
        due = BEGINS if load.together else BEGINS + wait * self._draw()
        self._feeds[name] = feed
        self._states[name] = replace(planned, next_due=due, last_poll=due - wait)
        self.leases.put(Lease(feed=name, due=due))

    def _make_node(self, name: NodeName) -> Node:
        sign = NodeSign(
            name=name,
            version="",
            machine=name,
            process=1,
            started=BEGINS,
            seen=BEGINS,
            workers=self._pace.workers,
        )
        return Node(sign, Station(self.setup.readers), Lock(self._clockwork))

    def _draw(self) -> float:
        return (self._chance.below(1 << 31) + 0.5) / (1 << 31)

    @property
    def _now(self) -> float:
        return self._clockwork.now

    @property
    def _moment(self) -> datetime:
        return BEGINS + timedelta(seconds=self._clockwork.now)


_NORMAL = NormalDist()
_ONE_IN_A_HUNDRED = _NORMAL.inv_cdf(0.99)
_FETCHED = Fetched(feed=FeedId("any"), status=304, body=None, url="")
_ITEMS = [
    Item(
        id=ItemId(name),
        feed=FeedId("any"),
        owner="",
        title="",
        seen=BEGINS,
        keys=ItemKeys(guid=name, link="", title=""),
        text_hash="",
    )
    for name in ("new", "known")
]
_DOCUMENT = Document(format="rss20", title="", items=tuple(_ITEMS))
