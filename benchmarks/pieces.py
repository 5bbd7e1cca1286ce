"""A database in, what each piece of a node's work costs on it out: what `benchmarks.cluster` simulates with.

    python -m benchmarks.pieces                          # SQLite, in a temporary folder
    python -m benchmarks.pieces postgresql://HOST/NAME   # an empty database of a server on this machine
    python -m benchmarks.pieces postgresql://HOST/NAME 100000   # beside so many feeds

The pieces are the product's own code with answers made beforehand. The CPU of a PostgreSQL is that of all its
processes on this machine; use a server that nobody else uses.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any, TypeGuard

from benchmarks.news import BEGINS, feed_document
from benchmarks.server import serving
from watcher.config.cached import load_indicators_cached
from watcher.config.shipped import shipped
from watcher.errors import FetchError
from watcher.fetch.curl import CurlFetcher
from watcher.fetch.limits import Limits
from watcher.model.alerts import IncidentId
from watcher.model.news import Document, Feed, FeedId
from watcher.model.nodes import NodeName, NodeSign, Permit
from watcher.model.polling import Cycle, Fetched, Request
from watcher.pipeline import Rules, World, hits_of, rules_of
from watcher.pipeline.line import poll_feeds
from watcher.ports import Answer, NodeStore, Reading, Store
from watcher.read.document import read
from watcher.store.sqlite import SqliteStore

_LEASE, _LATER = timedelta(minutes=30), timedelta(hours=1)
_HITTING = "North Korea fires ballistic missile number {} toward the East Sea, Seoul's military says"
_NO_ANSWER = FetchError("timeout", "no answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What a piece of work costs: milliseconds of CPU of the node and the database, and bytes of WAL."""

    name: str
    node: float
    database: float = 0.0
    wall: float = 0.0
    wal: float = 0.0
    locked: float = 0.0


class Meter:
    """Measures pieces of work beside a database; one that is not a PostgreSQL costs nothing by itself."""

    def __init__(self, url: str = "") -> None:
        self.pieces: list[Piece] = []
        self._locked = 0.0
        self._connection: Any = None
        if url:
            import psycopg  # noqa: PLC0415 - who measures SQLite needs none

            self._connection = psycopg.connect(url, autocommit=True)
            (backend,) = self._connection.execute("SELECT pg_backend_pid()").fetchone()
            self._server = _parent(backend)

    def measure(self, name: str, times: int, work: Callable[[], object]) -> None:
        """Do the work, in which a piece is done so many times."""
        self._locked = 0.0
        wal, database = self._wal(), self._database()
        wall, node = time.perf_counter(), time.process_time()
        work()
        node, wall = time.process_time() - node, time.perf_counter() - wall
        piece = Piece(
            name=name,
            node=node / times * 1000,
            wall=wall / times * 1000,
            database=(self._database() - database) / times * 1000,
            wal=(self._wal() - wal) / times,
            locked=self._locked / times * 1000,
        )
        print(piece, file=sys.stderr)
        self.pieces.append(piece)

    @contextmanager
    def judging(self, lock: AbstractContextManager[None]) -> Iterator[None]:
        """Count what is spent under the judging lock, until it is let go."""
        began = time.perf_counter()
        with lock:
            yield
        self._locked += time.perf_counter() - began

    def close(self) -> None:
        """Hang up."""
        if self._connection:
            self._connection.close()

    def settle(self) -> None:
        """Let the server count its rows, as it does by itself within minutes, so that it plans as usual."""
        if self._connection:
            self._connection.execute("VACUUM ANALYZE")

    def _wal(self) -> float:
        if not self._connection:
            return 0.0
        (written,) = self._connection.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn").fetchone()
        return float(written)

    def _database(self) -> float:
        """Return the CPU seconds of the server's processes, with those that have ended."""
        if not self._connection:
            return 0.0
        used = 0.0
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                cells = status.read_text(encoding="utf-8").rpartition(") ")[2].split()
            except OSError:
                continue  # it has just ended
            if status.parent.name == self._server:
                used += sum(map(int, cells[11:15]))
            elif cells[1] == self._server:
                used += sum(map(int, cells[11:13]))
        return used / 100


def _parent(process: int) -> str:
    return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()[1]


@dataclass(slots=True)
class _Prepared:
    """Answers made beforehand: a fetcher and a reader."""

    answers: Mapping[FeedId, tuple[Fetched | FetchError, Document | None]] = field(default_factory=dict)

    def fetch(self, requests: Sequence[Request]) -> Iterator[Answer]:
        for request in requests:
            yield request.feed, self.answers[request.feed.id][0]

    def stop(self) -> None:
        """Nothing goes on."""

    def read(
        self, answers: Iterable[Answer], _seen: datetime, _meanwhile: Callable[[], object] = lambda: None
    ) -> Iterator[Reading]:
        for feed, answer in answers:
            yield feed, answer, self.answers[feed.id][1]

    def close(self) -> None:
        """Nothing was started."""


