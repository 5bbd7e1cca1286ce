"""Supervision of the service: systemd gets the truth, and a failing supervisor does not stop the service."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Event, Thread

import pytest

from tests.builders import an_alert, an_item
from tests.flow.harness import Harness, harness
from tests.flow.test_ticks import SlowNews
from tests.workspace import wait_until
from watcher.clock import utc_now
from watcher.errors import ConfigError, DeliveryError, Mistake, StoreError
from watcher.model.alerts import Alert, Reason
from watcher.model.polling import Cycle, Request
from watcher.pipeline import World, record
from watcher.ports import Answer
from watcher.service.daemon import Daemon, Plan, Supervision
from watcher.service.progress import ASKED, DUE_FEEDS, ROUND, Progress
from watcher.service.systemd import Notifier

PATIENCE = 20.0


class LastAlert(Notifier):
    """A notifier that remembers what it would have told."""

    def __init__(self) -> None:
        super().__init__({})
        self.said: list[str] = []

    def _tell(self, message: str) -> None:
        self.said.append(message.partition("=")[0])


@dataclass
class Service:
    """A service in this process, with its care."""

    made: Harness = field(default_factory=lambda: harness("wire"))
    notifier: LastAlert = field(default_factory=LastAlert)
    progress: Progress = field(default_factory=Progress)

    @contextmanager
    def running(self, *tasks: object, world: World | None = None, wrong: bool = False) -> Iterator[Daemon]:
        plan = Plan(feeds=self.made.feeds, rules=self.made.rules)

        def replan() -> Plan:
            if wrong:
                raise ConfigError([Mistake(file="i.yaml", line=1, column=1, what="it is empty")])
            return plan

        supervision = Supervision(
            progress=self.progress,
            tasks=tasks,  # type: ignore[arg-type]
            notifier=self.notifier,
            watchdog=True,
            every=0.2,
        )
        world = world or self.made.world
        daemon = Daemon(replace(world, clock=utc_now), plan, replan, lambda: None, supervision=supervision)
        thread = Thread(target=daemon.run)
        thread.start()
        try:
            yield daemon
        finally:
            daemon.stop()
            thread.join(PATIENCE)


def test_systemd_hears_that_the_service_is_ready_lives_and_stops() -> None:
    service = Service()

    with service.running():
        wait_until(lambda: service.notifier.said.count("WATCHDOG") > 3, "it gives signs of life")

    assert service.notifier.said[0] == "READY"
    assert service.notifier.said[-1] == "STOPPING"
    assert set(service.notifier.said[1:-1]) == {"WATCHDOG"}


@pytest.mark.parametrize("wrong", [False, True], ids=["good files", "wrong files"])
def test_systemd_hears_of_a_reload_from_its_begin_to_its_end(*, wrong: bool) -> None:
    service = Service()

    with service.running(wrong=wrong) as daemon:
        wait_until(lambda: "WATCHDOG" in service.notifier.said, "it runs")
        daemon.reload()
        wait_until(lambda: service.notifier.said.count("READY") == 2, "it has read its files again")

    told = [said for said in service.notifier.said if said != "WATCHDOG"]
    assert told == ["READY", "RELOADING", "READY", "STOPPING"]


@pytest.mark.parametrize("stuck", [ROUND, ASKED, "the delivery thread of channel desk"])
def test_systemd_hears_nothing_from_a_service_of_which_a_part_is_stuck(stuck: str) -> None:
    now = [0.0]
    service = Service(progress=Progress(lambda: now[0]))
    slow = SlowNews(service.made)
    looks: list[bool] = []

    def look() -> list[Cycle]:
        looks.append(bool(service.progress.stuck()))
        return []

    with service.running(look, world=replace(service.made.world, fetcher=slow)):
        assert slow.asked.wait(PATIENCE)
        wait_until(lambda: "WATCHDOG" in service.notifier.said, "it lives")
        now[0] = 1000.0
        for part in {ROUND, DUE_FEEDS, ASKED, "the delivery thread of channel desk"} - {stuck}:
            service.progress.sign(part)
        wait_until(lambda: looks.count(True) > 1, "it has looked")
        before = service.notifier.said.count("WATCHDOG")
        wait_until(lambda: looks.count(True) > 4, "it looks again and again")
        after = service.notifier.said.count("WATCHDOG")

    assert after == before


def test_a_round_that_is_only_long_is_told_of_and_ends_nothing() -> None:
    now = [0.0]
    progress = Progress(lambda: now[0])
    progress.sign(DUE_FEEDS)
    for _ in range(10):
        now[0] += 60
        progress.sign(ROUND)
        progress.sign(ASKED)

    assert progress.stuck() == ("no sign of feeds being asked when they are due for 10 minutes",)
    assert not progress.hangs()


class LongRound:
    """A fetcher whose first answer comes after an hour, and whose second does not come."""

    def __init__(self, made: Harness, now: list[float]) -> None:
        self._news, self._now, self._stopped = made.news, now, Event()

    def fetch(self, requests: Sequence[Request]) -> Iterator[Answer]:
        first, *_ = self._news.fetch(requests)
        self._now[0] += 3600
        yield first
        self._stopped.wait()

    def stop(self) -> None:
        self._stopped.set()


def test_every_feed_that_is_asked_in_a_long_round_is_a_sign_of_life() -> None:
    now = [0.0]
    service = Service(made=harness("wire", "other"), progress=Progress(lambda: now[0]))
    service.made.news.publishes("wire", an_item("North Korea fires missile"))  # recorded at once

    with service.running(world=replace(service.made.world, fetcher=LongRound(service.made, now))):
        wait_until(lambda: bool(service.made.store.states()), "a feed was asked")
        service.progress.sign("the delivery thread of channel desk")

        wait_until(lambda: not service.progress.hangs(), "it gets on")


def test_what_an_attendant_has_to_tell_is_logged_and_wakes_the_couriers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    service, said = Service(), [an_alert("The disk is nearly full")]

    def look() -> Iterator[Cycle]:
        while said:
            yield record(Cycle(alerts=(said.pop(),)), service.made.world)

    with service.running(look):
        wait_until(lambda: service.made.channel.taken, "people are told")

    (line,) = [record for record in caplog.records if record.getMessage() == "alert"]
    assert vars(line)["title"] == "The disk is nearly full"


@pytest.mark.parametrize("trouble", [StoreError("the disk is full"), ZeroDivisionError()])
def test_an_attendant_that_stumbles_ends_neither_the_service_nor_the_others(trouble: Exception) -> None:
    service, looks = Service(), []

    def stumble() -> list[Cycle]:
        raise trouble

    def look() -> list[Cycle]:
        looks.append(1)
        return []

    with service.running(stumble, look):
        wait_until(lambda: len(looks) > 3, "the other looks on")

    assert "WATCHDOG" in service.notifier.said


class Hoarse:
    """A channel that takes nothing."""

    id = harness().channel.id

    def send(self, alert: Alert, _also: Sequence[Alert] = ()) -> None:
        raise DeliveryError(f"HTTP 503 for {alert.id}")


def test_an_alert_that_a_channel_does_not_take_leaves_a_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    service = Service()
    service.made.news.publishes("wire", an_item("North Korea fires missile"))

    with service.running(world=replace(service.made.world, channels=(Hoarse(),))):
        wait_until(lambda: "delivery_failed" in caplog.messages, "the failure is logged")

    line = next(vars(record) for record in caplog.records if record.getMessage() == "delivery_failed")
    (alert,) = [alert for alert in service.made.store.alerts() if alert.reason is Reason.NEW]
    assert (line["channel"], line["error"]) == ("desk", f"HTTP 503 for {line['alert']}")
    assert alert.id in {alert.id for alert in service.made.store.alerts()}
