"""Calendars and a hit in, the hit with the windows that it falls into out; None where it may not count.

A calendar lists days ("10-10" every year, "2026-06-03" once) or has a rule: an ordinal and a weekday of a
month, if need be after another ("first Tuesday after first Monday of November"), in all years, in even or odd
ones, or "every 4 from 2024".
"""

import re
from calendar import day_name, isleap, month_name
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

from watcher.model.alerts import Hit
from watcher.model.language import Calendar, CalendarId, Indicator, Severity, Then, Timing
from watcher.text.numbers import counted

_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1}
_WEEKDAYS = {name.lower(): number for number, name in enumerate(day_name)}
_MONTHS = {name.lower(): number for number, name in enumerate(month_name) if name}
_RULE = re.compile(r"(\w+) (\w+)(?: after (\w+) (\w+))? of (\w+)", re.IGNORECASE)
_YEARS = re.compile(r"every (\d+) from (\d{4})")
_ONE_DAY = timedelta(days=1)


class CalendarError(ValueError):
    """A day or a rule that cannot be understood; the message says what was expected."""


def place_in_time(hit: Hit, indicator: Indicator, calendars: Mapping[CalendarId, Calendar]) -> Hit | None:
    """Return a hit with the windows of its day, raised where one says so; None outside an `only` window."""
    day = (hit.item.published or hit.item.seen).date()
    severity, open_windows = hit.severity, []
    for timing in indicator.timing:
        inside = list(windows(timing, calendars, day))
        open_windows += inside
        if timing.then is Then.ONLY and not inside:
            return None
        if timing.then is Then.RAISE and inside:
            severity = Severity(min(severity + 1, Severity.CRITICAL))
    return replace(hit, severity=severity, timing=tuple(open_windows)) if indicator.timing else hit


def days_of(calendar: Calendar, year: int) -> tuple[date, ...]:
    """Return the days of a calendar that fall into a year, in order.

    Raises:
        CalendarError: a day or the rule cannot be understood.
    """
    days = {day for text in calendar.dates if (day := _day(text, year)) is not None}
    if calendar.every and _falls_in(calendar.years, year) and (ruled := _by_rule(calendar.every, year)):
        days.add(ruled)
    return tuple(sorted(days))


def days_between(
    calendars: Mapping[CalendarId, Calendar], first: date, last: date
) -> Mapping[date, list[CalendarId]]:
    """Return the days of calendars from one day to another, in order, each with the calendars that have it.

    A calendar whose rule cannot be understood has none.
    """
    found: dict[date, list[CalendarId]] = {}
    for name, calendar in calendars.items():
        for year in range(first.year, last.year + 1):
            with suppress(CalendarError):
                for day in days_of(calendar, year):
                    if first <= day <= last:
                        found.setdefault(day, []).append(name)
    return dict(sorted(found.items()))


def windows(timing: Timing, calendars: Mapping[CalendarId, Calendar], today: date) -> Iterator[str]:
    """Yield the windows of a timing that hold today, as "party-day in 3 days"."""
    for name in timing.near:
        for year in (today.year - 1, today.year, today.year + 1):
            for day in days_of(calendars[name], year):
                if day - timing.before <= today <= day + timing.after:
                    yield f"{name} {_distance((day - today).days)}"


def _distance(days: int) -> str:
    if days == 0:
        return "today"
    return f"in {counted(days, 'day')}" if days > 0 else f"{counted(-days, 'day')} ago"


def _day(text: str, year: int) -> date | None:
    """Return the day in a year that a text names; 29 February is not in every year."""
    if text == "02-29" and not isleap(year):
        return None
    try:
        once = date.fromisoformat(f"{year:04}-{text}" if len(text) == len("10-10") else text)
    except ValueError as error:
        raise CalendarError(
            f"no such day: {text!r}; write month-day (10-10) or year-month-day (2026-06-03)"
        ) from error
    return once if once.year == year else None


def _by_rule(rule: str, year: int) -> date | None:
    """Return the day of a rule; a month has no fifth Monday in every year."""
    found = _RULE.fullmatch(" ".join(rule.split()))
    try:
        if not found:
            raise KeyError(rule)
        ordinal, weekday, first_ordinal, first_weekday, month = found.groups()
        start = date(year, _MONTHS[month.lower()], 1)
        if first_ordinal:
            start = _nth(start, _ORDINALS[first_ordinal.lower()], _WEEKDAYS[first_weekday.lower()]) + _ONE_DAY
        day = _nth(start, _ORDINALS[ordinal.lower()], _WEEKDAYS[weekday.lower()])
    except (KeyError, ValueError) as error:
        raise CalendarError(
            f"no such rule: {rule!r}; write e.g. 'second Wednesday of April' "
            "or 'first Tuesday after first Monday of November'"
        ) from error
    return day if first_ordinal or day.month == start.month else None


def _nth(start: date, ordinal: int, weekday: int) -> date:
    if ordinal < 0:
        following = date(start.year + start.month // 12, start.month % 12 + 1, 1)
        return following - timedelta(days=(following.weekday() - weekday - 1) % 7 + 1)
    return start + timedelta(days=(weekday - start.weekday()) % 7, weeks=ordinal - 1)


def _falls_in(years: str, year: int) -> bool:
    if not years:
        return True
    if years in ("even", "odd"):
        return year % 2 == (years == "odd")
    found = _YEARS.fullmatch(years)
    if not found:
        raise CalendarError(f"no such years: {years!r}; write 'even', 'odd' or 'every 4 from 2024'")
    step, first = int(found[1]), int(found[2])
    return step > 0 and year >= first and (year - first) % step == 0
