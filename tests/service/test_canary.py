"""The daily try of the whole line: the real fetcher, worker processes, matcher, store, courier and log."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path

import pytest

from tests.fakes import FakeChannel
from tests.workspace import wait_until
from watcher import bootstrap
from watcher.channels.log import AlertLog
from watcher.collection.vitals import DAY
from watcher.delivery.digest import Coverage, digest_of
from watcher.errors import ReadError
from watcher.model.alerts import ALERT_LOG, Alert, ChannelId, Kind, Reason
from watcher.model.routes import Route, Schedule
from watcher.model.settings import FetchSettings, Settings
from watcher.pipeline import World
from watcher.ports import Answer, Reading
from watcher.service import canary, courier
from watcher.service.canary import Canary
from watcher.service.courier import Courier

HOUR = 3600.0


class Aviary:
    """A world with a canary, couriers for its channels, and a clock for the canary alone."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(data=str(folder), fetch=FetchSettings(proxy="http://proxy.example:3128"))
        self.people = FakeChannel(ChannelId("desk"))
        opened = bootstrap.open_world(self.settings)
        self.world: World = replace(opened, channels=(*opened.channels, self.people))
        self.now = 0.0
        log = self.world.channels[0]
        assert isinstance(log, AlertLog)
        self.log = log
        self.canary = self.a_canary()
        self.couriers = [
            Courier(channel, self.world.store, self.world.clock) for channel in self.world.channels
        ]

    def a_canary(self, **changes: object) -> Canary:
        return Canary(self.settings, replace(self.world, **changes), self.log, lambda: self.now)  # type: ignore[arg-type]

    def look(self, after: float = 0.0) -> list[Alert]:
        """Look after some time; a try that begins ends before the next look."""
        self.now += after
        alerts = [alert for cycle in self.canary.look() for alert in cycle.alerts]
        if thread := self.canary._thread:
            thread.join()
        return alerts

    def lines(self) -> list[Alert]:
        return [alert for alert in self.world.store.alerts() if alert.kind is Kind.TEST]


@pytest.fixture
def aviary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aviary]:
    monkeypatch.setattr(
        courier, "_LOOK_EVERY", 0.05
    )  # nobody wakes a courier of the log for the sake of a test
    made = Aviary(tmp_path)
    for each in made.couriers:
        each.start()
    yield made
    for each in made.couriers:
        each.stop(5)
    made.world.reader.close()
    made.world.store.close()


def test_the_item_arrives_in_the_log_as_a_test_and_nowhere_else(aviary: Aviary) -> None:
    assert aviary.canary.attempt() == ""

    (line,) = aviary.lines()
    assert aviary.log.has(line)
    assert (line.kind, line.reason, line.indicator, line.only) == (
        Kind.TEST,
        Reason.TEST,
        "canary",
        ALERT_LOG,
    )
    assert aviary.people.taken == []
    counts = aviary.world.store.counts()  # type: ignore[attr-defined]
    assert {
        name: counts[name] for name in ("feeds", "items", "hits", "incidents", "decisions")
    } == dict.fromkeys(("feeds", "items", "hits", "incidents", "decisions"), 0)
    assert [
        path.name for path in Path(aviary.settings.data).iterdir() if path.name.startswith("canary")
    ] == []


def test_no_digest_tells_of_it(aviary: Aviary) -> None:
    aviary.canary.attempt()
    alerts, now = aviary.world.store.alerts(), aviary.world.clock()
    route = Route(channel=ChannelId("desk"), digest=Schedule(name="daily", times=(time(8),)))

    (told,) = digest_of(route, alerts, Coverage(), now - DAY, now + DAY).alerts

    assert (len(alerts), told.entries) == (1, ())


def test_it_flies_once_a_day_and_says_when_it_arrived(aviary: Aviary) -> None:
    aviary.look()
    assert aviary.lines() == []

    aviary.look(after=301)
    aviary.look()
    for _ in range(23):
        aviary.look(after=HOUR)
    assert len(aviary.lines()) == 1
    assert aviary.world.store.noted("canary")

    aviary.look(after=HOUR)

    assert len(aviary.lines()) == 2


def test_a_restart_does_not_make_it_fly_again_on_the_same_day(aviary: Aviary) -> None:
    aviary.world.store.note("canary", aviary.world.clock().isoformat())
    aviary.canary = aviary.a_canary()

    aviary.look(after=HOUR)

    assert aviary.lines() == []


class BlindReader:
    """A reader whose workers cannot read."""

    def read(
        self, answers: Iterable[Answer], seen: datetime, meanwhile: Callable[[], object] = lambda: None
    ) -> Iterator[Reading]:
        for feed, answer in answers:
            yield feed, answer, ReadError("limit", "the worker ended")

    def close(self) -> None:
        pass


def test_an_item_that_is_lost_is_told_once_and_tried_every_hour_until_it_arrives(aviary: Aviary) -> None:
    well, aviary.canary = aviary.canary, aviary.a_canary(reader=BlindReader())
    aviary.look(after=301)
    (alert,) = aviary.look()
    again = [alert for _ in range(4) for alert in aviary.look(after=HOUR)]

    aviary.canary = well
    aviary.look(after=HOUR)
    (over,) = aviary.look()

    assert (alert.reason, alert.severity.word) == (Reason.CANARY_LOST, "high")
    assert "limit: the worker ended" in alert.title
    assert again == []
    assert over.reason is Reason.RECOVERED
    wait_until(lambda: len(aviary.people.taken) == 2, "people are told of both")


def test_a_line_that_is_not_in_the_log_is_lost(aviary: Aviary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canary, "_LOOKS", 2)  # in earnest it is two minutes
    monkeypatch.setattr(aviary.log, "has", lambda _: False)

    lost = aviary.canary.attempt()

    assert lost == "its line was not in the alert log after 0.4 seconds"
