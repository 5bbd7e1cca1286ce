"""The clock is set or the machine sleeps: every feed is polled within two intervals, without a storm."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta, tzinfo
from pathlib import Path
from threading import Thread
from time import monotonic
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import apscheduler.schedulers.base
import pytest

from tests.builders import NOON, an_item
from tests.fakes import FakeChannel, FakeClock, FakeNews
from tests.faults.scale import Figure, size
from tests.flow.harness import Harness, a_feed, harness, rules
from tests.workspace import wait_until
from watcher import pipeline
from watcher.clock import utc_now
from watcher.model.alerts import Alert, ChannelId, Kind, Reason
from watcher.model.news import Feed, FeedId, Item
from watcher.model.routes import Route, Schedule
from watcher.pipeline import World
from watcher.polling.cadence import is_due
from watcher.service import daemon
from watcher.service.daemon import Daemon, Plan, Supervision
from watcher.store import SqliteStore

EVERY, TICK = timedelta(minutes=15), timedelta(seconds=15)
STEPS = {
    "an hour back": timedelta(hours=-1),
    "eight hours on": timedelta(hours=8),
    "ten years on": timedelta(days=3652),
    "ten years back": timedelta(days=-3652),
    "a summer hour on": timedelta(hours=1),
}
FEEDS = size(4, 50)
DESK = ChannelId("desk")


# --- what is decided, on a clock that is set by hand --------------------------------------------------------


@dataclass
class Days:
    """Feeds that publish every two hours, a launch every day, and a watcher that polls every 15 seconds."""

    store: SqliteStore
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOON))
    news: FakeNews = field(default_factory=FakeNews)
    channel: FakeChannel = field(default_factory=lambda: FakeChannel(DESK))
    route: Route | None = None
    passed: timedelta = timedelta()
    launches: int = 0
    polls: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.feeds: list[Feed] = [replace(a_feed(f"wire-{number}"), at_most=EVERY) for number in range(FEEDS)]
        self.rules = rules()
        self.items: dict[str, tuple[Item, ...]] = {feed.id: () for feed in self.feeds}
        routes = {DESK: self.route} if self.route else {}
        self.world = World(
            fetcher=self.news,
            reader=self.news,
            store=self.store,
            channels=(self.channel,),
            clock=self.clock,
            routes=routes,
        )

    def pass_by(self, hours: float, *, every: timedelta = TICK) -> list[Alert]:
        """Let hours pass; return what people are told meanwhile."""
        before = len(self.channel.taken)
        for _ in range(int(timedelta(hours=hours) / every)):
            self.clock.now += every
            self.passed += every
            self._publish()
            self._look()
        return self.channel.taken[before:]

    def _publish(self) -> None:
        hours = self.passed // timedelta(hours=2)
        for feed in self.feeds:
            if len(self.items[feed.id]) < hours:
                title = f"Harvest number {hours} of {feed.id} is in"
                if hours % 12 == 0 and feed is self.feeds[0]:
                    self.launches += 1
                    title = f"North Korea fires missile number {self.launches} from site {self.launches}"
                self.items[feed.id] += (an_item(title, feed=feed.id, owner=feed.id),)
            self.news.publishes(feed.id, *self.items[feed.id][-20:])

    def _look(self) -> None:
        states, now = self.store.states(), self.clock()
        due = [feed for feed in self.feeds if is_due(states.get(feed.id), now)]
        self.polls.update(feed.id for feed in due)
        if due:
            list(pipeline.poll(due, self.world, self.rules))
        pipeline.deliver(self.channel, self.store, self.clock, self.route)


@pytest.fixture
def days(tmp_path: Path) -> Iterator[Days]:
    with closing(SqliteStore.open(tmp_path / "watcher.db", durable=False)) as store:
        yield Days(store)


@pytest.mark.parametrize("name", STEPS)
def test_after_a_step_every_feed_is_polled_within_two_intervals_and_in_its_pace(
    days: Days, name: str, figure: Figure
) -> None:
    days.pass_by(6, every=timedelta(minutes=1))
    days.polls.clear()

    days.clock.now += STEPS[name]
    told = days.pass_by(2 * EVERY / timedelta(hours=1))

    figure(
        f"{name}: {min(days.polls.values())} to {max(days.polls.values())} polls a feed in two intervals, "
        f"{len(told)} alerts"
    )
    assert set(days.polls) == {feed.id for feed in days.feeds}
    assert set(days.polls.values()) <= {1, 2, 3}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_and_its_correction_lose_nothing_double_nothing_and_are_no_storm(
    days: Days, name: str
) -> None:
    before = days.pass_by(26, every=timedelta(minutes=5))
    days.clock.now += STEPS[name]
    during = days.pass_by(24, every=timedelta(minutes=5))
    days.clock.now -= STEPS[name]
    after = days.pass_by(24, every=timedelta(minutes=5))

    told = [*before, *during, *after]
    launches = Counter(item.title for alert in told if alert.kind is Kind.INCIDENT for item in alert.items)
    assert days.launches == 3
    assert set(launches.values()) == {1}
    assert len(launches) == days.launches
    assert sum(alert.kind is Kind.COLLECTION for alert in told) <= 4, [alert.title for alert in told]


@pytest.mark.parametrize(
    ("begins", "zone"),
    [
        (datetime(2026, 10, 30, 16, tzinfo=NOON.tzinfo), "America/New_York"),
        (datetime(2027, 3, 12, 17, tzinfo=NOON.tzinfo), "America/New_York"),
        (datetime(2027, 3, 26, 12, tzinfo=NOON.tzinfo), "Europe/Berlin"),
    ],
    ids=["an hour twice", "an hour left out", "an hour left out in Europe"],
)
def test_summer_time_comes_and_goes_and_every_day_has_one_digest(
    tmp_path: Path, begins: datetime, zone: str
) -> None:
    route = Route(
        channel=DESK, digest=Schedule(name="daily 02:30", times=(time(2, 30),)), zone=ZoneInfo(zone)
    )
    with closing(SqliteStore.open(tmp_path / "watcher.db", durable=False)) as store:
        days = Days(store, clock=FakeClock(begins), route=route)

        told = days.pass_by(4 * 24, every=timedelta(minutes=10))

    digests = [alert.at for alert in told if alert.reason is Reason.DIGEST]
    local = [at.astimezone(ZoneInfo(zone)).date() for at in digests]
    assert len(digests) == 4
    assert len(set(local)) == 4


# --- the service itself, on a machine whose clock is set ----------------------------------------------------


@dataclass
class Machine:
    """A machine whose two clocks run, and can be moved."""

    wall: timedelta = timedelta()
    monotonic: float = 0.0

    def now(self, _zone: tzinfo | None = None) -> datetime:
        return utc_now() + self.wall


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Put the daemon and its scheduler on a movable clock; neither takes one, and the real one stays."""
    made = Machine()
    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", SimpleNamespace(now=made.now))
    monkeypatch.setattr(daemon, "utc_now", made.now)
    monkeypatch.setattr(daemon, "time", SimpleNamespace(monotonic=lambda: monotonic() + made.monotonic))
    monkeypatch.setattr(daemon, "_OVERDUE", 1.0)  # 90 seconds in earnest
    return made


