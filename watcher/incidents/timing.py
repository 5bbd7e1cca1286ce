"""Hits and calendars in, hits with their windows out: a window raises a severity, lets a hit through only inside it, or marks it."""

from collections.abc import Mapping
from dataclasses import replace

from watcher.incidents.calendar import windows
from watcher.model.alerts import Hit
from watcher.model.language import Calendar, CalendarId, Indicator, Severity, Then


def place_in_time(hit: Hit, indicator: Indicator, calendars: Mapping[CalendarId, Calendar]) -> Hit | None:
    """Return a hit with the windows its day falls into, raised one step where one says so; None outside an `only` window."""
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
