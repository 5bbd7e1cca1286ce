"""What a format reader hands on: the strings of a feed as they came, still markup."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from watcher.model.news import Point, PollHints


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEntry:
    """One entry as written. `dates` in order of trust; empty strings for what is absent."""

    guid: str = ""
    link: str = ""
    title: str = ""
    summary: str = ""
    dates: tuple[str, ...] = ()
    language: str = ""
    point: Point | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFeed:
    """A feed as written.

    `total` counts its entries, also those beyond the cap. `hub` and `topic` are links, as `Hub` has them.
    """

    format: str
    title: str = ""
    link: str = ""
    language: str = ""
    entries: Sequence[RawEntry] = ()
    total: int = 0
    damage: tuple[str, ...] = ()
    hints: PollHints = field(default_factory=PollHints)
    hub: str = ""
    topic: str = ""