def measure(store: Store, meter: Meter, feeds: int, polled: int) -> None:
    """Measure polls of some of so many feeds, beside 1,000 open incidents."""
    rules = rules_of(load_indicators_cached(shipped("indicators.yaml")))
    listed = [Feed(id=FeedId(f"feed-{number}"), url="", owner=f"owner-{number}") for number in range(feeds)]
    prepared, now = _Prepared(), BEGINS + timedelta(days=30)
    world = World(
        store=store,
        channels=(),
        clock=lambda: now,
        fetcher=prepared,
        reader=prepared,
        judging=lambda: meter.judging(store.judging() if _is_shared(store) else nullcontext()),
    )
    if _is_shared(store):
        store.enlist(dict.fromkeys((feed.id for feed in listed), now))

    def poll(some: Sequence[Feed]) -> Callable[[], object]:
        permit = _permit(store, some, now)
        return lambda: list(poll_feeds(some, replace(world, permit=permit), rules))

    few = listed[:polled]
    documents = {feed.id: _read(number, feed, now, rules) for number, feed in enumerate(few)}
    unchanged = Fetched(feed=FeedId(""), status=304, body=None, url="")
    full = Fetched(feed=FeedId(""), status=200, body=b"", url="")
    prepared.answers = {feed.id: (unchanged, None) for feed in listed}
    meter.measure("an unchanged feed, for the first time", feeds, poll(listed))
    now += _LATER
    prepared.answers = {feed.id: (full, _with(documents[feed.id], 30)) for feed in few}
    meter.measure("a feed with 30 new items", polled, poll(few))
    now += _LATER
    _open_incidents(store, rules, world, 1_000)
    meter.settle()
    for again in ("", ", again"):
        prepared.answers = {feed.id: (unchanged, None) for feed in listed}
        meter.measure(f"an unchanged feed, {polled} together, of {feeds:,}{again}", polled, poll(few))
        now += _LATER
    meter.measure(f"an unchanged feed, 10 together, of {feeds:,}", 10, poll(few[:10]))
    now += _LATER
    prepared.answers = {feed.id: (full, _with(documents[feed.id], 33)) for feed in few}
    meter.measure("a feed with 3 new items, none hits", polled, poll(few))
    now += _LATER
    prepared.answers = {feed.id: (full, _with(documents[feed.id], 34, hits=True)) for feed in few}
    meter.measure("a feed with one new item that hits", polled, poll(few))
    now += _LATER
    prepared.answers = {feed.id: (_NO_ANSWER, None) for feed in few}
    meter.measure("a feed that does not answer", polled, poll(few))


def shared(store: NodeStore, url: str, meter: Meter, feeds: int) -> None:
    """Measure what a node asks and tells the others, of a database with the leases of so many feeds."""
    from watcher.jobs import BatchQueue, make_queue  # noqa: PLC0415 - who measures SQLite needs none

    now, taken = BEGINS + timedelta(days=60), list[Mapping[FeedId, int]]()
    make_queue(url)
    ran: SimpleQueue[int] = SimpleQueue()
    queue = BatchQueue(url, workers=16)

    def run(batch: Mapping[FeedId, int]) -> None:
        store.hold_on(batch, NodeName("node"), now + _LEASE)
        store.let_go_of(batch)
        ran.put(len(batch))

    def tick() -> object:
        asked = store.lists_told(), store.nodes(), store.nodes(), store.due_feeds(now), store.first_due()
        return asked, queue.waiting(1), store.has_duty("charge")

    def claim(size: int) -> object:
        taken.append({each.feed: each.generation for each in store.take(size, "any", now, now + _LEASE)})
        queue.post(1, taken[-1])
        return taken

    def sign() -> object:
        name = NodeName("any")
        store.give_sign(NodeSign(name=name, version="", machine="", process=1, started=now, seen=now))
        return store.now()

    def work() -> None:
        queue.go_by(1)
        for _ in taken:
            ran.get(timeout=60)

    due = {FeedId(f"feed-{number}"): now + number % 3 * _LATER for number in range(feeds)}
    store.enlist({})
    store.enlist(due)
    meter.settle()
    queue.start(run)
    meter.measure(f"a tick, of {feeds:,} feeds", 50, lambda: [tick() for _ in range(50)])
    meter.measure("a sign of life", 50, lambda: [sign() for _ in range(50)])
    meter.measure("taking and posting a batch of 10", 30, lambda: [claim(10) for _ in range(30)])
    meter.measure(
        "renewing a batch of 10",
        30,
        lambda: [store.hold_on(each, NodeName("node"), now + _LEASE) for each in taken],
    )
    meter.measure("getting and ending a batch of 10", 30, work)
    taken.clear()
    meter.measure("taking and posting a batch of 100", 5, lambda: [claim(100) for _ in range(5)])
    queue.stop(5)
    store.states()
    meter.measure(f"a look at the states of {feeds:,} feeds", 5, lambda: [store.states() for _ in range(5)])


