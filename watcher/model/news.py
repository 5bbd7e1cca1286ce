"""Feeds and items: where news comes from and what it says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from typing import NewType

FeedId = NewType("FeedId", str)
ItemId = NewType("ItemId", str)


class Grade(StrEnum):
    """Reliability of a source (NATO/Admiralty scale, AJP-2.1): A is completely reliable, F is unknown."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"

    def __reduce_ex__(self, _protocol: object) -> tuple[type["Grade"], tuple[str]]:
        """Pickle it by its value: Python 3.11.2 would pickle a `getattr`, which no worker may send."""
        return type(self), (self.value,)


class FeedKind(StrEnum):
    """Whether a feed has news of its own or passes on that of others; known aggregators are recognised."""

    AUTO = "auto"
    OUTLET = "outlet"
    AGGREGATOR = "aggregator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A user, and the file that holds the password.

    The password itself is read when it is sent, and kept nowhere.
    """

    user: str
    password_file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PollHints:
    """What a feed document asks of those who poll it.

    To wait `ttl` minutes, and to leave out hours (0 to 23) and days (Monday is 0), in UTC.
    """

    ttl: int = 0
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """The hub that tells subscribers of a feed's news (WebSub), and its topic for the feed; empty is none."""

    url: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A source we poll.

    `owner` is who publishes it; `seed` says that the first poll is recorded, not shouted.

    `every` is the normal pace and `at_most` the longest wait between polls that work; None leaves it to
    `polling.cadence`. Paths (`ca`, `password_file`) are resolved. `allow_private` are networks that may be
    dialled for this feed although private. `time_zone` is that of times without one; None is by the language.
    `evidence` is who found that the address works, and when, in words.
    `tags` are words to group feeds by, such as the folder of a reader ("Asia/Korea").
    `outlets` are the owners of the listed feeds by site and by name, for what an aggregator passes on.
    """

    id: FeedId
    url: str
    owner: str
    grade: Grade = Grade.C
    language: str = ""
    every: timedelta = timedelta(minutes=15)
    at_most: timedelta | None = None
    seed: bool = True
    title: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    user_agent: str = ""
    login: Login | None = None
    proxy: str = ""
    ca: str = ""
    legacy_tls: bool = False
    allow_private: tuple[IPv4Network | IPv6Network, ...] = ()
    kind: FeedKind = FeedKind.AUTO
    time_zone: tzinfo | None = None
    tags: tuple[str, ...] = ()
    evidence: str = ""
    outlets: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A place on earth in degrees (WGS 84); for a quake also its depth in km and its magnitude, if known."""

    latitude: float
    longitude: float
    depth: float | None = None
    magnitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemKeys:
    """What identifies an item inside its feed, folded and shortened; an empty key agrees with nothing."""

    guid: str
    link: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One published entry, normalised to plain text.

    `seen` is our time, `published` is their claim (None when absent or impossible). `text_hash` changes when
    the title or the summary does. `notes` say what was cut or replaced on the way in. `language` is a BCP 47
    tag or empty. `grade` is that of its feed. Where an aggregator passes on the news of others, `owner` is
    the outlet that published it, `outlet` the name it goes by there, and `carrier` the owner of the feed.
    """

    id: ItemId
    feed: FeedId
    owner: str
    grade: Grade = Grade.C
    title: str
    seen: datetime
    keys: ItemKeys
    text_hash: str
    summary: str = ""
    url: str = ""
    published: datetime | None = None
    language: str = ""
    point: Point | None = None
    notes: tuple[str, ...] = ()
    revision: int = 0
    outlet: str = ""
    carrier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownItem:
    """What the store remembers of an item, enough to recognise it again."""

    id: ItemId
    keys: ItemKeys
    text_hash: str
    revision: int
    published: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A feed document as read: its items in document order, and what was wrong with it.

    `format` is a word such as "rss20", "atom10", "rdf", "json11". `damage` is empty for a well-formed
    document. `notes` report every cap that was hit. `hints` is what it asks of those who poll it, `hub` who
    else tells of its news.
    """

    format: str
    title: str
    items: tuple[Item, ...]
    language: str = ""
    damage: str = ""
    notes: tuple[str, ...] = ()
    hints: PollHints = PollHints()
    hub: Hub = Hub()
