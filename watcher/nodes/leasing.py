"""Leases of feeds and the time in; which feeds a batch gets, and what becomes of its leases, out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watcher.model.news import FeedId
from watcher.model.nodes import Lease


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How nodes share the work.

    A batch is one job of the queue: with one feed each, a job would cost more than a feed in which nothing
    has changed. `workers` is how many batches a node polls at a time. They are many, for each waits as long
    as its slowest feed, half a minute for one that hangs: with two, a node is idle while feeds are late.
    """

    most: int = 200
    least: int = 20
    workers: int = 16
    lease: timedelta = timedelta(seconds=30)
    renew: timedelta = timedelta(seconds=10)
    patience: timedelta = timedelta(minutes=5)
    """A batch that has not got on for so long is no longer renewed."""
    heartbeat: timedelta = timedelta(seconds=5)
    silent: timedelta = timedelta(seconds=20)
    """A node without a sign of life for so long is taken for dead."""
    rest: timedelta = timedelta(milliseconds=500)
    """Between two ticks at least, so that feeds which become due one by one share a batch."""
    longest_rest: timedelta = timedelta(seconds=2)
    """And at most, for what is being polled may be due again before a tick can know."""
    round_end: timedelta = timedelta(seconds=5)
    """How often the node in charge runs the steps of the end of a round."""
    look: timedelta = timedelta(minutes=1)
    """How often it looks for what to tell of feeds: it reads from the database how each of them is doing."""
    unlisted: timedelta = timedelta(minutes=10)
    """A feed that was due so long ago and not polled since is taken for one that is no longer listed."""


def may_take(lease: Lease, now: datetime) -> bool:
    """Say whether a feed is due and nobody holds it any more."""
    return lease.due <= now and (lease.until is None or lease.until <= now)


def sizes(due: int, waiting: int, workers: int, pace: Pace) -> tuple[int, ...]:
    """Return of how many feeds each batch is that a tick makes.

    `due` leases may be taken, `waiting` batches are in the queue, `workers` are those of all living nodes.
    The feeds are spread over the workers, but not so thin that a batch costs more than its feeds. Never do
    more batches wait than there are workers: leases would run out in the queue, and whoever is due longest
    would no longer be first.
    """
    room = max(max(workers, 1) - waiting, 0)
    size = min(max(-(-due // max(workers, 1)), pace.least), pace.most)
    whole, rest = divmod(due, size)
    return (*(size,) * whole, *((rest,) if rest else ()))[:room]


def take(leases: Iterable[Lease], most: int, holder: str, now: datetime, pace: Pace) -> tuple[Lease, ...]:
    """Return the leases that a batch gets: those that may be taken, who is due longest first."""
    free = sorted((each for each in leases if may_take(each, now)), key=lambda each: (each.due, each.feed))
    return tuple(
        replace(each, generation=each.generation + 1, holder=holder, until=now + pace.lease)
        for each in free[:most]
    )


def in_force(lease: Lease | None, generation: int) -> bool:
    """Say whether a poll under a generation may be recorded: nobody has taken the feed since."""
    return lease is not None and lease.generation == generation and bool(lease.holder)


def begun(
    leases: Mapping[FeedId, Lease], batch: Mapping[FeedId, int], now: datetime, pace: Pace, node: str = "node"
) -> tuple[Lease, ...]:
    """Return the leases of a batch that are in force, as a node holds them from now on; also to renew."""
    held = (leases[feed] for feed, generation in batch.items() if in_force(leases.get(feed), generation))
    return tuple(replace(each, holder=node, until=now + pace.lease) for each in held)


def freed(leases: Iterable[Lease], node: str) -> tuple[Lease, ...]:
    """Return what becomes of leases when a node is dead: nobody holds what it held."""
    return tuple(replace(each, holder="", until=None) if each.holder == node else each for each in leases)


def ended(lease: Lease, due: datetime) -> Lease:
    """Return a lease that is let go of, with the time at which its feed is due next."""
    return replace(lease, due=due, holder="", until=None)


def next_tick(first_due: datetime | None, now: datetime, latest: datetime, rest: timedelta) -> datetime:
    """Return when to look again: when the first feed that nobody holds is due, but after a rest."""
    return max(min(first_due or latest, latest), now + rest)
