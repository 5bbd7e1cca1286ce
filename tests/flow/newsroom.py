"""Newsrooms that watch one feed each, on one database that they share."""

from collections.abc import Callable, Iterator, Sequence

from tests.builders import NOON, a_list, an_item
from tests.fakes import FakeChannel, FakeClock, FakeNews
from watcher.model.alerts import ChannelId, Delivery
from watcher.model.news import Feed, FeedId
from watcher.model.polling import Cycle
from watcher.pipeline import World, poll, rules_of
from watcher.store import SqliteStore
from watcher.store.postgres import PostgresStore

RULES = rules_of(
    a_list("""
indicators:
  - {id: launch, title: Launch, category: provocation, severity: high, match: [missile*],
     corroborate: {origins: 2, within: 6h}, joins: {family: launch, by: happening, quiet: 6h}}
""")
)


class Meanwhile(SqliteStore):
    """A store in which somebody else does something just before the next cycles are recorded."""

    before: Iterator[Callable[[], object]] = iter(())

    def record(self, cycle: Cycle, deliveries: Sequence[Delivery]) -> None:
        next(self.before, lambda: None)()
        super().record(cycle, deliveries)


class MeanwhileElsewhere(PostgresStore):
    """The same on PostgreSQL."""

    before: Iterator[Callable[[], object]] = iter(())

    def record(self, cycle: Cycle, deliveries: Sequence[Delivery]) -> None:
        next(self.before, lambda: None)()
        super().record(cycle, deliveries)


Opening = Callable[[], Meanwhile | MeanwhileElsewhere]
"""Opens one and the same database again."""


class Newsroom:
    """A watcher of one feed, beside others on the same database."""

    def __init__(self, opening: Opening, name: str) -> None:
        self.store = opening()
        self.feed = Feed(id=FeedId(name), url=f"https://{name}.example/f", owner=name, seed=False)
        self.news, self.clock = FakeNews(), FakeClock(NOON)
        self.news.publishes(name)
        self.world = World(
            fetcher=self.news,
            reader=self.news,
            store=self.store,
            channels=(FakeChannel(ChannelId("desk")),),
            clock=self.clock,
        )

    def publishes(self, title: str) -> None:
        item = an_item(title, feed=self.feed.id, owner=self.feed.owner)
        self.news.publishes(self.feed.id, item)

    def polls(self) -> list[Cycle]:
        return list(poll([self.feed], self.world, RULES))