def exchanges(meter: Meter, feeds: int) -> None:
    """Measure requests that are answered by 304, and reading a document of 30 items."""
    limits = Limits(allow_private=(ip_network("127.0.0.0/8"),), per_host=32)
    with serving(feeds, items=1) as server:
        fetcher = CurlFetcher(limits)
        listed = [
            Feed(id=FeedId(f"feed-{number}"), url=f"{server}/{number}/any.xml", owner="any")
            for number in range(feeds)
        ]
        tags = {
            feed.id: answer.etag
            for feed, answer in fetcher.fetch([Request(feed=feed) for feed in listed])
            if isinstance(answer, Fetched)
        }
        again = [Request(feed=feed, etag=tags[feed.id]) for feed in listed]
        meter.measure("an exchange", feeds, lambda: list(fetcher.fetch(again)))
    body = feed_document(1)
    meter.measure("reading 30 items", 20, lambda: [_document(body, listed[0]) for _ in range(20)])


def _is_shared(store: Store) -> TypeGuard[NodeStore]:
    return hasattr(store, "enlist")


def _permit(store: Store, feeds: Iterable[Feed], now: datetime) -> Permit | None:
    """Return the permit to poll feeds that are leased to this process and to nobody else."""
    if not _is_shared(store):
        return None
    leases = {each.feed: each.generation for each in store.take(1_000_000, "any", now, now + _LEASE)}
    held = {feed.id: leases.pop(feed.id) for feed in feeds}
    store.let_go_of(leases)
    return Permit(leases=held)


def _document(body: bytes, feed: Feed) -> Document:
    return read(body, feed=feed, seen=BEGINS, content_type="application/xml", url=feed.url)


def _read(number: int, feed: Feed, now: datetime, rules: Rules) -> Document:
    """Return a document of 40 items that do not hit, the newest first."""
    document = _document(feed_document(number, items=45, newest=45), feed)
    items = [replace(item, seen=now) for item in document.items if not hits_of([item], rules)]
    return replace(document, items=tuple(items[:40]))


def _with(document: Document, newest: int, *, hits: bool = False) -> Document:
    """Return the document as it was when so many items had been published, without older ones."""
    items = document.items[40 - newest :][:30]
    if hits:
        first = replace(items[0], title=_HITTING.format(items[0].feed), summary="")
        items = (first, *items[1:])
    return replace(document, items=items)


def _open_incidents(store: Store, rules: Rules, world: World, count: int) -> None:
    """Record so many open incidents, like one that the line has made."""
    feed = Feed(id=FeedId("first"), url="", owner="first", seed=False)
    document = _with(_read(999, feed, world.clock(), rules), 1, hits=True)
    fetched = Fetched(feed=feed.id, status=200, body=b"", url="")
    prepared = _Prepared({feed.id: (fetched, document)})
    list(poll_feeds([feed], replace(world, fetcher=prepared, reader=prepared), rules))
    (known,) = store.open_incidents(world.clock() - timedelta(days=1))
    more = (
        replace(known, id=IncidentId(f"{known.id}-{number}"), title=f"{known.title} {number}", version=0)
        for number in range(count)
    )
    store.record(Cycle(incidents=tuple(more)), ())


def main(url: str = "", feeds: str = "10000", polled: str = "200") -> None:
    """Measure, and print the pieces as a Markdown table."""
    with TemporaryDirectory(prefix="benchmark-") as made:
        store: Any
        if url:
            from watcher.store.postgres import PostgresStore  # noqa: PLC0415 - as above

            store = PostgresStore.open(url)
        else:
            store = SqliteStore.open(Path(made, "watcher.db"))
        meter = Meter(url)
        exchanges(meter, int(polled))
        measure(store, meter, int(feeds), int(polled))
        if _is_shared(store):
            shared(store, url, meter, int(feeds))
        meter.close()
        store.close()
    print("| piece | node, ms | database, ms | under the lock, ms | on the wall, ms | WAL, bytes |")
    print("| --- | --- | --- | --- | --- | --- |")
    for each in meter.pieces:
        print(
            f"| {each.name} | {each.node:.2f} | {each.database:.2f} | {each.locked:.1f} | {each.wall:.2f} "
            f"| {each.wal:,.0f} |"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
