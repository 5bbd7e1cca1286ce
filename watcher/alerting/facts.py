"""An incident and the history in, the facts that an alert has beside its news out.

How often the indicator fires and how often it was right, which of the analyst's days are near, and what is
against the news: a denial, or diplomacy under way.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from watcher.incidents.calendar import windows
from watcher.model.alerts import Hit, Incident
from watcher.model.language import Calendar, CalendarId, Category, Claim, Indicator, IndicatorId, Then, Timing
from watcher.model.review import TrackRecord
from watcher.text.numbers import counted

_WEEK = timedelta(days=7)
_LONG_ENOUGH = timedelta(days=14)
"""A record shorter than that says nothing about a rate."""

_A_DAY = timedelta(days=1)
_RARE = 0.2
"""Below so many a week they are counted one by one."""

_COUNTERS = 2
"""How many talks an alert names."""

_LATELY = timedelta(days=3)
"""How long ago the last word of talks may be that are still under way."""


def base_rate(record: TrackRecord | None, now: datetime) -> str:
    """Return how often an indicator has fired before: "0.6 a week in 120 days, last on 3 May 2026"."""
    if record is None or now - record.since < _LONG_ENOUGH:
        return ""
    days = (now - record.since).days
    if not record.openings or record.last is None:
        return f"not once in {days} days before"
    weekly = record.openings * _WEEK / (now - record.since)
    rate = f"{weekly:.1f} a week" if weekly >= _RARE else counted(record.openings, "time")
    return f"{rate} in {days} days, last on {record.last:%-d %b %Y}"


def precision(record: TrackRecord | None) -> str:
    """Return how often reviewers found the indicator useful: "7 of 9 reviewed incidents useful"."""
    if record is None or not (reviewed := record.useful + record.noise):
        return ""
    return f"{record.useful} of {counted(reviewed, 'reviewed incident')} useful"


def calendar(hits: Sequence[Hit], calendars: Mapping[CalendarId, Calendar], now: datetime) -> tuple[str, ...]:
    """Return the windows that the hits fall into, then the days of all calendars up to a week ahead."""
    coming = Timing(near=tuple(calendars), then=Then.MARK, before=_WEEK, after=_A_DAY)
    own = (window for hit in hits for window in hit.timing)
    return tuple(dict.fromkeys((*own, *windows(coming, calendars, now.date()))))


def against(
    incident: Incident, known: Sequence[Incident], indicators: Mapping[IndicatorId, Indicator], now: datetime
) -> tuple[str, ...]:
    """Return what is against an incident: who denies it, and the newest diplomacy."""

    def is_diplomacy(each: Incident) -> bool:
        indicator = indicators.get(each.indicator)
        return indicator is not None and indicator.category is Category.DIPLOMACY

    denials = [f"denied: {each.title} ({each.owner})" for each in incident.timeline if "denied" in each.new]
    lately = (each for each in known if each.id != incident.id and now - each.updated <= _LATELY)
    talks = sorted(filter(is_diplomacy, lately), key=lambda each: (each.updated, each.id), reverse=True)
    return (
        *(denials if incident.claim is not Claim.DENIED else ()),
        *(f"{each.indicator}: {each.title}" for each in talks[:_COUNTERS] if not is_diplomacy(incident)),
    )
