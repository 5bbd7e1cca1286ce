"""A channel's table of watcher.toml in, its route out: what it takes, and when; and what is wrong in it."""

import re
from collections.abc import Callable, Mapping
from datetime import time, timedelta
from typing import Any

from watcher.config import typed
from watcher.config.durations import duration
from watcher.model.alerts import ChannelId, Kind, Reason
from watcher.model.language import Category, Severity
from watcher.model.routes import EVERY_DAY, Hours, Route, Schedule

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
_LEAST_RENOTIFY = timedelta(minutes=1)


def route_of(channel: ChannelId, table: Mapping[str, object]) -> tuple[Route | None, dict[str, str]]:
    """Return the route of a table, None when it says nothing of it; and each key that is wrong, with why."""
    found: dict[str, Any] = {}
    wrong = {}
    for key, (name, check) in _CHECKS.items():
        if key in table:
            try:
                found[name] = check(table[key])
            except ValueError as error:
                wrong[key] = str(error)
    return Route(channel=channel, **found) if found else None, wrong


def _hours(value: object) -> Hours:
    begins, dash, ends = typed.any_text(value).partition("-")
    if not dash:
        raise ValueError(f'expected hours such as "08:00-20:00", found {typed.shown(value)}')
    return Hours(begins=_clock(begins), ends=_clock(ends))


def _clock(word: str) -> time:
    found = _CLOCK.fullmatch(word.strip())
    if not found:
        raise ValueError(f"expected a time of the day such as 08:00, found {typed.shown(word.strip())}")
    return time(int(found[1] or 0), int(found[2] or 0))


def _days(value: object) -> frozenset[int]:
    return frozenset(
        day
        for word in typed.several(typed.any_text)(value)
        for part in word.split(",")
        for day in _span(part.strip())
    )


def _span(word: str) -> list[int]:
    """Return the days of one word: `mon`, or `fri-mon`, which goes on past Sunday."""
    first, _, last = word.partition("-")
    begin, end = _day(first), _day(last or first)
    return [(begin + step) % 7 for step in range((end - begin) % 7 + 1)]


def _day(word: str) -> int:
    if word.strip().lower() not in _DAYS:
        raise ValueError(f'expected days such as "mon-fri" or ["sat", "sun"], found {typed.shown(word)}')
    return _DAYS.index(word.strip().lower())


def _schedule(value: object) -> Schedule:
    """Take `daily 08:00`, `weekly mon 08:00` or `shift 06:00 14:00 22:00`."""
    name = typed.some_text(value)
    match name.lower().split():
        case ["daily", at]:
            return Schedule(name=name, times=(_clock(at),), days=EVERY_DAY)
        case ["weekly", day, at]:
            return Schedule(name=name, times=(_clock(at),), days=frozenset({_day(day)}))
        case ["shift", *ats] if ats:
            return Schedule(name=name, times=tuple(map(_clock, ats)), days=EVERY_DAY)
    raise ValueError(
        f"expected `daily 08:00`, `weekly mon 08:00` or `shift 06:00 14:00 22:00`, found {typed.shown(value)}"
    )


def _renotify(value: object) -> timedelta:
    if (found := duration(typed.any_text(value))) < _LEAST_RENOTIFY:
        raise ValueError(f"write at least 1m, so that somebody can answer; found {typed.shown(value)}")
    return found


def _words(check: Callable[[object], Any]) -> Callable[[object], frozenset[Any]]:
    def check_all(value: object) -> frozenset[Any]:
        if not (found := typed.several(check)(value)):
            raise ValueError("an empty list takes nothing; leave the key out to take everything")
        return frozenset(found)

    return check_all


_CHECKS: Mapping[str, tuple[str, Callable[[object], Any]]] = {
    "severity": ("least", typed.word_of(Severity, "severity")),
    "indicators": ("indicators", _words(typed.identifier)),
    "categories": (
        "categories",
        _words(typed.one_of((*Category, "collection", "board", "digest"), "a category")),
    ),
    "kinds": ("kinds", _words(typed.word_of(Kind, "kind"))),
    "reasons": ("reasons", _words(typed.word_of(Reason, "reason"))),
    "hours": ("hours", _hours),
    "days": ("days", _days),
    "quiet": ("quiet", _hours),
    "digest": ("digest", _schedule),
    "renotify": ("renotify", _renotify),
    "timezone": ("zone", typed.zone),
}

ROUTE_KEYS = tuple(_CHECKS)
"""What every channel may be given, whatever its type."""
