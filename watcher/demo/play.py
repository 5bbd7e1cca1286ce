"""A story in, the real service at work on it out, on a clock that tells an hour in a second.

The service is the one of `watcher run`: the same daemon, fetcher, worker processes, store and channels. Only
its clock is the story's. The director moves that clock; it waits when the service falls behind, so that a
slow machine tells the same story.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread

from watcher.demo.story import Story
from watcher.errors import WatcherError
from watcher.model.alerts import ALERT_LOG
from watcher.model.news import Feed
from watcher.pipeline import World
from watcher.ports import Store
from watcher.service.daemon import Daemon, Plan

EVERY = timedelta(minutes=5)
"""How often each outlet is polled."""

_PACE = 3600.0
_STEP = 0.025
_BEHIND = timedelta(minutes=4)
_PATIENCE = 30.0


class StoryClock:
    """A clock that stands where it was put."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def __call__(self) -> datetime:
        """Return the moment of the story."""
        return self._now

    def put(self, moment: datetime) -> None:
        """Set the clock."""
        self._now = moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """How far the story is: the scene, and how much time has been told."""

    scene: str
    now: datetime
    told: timedelta


def play(story: Story, clock: StoryClock, world: World, plan: Plan) -> Iterator[Beat]:
    """Run the service through the story; yield as it goes on, and end when all that was seen is delivered.

    Raises:
        WatcherError: the service stopped, or stands still.
    """
    told = timedelta()
    with _service(world, plan) as service:
        director = _Director(clock, world.store, plan.feeds, service)
        for scene in story.scenes:
            clock.put(scene.begins)
            while clock() < scene.ends:
                told += director.step()
                yield Beat(scene=scene.title, now=clock(), told=told)
        director.wait_for_deliveries()


@contextmanager
def _service(world: World, plan: Plan) -> Iterator[Thread]:
    daemon = Daemon(world, plan, lambda: plan, lambda: None, pace=_PACE)
    thread = Thread(target=daemon.run, name="demo-service")
    thread.start()
    try:
        yield thread
    finally:
        daemon.stop()
        thread.join()


class _Director:
    """Moves the clock, never further than the service can follow."""

    def __init__(self, clock: StoryClock, store: Store, feeds: tuple[Feed, ...], service: Thread) -> None:
        self._clock, self._store, self._feeds, self._service = clock, store, feeds, service
        self._never = Event()
        self._moved = time.monotonic()

    def step(self) -> timedelta:
        """Let a moment pass; return how much of the story it told, which is nothing while the service is behind."""
        self._rest()
        if self._is_behind():
            return timedelta()
        self._moved = time.monotonic()
        told = timedelta(seconds=_STEP * _PACE)
        self._clock.put(self._clock() + told)
        return told

    def wait_for_deliveries(self) -> None:
        """Wait until the alert log has everything."""
        while self._store.outbox().get(ALERT_LOG, {}).get("pending"):
            self._rest()

    def _rest(self) -> None:
        self._never.wait(_STEP)
        if not self._service.is_alive():
            raise WatcherError(
                "the service ended in the middle of the demo; `watcher demo --keep` keeps its log"
            )
        if time.monotonic() - self._moved > _PATIENCE:
            raise WatcherError(
                f"the service has stood still for {_PATIENCE:g} seconds; `watcher demo --keep` keeps its log"
            )

    def _is_behind(self) -> bool:
        states, late = self._store.states(), self._clock() - _BEHIND
        return any(feed.id not in states or states[feed.id].next_due < late for feed in self._feeds)
