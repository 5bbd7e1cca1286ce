"""Two nodes that judge one incident at once decide as one would."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from datetime import timedelta
from threading import Barrier

import pytest

from tests.builders import NOON, an_item
from tests.fakes import FakeChannel, FakeClock, FakeNews
from tests.faults.scale import Figure, size
from tests.flow.harness import a_feed, rules
from tests.memory import MemoryStore
from watcher.model.alerts import ChannelId, IncidentId, Reason
from watcher.model.news import Feed
from watcher.pipeline import World, poll_feeds
from watcher.ports import Store
from watcher.store.postgres import PostgresStore

TIMES = size(50, 1000)
YONHAP, KYODO = a_feed("yonhap"), a_feed("kyodo")
TITLES = {
    YONHAP.id: "North Korea fires ballistic missile, Seoul military says",
    KYODO.id: "North Korea launches missile, Japan coast guard says",
}

Outcome = tuple[set[IncidentId], list[Reason]]


class Newsroom:
    """A node that polls one feed, on a store of its own."""

    def __init__(self, store: Store, feed: Feed, clock: FakeClock) -> None:
        self.store, self.feed, self.clock, self.news = store, feed, clock, FakeNews()
        self.rules = rules()
        self.world = World(
            fetcher=self.news,
            reader=self.news,
            store=store,
            channels=(FakeChannel(ChannelId("desk")),),
            clock=clock,
            judging=store.judging if isinstance(store, PostgresStore) else nullcontext,
        )

    def polls(self, number: int | None = None, barrier: Barrier | None = None) -> None:
        title = f"{TITLES[self.feed.id]} ({number})"
        self.news.publishes(self.feed.id, *([] if number is None else [an_item(title, minutes=60 * number)]))
        if barrier:
            barrier.wait()
        list(poll_feeds([self.feed], self.world, self.rules))


def outcome(store: Store, since: int) -> Outcome:
    """Return the incidents that are open since a while, and what was alerted."""
    began = NOON + timedelta(hours=since)
    incidents = {incident.id for incident in store.open_incidents(began)}
    return incidents, [alert.reason for alert in reversed(store.alerts(since=began))]


def as_one(number: int, *order: Feed) -> Outcome:
    store, clock = MemoryStore(), FakeClock(NOON + timedelta(hours=number))
    for feed in order:
        Newsroom(store, feed, clock).polls(number)
    return outcome(store, number)


@pytest.mark.soak
def test_two_nodes_that_judge_one_incident_at_once_decide_as_one(postgres_url: str, figure: Figure) -> None:
    clock, barrier = FakeClock(NOON), Barrier(2)
    with (
        closing(PostgresStore.open(postgres_url, durable=False)) as one,
        closing(PostgresStore.open(postgres_url, durable=False)) as other,
        ThreadPoolExecutor(2) as pool,
    ):
        nodes = Newsroom(one, YONHAP, clock), Newsroom(other, KYODO, clock)
        found = []
        for number in range(0, 12 * TIMES, 12):
            clock.now = NOON + timedelta(hours=number - 1)
            for node in nodes:
                node.polls()  # who was away for half a day brings late news
            clock.now = NOON + timedelta(hours=number)
            list(pool.map(lambda node, at=number: node.polls(at, barrier), nodes))
            found.append((number, outcome(one, number)))

    either = [(as_one(0, YONHAP, KYODO)[1], as_one(0, KYODO, YONHAP)[1])] * len(found)
    figure(f"{len(found)} incidents judged by two nodes at once")
    assert [len(incidents) for _, (incidents, _) in found] == [1] * len(found)
    assert [
        reasons for (_, (_, reasons)), both in zip(found, either, strict=True) if reasons not in both
    ] == []
