"""An incident that nothing has joined for a while in, whether it is over and why out."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from watcher.incidents.correlate import end_of, is_over, joining_for
from watcher.model.alerts import Incident
from watcher.model.language import Indicator, IndicatorId, Joining, SeismicPattern, SilencePattern
from watcher.text.durations import in_words

QUIET = "no report has joined it for so long that none can join any more"


def closing_reason(
    incident: Incident, indicator: Indicator | None, joining: Joining, heard: Sequence[date], now: datetime
) -> str:
    """Return why an incident is over, or an empty text while it is not.

    `heard` are the days on which a silence was broken. An earthquake that nobody but instruments has told
    of is taken as natural after `natural_after`.
    """
    match indicator and indicator.pattern:
        case SilencePattern():
            broken = next((day for day in heard if day >= incident.opened.date()), None)
            return f"heard again on {broken}" if broken else ""
        case SeismicPattern(natural_after=natural_after) if (
            incident.indicators == {incident.indicator} and now - incident.updated >= natural_after
        ):
            told = f"; people were told of it on {incident.told.at:%Y-%m-%d %H:%MZ}" if incident.told else ""
            return f"no word of a test within {in_words(natural_after)}, so it counts as natural{told}"
    return QUIET if is_over(incident, joining, now) else ""


def closes_at(incident: Incident, indicator: Indicator) -> datetime | None:
    """Return when an incident will be over if nothing more joins it; None if that is not a matter of time."""
    match indicator.pattern:
        case SilencePattern():
            return None
        case SeismicPattern(natural_after=natural_after) if incident.indicators == {indicator.id}:
            return incident.updated + natural_after
    return end_of(incident, joining_for(indicator))


def soonest(indicators: Iterable[Indicator], joinings: Mapping[IndicatorId, Joining]) -> timedelta:
    """Return after what time an incident may be over at the earliest."""
    patterns = (indicator.pattern for indicator in indicators)
    natural = [each.natural_after for each in patterns if isinstance(each, SeismicPattern)]
    return min([joining.quiet for joining in joinings.values()] + natural)
