"""Days of calendars and incidents in, an iCalendar file (RFC 5545) out, for the calendar of a desk."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from watcher.delivery.render import one_line
from watcher.model.listing import ListedIncident

_ESCAPED = re.compile(r"([\\;,])")
_LINE = 74
"""Bytes of a line before it is folded; a folded line begins with a space."""


def as_calendar(
    days: Sequence[tuple[date, list[str], list[str]]], incidents: Iterable[ListedIncident], now: datetime
) -> bytes:
    """Return the file: a whole day for each day with its calendars, and each incident from first to last."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//provocation-watcher//review page//EN"]
    for day, names, indicators in days:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{day.isoformat()}.{'.'.join(sorted(names))}@provocation-watcher.invalid",
            f"DTSTAMP:{_time(now)}",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(', '.join(names))}",
            f"DESCRIPTION:{_text('Indicators: ' + (', '.join(indicators) or 'none'))}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    for each in incidents:
        incident = each.incident
        end = max(incident.updated, incident.opened + timedelta(minutes=1))
        lines += [
            "BEGIN:VEVENT",
            f"UID:{incident.id}@provocation-watcher.invalid",
            f"DTSTAMP:{_time(incident.updated)}",
            f"DTSTART:{_time(incident.opened)}",
            f"DTEND:{_time(end)}",
            f"SUMMARY:{_text(f'[{incident.severity.word.upper()}] {incident.title}')}",
            f"CATEGORIES:{_text(incident.indicator)}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in _folded(line)).encode()


def _text(words: str) -> str:
    return _ESCAPED.sub(r"\\\1", one_line(words, 300))


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _folded(line: str) -> Iterator[str]:
    """Yield a line in parts of at most 75 bytes, none of which splits a character."""
    part, size = "", 0
    for character in line:
        wide = len(character.encode())
        if size + wide > _LINE:
            yield part
            part, size = " ", 1
        part, size = part + character, size + wide
    yield part
