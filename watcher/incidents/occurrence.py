"""An item in, what tells its occurrence from others out: its day, its classes, its origins, earlier ones.

All of it is read from words in five languages (`occurrence.yaml`, `origins.yaml`), and read carefully: what
is not found says nothing. A named day is the strongest: a report of "Thursday's launch" tells of no launch of
Wednesday. Days are counted in Korea, where the day begins first among the places our news is about, so that
no other place's name of the day is later than ours.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from watcher.incidents.origins import origins_of
from watcher.model.news import Item
from watcher.model.vocabulary import Axis, Vocabulary
from watcher.text.fold import fold

NOT_FIRST = "again"
"""What `remembered` holds when a text says that there was one before."""

_KOREA = timedelta(hours=9)
_LEAD = 600
"""How much of a summary is read: later paragraphs tell of earlier occurrences."""

_BEFORE = 40
"""How far before a day the word stands that says whose day it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What an item says of the occurrence that it reports.

    `day` is the day that is named for it, in Korea; `pictured` is one with its year, as captions have it.
    `marks` are rare names and properties ("hwasong18", "solidfuel"). `not_first` says that there was one
    before, `second_soon` that it was less than three days before. `own_account` is Pyongyang's word on it,
    which comes a day late. `retold` is no report: an analysis, a question, a film. `harm` is the worst harm
    to people or their places that its title names, by its rank in `occurrence.yaml`; 0 is none. `origins` are
    who the news comes from, `publisher` is who published it first.
    """

    day: date | None = None
    pictured: date | None = None
    kinds: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()
    not_first: bool = False
    second_soon: bool = False
    own_account: bool = False
    retold: bool = False
    harm: int = 0
    origins: frozenset[str] = frozenset()
    publisher: str = ""

    @property
    def remembered(self) -> frozenset[str]:
        """All that an incident remembers of a report: kinds, marks and `NOT_FIRST`."""
        return self.kinds | self.marks | ({NOT_FIRST} if self.not_first else frozenset())


@lru_cache(maxsize=256)  # every hit of an item asks; it keeps the items of about one poll
def features_of(item: Item, vocabulary: Vocabulary) -> Features:
    """Return what an item says of the occurrence that it reports."""
    title, lead = fold(item.title), fold(item.summary[:_LEAD])
    origins, publisher = origins_of(fold(f"{item.title} . {item.summary}"), item.owner, vocabulary)
    text, main = f"{title} . {lead}", re.sub(vocabulary.aside, "", title)
    today = korean_day(item.seen)
    own_account = "kcna" in origins or bool(re.search(vocabulary.own_account, title))
    days = sorted({*_dates(text, today, vocabulary), *_other_days(text, today, vocabulary)})
    second_soon = any(re.search(vocabulary.second_soon, part) for part in (title, lead))
    marks = re.finditer(vocabulary.marks, re.sub(vocabulary.aside, "", text))
    return Features(
        day=days[0 if own_account else -1] if days else None,
        pictured=max(_dates(lead, today, vocabulary, with_year=True), default=None),
        kinds=_kinds(main, re.sub(vocabulary.aside, "", lead), vocabulary.axes),
        marks=frozenset(found[0].replace(" ", "") for found in marks),
        not_first=second_soon
        or bool(re.search(vocabulary.not_first, main) or re.search(vocabulary.not_first_anywhere, text)),
        second_soon=second_soon,
        own_account=own_account,
        retold=bool(re.search(vocabulary.retold, title)),
        harm=next((rank for rank, words in vocabulary.harm if re.search(words, main)), 0),
        origins=origins,
        publisher=publisher,
    )


def korean_day(moment: datetime) -> date:
    """Return the day of a moment in Korea."""
    return (moment + _KOREA).date()


def differ(one: frozenset[str], other: frozenset[str], apart: timedelta, axes: Mapping[str, Axis]) -> bool:
    """Say whether kinds named `apart` are of two occurrences: on an axis both name classes, none alike."""
    return any(
        apart >= axis.settled
        and (ours := one & axis.classes.keys())
        and (theirs := other & axis.classes.keys())
        and ours.isdisjoint(theirs)
        for axis in axes.values()
    )


def _kinds(title: str, lead: str, axes: Mapping[str, Axis]) -> frozenset[str]:
    """Return the classes a text names: the title's word on each axis, else the lead's."""
    kinds: list[str] = []
    for axis in axes.values():
        named = [kind for kind, words in axis.classes.items() if re.search(words, title)]
        kinds += named or [kind for kind, words in axis.classes.items() if re.search(words, lead)]
    return frozenset(kinds)


def _dates(text: str, today: date, vocabulary: Vocabulary, *, with_year: bool = False) -> Iterator[date]:
    """Yield the days of the last week that a text names by day and month, with a year or without."""
    for dates in vocabulary.dates:
        for found in re.finditer(dates, text):
            parts = {name.rstrip("2"): part for name, part in found.groupdict().items() if part}
            if with_year == ("year" in parts):
                yield from _lately(today, int(parts["day"]), vocabulary.months[parts["month"]])


def _other_days(text: str, today: date, vocabulary: Vocabulary) -> Iterator[date]:
    """Yield the days of the last week that a text names by weekday or number, as the day of an occurrence."""

    def is_its_day(found: re.Match[str]) -> bool:
        return not re.search(vocabulary.not_its_day, text[max(0, found.start() - _BEFORE) : found.start()])

    for found in filter(is_its_day, re.finditer(vocabulary.weekdays, text)):
        yield today - timedelta(days=(today.isoweekday() - (found.lastindex or 0)) % 7)
    for found in filter(is_its_day, re.finditer(vocabulary.bare_day, text)):
        yield from _lately(today, int(found["day"]))


def _lately(today: date, day: int, month: int | None = None) -> Iterator[date]:
    """Yield the day of the last week with this number, if there is one."""
    for back in range(7):
        each = today - timedelta(days=back)
        if each.day == day and month in (None, each.month):
            yield each
