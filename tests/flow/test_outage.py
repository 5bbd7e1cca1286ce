"""A receiver is away for a day: nothing is lost or doubled, and nobody else waits for it."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import NOON, an_alert
from tests.fakes import FakeChannel, FakeClock, FakeNews
from tests.loopback import LoopbackServer
from watcher import pipeline
from watcher.channels.log import AlertLog
from watcher.channels.webhook import WebhookChannel
from watcher.model.alerts import ChannelId
from watcher.model.polling import Cycle
from watcher.pipeline import World
from watcher.store import SqliteStore

ALERTS = 500
DAY = 24 * 60
HOOK, PHONE = ChannelId("hook"), ChannelId("phone")


class Watch:
    """A watcher with a webhook, a phone and the alert log."""

    def __init__(self, folder: Path, server: LoopbackServer, store: SqliteStore) -> None:
        self.folder, self.server, self.store = folder, server, store
        self.clock = FakeClock(NOON)
        self.phone = FakeChannel(PHONE)
        hook = WebhookChannel(HOOK, server.url("/hook"), clock=self.clock)
        channels = (AlertLog(folder / "alerts"), hook, self.phone)
        self.world = World(
            fetcher=FakeNews(), reader=FakeNews(), store=store, channels=channels, clock=self.clock
        )

    def tells(self, name: str) -> None:
        pipeline.record(
            Cycle(alerts=(an_alert(name, alert_id=name, at=self.clock(), incident=name),)), self.world
        )

    def delivers(self) -> None:
        for channel in self.world.channels:
            pipeline.deliver(channel, self.store, self.clock)

    def posted(self) -> list[str]:
        return [seen.headers["idempotency-key"] for seen in self.server.requests]

    def logged(self) -> list[str]:
        days = sorted((self.folder / "alerts").glob("*.jsonl"))
        return [
            json.loads(line)["id"] for day in days for line in day.read_text(encoding="utf-8").splitlines()
        ]


@pytest.fixture
def watch(tmp_path: Path, server: LoopbackServer) -> Iterator[Watch]:
    with closing(SqliteStore.open(tmp_path / "watcher.db", durable=False)) as store:
        yield Watch(tmp_path, server, store)


@pytest.mark.slow
def test_a_webhook_down_for_a_day_gets_500_alerts_with_the_same_keys_and_none_is_doubled(
    watch: Watch, server: LoopbackServer
) -> None:
    names = [f"a{number:03}" for number in range(ALERTS)]
    told = iter(names)
    server.serve("/hook", status=503)
    for minute in range(DAY):
        watch.clock.passes(1 / 60)
        if minute * ALERTS // DAY < (minute + 1) * ALERTS // DAY:
            watch.tells(next(told))
        before = len(watch.posted())
        watch.delivers()
        assert len(watch.posted()) - before <= 5, "a receiver that is down is hammered"
        assert not watch.store.lease(PHONE, watch.clock(), watch.clock(), 1), (
            "a dead channel delays a healthy one"
        )
    while_down = watch.posted()

    server.serve("/hook")
    server.requests.clear()
    watch.clock.passes(2)
    watch.delivers()

    assert list(told) == []
    assert watch.logged() == [alert.id for alert in watch.phone.taken] == names
    assert max(Counter(while_down).values()) < 40
    assert watch.posted() == names
    assert watch.store.delivery_counts()[HOOK] == {"pending": 0, "delivered": ALERTS, "dead": 0}


def test_what_a_receiver_refuses_for_good_is_dead_and_comes_in_order_when_it_is_tried_again(
    watch: Watch, server: LoopbackServer
) -> None:
    server.serve("/hook", status=410)
    for name in ("first", "second"):
        watch.tells(name)
    watch.delivers()
    dead = watch.store.delivery_counts()[HOOK]

    server.serve("/hook")
    watch.tells("third")
    watch.delivers()
    with closing(SqliteStore.open_beside(watch.folder / "watcher.db")) as beside:
        tried_again = beside.retry_dead(HOOK)
    server.requests.clear()
    watch.delivers()

    assert (dead["dead"], tried_again) == (2, 2)
    assert watch.posted() == ["first", "second"]
    assert watch.logged() == ["first", "second", "third"]
    assert watch.store.delivery_counts()[HOOK] == {"pending": 0, "delivered": 3, "dead": 0}


def test_a_receiver_away_for_more_than_a_week_is_given_up_and_the_log_never(
    watch: Watch, server: LoopbackServer
) -> None:
    server.serve("/hook", status=503)
    watch.tells("first")
    for _ in range(8 * 24):
        watch.clock.passes(1.3)
        watch.delivers()

    assert watch.store.delivery_counts()[HOOK]["dead"] == 1
    assert watch.logged() == ["first"]
    assert watch.clock() - NOON > timedelta(days=7)
