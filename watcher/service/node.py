"""A database that several services share in, this node's part of the work out.

Each node leases feeds that are due and posts them in batches to a queue that all nodes share; its workers
poll the batches that anybody posted. What all nodes would do alike, one node in charge does: the end of a
round, the alert log, and what looks after the service. `watcher.nodes` decides; this is where it is done.

Three threads are at work beside the couriers: the tick, the workers of the queue, and the pulse, which gives
signs of life, compares clocks and renews the leases of what is under way, and so must wait for neither.
"""

import logging
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from socket import gethostname
from threading import Event, Lock, Thread

import watcher
from watcher.bootstrap import Shared
from watcher.errors import StoreError, TooLateError
from watcher.model.alerts import ALERT_LOG, ChannelId
from watcher.model.news import Feed, FeedId
from watcher.model.nodes import ListVersion, NodeName, NodeSign, Permit
from watcher.model.polling import Cycle
from watcher.nodes import agreeing, leasing, living
from watcher.nodes.agreeing import Stand
from watcher.nodes.leasing import Pace
from watcher.pipeline import end_round, pass_on_from_all_but, poll_feeds, steps_for_news
from watcher.pipeline.naming import take_names
from watcher.pipeline.round_end import steps_for_service
from watcher.polling.cadence import due_at
from watcher.ports import Queue
from watcher.service.daemon import Plan, Seldom

IN_CHARGE = "charge"
"""The duty of the node that does what one node does for all."""

_RECENT = timedelta(minutes=5)
_FORGET_EVERY = timedelta(minutes=1)


def duty_of(name: NodeName) -> str:
    """Return the duty of bearing a node's name, which says that it lives."""
    return f"node {name}"


@dataclass(slots=True)
class _Running:
    """A batch under way, and when it last got on, on the monotonic clock."""

    batch: Mapping[FeedId, int]
    got_on: float


@dataclass(frozen=True, slots=True)
class _Going:
    """What a node polls and judges by: a plan, and the list version that it is."""

    plan: Plan
    lists: int


@dataclass(slots=True)
class _Polls:
    """How many polls this node made, and lately."""

    total: int = 0
    times: deque[tuple[float, int]] = field(default_factory=deque)

    def add(self, number: int) -> None:
        self.total += number
        self.times.append((time.monotonic(), number))

    def recent(self) -> int:
        since = time.monotonic() - _RECENT.total_seconds()
        while self.times and self.times[0][0] < since:
            self.times.popleft()
        return sum(number for _, number in self.times)


