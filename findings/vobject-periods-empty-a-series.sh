#!/usr/bin/env bash
# vobject 0.9.9: a series whose further dates are periods has no dates at all, not even its first.
#
# RFC 5545 (3.8.5.2) lets RDATE name periods, each with a length of its own. vobject parses the periods, but `getrruleset` then gives an
# empty set, without an error: DTSTART is gone too. The same dates without lengths give all three. icalendar 7.3.2 with
# recurring-ical-events 3.8.2 gives three occurrences, each with its length.
# The script ends with 0 as long as this is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q vobject==0.9.9 icalendar==7.3.2 recurring-ical-events==3.8.2
"$folder/venv/bin/python" - <<'PYTHON'
import icalendar
import recurring_ical_events
import vobject


def calendar(dates):
    return "\r\n".join(
        (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//example//EN",
            "BEGIN:VEVENT",
            "UID:1@example.org",
            "DTSTAMP:20260101T000000Z",
            "DTSTART:20260101T000000Z",
            "DTEND:20260101T010000Z",
            dates,
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        )
    )


def by_vobject(text):
    return [each.day for each in vobject.readOne(text).vevent.getrruleset(addRDate=True)]


def by_icalendar(text):
    events = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between((2026, 1, 1), (2026, 2, 1))
    return [each.start.day for each in events]


plain = calendar("RDATE:20260102T000000Z,20260103T000000Z")
periods = calendar("RDATE;VALUE=PERIOD:20260102T000000Z/PT5H30M,20260103T000000Z/20260103T020000Z")
print("dates:  ", "vobject", by_vobject(plain), "icalendar", by_icalendar(plain))
print("periods:", "vobject", by_vobject(periods), "icalendar", by_icalendar(periods))
assert by_icalendar(plain) == by_icalendar(periods) == by_vobject(plain) == [1, 2, 3]
assert by_vobject(periods) == []
PYTHON
