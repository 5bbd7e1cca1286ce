#!/usr/bin/env bash
# recurring-ical-events 3.8.2: a yearly 29 February that says what to do in other years is refused for an end that nobody wrote.
#
# RFC 7529 adds RSCALE and SKIP to recurrence rules, so that an anniversary of 29 February falls on 28 February or 1 March in common
# years. icalendar 7.3.2 reads such a rule and writes it unchanged. recurring-ical-events says "UNTIL parameter is missing", about a rule
# without an UNTIL, and gives no occurrence of any event of that calendar; without the two words the rule has its leap days.
# The script ends with 0 as long as this is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q icalendar==7.3.2 recurring-ical-events==3.8.2
"$folder/venv/bin/python" - <<'PYTHON'
import icalendar
import recurring_ical_events


def calendar(rule):
    event = ("BEGIN:VEVENT", "DTSTAMP:20260101T000000Z")
    return "\r\n".join(
        (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//example//EN",
            *(*event, "UID:1@example.org", "DTSTART;VALUE=DATE:20240229", f"RRULE:{rule}", "END:VEVENT"),
            *(*event, "UID:2@example.org", "DTSTART;VALUE=DATE:20250105", "END:VEVENT"),
            "END:VCALENDAR",
            "",
        )
    )


def days(rule):
    read = icalendar.Calendar.from_ical(calendar(rule))
    assert rule in read.to_ical().decode().replace("\r\n ", "")
    try:
        return [str(each.start) for each in recurring_ical_events.of(read).between((2024, 1, 1), (2029, 1, 1))]
    except Exception as error:
        return f"{type(error).__name__}: {error}"


plain, forward = days("FREQ=YEARLY"), days("RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD")
print("as RFC 5545:", plain)
print("as RFC 7529:", forward)
assert plain == ["2024-02-29", "2028-02-29", "2025-01-05"], plain
assert "UNTIL parameter is missing" in forward, forward
PYTHON
