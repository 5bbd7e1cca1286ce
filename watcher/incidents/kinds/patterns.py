"""What a poll changed in, with the incidents that sequences and tempos make of it out.

They look at incidents, not at hits: an incident counts from the first title that says that it has happened,
and one that first polls of feeds have seen makes history, but no news. What they find is a hit like any
other, on the item that made the incident count.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import assert_never

from watcher.incidents.calendar import place_in_time
from watcher.incidents.correlate import Correlated, correlate
from watcher.incidents.kinds.firings import FiringRule, firings_of
from watcher.incidents.kinds.sequence import sequence_rule
from watcher.incidents.kinds.tempo import tempo_rule
from watcher.model.alerts import NAMED, REPORTED, Firing, Hit, Incident
from watcher.model.language import (
    Claim,
    HistoryPattern,
    Indicator,
    IndicatorId,
    IndicatorList,
    Joining,
    Pattern,
    SequencePattern,
    TempoPattern,
)

HISTORY = timedelta(days=3 * 365)
"""How far back it counts what was usual, and how often triggers were answered."""

Past = Callable[[Sequence[IndicatorId]], Sequence[Firing]]
"""Indicators in, their recorded firings out, the oldest first."""


def with_patterns(
    correlated: Correlated,
    known: Sequence[Incident],
    past: Past,
    listed: IndicatorList,
    joinings: Mapping[IndicatorId, Joining],
) -> Correlated:
    """Add the incidents that sequences and tempos make of what has changed."""
    fresh, placed = _fresh(correlated), list[Hit]()
    for indicator in listed.indicators:
        rule = firing_rule(indicator.pattern)
        if rule and any(firing.indicator in rule.completed_by for firing in fresh):
            found = _found(indicator, rule, fresh, past((*rule.rests_on, indicator.id)))
            places = (place_in_time(hit, indicator, listed.calendars) for hit in found)
            placed += [hit for hit in places if hit]
    if not placed:
        return correlated
    changed = {incident.id: incident for incident in correlated.incidents}
    current = {incident.id: incident for incident in known} | changed
    more = correlate(placed, list(current.values()), joinings, listed.vocabulary)
    incidents = changed | {incident.id: incident for incident in more.incidents}
    return Correlated(incidents=tuple(incidents.values()), hits=(*correlated.hits, *more.hits))


def firing_rule(pattern: Pattern) -> FiringRule | None:
    """Return the rule of a pattern over the firings of others; None for one that reads news or silence."""
    if not isinstance(pattern, HistoryPattern):
        return None
    match pattern:
        case SequencePattern():
            return sequence_rule(pattern)
        case TempoPattern():
            return tempo_rule(pattern)
    assert_never(pattern)


def longest_memory(indicators: Iterable[Indicator]) -> timedelta:
    """Return how far back the firings lie without which some pattern would find less."""
    rules = (firing_rule(indicator.pattern) for indicator in indicators)
    return max((rule.memory for rule in rules if rule), default=timedelta())


def evidence_of(rule: FiringRule, firings: Iterable[Firing], firing: Firing) -> tuple[str, ...]:
    """Return what a firing completes, in words, given all firings; nothing when it completes nothing."""
    return rule.evidence([each for each in firings if each.at <= firing.at], firing)


def _fresh(correlated: Correlated) -> dict[Firing, Hit]:
    """Return what has fired in this poll, each with its first hit; what first polls have seen is not news."""
    incidents = {incident.id: incident for incident in correlated.incidents}
    found: dict[Firing, Hit] = {}
    for hit in correlated.hits:
        incident = incidents.get(hit.incident) if hit.incident else None
        if incident and hit.claim is Claim.OCCURRED and hit.score >= NAMED and not incident.is_seeding:
            firing = Firing(
                indicator=hit.indicator, incident=incident.id, at=incident.opened, title=incident.title
            )
            found.setdefault(firing, hit)
    return found


def _found(
    indicator: Indicator, rule: FiringRule, fresh: Mapping[Firing, Hit], recorded: Sequence[Firing]
) -> Iterator[Hit]:
    """Yield the hits of one pattern; after one it rests, for what goes on is no news."""
    counted = {firing.incident for firing in recorded if firing.indicator in rule.completed_by}
    said = [firing.at for firing in recorded if firing.indicator == indicator.id]
    severity = indicator.claims.get(Claim.OCCURRED, indicator.severity)
    if severity is None:
        return
    for firing in firings_of(rule.completed_by, fresh):
        if firing.incident in counted or any(abs(firing.at - at) < rule.rest for at in said):
            continue
        if evidence := evidence_of(rule, [*recorded, *fresh], firing):
            said.append(firing.at)
            yield Hit(
                item=fresh[firing].item,
                indicator=indicator.id,
                claim=Claim.OCCURRED,
                severity=severity,
                score=REPORTED,
                evidence=evidence,
            )
