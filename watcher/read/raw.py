"""What a format reader hands on: the strings of a feed as they came, still markup."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from watcher.model.news import Point, PollHints


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Who published an entry that another passes on, and where; empty strings where nobody is named."""

    name: str = ""
    url: str = ""


NO_SOURCE = Source()


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEntry:
    """One entry as written; empty strings for what is absent.

    `dates` are in order of trust. `texts` names the fields (title, summary) that declare to be no markup.
    """

    guid: str = ""
    link: str = ""
    title: str = ""
    summary: str = ""
    dates: tuple[str, ...] = ()
    language: str = ""
    point: Point | None = None
    texts: frozenset[str] = frozenset()
    source: Source = NO_SOURCE


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFeed:
    """A feed as written.

    `total` counts its entries, also those beyond the cap. `hub` and `topic` are links, as `Hub` has them.
    """

    format: str
    title: str = ""
    link: str = ""
    language: str = ""
    generator: str = ""
    entries: Sequence[RawEntry] = ()
    total: int = 0
    damage: tuple[str, ...] = ()
    hints: PollHints = field(default_factory=PollHints)
    hub: str = ""
    topic: str = ""


def point_at(
    latitude: float | str, longitude: float | str, depth: float | None, magnitude: float | None = None
) -> Point | None:
    """Return a point of the earth, or None when there is none at such coordinates."""
    try:
        point = Point(latitude=float(latitude), longitude=float(longitude), depth=depth, magnitude=magnitude)
    except ValueError:
        return None
    return point if abs(point.latitude) <= 90 and abs(point.longitude) <= 180 else None