MOVES = {name: Machine(wall=step) for name, step in STEPS.items()} | {
    "eight hours asleep, seen by one clock": Machine(wall=timedelta(hours=8)),
    "eight hours asleep, seen by both": Machine(wall=timedelta(hours=8), monotonic=8 * 3600.0),
}


def asked(made: Harness) -> Counter[FeedId]:
    return Counter(request.feed.id for request in list(made.news.requests))


@pytest.mark.parametrize("name", MOVES)
def test_a_service_goes_on_when_its_clock_is_moved(machine: Machine, name: str) -> None:
    made = harness("wire", "other")
    quick = timedelta(seconds=0.3)
    plan = Plan(
        feeds=tuple(replace(feed, every=quick, at_most=quick) for feed in made.feeds), rules=made.rules
    )
    made.news.publishes("wire", an_item("North Korea fires missile", feed="wire"))
    world, supervision = replace(made.world, clock=machine.now), Supervision(every=0.1)
    serving = Daemon(world, plan, lambda: plan, lambda: None, supervision=supervision)
    thread = Thread(target=serving.run)
    thread.start()
    try:
        wait_until(lambda: min(asked(made)[feed.id] for feed in plan.feeds) >= 3, "both feeds had some turns")
        machine.monotonic += MOVES[name].monotonic
        machine.wall += MOVES[name].wall
        before = asked(made)
        wait_until(
            lambda: min((asked(made) - before)[feed.id] for feed in plan.feeds) >= 3,
            "both had turns on the moved clock",
        )
    finally:
        serving.stop()
        thread.join()

    assert [alert.title for alert in made.channel.taken if alert.kind is Kind.INCIDENT] == [
        "North Korea fires missile"
    ]
    assert len(made.channel.taken) == 1
