"""What a poll changed in, with the incidents that sequences and tempos make of it out.

They look at incidents, not at hits: an incident counts from the first title that says that it has happened,
and one that first polls of feeds have seen makes history, but no news. What they find is a hit like any
other, on the item that made the incident count.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from watcher.incidents.correlate import Correlated, correlate
from watcher.incidents.kinds import sequence, tempo
from watcher.incidents.timing import place_in_time
from watcher.model.alerts import NAMED, Firing, Hit, Incident, Reason
from watcher.model.language import (
    Calendar,
    CalendarId,
    Claim,
    Indicator,
    IndicatorId,
    Joining,
    SequencePattern,
    Severity,
    TempoPattern,
)
from watcher.text.durations import in_words

HISTORY = timedelta(days=3 * 365)
"""How far back it counts what was usual, and how often triggers were answered."""

Past = Callable[[Sequence[IndicatorId]], Sequence[Firing]]
"""Indicators in, their recorded firings out, the oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternRules:
    """What the analyst wrote, as far as patterns need it."""

    indicators: Mapping[IndicatorId, Indicator]
    joinings: Mapping[IndicatorId, Joining]
    calendars: Mapping[CalendarId, Calendar]


def with_patterns(
    correlated: Correlated, known: Sequence[Incident], past: Past, book: PatternRules
) -> Correlated:
    """Add the incidents that sequences and tempos make of what has changed."""
    derived = derive(correlated, past, book.indicators)
    placed = [
        hit
        for each in derived
        if (hit := place_in_time(each, book.indicators[each.indicator], book.calendars))
    ]
    if not placed:
        return correlated
    changed = {incident.id: incident for incident in correlated.incidents}
    more = correlate(
        placed, [*({incident.id: incident for incident in known} | changed).values()], book.joinings
    )
    incidents = changed | {incident.id: incident for incident in more.incidents}
    return Correlated(incidents=tuple(incidents.values()), hits=(*correlated.hits, *more.hits))


def derive(correlated: Correlated, past: Past, indicators: Mapping[IndicatorId, Indicator]) -> Iterator[Hit]:
    """Yield the hits of sequences and tempos."""
    fresh = _fresh(correlated)
    for indicator in indicators.values():
        pattern = indicator.pattern
        if isinstance(pattern, TempoPattern | SequencePattern) and any(
            firing.indicator in completed_by(pattern) for firing in fresh
        ):
            recorded = past((*rests_on(pattern), indicator.id))
            yield from _found(indicator, pattern, fresh, recorded)


def completed_by(pattern: TempoPattern | SequencePattern) -> tuple[IndicatorId, ...]:
    """Return the indicators whose firing can complete a pattern."""
    return pattern.of if isinstance(pattern, TempoPattern) else pattern.then


def rests_on(pattern: TempoPattern | SequencePattern) -> tuple[IndicatorId, ...]:
    """Return all indicators whose firings a pattern looks at."""
    return pattern.of if isinstance(pattern, TempoPattern) else (*pattern.first, *pattern.then)


def memory_of(indicators: Iterable[Indicator]) -> timedelta:
    """Return how far back the firings lie without which some pattern would find less."""
    patterns = (indicator.pattern for indicator in indicators)
    asked = (
        tempo.memory_of(each) if isinstance(each, TempoPattern) else each.within
        for each in patterns
        if isinstance(each, TempoPattern | SequencePattern)
    )
    return max(asked, default=timedelta())


def evidence_of(
    pattern: TempoPattern | SequencePattern, firings: Iterable[Firing], firing: Firing
) -> tuple[str, ...]:
    """Return what a firing completes, in words, given all firings; nothing when it completes nothing."""
    known = [each for each in firings if each.at <= firing.at]
    if isinstance(pattern, TempoPattern):
        pace = tempo.pace_at([each.at for each in _of(pattern.of, known)], pattern.within, firing.at)
        return (
            tempo.described(pace, " or ".join(pattern.of), pattern.within)
            if tempo.is_fast(pace, pattern)
            else ()
        )
    responses = _of(pattern.then, known)
    cases = sequence.cases_of(_of(pattern.first, known), responses, pattern.within)
    case = next((case for case in cases if case.answer and case.answer.incident == firing.incident), None)
    if case is None:
        return ()
    rate = sequence.rate_of(cases, responses, pattern.within, case.trigger.at)
    delay = in_words(firing.at - case.trigger.at)
    return f"{delay} after {case.trigger.indicator} ({case.trigger.title})", rate.says(pattern.within)


def _fresh(correlated: Correlated) -> dict[Firing, Hit]:
    """Return what has fired in this poll, each with its first hit; an incident that is held for the start is not news."""
    incidents = {incident.id: incident for incident in correlated.incidents}
    found: dict[Firing, Hit] = {}
    for hit in correlated.hits:
        incident = incidents.get(hit.incident) if hit.incident else None
        if incident and hit.claim is Claim.OCCURRED and hit.score >= NAMED and not _is_of_the_start(incident):
            firing = Firing(
                indicator=hit.indicator, incident=incident.id, at=incident.opened, title=incident.title
            )
            found.setdefault(firing, hit)
    return found


def _is_of_the_start(incident: Incident) -> bool:
    return incident.held is not None and incident.held.reason is Reason.SEEDING


def _found(
    indicator: Indicator,
    pattern: TempoPattern | SequencePattern,
    fresh: Mapping[Firing, Hit],
    recorded: Sequence[Firing],
) -> Iterator[Hit]:
    """Yield the hits of one pattern.

    A tempo is told once in its time, however long it lasts; a case has one answer anyway.
    """
    counted = {firing.incident for firing in recorded if firing.indicator in completed_by(pattern)}
    said = [firing.at for firing in recorded if firing.indicator == indicator.id]
    rest = pattern.within if isinstance(pattern, TempoPattern) else timedelta()
    severity = indicator.claims.get(Claim.OCCURRED, indicator.severity)
    for firing in _of(completed_by(pattern), fresh):
        if severity is None or firing.incident in counted or any(abs(firing.at - at) < rest for at in said):
            continue
        if evidence := evidence_of(pattern, [*recorded, *fresh], firing):
            said.append(firing.at)
            yield _hit(indicator, severity, fresh[firing], evidence)


def _hit(indicator: Indicator, severity: Severity, on: Hit, evidence: tuple[str, ...]) -> Hit:
    return Hit(
        item=on.item,
        indicator=indicator.id,
        claim=Claim.OCCURRED,
        severity=severity,
        score=1.0,
        evidence=evidence,
    )


def _of(indicators: Sequence[IndicatorId], firings: Iterable[Firing]) -> list[Firing]:
    """Return the firings of some indicators in order of time, one of each incident."""
    own = {firing.incident: firing for firing in firings if firing.indicator in indicators}
    return sorted(own.values(), key=lambda firing: (firing.at, firing.incident))
