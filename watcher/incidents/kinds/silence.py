"""The days on which something was heard in, the hit that says that it is silent for unusually long out.

Silence is counted in days on which anything was read at all (UTC): a service that was down heard
nobody, and that is no silence of theirs. The days are kept as a diary, one for each indicator of a silence
and one of all that was read.
"""

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import pairwise

from watcher.match import Found
from watcher.model.alerts import Hit
from watcher.model.language import Claim, Indicator, IndicatorId, Reads, SilencePattern
from watcher.model.news import FeedId, Item, ItemId, ItemKeys

ANYTHING = IndicatorId("*")
"""Whose diary has the days on which anything was read."""

OURSELVES = FeedId("watcher")
"""The feed of what the watcher itself observes."""

_HEARD_OFTEN = 5
"""On fewer days nobody is known well enough to be missed."""

Diary = Sequence[date]
Diaries = Callable[[IndicatorId], Diary]
"""The id of an indicator in, its diary out, the oldest day first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """How long something has not been heard, in days with news, and how long the gaps before were.

    `rare` is a gap that 99 of 100 do not exceed; of fewer than 100 it is the longest.
    """

    last: date
    days: int
    usual: int
    rare: int
    longest: int
    gaps: int

    @property
    def in_words(self) -> tuple[str, ...]:
        """How long, and how long is usual."""
        return (
            f"unheard for {self.days} days with news, last on {self.last}",
            f"usual gap {self.usual}, longest {self.longest}, of {self.gaps}",
        )


def newly_heard(
    items: Sequence[Item],
    readings: Sequence[Found],
    indicators: Iterable[Indicator],
    diaries: Diaries,
    *,
    seeding: bool,
) -> Mapping[IndicatorId, frozenset[date]]:
    """Return the days that what was read adds to diaries."""
    listening = [indicator.id for indicator in indicators if indicator.kind.reads is Reads.SILENCE]
    heard: defaultdict[IndicatorId, set[date]] = defaultdict(set)
    for item, reading in zip(items, readings, strict=True) if listening else ():
        heard[ANYTHING].add(_day(item.seen))
        # what a first poll shows may be old: there the feed's own date counts, if it is earlier
        own = _day(min(item.seen, item.published) if seeding and item.published else item.seen)
        for name in reading.heard.intersection(listening):
            heard[name].add(own)
    return {name: new for name, days in heard.items() if (new := frozenset(days.difference(diaries(name))))}


def stretch_of(diary: Diary, watched: Diary, today: date) -> Stretch | None:
    """Return how long something has been silent; None when it is not known well enough.

    `watched` is the diary of anything.
    """
    if len(diary) < _HEARD_OFTEN:
        return None
    gaps = sorted(_days_after(earlier, later, watched) for earlier, later in pairwise(diary))
    return Stretch(
        last=diary[-1],
        days=_days_after(diary[-1], today, watched),
        usual=gaps[len(gaps) // 2],
        rare=gaps[len(gaps) * 99 // 100],
        longest=gaps[-1],
        gaps=len(gaps),
    )


_kept_stretch_of = lru_cache(maxsize=64)(stretch_of)
"""Every round of polls asks, and the answer changes once a day."""


def is_unusual(stretch: Stretch, silence: SilencePattern) -> bool:
    """Say whether a stretch is longer than the analyst allows, and than 99 of 100 gaps so far."""
    return stretch.days > max(silence.longer.days, stretch.rare)


def new_silences(
    indicators: Iterable[Indicator], diaries: Diaries, now: datetime, is_known: Callable[[ItemId], bool]
) -> Iterator[Hit]:
    """Yield a hit for every silence that is unusually long, on an item of our own, always the same.

    One whose item is known was told before, be it under a former name of its indicator.
    """
    watched = tuple(diaries(ANYTHING))
    for indicator in indicators:
        if not isinstance(indicator.pattern, SilencePattern):
            continue
        stretch = _kept_stretch_of(tuple(diaries(indicator.id)), watched, _day(now))
        severity = indicator.claims.get(Claim.OCCURRED, indicator.severity)
        if not stretch or severity is None or not is_unusual(stretch, indicator.pattern):
            continue
        if not any(is_known(_item_of(name, stretch)) for name in (indicator.id, *indicator.was)):
            yield Hit(
                item=_observation(indicator, stretch, now),
                indicator=indicator.id,
                claim=Claim.OCCURRED,
                severity=severity,
                score=1.0,
                evidence=stretch.in_words,
            )


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _days_after(day: date, until: date, watched: Diary) -> int:
    """Return on how many days after one, until another, anything was read."""
    return bisect_right(watched, until) - bisect_right(watched, day)


def _item_of(name: IndicatorId, stretch: Stretch) -> ItemId:
    return ItemId(hashlib.sha256(f"{OURSELVES}\n{name}\n{stretch.last}".encode()).hexdigest()[:16])


def _observation(indicator: Indicator, stretch: Stretch, now: datetime) -> Item:
    name = _item_of(indicator.id, stretch)
    title = f"{indicator.title}: nothing heard for {stretch.days} days"
    return Item(
        id=name,
        feed=OURSELVES,
        owner=OURSELVES,
        title=title,
        seen=now,
        keys=ItemKeys(guid=name, link="", title=""),
        text_hash=name,
        language="en",
    )
