"""What each channel takes of the alerts, and when, as values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, time, timedelta, tzinfo

from watcher.model.alerts import ChannelId, Kind, Reason
from watcher.model.language import Severity

EVERY_DAY = frozenset(range(7))

LEADING_OTHERS = ("board", "collection", "digest", "test")
"""What leads the alerts that no indicator leads."""


def table_of(channel: ChannelId) -> ChannelId:
    """Return the name of the table that a channel comes from: `phones` for `phones/2`, one of its targets."""
    return ChannelId(channel.partition("/")[0])


def heirs(gone: ChannelId, channels: Iterable[ChannelId]) -> tuple[ChannelId, ...]:
    """Return the channels that a table has now, where it had one target and has several, or the reverse."""
    return tuple(
        each for each in channels if each != gone and table_of(each) == table_of(gone) in (each, gone)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A stretch of the day. One that ends no later than it begins goes on past midnight."""

    begins: time
    ends: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When digests are made: at these times, on these days of the week (Monday is 0).

    `name` is the word people wrote.
    """

    name: str
    times: tuple[time, ...]
    days: frozenset[int] = EVERY_DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What one channel takes; nothing said is everything, at once.

    `hours` and `days` are those whose alerts it takes: a stretch past midnight belongs to the day on which it
    began. `quiet` is when it must not ring: what is not critical waits for its end. With a `digest` it gets
    no alert by itself. What is critical and not acknowledged is said again every `renotify`. All times are
    local ones of `zone`.
    """

    channel: ChannelId
    least: Severity = Severity.INFO
    indicators: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    reasons: frozenset[Reason] = frozenset()
    hours: Hours | None = None
    days: frozenset[int] = EVERY_DAY
    quiet: Hours | None = None
    digest: Schedule | None = None
    renotify: timedelta | None = None
    zone: tzinfo = UTC
