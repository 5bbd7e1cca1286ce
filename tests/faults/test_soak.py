"""Thirty days in one run with the real store, matcher and alert log: no loss, no duplicate and no growth."""

import errno
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import blake2b
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.builders import NOON, a_list
from tests.fakes import FakeClock
from tests.faults.scale import Figure, size
from tests.workspace import ONE_TERM, news
from watcher.channels.log import AlertLog, PosixDisk
from watcher.errors import DeliveryError, FetchError, ReadError, StoreError
from watcher.model.alerts import Alert, ChannelId, Kind
from watcher.model.news import Feed, FeedId
from watcher.model.polling import Fetched, Request
from watcher.pipeline import World, deliver, poll, rules_of
from watcher.polling.cadence import is_due
from watcher.ports import Answer, Reading
from watcher.read.document import read
from watcher.store import SqliteStore

DAYS, FEEDS = size(2, 30), 50
EVERY, TICK = timedelta(minutes=30), timedelta(minutes=10)
A_DAY = timedelta(days=1) // TICK
WINDOW, WARM = 30, DAYS // 4
MIB = 1 << 20


class Luck:
    """Decides by a running number whether something fails: one time in twenty, the same in every run."""

    def __init__(self) -> None:
        self.numbers = count()
        self.faults: Counter[str] = Counter()

    def fails(self, what: str) -> bool:
        digest = blake2b(f"{what}/{next(self.numbers)}".encode(), digest_size=4).digest()
        bad = int.from_bytes(digest, "big") % 20 == 0
        self.faults[what] += bad
        return bad


@dataclass
class Outlets:
    """Feeds that publish every few hours, one item in ten of them an ICBM; fetcher and reader in one."""

    luck: Luck
    clock: FakeClock
    numbers: Iterator[int] = field(default_factory=count)
    listed: dict[str, list[str]] = field(default_factory=dict)
    launches: set[str] = field(default_factory=set)

    def publish(self, feed: str) -> None:
        number = next(self.numbers)
        title = f"ICBM number {number}" if number % 10 == 0 else f"Harvest number {number}"
        self.listed[feed] = [title, *self.listed.get(feed, [])[: WINDOW - 1]]
        if number % 10 == 0:
            self.launches.add(title)

    def fetch(self, requests: Sequence[Request]) -> Iterator[Answer]:
        for request in requests:
            feed, titles = request.feed, self.listed[request.feed.id]
            if self.luck.fails("fetch"):
                yield feed, FetchError("timeout", "no answer")
            elif request.etag == titles[0]:
                yield feed, Fetched(feed=feed.id, status=304, body=None, url=feed.url, etag=titles[0])
            else:
                yield (
                    feed,
                    Fetched(feed=feed.id, status=200, body=news(*titles), url=feed.url, etag=titles[0]),
                )

    def read(
        self, answers: Iterable[Answer], seen: Any, meanwhile: Callable[[], object] = lambda: None
    ) -> Iterator[Reading]:
        for feed, answer in answers:
            if isinstance(answer, FetchError) or answer.body is None:
                yield feed, answer, None
            elif self.luck.fails("read"):
                yield feed, answer, ReadError("not_a_feed", "an HTML page, not a feed")
            else:
                yield feed, answer, read(answer.body, feed=feed, seen=seen)

    def stop(self) -> None:
        pass

    def close(self) -> None:
        pass


class SickDisk(PosixDisk):
    """The real disk under the alert log, some of whose writes fail half-way, and some of whose syncs."""

    def __init__(self, luck: Luck) -> None:
        self._luck = luck

    def write(self, descriptor: int, data: bytes) -> int:
        if self._luck.fails("write"):
            super().write(descriptor, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(descriptor, data)

    def fsync(self, descriptor: int) -> None:
        if self._luck.fails("sync"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))


class SickStore:
    """The real store, which cannot be written now and then."""

    def __init__(self, store: SqliteStore, luck: Luck) -> None:
        self._store, self._luck = store, luck

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._store, name)

        def sick(*given: object) -> Any:
            if self._luck.fails(name):
                raise StoreError("the disk is full")
            return real(*given)

        return sick if name in {"record", "lease", "settle"} else real


class Receiver:
    """A receiver that is down now and then, and sometimes takes an alert and says that it did not."""

    id = ChannelId("desk")

    def __init__(self, luck: Luck) -> None:
        self._luck = luck
        self.got: list[str] = []

    def send(self, alert: Alert, also: Sequence[Alert] = ()) -> None:
        if self._luck.fails("receive"):
            raise DeliveryError("503", permanent=False)
        self.got += (each.id for each in (alert, *also))
        if self._luck.fails("thank"):
            raise DeliveryError("connection lost", permanent=False)