class NodeRounds:
    """The rounds of a service that is not alone: `watcher.service.daemon.Rounds` for one of several nodes."""

    def __init__(self, name: NodeName, shared: Shared, queue: Queue, pace: Pace) -> None:
        """Take what nodes share; nobody else may have the name."""
        self.name, self.world = name, shared.world
        self.rest, self.longest_rest = pace.rest, pace.longest_rest
        self._world, self._store, self._clock = shared.world, shared.store, shared.clock
        self._queue, self._pace = queue, pace
        self._started = self._world.clock()
        self._going: _Going | None = None
        self._content = self._trouble = ""
        self._went_by: int | None = None
        self._silent_since: datetime | None = None
        self._seen_plan: Plan | None = None
        self._enlisted: _Going | None = None
        self._feeds: Mapping[FeedId, Feed] = {}
        self._ended, self._forgotten = Seldom(pace.round_end), Seldom(_FORGET_EVERY)
        self._looked = Seldom(pace.look)
        self._missing, self._freed = frozenset[str](), dict[NodeName, datetime]()
        self._running: dict[int, _Running] = {}
        self._numbers, self._polls, self._lock = count(1), _Polls(), Lock()
        self._had_charge = False
        self._stopped = Event()
        self._pulse = Thread(target=self._beat, name="pulse", daemon=True)
        self._log = logging.getLogger("watcher.service")

    @property
    def under_way(self) -> int:
        """How many batches are being polled."""
        return len(self._running)

    def in_charge(self) -> bool:
        """Say whether this node does what one node does for all."""
        if self._going is None:
            return False
        had, self._had_charge = self._had_charge, False
        self._had_charge = self._store.has_duty(IN_CHARGE)
        if self._had_charge and not had:
            self._log.info("in_charge")
            with suppress(StoreError):  # then it waits until its lease is over
                self._store.free(ALERT_LOG)  # whoever held it is gone
        return self._had_charge

    def start(self, take: Callable[[Iterable[Cycle]], None]) -> None:
        """Begin to work; `take` is given the cycles of every batch as they are recorded."""
        self._take = take
        self._store.forget_node(self.name)  # an earlier one of this name is dead
        self._store.has_duty(duty_of(self.name))  # who has given a sign without it counts as dead
        self._sign()
        self._queue.start(self._run)
        self._pulse.start()

    def stop(self, patience: float) -> None:
        """Lease nothing more, let what is under way end, and say so to the others."""
        self._stopped.set()
        self._queue.stop(patience)
        self._pulse.join(patience)
        with suppress(StoreError):  # else its leases run out, and it is missed after a while
            self._store.forget_node(self.name)

    # --- in the tick ----------------------------------------------------------------------------------------

    def polled(self, plan: Plan) -> Iterator[Cycle]:
        """Lease and post what is due; as the node in charge, end the round and yield what came of it.

        Raises:
            StoreError: the database cannot be used; the next tick tries again.
        """
        self._agree(plan)
        if self._going is None:
            return
        self._post(self._going)
        if self.in_charge():
            yield from self._end_round(self._going)

    def first_due(self, _plan: Plan) -> datetime | None:
        """Return when the first feed is due that nobody polls yet."""
        return self._store.first_due() if self._going else None

    def delivers(self, channel: ChannelId) -> bool:
        """Say whether this node delivers a channel now: one node at a time writes the alert log."""
        return channel != ALERT_LOG or self.in_charge()

    def takes_names(self) -> bool:
        """Say that what was recorded goes by the names of the lists that were told."""
        return False

    def _agree(self, plan: Plan) -> None:
        """Go by a plan, tell it to the others, or wait for its files to become those of the others."""
        said = self._content, self._trouble
        self._stand(plan)
        if said != (self._content, self._trouble):
            self._sign()

    def _stand(self, plan: Plan) -> None:
        try:
            told, nodes, now = self._store.lists_told(), self._store.nodes(), self._world.clock()
        except StoreError:
            self._silent_since = None  # nobody can give a sign
            raise
        self._content = plan.content
        others_agree = told is not None and self._others_agree(told, nodes, now)
        agreed = told is not None and told.version == self._went_by
        asked = plan.asked and plan is not self._seen_plan
        stand = agreeing.stand(told, plan.content, agreed=agreed, asked=asked, others_agree=others_agree)
        self._seen_plan = plan
        if stand is Stand.TELLS:
            told = self._tell(plan, told.version if told else 0, now)
            stand = Stand.AGREES if told else Stand.WAITS
        if stand is Stand.AGREES and told:
            self._go_by(_Going(plan, told.version))
            return
        self._go_by(None)
        self._store.lay_down(IN_CHARGE)
        self._had_charge = False
        if told:
            self._say(agreeing.waiting(told))

    def _others_agree(self, told: ListVersion, nodes: Sequence[NodeSign], now: datetime) -> bool:
        """Say whether another node goes by what was told, or may: it is watched for a while before it is not.

        After the database was away, nobody has given a sign lately, and all live.
        """
        others = [sign for sign in nodes if sign.name != self.name and sign.lists == told.content]
        if not others or living.living(others, now, self._pace):
            self._silent_since = None
            return bool(others)
        self._silent_since = self._silent_since or now
        return now - self._silent_since < self._pace.silent

    def _tell(self, plan: Plan, known: int, now: datetime) -> ListVersion | None:
        """Tell the lists of a plan; return them, or None if another node was first."""
        lists = ListVersion(version=known + 1, content=plan.content, told_by=self.name, at=now)
        self._go_by(None)
        if not self._store.tell_lists(lists):
            return None
        self._log.info("lists_told", extra={"version": lists.version})
        return lists

    def _go_by(self, going: _Going | None) -> None:
        if going is None:
            self._going, self._enlisted = None, None
            self._queue.go_by(None)
            return
        if self._enlisted != going:
            self._take_over(going)
        self._going, self._went_by = going, going.lists
        self._queue.go_by(going.lists)
        self._say("")

    def _take_over(self, going: _Going) -> None:
        """Let leases and names be those of lists before anything is judged by them.

        Each node does so: the one that told them may have died before it could.
        """
        states, now = self._store.states(), self._world.clock()
        due = {feed.id: due_at(states[feed.id]) if feed.id in states else now for feed in going.plan.feeds}
        with self._store.going_by(going.lists):
            self._store.enlist(due)
            take_names(going.plan.rules.matcher.listed, self._store)
        self._enlisted, self._feeds = going, {feed.id: feed for feed in going.plan.feeds}

    def _say(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self._log.warning("node_waits", extra={"why": trouble}) if trouble else self._log.info(
                "node_works"
            )

    def _post(self, going: _Going) -> None:
        now = self._world.clock()
        due = self._store.due_feeds(now)
        if not due:
            return
        workers = living.workers(self._store.nodes(), now, self._pace)
        for size in leasing.sizes(due, self._queue.waiting(going.lists), workers, self._pace):
            holder = f"{self.name} {os.getpid()} {next(self._numbers)}"
            leases = self._store.take(size, holder, now, now + self._pace.lease)
            if not leases:
                return
            batch = {lease.feed: lease.generation for lease in leases}
            try:
                self._queue.post(going.lists, batch)
            except StoreError:
                self._store.let_go_of(batch)  # nobody will poll it
                raise

    def _end_round(self, going: _Going) -> Iterator[Cycle]:
        now = self._world.clock()
        if not self._ended.is_due(now):
            return
        self._free_dead(now)
        if self._forgotten.is_due(now):
            self._forget(now)
        steps = (
            *steps_for_news(going.plan.rules),
            *steps_for_service(self._listed_since(now), self._world.routes, feeds=self._looked.is_due(now)),
        )
        yield from end_round(steps, replace(self._world, permit=Permit(lists=going.lists)))
        self._store.note("last_tick", self._world.clock().isoformat())

    def _listed_since(self, now: datetime) -> datetime:
        """Return since when a feed that is due and was not polled is taken for one that is no longer listed.

        When all nodes were away, those that are listed are due for long, too, and some are polled first.
        """
        oldest = self._store.oldest_due() or now
        return min(now - self._pace.unlisted, oldest - timedelta(microseconds=1))

    def _free_dead(self, now: datetime) -> None:
        """Let go of what nodes held that the database has missed twice, or that gave no sign for long."""
        signs = {duty_of(sign.name): sign for sign in self._store.nodes()}
        missing = self._store.missing(signs.keys())
        for duty, sign in signs.items():
            dead = duty in missing & self._missing or not living.lives(sign, now, self._pace)
            if dead and self._freed.get(sign.name) != sign.seen:
                self._freed[sign.name] = sign.seen
                self._store.free_of(sign)
                self._log.warning("node_lost", extra={"node": sign.name, "machine": sign.machine})
        self._missing = missing

    def _forget(self, now: datetime) -> None:
        """Let go of what dead nodes held, and of what nobody works on any more."""
        if lost := self._queue.drop_lost(self._pace.silent):
            self._log.warning("batches_lost", extra={"batches": lost})
        nodes = self._store.nodes()
        for sign in nodes:
            if now - sign.seen >= living.FORGOTTEN:
                self._store.forget_node(sign.name)
        names = [channel.id for channel in self._world.channels]
        names += [ChannelId(name) for sign in living.living(nodes, now, self._pace) for name in sign.channels]
        pass_on_from_all_but(names, self._store)

    # --- in the threads of the queue ------------------------------------------------------------------------

    def _run(self, batch: Mapping[FeedId, int]) -> None:
        """Poll a batch; whatever goes wrong, what is left of it is due again."""
        number = next(self._numbers)
        try:
            if (going := self._going) is None or self._stopped.is_set():
                return
            listed, held = self._feeds, self._store.hold_on(batch, self.name, self._until())
            feeds = [listed[lease.feed] for lease in held if lease.feed in listed]
            self._running[number] = _Running(batch, time.monotonic())
            permit = Permit(lists=going.lists, leases=batch)
            world = replace(self._world, permit=permit)
            self._take(self._noticed(number, poll_feeds(feeds, world, going.plan.rules)))
        except TooLateError as error:
            self._log.info("batch_too_late", extra={"why": str(error)})
        except StoreError as error:
            self._log.error("store_unusable", extra={"error": str(error)})
        except Exception:  # noqa: BLE001 - a bug in one batch must not end the worker; it is logged whole
            self._log.exception("batch_stumbled")
        finally:
            self._running.pop(number, None)
            with suppress(StoreError):  # then the leases run out
                self._store.let_go_of(batch)

    def _noticed(self, number: int, cycles: Iterable[Cycle]) -> Iterator[Cycle]:
        """Pass on what a batch brings, and note that it gets on."""
        for cycle in cycles:
            self._running[number].got_on = time.monotonic()
            with self._lock:
                self._polls.add(len(cycle.polls))
            yield cycle

    # --- in the pulse ---------------------------------------------------------------------------------------

    def _beat(self) -> None:
        while not self._stopped.wait(min(self._pace.heartbeat, self._pace.renew).total_seconds()):
            try:
                self._clock.compare()
                self._sign()
                self._renew()
                # after a restart of the database it is taken anew
                if not self._store.has_duty(duty_of(self.name)):
                    self._log.warning("name_taken", extra={"node": self.name})
            except StoreError as error:
                self._log.error("store_unusable", extra={"error": str(error)})
            except Exception:  # noqa: BLE001 - without a pulse the node would be taken for dead; it is logged whole
                self._log.exception("pulse_stumbled")

    def _sign(self) -> None:
        if self._stopped.is_set():
            return  # who signs after it was forgotten counts as dead for a day
        with self._lock:
            polls, recent = self._polls.total, self._polls.recent()
        self._store.give_sign(
            NodeSign(
                name=self.name,
                version=watcher.__version__,
                machine=gethostname(),
                process=os.getpid(),
                started=self._started,
                seen=self._world.clock(),
                workers=self._pace.workers,
                lists=self._content,
                channels=tuple(channel.id for channel in self._world.channels),
                polls=polls,
                recent=recent,
                ahead=round(self._clock.ahead.total_seconds(), 3),
                trouble=self._trouble,
            )
        )

    def _renew(self) -> None:
        alive = time.monotonic() - self._pace.patience.total_seconds()
        for running in list(self._running.values()):
            if running.got_on > alive:
                self._store.hold_on(running.batch, self.name, self._until())

    def _until(self) -> datetime:
        return self._world.clock() + self._pace.lease
