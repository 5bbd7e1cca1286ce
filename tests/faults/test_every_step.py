"""A power cut before every step that leaves a trace, and within a line: the story ends as without the cut."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import NOON, a_list
from tests.faults.scale import Figure, stride
from tests.workspace import news
from watcher.channels.log import AlertLog, PosixDisk
from watcher.errors import FetchError, ReadError
from watcher.model.alerts import Alert, AlertId, ChannelId
from watcher.model.news import Document, Feed, FeedId
from watcher.model.polling import Fetched, Request
from watcher.model.routes import Hours, Route, Schedule
from watcher.model.settings import Settings
from watcher.pipeline import World, deliver, poll, rules_of
from watcher.ports import Answer, Channel, Database, Reading, Store
from watcher.read.document import read
from watcher.service.canary import Canary
from watcher.store import SqliteStore
from watcher.store.postgres import PostgresStore

RULES = rules_of(
    a_list("""
budget: {high: 3}
indicators:
  - {id: needle, title: Needle, category: provocation, severity: high, match: ICBM}
  - {id: war, title: War, category: provocation, severity: critical, match: war is declared}
""")
)
FEEDS = [
    Feed(id=FeedId("agency"), url="https://agency.example/f", owner="agency"),
    Feed(id=FeedId("wire"), url="https://wire.example/f", owner="wire", seed=False),
    Feed(id=FeedId("gone"), url="https://gone.example/f", owner="gone"),
]
STORY: list[dict[str, list[str]]] = [
    {
        "agency": ["ICBM on parade in spring"],
        "wire": ["ICBM launched at dawn", "War is declared over an ICBM, Kim says"],
    },
    {
        "agency": ["Second ICBM on parade", "ICBM on parade in spring"],
        "wire": ["ICBM launched at dawn, says Seoul", "Weather fine"],
    },
    {
        "agency": ["Second ICBM on parade"],
        "wire": ["Third stage of an ICBM found at sea", "ICBM engine for sale", "ICBM in a museum"],
    },
    {"agency": ["Harvest is in"], "wire": ["Fourth ICBM on parade"]},
]
HOURS = (0, 3, 4.5, 6)
"""When each chapter is told: after three hours what is new counts as late."""

DESK, NIGHT, CHIEF = (ChannelId(name) for name in ("desk", "night", "chief"))
ROUTES = {
    NIGHT: Route(channel=NIGHT, quiet=Hours(begins=time(14), ends=time(17)), renotify=timedelta(hours=2)),
    CHIEF: Route(channel=CHIEF, digest=Schedule(name="daily 14:00 17:00", times=(time(14), time(17)))),
}
READS = frozenset(
    {
        *(
            "states",
            "known",
            "open_incidents",
            "held_incidents",
            "unclosed_incidents",
            "spoken",
            "track_records",
            "firings",
            "signs",
        ),
        *(
            "board",
            "levels",
            "actions",
            "actions_in_force",
            "alerts",
            "polls",
            "item",
            "hits",
            "decisions",
            "deliveries",
            "outbox",
        ),
        *("alert", "first_waiting", "told", "given_up", "dead", "noted", "close"),
    }
)
"""What leaves no trace; before every other method of the store the power may go."""


Message = tuple[Alert, ...]
"""An alert that speaks, and those told with it."""


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

    def __init__(self, store: Database, power: Power) -> None:
        self._store, self._power = store, power

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._store, name)

        def frail(*given: object) -> Any:
            self._power.step(f"store.{name}")
            return real(*given)

        return real if name in READS else frail


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

    def __init__(self, name: ChannelId, power: Power, got: list[Message]) -> None:
        self.id, self._power, self._got = name, power, got

    def send(self, alert: Alert, also: Sequence[Alert] = ()) -> None:
        self._power.step(f"{self.id}.send")
        self._got.append((alert, *also))


class LogWithCourier(AlertLog):
    """The alert log, delivered to by whoever waits for an alert in it: there are no threads here."""

    def __init__(self, folder: Path, power: Power, store: Store) -> None:
        super().__init__(folder, FrailDisk(power))
        self._store = store

    def has(self, alert: Alert) -> bool:
        deliver(self, self._store, lambda: alert.at)
        return super().has(alert)


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
                yield (
                    feed,
                    Fetched(feed=feed.id, status=200, body=news(*titles), url=feed.url, etag=titles[0]),
                )

    def stop(self) -> None:
        pass


class Desktop:
    """Reads in this process."""

    def read(
        self, answers: Iterable[Answer], seen: datetime, meanwhile: Callable[[], object] = lambda: None
    ) -> Iterator[Reading]:
        for feed, answer in answers:
            document: Document | ReadError | None = None
            if isinstance(answer, Fetched) and answer.body is not None:
                document = read(answer.body, feed=feed, seen=seen)
            yield feed, answer, document

    def close(self) -> None:
        pass


Got = dict[ChannelId, list[Message]]


Opening = Callable[[], Database]
"""Opens one and the same database again."""


def tell(folder: Path, opening: Opening, got: Got, power: Power, chapters: Iterable[int]) -> Iterator[int]:
    """Start the watcher and let it work through chapters of the story; yield each that is done."""
    store = opening()
    try:
        frail: Any = FrailStore(store, power)
        frail.release()
        log = LogWithCourier(folder / "alerts", power, frail)
        channels: tuple[Channel, ...] = (
            log,
            *(FrailReceiver(name, power, got.setdefault(name, [])) for name in (DESK, NIGHT, CHIEF)),
        )
        for number in chapters:
            now = NOON + HOURS[number] * timedelta(hours=1)
            news_of = Agencies(STORY[number])
            world = World(
                fetcher=news_of,
                reader=Desktop(),
                store=frail,
                channels=channels,
                clock=lambda now=now: now,
                routes=ROUTES,
            )
            list(poll(FEEDS, world, RULES))
            if number == 1:
                assert Canary(Settings(data=str(folder)), world, log).attempt() == ""
            for channel in channels:
                deliver(channel, frail, world.clock, ROUTES.get(channel.id))
            yield number
    finally:
        store.close()


@dataclass
class Outcome:
    """What came of a telling."""

    log: list[dict[str, Any]]
    received: dict[ChannelId, list[Alert]]
    spoke: list[AlertId]
    """The alerts that spoke in messages to the desk, as they came."""

    @property
    def told(self) -> dict[ChannelId, list[tuple[str, str]]]:
        """What each receiver was told; a power cut may have a failing feed reported one poll earlier."""
        return {
            channel: sorted((alert.reason, alert.title) for alert in alerts)
            for channel, alerts in self.received.items()
        }

    @property
    def order(self) -> list[str]:
        """The alerts that spoke in messages to the desk, in the order of the log."""
        return [line["id"] for line in self.log if line["id"] in self.spoke]

    @property
    def incidents(self) -> list[str]:
        return [line["id"] for line in self.log if line["kind"] == "incident"]

    @property
    def others(self) -> list[str]:
        return sorted(line["reason"] for line in self.log if line["kind"] != "incident")


def outcome(folder: Path, opening: Opening, power: Power) -> Outcome:
    """Tell the whole story, starting again after a power cut."""
    folder.mkdir()
    got: Got = {}
    chapter = 0
    with suppress(PowerCut):
        for _ in tell(folder, opening, got, power, range(len(STORY))):
            chapter += 1
    for _ in tell(folder, opening, got, Power(), range(chapter, len(STORY))):
        pass
    lines = (folder / "alerts" / f"{NOON:%Y-%m-%d}.jsonl").read_text(encoding="utf-8").splitlines()
    received = {
        channel: list({alert.id: alert for message in messages for alert in message}.values())
        for channel, messages in got.items()
    }
    spoke = list(dict.fromkeys(message[0].id for message in got[DESK]))
    return Outcome(log=[json.loads(line) for line in lines], received=received, spoke=spoke)


@pytest.fixture(params=["sqlite", "postgres"])
def fresh(request: pytest.FixtureRequest) -> Iterator[Callable[[Path], Opening]]:
    """Return what makes a new database for a folder, in place of the last, and opens it."""
    if request.param == "sqlite":
        yield lambda folder: lambda: SqliteStore.open(folder / "watcher.db", durable=False)
        return
    server, made = request.getfixturevalue("postgres"), list[str]()

    def on_server(_: Path) -> Opening:
        while made:
            server.drop(made.pop())
        made.append(server.fresh())
        url = server.url(made[0])
        return lambda: PostgresStore.open(url, durable=False)

    yield on_server
    for database in made:
        server.drop(database)


@pytest.mark.slow
def test_a_power_cut_at_any_step_changes_nothing_in_the_end(
    tmp_path: Path, fresh: Callable[[Path], Opening], request: pytest.FixtureRequest, figure: Figure
) -> None:
    calm = Power()
    expected = outcome(tmp_path / "calm", fresh(tmp_path / "calm"), calm)
    assert {line["reason"] for line in expected.log} >= {
        *("new", "seeding", "budget", "unacknowledged", "feed_failing", "digest", "test")
    }
    assert expected.incidents
    assert len(expected.spoke) < len(expected.received[DESK])
    assert len(calm.steps) > 100

    every = stride(3 if "sqlite" in request.node.name else 20)  # it takes longest to make the databases
    for number, step in list(enumerate(calm.steps))[::every]:
        folder = tmp_path / str(number)
        after = outcome(folder, fresh(folder), Power(number))

        where = f"power cut before step {number}, {step}"
        assert after.incidents == expected.incidents, where
        assert after.others == expected.others, where
        assert after.told == expected.told, where
        assert after.order == after.spoke, where
    figure(
        f"{len(calm.steps)} steps, one of {every} tried, {len(expected.log)} alerts "
        f"of {len(set(expected.others))} kinds: "
        "the same after each"
    )
