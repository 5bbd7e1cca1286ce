"""A story in, the real service at work on it out, on a clock that skips quiet days and runs an hour a second.

The service is the one of `watcher run`: the same daemon, fetcher, worker processes, store and channels. Only
its clock is the story's. A driver moves that clock; it waits when the service falls behind, so that a
slow machine shows the same story.
"""

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from queue import SimpleQueue
from threading import Event, Thread

from watcher.demo.story import Story
from watcher.errors import WatcherError
from watcher.model.alerts import Alert, ChannelId
from watcher.model.news import Feed
from watcher.model.routes import Route
from watcher.pipeline import World
from watcher.ports import RoundStore
from watcher.service.daemon import Daemon, Plan

EVERY = timedelta(minutes=5)
"""How often each outlet is polled."""

TERMINAL = Route(channel=ChannelId("terminal"))
"""The channel that the demo shows: it has no rules, so it gets what every new channel gets."""

_SPEED = 3600.0
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
    """The progress of the story: the scene, the story time told, and the messages since the last beat."""

    scene: str
    told: timedelta
    messages: tuple[Alert, ...]


class Inbox:
    """A channel that holds its messages until they are taken."""

    id = TERMINAL.channel

    def __init__(self) -> None:
        self._waiting = SimpleQueue[Alert]()

    def send(self, alert: Alert, _also: Sequence[Alert] = ()) -> None:
        """Take a message: the alert that speaks in it."""
        self._waiting.put(alert)

    def take(self) -> tuple[Alert, ...]:
        """Return the messages since the last call, the oldest first."""
        return tuple(self._waiting.get() for _ in range(self._waiting.qsize()))


def play(story: Story, clock: StoryClock, world: World, plan: Plan) -> Generator[Beat]:
    """Run the service through the story; yield as it goes on, and end when all that was seen is delivered.

    Raises:
        WatcherError: the service stopped, or stands still.
    """
    told, inbox = timedelta(), Inbox()
    world = replace(world, channels=(*world.channels, inbox), routes={**world.routes, inbox.id: TERMINAL})
    with _service(world, plan) as service:
        driver = _Driver(clock, world.store, plan.feeds, service)
        for scene in story.scenes:
            clock.put(scene.begins)
            while clock() < scene.ends:
                told += driver.step()
                yield Beat(scene=scene.title, told=told, messages=inbox.take())
        driver.wait_for_deliveries()
        yield Beat(scene=story.scenes[-1].title, told=told, messages=inbox.take())


@contextmanager
def _service(world: World, plan: Plan) -> Iterator[Thread]:
    daemon = Daemon(world, plan, lambda: plan, lambda: None, speed=_SPEED)
    thread = Thread(target=daemon.run, name="demo-service")
    thread.start()
    try:
        yield thread
    finally:
        daemon.stop()
        thread.join()


class _Driver:
    """Moves the clock, never further than the service can follow."""

    def __init__(
        self, clock: StoryClock, store: RoundStore, feeds: tuple[Feed, ...], service: Thread
    ) -> None:
        self._clock, self._store, self._feeds, self._service = clock, store, feeds, service
        self._never = Event()
        self._moved = time.monotonic()

    def step(self) -> timedelta:
        """Let a moment pass; return how much of the story it told: nothing while the service is behind."""
        self._rest()
        if self._is_behind():
            return timedelta()
        self._moved = time.monotonic()
        told = timedelta(seconds=_STEP * _SPEED)
        self._clock.put(self._clock() + told)
        return told

    def wait_for_deliveries(self) -> None:
        """Wait until every channel has everything."""
        while any(states.get("pending") for states in self._store.delivery_counts().values()):
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
