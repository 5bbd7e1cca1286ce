#!/usr/bin/env bash
# vobject 0.9.9: an event that begins in a leap second becomes an event of a whole day, on a day that may be another.
#
# RFC 5545 (3.3.12) counts seconds to 60, for positive leap seconds. vobject cannot make a time of `20161231T235960Z`, takes the first
# eight digits for a date, and says nothing: the hour is lost, and so is the zone, in which it may be the next day. ics 0.7.3 raises, and
# icalendar 7.3.2 keeps the text and says at the first use that it is broken: three readers, three answers to a valid line.
# The script ends with 0 as long as this is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q vobject==0.9.9 icalendar==7.3.2 ics==0.7.3
"$folder/venv/bin/python" - <<'PYTHON'
import icalendar
import ics
import vobject


def calendar(start):
    return "\r\n".join(
        (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//example//EN",
            "BEGIN:VEVENT",
            "UID:1@example.org",
            "DTSTAMP:20260101T000000Z",
            f"DTSTART:{start}",
            "SUMMARY:the clocks are stopped",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        )
    )


def outcome(read, text):
    try:
        return str(read(text))
    except Exception as error:
        return type(error).__name__


READERS = {
    "vobject": lambda text: vobject.readOne(text).vevent.dtstart.value,
    "icalendar": lambda text: icalendar.Calendar.from_ical(text).walk("VEVENT")[0]["DTSTART"].dt,
    "ics": lambda text: next(iter(ics.Calendar(text).events)).begin,
}
seen = {}
for start in ("20161231T235959Z", "20161231T235960Z"):
    seen[start] = {name: outcome(read, calendar(start)) for name, read in READERS.items()}
    print(start, seen[start])
assert set(seen["20161231T235959Z"].values()) == {"2016-12-31 23:59:59+00:00", "2016-12-31T23:59:59+00:00"}
assert seen["20161231T235960Z"] == {
    "vobject": "2016-12-31",
    "icalendar": "BrokenCalendarProperty",
    "ics": "ValueError",
}
PYTHON
