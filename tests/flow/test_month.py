"""Thirty days of a watcher with all that goes wrong in a month: every trouble is reported, none twice."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path

import pytest

from tests.builders import NOON, an_item
from tests.fakes import FakeChannel, FakeClock, FakeNews
from tests.flow.harness import AnyStore, a_feed, a_store, rules
from watcher import pipeline
from watcher.collection.feeds import APART
from watcher.errors import DeliveryError, FetchError
from watcher.model.alerts import ALERT_LOG, Alert, ChannelId, Kind, Reason
from watcher.model.news import Feed, Item
from watcher.pipeline import World
from watcher.polling.cadence import is_due
from watcher.service.progress import ROUND, Progress
from watcher.service.watch import Instruments, Space, Watch

STEP, DAY = timedelta(minutes=30), 48
"""A look at the world, and how many make a day."""

DAYS = 30
GIB = 1 << 30
KOREAN = "국방부는 다음 주 수도에서 열리는 곡물 회담이 계속될 것이라고 밝혔다"
ENGLISH = "Ministry says the talks on grain will go on next week in the capital"
NAMES = (
    "flapping",
    "dying",
    "bursting",
    "turning",
    "wire-1",
    "wire-2",
    "wire-3",
    "wire-4",
    "wire-5",
    "wire-6",
)

CHOICE = {"outage": 10, "dies": 15, "bursts": 20, "turns": 22, "refuses": 25, "disk": 27, "lags": 28}
"""On which day what goes wrong."""


def chance(*about: object, one_in: int) -> bool:
    """Say by a hash whether something happens, so that every run is the same."""
    digest = blake2b(repr(about).encode(), digest_size=4).digest()
    return int.from_bytes(digest, "big") % one_in == 0


@dataclass
class Month:
    """The month: its feeds, its faults, and a watcher that is restarted every few days."""

    store: AnyStore = field(default_factory=a_store)
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOON))
    news: FakeNews = field(default_factory=FakeNews)
    log: FakeChannel = field(default_factory=lambda: FakeChannel(ALERT_LOG))
    desk: FakeChannel = field(default_factory=lambda: FakeChannel(ChannelId("desk")))
    step: int = 0
    launches: list[str] = field(default_factory=list)
    listed: dict[str, tuple[Item, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.feeds: tuple[Feed, ...] = tuple(replace(a_feed(name, seed=True), every=STEP) for name in NAMES)
        self.rules = rules()
        self.world = World(
            fetcher=self.news,
            reader=self.news,
            store=self.store,
            channels=(self.log, self.desk),
            clock=self.clock,
        )
        self.starts()

    @property
    def day(self) -> int:
        return self.step // DAY

    @property
    def hour(self) -> float:
        return self.step % DAY / 2

    def starts(self) -> None:
        """Start the service: what it kept in memory is gone."""
        self.store.release()
        self.progress = Progress(lambda: self.step * STEP.total_seconds())
        instruments = Instruments(
            wall=self.clock, monotonic=lambda: self.step * STEP.total_seconds(), space=self._space
        )
        self.watch = Watch(self.world, Path(), self.progress, instruments)

    def passes(self) -> None:
        """Let half an hour pass."""
        self.step += 1
        self.clock.now += STEP + self._clock_is_set()
        for feed in self.feeds:
            self._publishes(feed.id)
        if chance("restart", self.step, one_in=2 * DAY):
            self.starts()
        states, now = self.store.states(), self.clock()
        list(
            pipeline.poll(
                [feed for feed in self.feeds if is_due(states.get(feed.id), now)], self.world, self.rules
            )
        )
        if not (self.day == CHOICE["lags"] and self.hour < 2):
            self.progress.sign(ROUND)
        list(self.watch.look())
        if chance("killed before it delivers", self.step, one_in=DAY):
            return
        if self.day == CHOICE["refuses"]:
            self.desk.refuses(DeliveryError("HTTP 410 Gone", permanent=True))
        for channel in (self.log, self.desk):
            pipeline.deliver(channel, self.store, self.clock)
        self.desk.refusals.clear()

    def _clock_is_set(self) -> timedelta:
        return {5 * DAY + 7: timedelta(hours=-1), 8 * DAY + 9: timedelta(hours=8)}.get(self.step, timedelta())

    def _space(self, _: Path) -> Space:
        return Space(40 * GIB, (1 if self.day == CHOICE["disk"] else 30) * GIB)

    def _publishes(self, name: str) -> None:
        words = KOREAN if name == "turning" and self.day >= CHOICE["turns"] else ENGLISH
        fresh = [f"{words} {self.step}"] if chance(name, self.step, "news", one_in=8) else []
        if name == "bursting" and self.step == CHOICE["bursts"] * DAY + 12:
            fresh = [f"{words} {self.step} part {part}" for part in range(20)]
        if name == "dying" and self.day >= CHOICE["dies"]:
            fresh = []
        if name == "wire-1" and self.day % 3 == 1 and self.hour == 20:
            self.launches.append(f"North Korea fires missile number {self.day} into the sea")
            fresh.append(self.launches[-1])
        self.listed[name] = (*(an_item(title, feed=name) for title in fresh), *self.listed.get(name, ()))[:20]
        if self._is_down(name):
            self.news.fails(name, FetchError("timeout", "no answer"))
        else:
            self.news.publishes(name, *self.listed[name])

    def _is_down(self, name: str) -> bool:
        if self.day == CHOICE["outage"] and self.hour < 12:
            return True
        if name == "flapping" and self.step // 6 % 2:
            return True
        return name != "wire-1" and chance(name, self.step, "fault", one_in=20)


@pytest.fixture(scope="module")
def month(each_store: None) -> Month:
    """Live through the month once; afterwards two quiet hours, in which everything is delivered."""
    lived = Month()
    for _ in range(DAYS * DAY):
        lived.passes()
    lived.clock.passes(2)
    pipeline.deliver(lived.log, lived.store, lived.clock)
    return lived


def of(month: Month, *reasons: Reason) -> list[Alert]:
    return [alert for alert in month.log.taken if alert.reason in reasons]


def naming(alerts: Iterable[Alert], feed: str) -> Iterator[datetime]:
    return (alert.at for alert in alerts if feed in alert.feeds)


def test_every_alert_is_in_the_log_once(month: Month) -> None:
    logged = Counter(alert.id for alert in month.log.taken)

    assert set(logged.values()) == {1}
    assert set(logged) == {alert.id for alert in month.store.alerts(limit=10_000)}


def test_every_launch_is_told_once(month: Month) -> None:
    told = [alert.title for alert in of(month, Reason.NEW)]

    assert len(month.launches) == 10
    assert told == month.launches


def test_every_trouble_is_told(month: Month) -> None:
    told = Counter(alert.reason for alert in month.log.taken if alert.kind is Kind.COLLECTION)

    assert told[Reason.CLOCK_STEPPED] == 2
    assert told[Reason.DISK_LOW] == 1
    assert told[Reason.LAGGING] == 1
    assert told[Reason.RECOVERED] == 2
    assert told[Reason.DELIVERY_DEAD] == 1
    assert told[Reason.SEEDING] <= 1
    assert [alert.title for alert in of(month, Reason.FEED_FAILING) if alert.title.startswith("All")] == [
        "All 10 feeds are failing"
    ]
    assert len(list(naming(of(month, Reason.FEED_SILENT), "dying"))) == 1
    assert len(list(naming(of(month, Reason.FEED_CHANGED), "turning"))) == 1
    assert len(list(naming(of(month, Reason.ITEMS_MISSED), "bursting"))) == 1


def test_nobody_is_told_of_the_channel_that_died_through_itself(month: Month) -> None:
    (dead,) = of(month, Reason.DELIVERY_DEAD)

    assert dead.id not in {alert.id for alert in month.desk.taken}


def test_a_feed_that_flaps_for_a_month_is_two_notices_and_not_two_hundred(month: Month) -> None:
    assert len(list(naming(of(month, Reason.FEED_FAILING, Reason.FEED_RECOVERED), "flapping"))) <= 2


def test_no_trouble_is_a_storm(month: Month) -> None:
    collection = [alert for alert in month.log.taken if alert.kind is Kind.COLLECTION]
    about_feeds = sorted({alert.at for alert in collection if alert.feeds})

    assert len(collection) <= 30
    assert all(later - earlier >= APART for earlier, later in pairwise(about_feeds))


def test_a_feed_that_only_fails_now_and_then_is_never_reported_alone(month: Month) -> None:
    odd = of(month, Reason.FEED_SILENT, Reason.FEED_CHANGED)

    assert [at for name in NAMES[4:] for at in naming(odd, name)] == []
