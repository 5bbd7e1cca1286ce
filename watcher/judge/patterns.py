"""What a poll changed in, with the incidents that sequences and tempos make of it out.

They look at incidents, not at hits: an incident counts from the first hit that says that it has happened, and one that first polls of
feeds have seen makes history, but no news. What they find is a hit like any other, on the item that made the incident count.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from watcher.judge import succession, tempo
from watcher.judge.correlate import Correlated, correlate
from watcher.judge.spell import spell
from watcher.judge.timing import place_in_time
from watcher.model.alerts import Firing, Hit, Incident, Reason
from watcher.model.language import Calendar, CalendarId, Claim, Indicator, IndicatorId, Joining, Succession, Tempo

HISTORY = timedelta(days=3 * 365)
"""How far back it counts what was usual, and how often triggers were answered."""

Past = Callable[[Sequence[IndicatorId]], Sequence[Firing]]
"""Indicators in, their recorded firings out, the oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """What the analyst wrote, as far as patterns need it."""

    indicators: Mapping[IndicatorId, Indicator]
    joinings: Mapping[IndicatorId, Joining]
    calendars: Mapping[CalendarId, Calendar]


def with_patterns(correlated: Correlated, known: Sequence[Incident], past: Past, book: Book) -> Correlated:
    """Add the incidents that sequences and tempos make of what has changed."""
    derived = derive(correlated, past, book.indicators)
    placed = [hit for each in derived if (hit := place_in_time(each, book.indicators[each.indicator], book.calendars))]
    if not placed:
        return correlated
    changed = {incident.id: incident for incident in correlated.incidents}
    more = correlate(placed, [*({incident.id: incident for incident in known} | changed).values()], book.joinings)
    incidents = changed | {incident.id: incident for incident in more.incidents}
    return Correlated(incidents=tuple(incidents.values()), hits=(*correlated.hits, *more.hits))


def derive(correlated: Correlated, past: Past, indicators: Mapping[IndicatorId, Indicator]) -> Iterator[Hit]:
    """Yield the hits of sequences and tempos."""
    fresh = _fresh(correlated)
    for indicator in indicators.values():
        pattern = indicator.pattern
        if not isinstance(pattern, Tempo | Succession):
            continue
        ending = pattern.of if isinstance(pattern, Tempo) else pattern.then
        triggers = {firing: hit for firing, hit in fresh.items() if firing.indicator in ending}
        if triggers:
            opening = pattern.of if isinstance(pattern, Tempo) else (*pattern.first, *pattern.then)
            recorded = past((*opening, indicator.id))
            yield from _found(indicator, pattern, triggers, _History(recorded, fresh))


class _History:
    """The firings so far, those of this poll too."""

    def __init__(self, recorded: Iterable[Firing], fresh: Iterable[Firing]) -> None:
        self._recorded = list(recorded)
        self._all = [*self._recorded, *fresh]

    def of(self, indicators: Sequence[IndicatorId], until: datetime | None = None) -> list[Firing]:
        """Return the firings of some indicators, until a moment, in order of time, one of each incident."""
        own = (firing for firing in self._all if firing.indicator in indicators and (until is None or firing.at <= until))
        return sorted({firing.incident: firing for firing in own}.values(), key=lambda firing: (firing.at, firing.incident))

    def is_recorded(self, firing: Firing, indicators: Sequence[IndicatorId]) -> bool:
        """Say whether an incident has counted for some indicators before."""
        return any(each.incident == firing.incident and each.indicator in indicators for each in self._recorded)


def _fresh(correlated: Correlated) -> dict[Firing, Hit]:
    """Return what has fired in this poll, each with its first hit; an incident that is held for the start is not news."""
    incidents = {incident.id: incident for incident in correlated.incidents}
    found: dict[Firing, Hit] = {}
    for hit in correlated.hits:
        incident = incidents.get(hit.incident) if hit.incident else None
        if incident and hit.claim is Claim.OCCURRED and not (incident.held and incident.held.reason is Reason.SEEDING):
            firing = Firing(indicator=hit.indicator, incident=incident.id, at=incident.opened, title=incident.title)
            found.setdefault(firing, hit)
    return found


def _found(indicator: Indicator, pattern: Tempo | Succession, triggers: Mapping[Firing, Hit], history: _History) -> Iterator[Hit]:
    said = [firing.at for firing in history.of((indicator.id,))]
    rest = pattern.within if isinstance(pattern, Tempo) else timedelta()  # a case has one answer, but a tempo goes on
    ending = pattern.of if isinstance(pattern, Tempo) else pattern.then
    for firing, hit in sorted(triggers.items(), key=lambda each: (each[0].at, each[0].incident)):
        if history.is_recorded(firing, ending) or any(abs(firing.at - at) < rest for at in said):
            continue
        evidence = _tempo(pattern, history, firing) if isinstance(pattern, Tempo) else _answer(pattern, history, firing)
        severity = indicator.claims.get(Claim.OCCURRED, indicator.severity)
        if evidence and severity is not None:
            said.append(hit.item.seen)
            yield Hit(
                item=hit.item,
                indicator=indicator.id,
                claim=Claim.OCCURRED,
                severity=severity,
                score=1.0,
                evidence=evidence,
                grade=hit.grade,
            )


def _tempo(pattern: Tempo, history: _History, firing: Firing) -> tuple[str, ...]:
    pace = tempo.pace_at([each.at for each in history.of(pattern.of, firing.at)], pattern.within, firing.at)
    return tempo.described(pace, " or ".join(pattern.of), pattern.within) if tempo.is_fast(pace, pattern) else ()


def _answer(pattern: Succession, history: _History, firing: Firing) -> tuple[str, ...]:
    triggers, responses = history.of(pattern.first, firing.at), history.of(pattern.then, firing.at)
    cases = succession.cases_of(triggers, responses, pattern.within)
    case = next((case for case in cases if case.answer and case.answer.incident == firing.incident), None)
    if case is None:
        return ()
    rate = succession.rate_of(cases, responses, pattern.within, case.trigger.at)
    delay = spell(firing.at - case.trigger.at)
    return f"{delay} after {case.trigger.indicator}: {case.trigger.title}", rate.says(pattern.within)
