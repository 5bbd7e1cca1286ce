"""Several nodes in one process, on one PostgreSQL, whose ticks are made by hand."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event, Lock

from tests.fakes import FakeChannel, FakeNews
from tests.flow.harness import a_feed, rules
from tests.workspace import PATIENCE
from watcher.bootstrap import Shared
from watcher.clock import SharedClock, utc_now
from watcher.jobs import BatchQueue, make_queue
from watcher.model.alerts import ALERT_LOG
from watcher.model.news import Feed
from watcher.model.nodes import NodeName, NodeSign
from watcher.model.polling import Cycle, Request
from watcher.nodes.leasing import Pace
from watcher.pipeline import Rules, World, deliver
from watcher.ports import Answer
from watcher.service.daemon import Plan
from watcher.service.node import NodeRounds
from watcher.store.postgres import PostgresStore

QUICK = Pace(
    workers=2,
    least=5,
    lease=timedelta(minutes=5),
    renew=timedelta(milliseconds=500),
    heartbeat=timedelta(milliseconds=500),
    silent=timedelta(minutes=5),
    rest=timedelta(milliseconds=20),
    round_end=timedelta(),
    look=timedelta(),
)
"""What happens at all happens soon; but nobody is taken for dead because the machine is busy."""


class SlowNews(FakeNews):
    """Feeds that answer once `open` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.open = Event()
        self.open.set()

    def fetch(self, requests: Sequence[Request]) -> Iterator[Answer]:
        """Answer, in any thread, once that is allowed."""
        self.open.wait(PATIENCE)
        yield from super().fetch(requests)


class Machine:
    """A node, and what it brought."""

    def __init__(
        self,
        url: str,
        name: str,
        news: FakeNews,
        feeds: Sequence[Feed],
        *,
        pace: Pace = QUICK,
        content: str = "one",
        own: Callable[[], datetime] = utc_now,
        shown: Callable[[], datetime] | None = None,
        go_by: Rules | None = None,
    ) -> None:
        make_queue(url)
        self.store = PostgresStore.open(url, durable=False)
        self.clock = SharedClock(shown or self.store.now, own)
        self.clock.compare()
        self.channel = FakeChannel(ALERT_LOG)
        self.world = World(
            fetcher=news,
            reader=news,
            store=self.store,
            channels=(self.channel,),
            clock=self.clock,
            judging=self.store.judging,
        )
        queue = BatchQueue(url, pace.workers)
        self.node = NodeRounds(
            NodeName(name), Shared(world=self.world, store=self.store, clock=self.clock), queue, pace
        )
        self.plan = Plan(feeds=tuple(feeds), rules=go_by or rules(), content=content)
        self.cycles: list[Cycle] = []
        self._lock = Lock()
        self.node.start(self.take)

    def take(self, cycles: Iterable[Cycle]) -> None:
        for cycle in cycles:
            with self._lock:
                self.cycles.append(cycle)

    def ticks(self) -> None:
        """Do what a tick does, and deliver."""
        self.take(self.node.polled(self.plan))
        if self.node.delivers(ALERT_LOG):
            deliver(self.channel, self.store, self.clock)

    def reads(self, content: str, *, asked: bool = False) -> None:
        """Read other files."""
        self.plan = replace(self.plan, content=content, asked=asked)

    @property
    def polls(self) -> list[str]:
        with self._lock:
            return [poll.feed for cycle in self.cycles for poll in cycle.polls]

    @property
    def sign(self) -> NodeSign:
        return next(sign for sign in self.store.nodes() if sign.name == self.node.name)

    def stop(self) -> None:
        self.node.stop(20)
        self.store.close()


def feeds(number: int, every: timedelta = timedelta(minutes=15)) -> list[Feed]:
    return [replace(a_feed(f"feed-{name}"), every=every) for name in range(number)]
