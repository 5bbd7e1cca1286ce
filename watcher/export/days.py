"""Days of calendars and incidents in, an iCalendar file (RFC 5545) out, for the calendar of a desk."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from watcher.delivery.render import one_line
from watcher.model.alerts import Incident
from watcher.model.listing import IncidentBrief
from watcher.text.numbers import counted

_ESCAPED = re.compile(r"([\\;,])")
_LINE = 74
"""Bytes of a line before it is folded; a folded line begins with a space."""


def as_calendar(*events: Sequence[str]) -> bytes:
    """Return the file of some events, each as its lines."""
    begin = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//provocation-watcher//EN")
    lines = [*begin, *(line for event in events for line in event), "END:VCALENDAR"]
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def day_event(day: date, names: Sequence[str], indicators: Sequence[str], now: datetime) -> Sequence[str]:
    """Return a whole day with its calendars and the indicators that look at them, as looked up now."""
    return (
        "BEGIN:VEVENT",
        f"UID:{_text('.'.join((day.isoformat(), *sorted(names))))}@provocation-watcher.invalid",
        f"DTSTAMP:{_time(now)}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_text(', '.join(names))}",
        f"DESCRIPTION:{_text('Indicators: ' + (', '.join(indicators) or 'none'))}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    )


def incident_event(incident: Incident | IncidentBrief) -> Sequence[str]:
    """Return an incident from its first report to its last; a newer version of it has a later time stamp."""
    return (
        "BEGIN:VEVENT",
        f"UID:{_text(incident.id)}@provocation-watcher.invalid",
        f"DTSTAMP:{_time(incident.closed or incident.updated)}",
        f"DTSTART:{_time(incident.opened)}",
        f"DTEND:{_time(max(incident.updated, incident.opened + timedelta(minutes=1)))}",
        f"SUMMARY:{_text(f'[{incident.severity.word.upper()}] {incident.title}')}",
        f"DESCRIPTION:{_text(_in_short(incident))}",
        f"CATEGORIES:{_text(incident.indicator)}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    )


def _in_short(incident: Incident | IncidentBrief) -> str:
    denied, closed = ", denied by some" * incident.denied, ", closed" * bool(incident.closed)
    reports, publishers = counted(incident.items, "report"), counted(len(incident.owners), "publisher")
    return f"{incident.claim.value}, {incident.confidence.word}{denied}{closed}: {reports} from {publishers}"


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
