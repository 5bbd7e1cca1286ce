"""A power cut before every step that leaves a trace, and in the middle of a line: afterwards the story ends as if nothing had been."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import NOON, a_list
from tests.desk import ONE_TERM, news
from watcher.channels.log import AlertLog, PosixDisk
from watcher.errors import FetchError, ReadError
from watcher.model.alerts import Alert, ChannelId
from watcher.model.news import Document, Feed, FeedId
from watcher.model.polling import Fetched, Request
from watcher.pipeline import World, deliver, poll, rules_of
from watcher.ports import Answer, Reading
from watcher.read.document import read
from watcher.store import SqliteStore

RULES = rules_of(a_list(ONE_TERM))
FEEDS = [
    Feed(id=FeedId("agency"), url="https://agency.example/f", owner="agency"),
    Feed(id=FeedId("wire"), url="https://wire.example/f", owner="wire", seed=False),
    Feed(id=FeedId("gone"), url="https://gone.example/f", owner="gone"),
]
STORY: list[dict[str, list[str]]] = [
    {"agency": ["ICBM on parade in spring"], "wire": ["ICBM launched at dawn"]},
    {"agency": ["Second ICBM on parade", "ICBM on parade in spring"], "wire": ["ICBM launched at dawn, says Seoul", "Weather fine"]},
    {"agency": ["Second ICBM on parade"], "wire": ["Third stage of an ICBM found at sea"]},
]
WRITES = ("record", "lease", "settle", "release", "note")


class PowerCut(BaseException):
    """The machine is off: nothing catches this, nothing cleans up after it."""


@dataclass
class Power:
    """Counts steps, and cuts the power before one of them; after a step is before the next."""

    cut_before: int = -1
    steps: list[str] = field(default_factory=list)

    def step(self, name: str) -> None:
        self.steps.append(name)
        if len(self.steps) - 1 == self.cut_before:
            raise PowerCut


class FrailStore:
    """The real store on a machine that may lose power."""

    def __init__(self, store: SqliteStore, power: Power) -> None:
        self._store, self._power = store, power

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._store, name)

        def frail(*given: object) -> Any:
            self._power.step(f"store.{name}")
            return real(*given)

        return frail if name in WRITES else real


class FrailDisk(PosixDisk):
    """The real disk under the alert log; the power may go when half of a line is written."""

    def __init__(self, power: Power) -> None:
        self._power = power

    def write(self, descriptor: int, data: bytes) -> int:
        half = len(data) // 2
        self._power.step("disk.write")
        written = super().write(descriptor, data[:half])
        self._power.step("disk.write, the other half")
        return written + super().write(descriptor, data[half:])

    def fsync(self, descriptor: int) -> None:
        self._power.step("disk.fsync")
        super().fsync(descriptor)


class FrailReceiver:
    """A receiver elsewhere: a power cut here does not make it forget what it got."""

    id = ChannelId("desk")

    def __init__(self, power: Power, got: list[Alert]) -> None:
        self._power, self._got = power, got

    def send(self, alert: Alert) -> None:
        self._power.step("receiver.send")
        self._got.append(alert)


class Agencies:
    """Feeds that publish a chapter of the story, and answer 304 to who has it; one is gone."""

    def __init__(self, chapter: dict[str, list[str]]) -> None:
        self._chapter = chapter

    def fetch(self, requests: Sequence[Request]) -> Iterator[Answer]:
        for request in requests:
            feed, titles = request.feed, self._chapter.get(request.feed.id)
            if not titles:
                yield feed, FetchError("http", "404 Not Found")
            elif request.etag == titles[0]:
                yield feed, Fetched(feed=feed.id, status=304, body=None, url=feed.url, etag=titles[0])
            else:
                yield feed, Fetched(feed=feed.id, status=200, body=news(*titles), url=feed.url, etag=titles[0])

    def stop(self) -> None:
        pass


class Desktop:
    """Reads in this process."""

    def read(self, answers: Iterable[Answer], seen: datetime) -> Iterator[Reading]:
        for feed, answer in answers:
            document: Document | ReadError | None = None
            if isinstance(answer, Fetched) and answer.body is not None:
                document = read(answer.body, feed=feed, seen=seen)
            yield feed, answer, document

    def close(self) -> None:
        pass


def tell(folder: Path, got: list[Alert], power: Power, chapters: Iterable[int]) -> Iterator[int]:
    """Start the watcher and let it work through chapters of the story; yield each that is done."""
    store = SqliteStore.open(folder / "watcher.db", durable=False)
    try:
        frail: Any = FrailStore(store, power)
        frail.release()
        channels = (AlertLog(folder / "alerts", FrailDisk(power)), FrailReceiver(power, got))
        for number in chapters:
            now = NOON + number * timedelta(hours=3)
            world = World(fetcher=Agencies(STORY[number]), reader=Desktop(), store=frail, channels=channels, clock=lambda now=now: now)
            list(poll(FEEDS, world, RULES))
            for channel in channels:
                deliver(channel, frail, world.clock)
            yield number
    finally:
        store.close()


@dataclass
class Outcome:
    """What came of a telling."""

    log: list[dict[str, Any]]
    received: list[str]

    @property
    def incidents(self) -> list[str]:
        return [line["id"] for line in self.log if line["kind"] == "incident"]

    @property
    def others(self) -> list[str]:
        return [line["reason"] for line in self.log if line["kind"] != "incident"]


def outcome(folder: Path, power: Power) -> Outcome:
    """Tell the whole story, starting again after a power cut."""
    got: list[Alert] = []
    chapter = 0
    with suppress(PowerCut):
        for _ in tell(folder, got, power, range(len(STORY))):
            chapter += 1
    for _ in tell(folder, got, Power(), range(chapter, len(STORY))):
        pass
    lines = (folder / "alerts" / f"{NOON:%Y-%m-%d}.jsonl").read_text(encoding="utf-8").splitlines()
    return Outcome(log=[json.loads(line) for line in lines], received=list(dict.fromkeys(alert.id for alert in got)))


@pytest.mark.slow
def test_a_power_cut_at_any_step_changes_nothing_in_the_end(tmp_path: Path) -> None:
    calm = Power()
    expected = outcome(tmp_path / "calm", calm)
    assert len(expected.incidents) >= 4
    assert sorted(expected.others) == ["feed_failing", "seeding"]
    assert len(calm.steps) > 50

    for number, step in enumerate(calm.steps):
        after = outcome(tmp_path / str(number), Power(number))

        where = f"power cut before step {number}, {step}"
        assert after.incidents == expected.incidents, where
        assert sorted(after.others) == sorted(expected.others), where
        assert after.received == [line["id"] for line in after.log], where
