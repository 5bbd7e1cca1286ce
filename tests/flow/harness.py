"""Feeds, rules and the world behind the line, with everything a story does not care about filled in."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.builders import NOON, a_list, an_item
from tests.fakes import BrokenStore, FakeChannel, FakeClock, FakeNews
from tests.memory import MemoryStore
from tests.postgres import FreshPostgresStore
from watcher import pipeline
from watcher.model.alerts import Alert, ChannelId, Reason
from watcher.model.news import Feed, FeedId
from watcher.model.polling import Cycle
from watcher.model.routes import Route
from watcher.pipeline import Rules, World
from watcher.polling.cadence import is_due

RULES = """
board: {speak: []}
calendars: {party-day: {dates: ["10-10"]}}
entities: {dprk: {names: [North Korea*]}}
indicators:
  - id: missile-launch
    title: Missile launch
    category: provocation
    severity: high
    match: {near: {words: 8, any: [$dprk], with: [missile*, projectile*]}}
    joins: {family: launch, by: happening, rung: 2, quiet: 6h}
    corroborate: {origins: 2, within: 6h}
    claims: {speculated: low}
  - id: icbm-launch
    title: ICBM test
    category: provocation
    severity: critical
    match: {near: {words: 8, any: [$dprk], with: [ICBM*]}}
    joins: {family: launch, by: happening, rung: 4, quiet: 6h}
  - id: statement
    title: Statement
    category: rhetoric
    severity: low
    match: {all: [Kim, statement]}
    timing: {near: [party-day], after: 7d, then: only}
cues:
  - {says: speculated, terms: [may], reach: after}
  - {says: imminent, terms: [prepar*], reach: after}
"""


def rules(text: str = RULES) -> Rules:
    return pipeline.rules_of(a_list(text))


def a_feed(name: str, *, seed: bool = False) -> Feed:
    """Return a feed that is its own owner; unless asked for, it alerts from the first poll on."""
    return Feed(
        id=FeedId(name), url=f"https://{name}.example/rss", owner=name, every=timedelta(minutes=15), seed=seed
    )


AnyStore = BrokenStore | MemoryStore | FreshPostgresStore
store_in_use: Callable[[], AnyStore] = BrokenStore


def a_store() -> AnyStore:
    """Return a new store, of the kind that stories are told over now."""
    return store_in_use()


@dataclass(slots=True)
class Harness:
    """Polls some feeds and delivers alerts to one channel."""

    feeds: tuple[Feed, ...]
    rules: Rules = field(default_factory=rules)
    news: FakeNews = field(default_factory=FakeNews)
    store: AnyStore = field(default_factory=a_store)
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOON))
    channel: FakeChannel = field(default_factory=lambda: FakeChannel(ChannelId("desk")))
    route: Route | None = None

    @property
    def world(self) -> World:
        routes = {self.channel.id: self.route} if self.route else {}
        return World(
            fetcher=self.news,
            reader=self.news,
            store=self.store,
            channels=(self.channel,),
            clock=self.clock,
            routes=routes,
        )

    def polls(self) -> list[Cycle]:
        """Poll every feed that is due; return what came of it, but not that the board took note."""
        states = self.store.states()
        due = [feed for feed in self.feeds if is_due(states.get(feed.id), self.clock())]
        return [cycle for cycle in pipeline.poll(due, self.world, self.rules) if not cycle.levels]

    def delivers(self) -> int:
        return pipeline.deliver(self.channel, self.store, self.clock, self.route)

    def later(self, hours: float = 0.25) -> list[Alert]:
        """Let time pass, poll, deliver, and return what people are told."""
        self.clock.passes(hours)
        before = len(self.channel.taken)
        self.polls()
        self.delivers()
        return self.channel.taken[before:]

    def publishes(self, *titles: str, hours: float = 0.25) -> list[Alert]:
        """Let the first feed publish titles, each an item, and return what people are told a while later."""
        self.news.publishes(self.feeds[0].id, *map(an_item, titles))
        return self.later(hours)

    def hears(self, hours: float = 0.25) -> list[tuple[Reason, str]]:
        """Return the reasons and titles of what people are told a while later."""
        return [(alert.reason, alert.title) for alert in self.later(hours)]


def harness(
    *names: str, seed: bool = False, text: str = RULES, route: Route | None = None, at: datetime = NOON
) -> Harness:
    """Return a harness with feeds that have published nothing yet; `text` is its list of indicators."""
    made = Harness(
        tuple(a_feed(name, seed=seed) for name in names or ("wire",)),
        rules=rules(text),
        clock=FakeClock(at),
        route=route,
    )
    for feed in made.feeds:
        made.news.publishes(feed.id)
    return made
