"""Signs of life of nodes and the time in; which nodes live, the share of each and how late feeds are, out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from watcher.model.nodes import NodeName, NodeSign
from watcher.nodes.leasing import Pace
from watcher.text.durations import in_words

MOST_LAG = timedelta(minutes=5)
"""Feeds that are late by more than this need a person."""

FORGOTTEN = timedelta(days=1)
"""A node without a sign of life for so long is no longer listed."""


def lives(sign: NodeSign, now: datetime, pace: Pace) -> bool:
    """Say whether a node gave a sign of life lately."""
    return now - sign.seen < pace.silent


def living(signs: Iterable[NodeSign], now: datetime, pace: Pace) -> tuple[NodeSign, ...]:
    """Return the nodes that live."""
    return tuple(sign for sign in signs if lives(sign, now, pace))


def workers(signs: Iterable[NodeSign], now: datetime, pace: Pace) -> int:
    """Return how many batches the living nodes that work poll at a time."""
    return sum(sign.workers for sign in living(signs, now, pace) if not sign.trouble)


def shares(signs: Sequence[NodeSign]) -> Mapping[NodeName, float]:
    """Return which part of the last minutes' polls each node made."""
    total = sum(sign.recent for sign in signs)
    return {sign.name: sign.recent / total if total else 0.0 for sign in signs}


def lateness(first_due: datetime | None, now: datetime) -> timedelta:
    """Return how late the feed is that has been due longest without being held."""
    return max(now - first_due, timedelta()) if first_due else timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeLine:
    """A node as people see it."""

    sign: NodeSign
    lives: bool
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """All nodes as people see them, and how late feeds are; none where a service is alone."""

    nodes: tuple[NodeLine, ...] = ()
    late: timedelta = timedelta()
    problems: tuple[str, ...] = ()

    @property
    def process(self) -> int | None:
        """The process of one that lives, None if none does."""
        return next((line.sign.process for line in self.nodes if line.lives), None)


ALONE = Fleet()
"""Where a service is alone on its database."""


def fleet_of(signs: Sequence[NodeSign], first_due: datetime | None, now: datetime, pace: Pace) -> Fleet:
    """Return what people see of nodes; `first_due` is when the first feed is due that nobody holds."""
    share, late = shares(signs), lateness(first_due, now)
    lines = tuple(NodeLine(sign=sign, lives=lives(sign, now, pace), share=share[sign.name]) for sign in signs)
    return Fleet(nodes=lines, late=late, problems=problems(signs, late, now, pace))


def problems(signs: Sequence[NodeSign], late: timedelta, now: datetime, pace: Pace) -> tuple[str, ...]:
    """Return what needs a person: dead nodes, nodes that do not work, and feeds that are late."""
    return (
        *(
            f"node {sign.name} on {sign.machine} gave its last sign of life at "
            f"{sign.seen:%Y-%m-%d %H:%M:%SZ}; the others do its work"
            for sign in signs
            if not lives(sign, now, pace)
        ),
        *(f"node {sign.name}: {sign.trouble}" for sign in living(signs, now, pace) if sign.trouble),
        *((f"feeds wait {in_words(late)} for a node; add one",) if late > MOST_LAG else ()),
    )
