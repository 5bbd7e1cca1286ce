"""Several services on one database: nodes, the leases under which they poll, and the lists they go by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType

from watcher.model.news import FeedId

NodeName = NewType("NodeName", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A feed among nodes: when it is due, and who may poll it until when.

    `generation` counts how often it was leased. Whoever polled it under an earlier one comes too late and
    records nothing. `holder` is the batch that it waits in, or the node that polls it; empty is nobody.
    """

    feed: FeedId
    due: datetime
    generation: int = 0
    holder: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """What must still hold when a node records: the version of the lists, and the generations of leases.

    `lists` of None is for what does not depend on the lists.
    """

    lists: int | None = None
    leases: Mapping[FeedId, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListVersion:
    """A version of the analyst's lists that a node has told the others, by the content of the lists."""

    version: int
    content: str
    told_by: NodeName
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSign:
    """A node's last sign of life, and what it says of itself.

    `workers` is how many batches it polls at a time. `lists` is the content of its lists. `polls` counts
    since its start, `recent` those of the last minutes. `ahead` is by how many seconds its clock is ahead of
    the database's. `trouble` says what keeps it from work; empty is nothing.
    """

    name: NodeName
    version: str
    machine: str
    process: int
    started: datetime
    seen: datetime
    workers: int = 1
    lists: str = ""
    channels: tuple[str, ...] = ()
    polls: int = 0
    recent: int = 0
    ahead: float = 0.0
    trouble: str = ""