class Month:
    """The watcher, its faults, and what it takes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FakeClock(NOON)
        self.luck = Luck()
        self.outlets = Outlets(self.luck, self.clock)
        self.receiver = Receiver(self.luck)
        self.rules = rules_of(a_list(ONE_TERM))
        self.feeds = [
            Feed(
                id=FeedId(f"feed-{number}"),
                url=f"https://{number}.example/f",
                owner=f"o{number}",
                every=EVERY,
                seed=False,
            )
            for number in range(FEEDS)
        ]
        for feed in self.feeds:
            self.outlets.publish(feed.id)
        self.memory: list[float] = []
        self.descriptors: list[int] = []
        self.log_of_store = 0
        self.store = self._starts()

    def lives(self, days: int, *, well: bool = False) -> None:
        """Let days pass, and measure at the end of each."""
        for _ in range(days):
            for tick in range(A_DAY):
                self._passes(tick, well=well)
            self.memory.append(_megabytes())
            self.descriptors.append(len(list(Path("/proc/self/fd").iterdir())))
            if len(self.memory) % 3 == 0:
                self.store.close()
                self.store = self._starts()

    def _starts(self) -> SqliteStore:
        store = SqliteStore.open(self.folder / "watcher.db", durable=False)
        store.release()
        self.channels = (AlertLog(self.folder / "alerts", SickDisk(self.luck)), self.receiver)
        sick: Any = SickStore(store, self.luck)
        self.world = World(
            fetcher=self.outlets, reader=self.outlets, store=sick, channels=self.channels, clock=self.clock
        )
        return store

    def _passes(self, tick: int, *, well: bool) -> None:
        self.clock.now += TICK
        for number, feed in enumerate(self.feeds):
            if (tick + number) % 24 == 0 and not well:
                self.outlets.publish(feed.id)
        states = self.store.states()
        with suppress(StoreError):
            list(
                poll(
                    [feed for feed in self.feeds if is_due(states.get(feed.id), self.clock())],
                    self.world,
                    self.rules,
                )
            )
        for channel in self.channels:
            with suppress(StoreError):
                deliver(channel, self.world.store, self.clock)
        self.log_of_store = max(self.log_of_store, (self.folder / "watcher.db-wal").stat().st_size)

    def lines(self) -> list[dict[str, Any]]:
        days = sorted((self.folder / "alerts").glob("*.jsonl"))
        return [json.loads(line) for day in days for line in day.read_text(encoding="utf-8").splitlines()]


@pytest.mark.slow
@pytest.mark.soak
def test_a_month_loses_nothing_doubles_nothing_and_nothing_grows(tmp_path: Path, figure: Figure) -> None:
    month = Month(tmp_path)

    month.lives(DAYS)
    month.lives(2, well=True)
    month.store.close()

    lines = month.lines()
    told = Counter(item["title"] for line in lines if line["kind"] == Kind.INCIDENT for item in line["items"])
    slope = _slope(month.memory[WARM:DAYS])
    lost, doubled = len(month.outlets.launches - set(told)), sum(told.values()) - len(told)
    figure(
        f"{DAYS} days, {FEEDS} feeds, {month.luck.faults.total()} faults of {len(month.luck.faults)} kinds, "
        f"{len(lines)} alerts"
    )
    figure(f"{lost} lost, {doubled} doubled; memory {slope:+.2f} MB a day ({month.memory[-1]:.0f} MB)")
    figure(
        f"descriptors {min(month.descriptors)} to {max(month.descriptors)}; "
        f"WAL {month.log_of_store / MIB:.1f} MB"
    )
    assert min(month.luck.faults.values()) > 0
    assert set(told) == month.outlets.launches
    assert set(told.values()) == {1}
    assert {line["id"] for line in lines} == set(month.receiver.got)  # one that was refused steps aside
    assert len({line["id"] for line in lines}) == len(lines)
    assert max(month.descriptors) - min(month.descriptors) <= 2
    assert month.log_of_store < 64 * MIB
    assert slope < (1 if DAYS >= 20 else 20)  # two days measure what is loaded late


def _megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB


def _slope(values: Sequence[float]) -> float:
    """Return by how much values rise from one to the next, by least squares."""
    middle, mean = (len(values) - 1) / 2, sum(values) / len(values)
    spread = sum((at - middle) ** 2 for at in range(len(values))) or 1
    return sum((at - middle) * (value - mean) for at, value in enumerate(values)) / spread
