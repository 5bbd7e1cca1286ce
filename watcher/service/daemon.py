"""The service: a plan and a world in, polling until told to stop.

APScheduler is the clock: one tick, re-armed to the next feed that is due, asks the store who is due (a job
per feed would let ten hung feeds starve the rest, and a late run be dropped). The tick works in the
scheduler's own thread, so that polls never overlap. Only the first one comes before: APScheduler takes as
long to load as all else that asks the first feeds. The scheduler goes by the wall clock, which can be set
back; the thread that called `run` goes by the monotonic one, and gives the tick a push when it is overdue.
The same thread runs what looks after the service (`Supervision`), and tells systemd that it lives for as long
as rounds of polls end, feeds that are due are fetched, and every courier gets on.

With nothing due, either thread wakes up every 15 seconds or so, and a courier every two minutes.
"""

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from threading import Lock, Thread
from typing import TYPE_CHECKING, Protocol

from watcher.alerting.build import alert_of_rejection
from watcher.clock import utc_now
from watcher.collection.vitals import NO_FEED_REACHED, causes_of, none_reached
from watcher.delivery.routing import own_route
from watcher.errors import ConfigError, StoreError
from watcher.model.alerts import ChannelId
from watcher.model.news import Feed
from watcher.model.polling import Cycle, Poll, PollStatus
from watcher.nodes.leasing import next_tick
from watcher.pipeline import RoundStep, Rules, World, end_round, poll_feeds, record, steps_for_news
from watcher.pipeline.naming import names_of_nothing, take_names
from watcher.pipeline.round_end import steps_for_service
from watcher.polling.timetable import Timetable
from watcher.ports import Channel
from watcher.service.bell import Bell
from watcher.service.courier import Courier
from watcher.service.memory import give_back
from watcher.service.progress import ASKED, DUE_FEEDS, ROUND, Progress
from watcher.service.systemd import Notifier

if TYPE_CHECKING:
    from watcher.service.scheduler import Scheduler

_LONGEST_REST, _LOOK_REST = timedelta(seconds=14), timedelta(seconds=1)
"""A tick comes at least this often, to notice changed files and what reviewers did within fifteen seconds.

Where ticks come oftener, not all of them look for that, and few at all feeds.
"""

_SHORTEST_REST = timedelta(milliseconds=50)
_IDLE = timedelta(seconds=10)
"""With nothing due for so long the worker processes are ended; they start again in a tenth of a second."""

_OVERDUE = 90.0
"""Seconds without a finished tick after which the next one is armed at once."""

_UNASKED = timedelta(minutes=3)
"""A feed that is due for longer than this has been forgotten."""

_NOTED_EVERY = timedelta(minutes=2)
"""How often a tick is noted: to note it, the disk is waited for, and polls are recorded with their times."""

LOOK_EVERY = 15.0
"""Seconds after which whatever looks after the service looks again."""

_STOP_PATIENCE = 5.0
_COURIER_REST = 120.0
"""Seconds that a courier rests who is told of every alert and for whom nothing waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to poll and what to look for.

    `content` names the content of the files that this was read from. `asked` says that somebody asked for
    them to be read.
    """

    feeds: tuple[Feed, ...]
    rules: Rules
    content: str = ""
    asked: bool = False


class Rounds(Protocol):
    """How rounds of polls are made: what is polled at a tick, and when the next feed is due.

    `rest` is how long the next tick waits at least, `longest_rest` at most.
    """

    rest: timedelta
    longest_rest: timedelta
    world: World

    @property
    def under_way(self) -> int:
        """How many batches are being polled outside of ticks."""
        ...

    def start(self, take: Callable[[Iterable[Cycle]], None]) -> None:
        """Begin to work; cycles that come outside of ticks are for `take`."""

    def polled(self, plan: Plan) -> Iterator[Cycle]:
        """Poll what is due, or see that it is polled; yield recorded cycles."""

    def first_due(self, plan: Plan, /) -> datetime | None:
        """Return when the first feed is due that is not being polled."""

    def in_charge(self) -> bool:
        """Say whether this service does what one of several does for all."""

    def delivers(self, channel: ChannelId, /) -> bool:
        """Say whether this service delivers a channel now."""

    def takes_names(self) -> bool:
        """Say whether a plan that is taken at once gives its names to what was recorded."""

    def stop(self, patience: float) -> None:
        """Begin nothing more, and let what is under way end."""


class Seldom:
    """Says when something is to be done again, by a clock that may be set back."""

    def __init__(self, every: timedelta) -> None:
        self._every = every
        self._done: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """Say whether to do it now, which counts as done."""
        if self._done is not None and self._done <= now < self._done + self._every:
            return False
        self._done = now
        return True


