"""An incident about to be told and what is known beside it in, the facts an alert carries beside its news out.

How often the indicator fires and how often it was right, which of the analyst's days are near, and what
speaks against the news: a denial, or diplomacy under way.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from watcher.incidents.calendar import windows
from watcher.model.alerts import Hit, Incident
from watcher.model.language import Calendar, CalendarId, Category, Claim, Indicator, IndicatorId, Then, Timing
from watcher.model.review import TrackRecord

_WEEK = timedelta(days=7)
_LONG_ENOUGH = timedelta(days=14)
"""A record shorter than that says nothing about a rate."""

_A_DAY = timedelta(days=1)
_RARE = 0.2
"""Below so many a week they are counted one by one."""

_COUNTERS = 2
_LATELY = timedelta(days=3)


def base_rate(record: TrackRecord | None, now: datetime) -> str:
    """Return how often an indicator has fired before, as "0.6 a week in 120 days, last on 3 May 2026"; empty while nobody can say."""
    if record is None or now - record.since < _LONG_ENOUGH:
        return ""
    days = (now - record.since).days
    if not record.openings or record.last is None:
        return f"not once in {days} days before"
    weekly = record.openings * _WEEK / (now - record.since)
    rate = (
        f"{weekly:.1f} a week"
        if weekly >= _RARE
        else f"{record.openings} time{'' if record.openings == 1 else 's'}"
    )
    return f"{rate} in {days} days, last on {record.last:%-d %b %Y}"


def precision(record: TrackRecord | None) -> str:
    """Return how often reviewers found the indicator useful, as "7 of 9 incidents were useful"; empty when nobody has said."""
    if record is None or not (judged := record.useful + record.noise):
        return ""
    return f"{record.useful} of {judged} reviewed incident{'' if judged == 1 else 's'} useful"


def near_days(
    hits: Sequence[Hit], calendars: Mapping[CalendarId, Calendar], now: datetime
) -> tuple[str, ...]:
    """Return the days that matter now: the windows the hits fall into, then the days of all calendars up to a week ahead."""
    coming = Timing(near=tuple(calendars), then=Then.MARK, before=_WEEK, after=_A_DAY)
    own = (window for hit in hits for window in hit.timing)
    return tuple(dict.fromkeys((*own, *windows(coming, calendars, now.date()))))


def against(
    incident: Incident, known: Sequence[Incident], indicators: Mapping[IndicatorId, Indicator], now: datetime
) -> tuple[str, ...]:
    """Return what speaks against an incident: who denies it, and the newest diplomacy."""
    return (*_denials(incident), *_diplomacy(incident, known, indicators, now))


def _denials(incident: Incident) -> Iterator[str]:
    if incident.claim is not Claim.DENIED:
        yield from (
            f"denied: {moment.title} ({moment.owner})"
            for moment in incident.timeline
            if "denied" in moment.new
        )


def _diplomacy(
    incident: Incident, known: Sequence[Incident], indicators: Mapping[IndicatorId, Indicator], now: datetime
) -> Iterator[str]:
    talks = [
        each
        for each in known
        if each.id != incident.id
        and now - each.updated <= _LATELY
        and _category(each, indicators) is Category.DIPLOMACY
    ]
    if _category(incident, indicators) is not Category.DIPLOMACY:
        for each in sorted(talks, key=lambda each: (each.updated, each.id), reverse=True)[:_COUNTERS]:
            yield f"{each.indicator}: {each.title}"


def _category(incident: Incident, indicators: Mapping[IndicatorId, Indicator]) -> Category | None:
    indicator = indicators.get(incident.indicator)
    return indicator.category if indicator else None
