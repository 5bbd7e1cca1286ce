"""The daemon's tick: when it comes again after trouble, on a fast clock and with fakes for the world."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from threading import Event, Thread, Timer

import pytest

from tests.builders import an_alert, an_item
from tests.flow.harness import Harness, harness
from tests.workspace import wait_until
from watcher.clock import utc_now
from watcher.errors import DeliveryError
from watcher.model.alerts import Delivery
from watcher.model.news import FeedId
from watcher.model.polling import Cycle, FeedState, Request
from watcher.model.review import Action
from watcher.pipeline import World, poll
from watcher.ports import Answer
from watcher.service import scheduler
from watcher.service.courier import Courier
from watcher.service.daemon import Daemon, Plan

pytestmark = pytest.mark.usefixtures("each_store")

PATIENCE = 20.0
A_MOMENT = 0.5
"""Long enough for ten ticks that do not rest, which is what must not come."""


@contextmanager
def running(made: Harness, world: World) -> Iterator[Daemon]:
    plan = Plan(feeds=made.feeds, rules=made.rules)
    daemon = Daemon(world, plan, lambda: plan, lambda: None)
    thread = Thread(target=daemon.run)
    thread.start()
    try:
        yield daemon
    finally:
        daemon.stop()
        thread.join(PATIENCE)


class Heard(logging.Handler):
    """Waits for a line of the log: that it comes once, and again."""

    def __init__(self, begins: str) -> None:
        super().__init__()
        self._begins = begins
        self.once, self.again = Event(), Event()

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().startswith(self._begins):
            (self.again if self.once.is_set() else self.once).set()


@contextmanager
def hearing(event: str, by: str = "watcher.service") -> Iterator[Heard]:
    handler = Heard(event)
    logger = logging.getLogger(by)
    logger.addHandler(handler)
    try:
        yield handler
    finally:
        logger.removeHandler(handler)


def test_feeds_are_not_asked_again_and_again_while_the_disk_is_full() -> None:
    made = harness("wire")
    made.news.publishes("wire", an_item("North Korea fires missile", feed="wire"))
    made.store.record(Cycle(states=(FeedState(feed=FeedId("wire"), next_due=utc_now(), seeded=True),)), [])
    made.store.full = True

    with hearing("store_unusable") as heard, running(made, replace(made.world, clock=utc_now)):
        assert heard.once.wait(PATIENCE)
        assert not heard.again.wait(A_MOMENT)

    assert len(made.news.requests) == 1


class SlowNews:
    """A fetcher that answers when it may."""

    def __init__(self, made: Harness) -> None:
        self._news = made.news
        self.asked, self.may_answer = Event(), Event()

    def fetch(self, requests: Sequence[Request]) -> Iterator[Answer]:
        self.asked.set()
        assert self.may_answer.wait(PATIENCE)
        return self._news.fetch(requests)

    def stop(self) -> None:
        self.may_answer.set()


def test_a_reload_that_is_asked_for_during_a_tick_starts_no_second_one() -> None:
    made = harness("wire")
    slow = SlowNews(made)

    with (
        hearing("Execution of job", "apscheduler.scheduler") as skipped,
        running(made, replace(made.world, clock=utc_now, fetcher=slow)) as daemon,
    ):
        assert slow.asked.wait(PATIENCE)
        daemon.reload()
        assert not skipped.once.wait(A_MOMENT)


def test_a_service_that_nothing_lets_tick_again_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    made = harness("wire")
    plan = Plan(feeds=made.feeds, rules=made.rules)
    daemon = Daemon(made.world, plan, lambda: plan, lambda: None)

    def cannot_be_loaded(*_: object) -> None:
        raise ImportError("half of an upgrade")

    monkeypatch.setattr(scheduler, "Scheduler", cannot_be_loaded)
    late = Timer(PATIENCE, daemon.stop)
    late.start()

    with pytest.raises(ImportError, match="half of an upgrade"):
        daemon.run()

    late.cancel()
    assert made.store.noted("service") == "started"


# --- with nothing due ---------------------------------------------------------------------------------------


def idle(made: Harness) -> None:
    """Let the feed be due in an hour."""
    due = FeedState(feed=FeedId("wire"), next_due=utc_now() + timedelta(hours=1), seeded=True)
    made.store.record(Cycle(states=(due,)), [])


def test_with_nothing_due_a_tick_comes_every_fifteen_seconds_and_is_not_noted_each_time() -> None:
    made = harness("wire")
    idle(made)

    with running(made, replace(made.world, clock=utc_now)) as daemon:
        wait_until(lambda: made.store.noted("last_tick"), "the first tick is over")
        noted = made.store.noted("last_tick")
        daemon._tick()
        rest = daemon._next_tick - utc_now()

    assert timedelta(seconds=10) < rest <= timedelta(seconds=15)
    assert made.store.noted("last_tick") == noted
    assert made.news.requests == []


def test_files_and_reviewers_are_heeded_within_fifteen_seconds_whatever_is_due_in_between() -> None:
    made = harness("wire")
    plan, looks = Plan(feeds=made.feeds, rules=made.rules), list[str]()
    joins = made.store.joins_asked

    def compared() -> None:
        looks.append("files")

    def asked(after: str) -> Sequence[Action]:
        looks.append("reviewers")
        return joins(after)

    made.store.joins_asked = asked  # type: ignore[method-assign]
    daemon = Daemon(made.world, plan, lambda: plan, compared, known_files="known")
    daemon._tick()
    latest = daemon._next_tick - utc_now()
    looks.clear()

    made.clock.now += timedelta(seconds=15) - latest
    daemon._tick()

    assert looks == ["files", "reviewers"]


class Rests(Event):
    """Knows how long it was waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout)
        return super().wait(timeout)


@pytest.mark.parametrize("waits", [False, True])
def test_a_courier_rests_longer_when_nothing_waits(*, waits: bool) -> None:
    made = harness("wire")
    if waits:
        made.channel.refuses(DeliveryError("the desk is away"))
    made.news.publishes("wire", an_item("North Korea fires missile", feed="wire"))
    list(poll(made.feeds, made.world, made.rules))
    courier = Courier(made.channel, made.store, made.clock, rest=120.0)
    courier._woken = rests = Rests()

    courier.start()
    wait_until(lambda: rests.seconds, "it has looked")
    courier.stop(PATIENCE)

    assert rests.seconds[0] == (5.0 if waits else 120.0)
    assert bool(made.channel.taken) is not waits


def test_a_courier_is_woken_for_what_another_process_left() -> None:
    made = harness("wire")
    idle(made)
    alert = an_alert()

    with running(made, replace(made.world, clock=utc_now)) as daemon:
        wait_until(lambda: made.store.noted("last_tick"), "the first tick is over")
        made.store.record(
            Cycle(alerts=(alert,)), [Delivery(channel=made.channel.id, alert=alert, next_try=alert.at)]
        )
        daemon._bell.ring()  # as the watch does every 15 seconds
        wait_until(lambda: made.channel.taken, "it is delivered")