class Alone(Rounds):
    """The rounds of a service that has its store to itself: each feed when it is due.

    A tick costs what is due. What follows from time, or concerns all feeds, is looked at now and then.
    """

    rest, longest_rest = _SHORTEST_REST, _LONGEST_REST
    under_way = 0

    def __init__(self, world: World) -> None:
        self.world = world
        self._feeds: tuple[Feed, ...] = ()
        self._timetable, self._learned = Timetable(()), 0
        self._noted, self._ended = Seldom(_NOTED_EVERY), Seldom(_LOOK_REST)
        self._looked = Seldom(_LONGEST_REST)

    def start(self, take: Callable[[Iterable[Cycle]], None]) -> None:
        """All is done in ticks."""

    def polled(self, plan: Plan) -> Iterator[Cycle]:
        """Poll the feeds that are due; end the round if there is news, and now and then."""
        world = self.world
        self._learn(plan)
        began, steps = world.clock(), tuple[RoundStep, ...]()
        for cycle in poll_feeds(self._timetable.due(began), world, plan.rules):
            steps = steps or (steps_for_news(plan.rules) if cycle.items else ())
            yield cycle
        if self._ended.is_due(began):
            steps = steps_for_news(plan.rules)
        if self._looked.is_due(began):
            steps = (*steps, *steps_for_service(began, world.routes))
        yield from end_round(steps, world)
        now = world.clock()
        if self._noted.is_due(now):
            world.store.note("last_tick", now.isoformat())

    def first_due(self, plan: Plan) -> datetime | None:
        """Return when the next feed is due."""
        self._learn(plan)
        return self._timetable.first_due()

    def _learn(self, plan: Plan) -> None:
        """Bring the timetable up to date."""
        if plan.feeds is not self._feeds:
            self._feeds = plan.feeds
            self._timetable, self._learned = Timetable(plan.feeds), 0
        self._learned, states = self.world.store.changed_states(self._learned)
        self._timetable.learn(states)

    def in_charge(self) -> bool:
        """Say that there is no other."""
        return True

    def delivers(self, _channel: ChannelId) -> bool:
        """Say that there is no other."""
        return True

    def takes_names(self) -> bool:
        """Say that there is nobody to ask."""
        return True

    def stop(self, patience: float) -> None:
        """The tick under way ends by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervision:
    """What looks after the service while it works.

    Each of the `tasks` is called after so many seconds (`every`), returns soon, and yields cycles that it has
    recorded. `watchdog` says whether systemd expects signs of life.
    """

    progress: Progress = field(default_factory=Progress)
    tasks: tuple[Callable[[], Iterable[Cycle]], ...] = ()
    notifier: Notifier = field(default_factory=lambda: Notifier({}))
    watchdog: bool = False
    every: float = LOOK_EVERY


class Daemon:
    """Polls, decides and delivers until stopped.

    `replan` reads the analyst's files anew and raises `ConfigError` when they are wrong; `fingerprint`
    changes when they do, and was `known_files` when the plan was read. `speed` is how many seconds pass on
    the world's clock in one second: the demo shows hours in seconds.
    """

    def __init__(  # noqa: PLR0913 - it is wired in one place
        self,
        world: World,
        plan: Plan,
        replan: Callable[[], Plan],
        fingerprint: Callable[[], object],
        *,
        known_files: object = None,
        speed: float = 1.0,
        supervision: Supervision | None = None,
        rounds: Rounds | None = None,
    ) -> None:
        self._world, self._plan, self._replan, self._fingerprint = world, plan, replan, fingerprint
        self._known_files, self._speed = known_files or fingerprint(), speed
        self._supervision, self._rounds = supervision or Supervision(), rounds or Alone(world)
        self._progress, self._notifier = self._supervision.progress, self._supervision.notifier
        self._couriers = {channel.id: self._courier(channel) for channel in world.channels}
        self._compared = Seldom(_LOOK_REST)
        self._stopped = self._reload_asked = self._none_reached = False
        self._bell = Bell()
        self._ticking = Lock()
        self._last_tick, self._next_tick = time.monotonic(), utc_now()
        self._log = logging.getLogger("watcher.service")
        self._scheduler: Scheduler | None = None
        self._broken: Exception | None = None

    @property
    def plan(self) -> Plan:
        """What is polled and looked for now: the last good plan."""
        return self._plan

    def run(self) -> None:
        """Work until `stop`, and return within ten seconds of it.

        Work that has not ended by then may run again without harm. What keeps ticks from coming ends it, too,
        and is raised.
        """
        self._world.store.note("config_rejected", "")
        self._world.store.note("service", "started")
        self._log.info("started", extra=self._size())
        self._take_names()
        for courier in self._couriers.values():
            courier.start()
        for part in (ROUND, DUE_FEEDS, ASKED):
            self._progress.sign(part)
        self._rounds.start(self._take)
        beginning = _apart(self._begin)
        self._notifier.ready()
        with self._bell.rung_by_signals():
            while not self._stopped:
                self._bell.wait(self._supervision.every)
                self._watch()
                self._supervise()
        self._notifier.stopping()
        deadline = time.monotonic() + _STOP_PATIENCE
        self._world.fetcher.stop()
        ending = _apart(lambda: self._end_ticks(beginning))
        self._rounds.stop(_STOP_PATIENCE)
        ending.join(_STOP_PATIENCE)
        for courier in self._couriers.values():
            courier.stop(max(0.1, deadline - time.monotonic()))
        if self._broken:
            raise self._broken  # and `status` says that somebody has to start the service
        with suppress(StoreError):  # then `status` says that the service has ended, and it has
            self._world.store.note("service", "")
        self._log.info("stopped", extra={"in_the_middle_of_a_poll": ending.is_alive()})

    def stop(self) -> None:
        """Ask for the end; safe in a signal handler."""
        self._stopped = True
        self._bell.ring()

    def reload(self) -> None:
        """Ask for the analyst's files to be read now; safe in a signal handler."""
        self._reload_asked = True
        self._bell.ring()

    def _courier(self, channel: Channel) -> Courier:
        sign = partial(self._progress.sign, f"the delivery thread of channel {channel.id}")
        route = own_route(channel.id, self._world.routes)
        may = partial(self._rounds.delivers, channel.id)
        rest = (
            {"rest": _COURIER_REST} if isinstance(self._rounds, Alone) else {}
        )  # others' alerts are not told
        return Courier(channel, self._world.store, self._world.clock, route, sign, may, **rest)

    def _size(self) -> dict[str, int]:
        return {"feeds": len(self._plan.feeds), "indicators": len(self._plan.rules.indicators)}

    def _begin(self) -> None:
        """Let the first tick come, and then the scheduler call the others."""
        try:
            self._tick()
        except Exception as error:  # noqa: BLE001 - as APScheduler does with the others
            self._on_trouble(error)
        if self._stopped:
            return
        try:
            from watcher.service.scheduler import Scheduler  # noqa: PLC0415 - see above

            self._scheduler = Scheduler(self._tick, lambda: self._next_tick, _SHORTEST_REST, self._on_trouble)
        except Exception as error:  # noqa: BLE001 - raised by the thread that waits for the end
            self._broken = error
            self.stop()
            return
        if self._reload_asked:
            self._tick_now()

    def _end_ticks(self, beginning: Thread) -> None:
        beginning.join()
        if self._scheduler:
            self._scheduler.stop()

    # --- in the scheduler's thread --------------------------------------------------------------------------

    def _tick(self) -> None:
        """Take changed files, poll the feeds that are due, and say when the next tick comes."""
        with self._ticking:
            world, next_due = self._world, self._latest()
            first_due: datetime | None = next_due
            # after trouble too: feeds that are still due are not fetched again at once
            self._rest_until(next_due)
            if self._stopped:
                return
            try:
                self._take_changes()
                self._take(self._rounds.polled(self._plan))
                first_due, now = self._rounds.first_due(self._plan), world.clock()
                next_due = next_tick(first_due, now, self._latest(), self._rounds.rest)
                if first_due is None or first_due > now - _UNASKED:
                    self._progress.sign(DUE_FEEDS)
                    self._progress.sign(ASKED)
            except StoreError as error:
                self._log.error("store_unusable", extra={"error": str(error)})
            finally:
                self._last_tick = time.monotonic()
                self._progress.sign(ROUND)
                self._rest_until(world.clock() if self._reload_asked else next_due)
                idle = (first_due or next_due) >= world.clock() + _IDLE * self._speed
                if idle and not self._rounds.under_way:
                    world.reader.close()
                    give_back()

    def _take(self, cycles: Iterable[Cycle]) -> None:
        """Report cycles as they are recorded, until the service stops."""
        failed, worked = list[Poll](), False
        for cycle in cycles:
            self._progress.sign(ROUND)
            if cycle.polls:
                self._progress.sign(ASKED)
            wrong = [polled for polled in cycle.polls if polled.status is PollStatus.ERROR]
            failed, worked = failed + wrong, worked or len(wrong) < len(cycle.polls)
            self._report(cycle)
            if self._stopped:
                break
        if failed:
            self._report_failures(failed, [] if worked else self._last_errors())

    def _last_errors(self) -> list[str]:
        """Return the last error of each feed that was tried; empty where there is none."""
        states = self._world.store.states()
        tried = [states[feed.id] for feed in self._plan.feeds if feed.id in states]
        return [state.error for state in tried if state.last_poll]

    def _report_failures(self, failed: Sequence[Poll], errors: Sequence[str]) -> None:
        """Log each feed that failed.

        Where no feed can be reached, by the last errors of all, one line says so for all of them, when it
        begins.
        """
        before, self._none_reached = self._none_reached, none_reached(errors)
        for polled in failed:
            level = logging.DEBUG if self._none_reached else logging.WARNING
            self._log.log(level, "feed_failed", extra={"feed": polled.feed, "error": polled.error})
        if self._none_reached and not before:
            facts = {"feeds": len(errors), "causes": causes_of(errors), "for_instance": errors[0]}
            self._log.warning("no_feed_reached", extra={"why": NO_FEED_REACHED, **facts})

    def _report(self, cycle: Cycle) -> None:
        """Log what a cycle brought, and wake the couriers when there are alerts."""
        for polled in cycle.polls:
            if polled.new or polled.notes:
                facts = {name: getattr(polled, name) for name in ("feed", "items", "new")}
                self._log.info("polled", extra=facts | {"hits": len(cycle.hits), "notes": polled.notes})
        for alert in cycle.alerts:
            facts = {name: getattr(alert, name) for name in ("id", "reason", "indicator")}
            self._log.info("alert", extra=facts | {"severity": alert.severity.word, "title": alert.title})
        if cycle.alerts:
            for courier in self._couriers.values():
                courier.wake()

    def _take_changes(self) -> None:
        """Read changed files, or keep the last good plan and report why.

        The log has a line each time, and an alert is made once for each state of the files.
        """
        if not self._reload_asked and not self._compared.is_due(self._world.clock()):
            return
        files = self._fingerprint()
        if files == self._known_files and not self._reload_asked:
            return
        asked, self._reload_asked = self._reload_asked, False
        self._notifier.reloading()
        try:
            self._plan = replace(self._replan(), asked=asked)
        except ConfigError as error:
            facts = {"kept": "the last good one", "mistakes": [str(mistake) for mistake in error.mistakes]}
            self._log.error("config_rejected", extra=facts)
            self._world.store.note("config_rejected", str(error))
            if files != self._known_files:
                alert = alert_of_rejection(error.mistakes, self._world.clock())
                self._report(record(Cycle(alerts=(alert,)), self._world))
        else:
            self._log.info("config_taken", extra=self._size())
            self._world.store.note("config_rejected", "")
            self._take_names()
        finally:
            self._notifier.ready()
        self._known_files = files

    def _take_names(self) -> None:
        """Let what was recorded go by the names of the list, and warn of who goes by a name of nothing."""
        world, listed = self._world, self._plan.rules.matcher.listed
        if self._rounds.takes_names():
            take_names(listed, world.store)
        for what in names_of_nothing(world.routes, world.store, world.clock()):
            self._log.warning("name_of_nothing", extra={"what": what})

    def _latest(self) -> datetime:
        return self._world.clock() + self._rounds.longest_rest * self._speed

    def _rest_until(self, moment: datetime) -> None:
        rest = max((moment - self._world.clock()) / self._speed, _SHORTEST_REST)
        self._next_tick = utc_now() + rest

    def _on_trouble(self, error: BaseException) -> None:
        self._log.error("tick_failed", extra={"error": repr(error)})

    # --- in the thread that called `run` --------------------------------------------------------------------

    def _watch(self) -> None:
        """Let a tick come now when it is overdue, or when the files are to be read now."""
        quiet = time.monotonic() - self._last_tick
        if overdue := quiet > _OVERDUE:
            self._log.error("tick_overdue", extra={"seconds": round(quiet)})
            self._last_tick = time.monotonic()
        # a tick under way says itself when the next one comes
        if (overdue or self._reload_asked) and not self._ticking.locked():
            _apart(self._tick_now)

    def _tick_now(self) -> None:
        if self._scheduler:
            self._scheduler.tick_at(utc_now())

    def _wake_couriers(self) -> Iterable[Cycle]:
        """Wake the couriers for whom another process may have left something, as `channels retry` does."""
        for first in self._world.store.first_waiting():
            if courier := self._couriers.get(first.channel):
                courier.wake()
        return ()

    def _supervise(self) -> None:
        for task in (self._wake_couriers, *self._supervision.tasks):
            try:
                for cycle in task():
                    self._report(cycle)
            except StoreError as error:
                self._log.error("store_unusable", extra={"error": str(error)})
            except Exception:  # noqa: BLE001 - what looks after the service must not end it; it is logged whole
                self._log.exception("attendant_stumbled")
        if self._supervision.watchdog and not self._progress.hangs():
            self._notifier.alive()


def _apart(work: Callable[[], object]) -> Thread:
    """Begin some work that takes as long as a tick, for which the scheduler keeps its lock."""
    thread = Thread(target=work, name="scheduler-call", daemon=True)
    thread.start()
    return thread
