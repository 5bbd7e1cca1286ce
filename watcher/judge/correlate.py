"""Hits and open incidents in, changed incidents out.

Hits of one indicator family are about one incident when they stand in the same stretch of time (by `seen`) and speak of the same
happening, or, for an indicator that joins by wording, tell the same story. A hit on an item that an incident already holds stays
with it: an edited story is not a new one. Every hit is in exactly one incident.

A happening lasts `quiet` from its first report: a title that reports one after that reports another. What only echoes one (a
reaction, a follow-up, a summary that mentions it) joins the last one for three times as long. What has not happened yet is not
what has just happened: a guess at the next launch never joins the launch of today. Time counts both ways: what a clock that ran
ahead has left in the future takes no hits of today.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from watcher.judge.origin import origins_of
from watcher.judge.wording import same_story, wording
from watcher.model.alerts import Held, Hit, Incident, IncidentId, Moment, Reason, Sighting
from watcher.model.language import Claim, IndicatorId, JoinBy, Joining
from watcher.model.news import Item, ItemId

MOST_SIGHTINGS = 200
"""How many sightings an incident remembers in full; it counts all."""

MOST_MOMENTS = 40
"""How many lines a timeline has: the first ones, and the newest in place of the last."""

_NAMED = 0.8
"""The least score of a hit that a title makes, by what it reports or names."""

_ECHO = 3
"""How many times longer than a fresh report an echo still joins what it echoes."""

_LADDER = (Claim.HISTORICAL, Claim.DENIED, Claim.SPECULATED, Claim.THREATENED, Claim.IMMINENT, Claim.OCCURRED)


def claim_rank(claim: Claim) -> int:
    """Return the step of a claim on the ladder from historical to occurred."""
    return _LADDER.index(claim)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlated:
    """What correlation changed: the incidents, whole, and the hits, each with its incident."""

    incidents: tuple[Incident, ...]
    hits: tuple[Hit, ...]


@dataclass(slots=True)
class _Open:
    """The incidents a run works on: those known, and what became of them."""

    incidents: dict[IncidentId, Incident]
    changed: dict[IncidentId, None] = field(default_factory=dict)

    def put(self, incident: Incident) -> None:
        self.incidents[incident.id] = incident
        self.changed[incident.id] = None


def correlate(
    hits: Iterable[Hit], known: Sequence[Incident], joinings: Mapping[IndicatorId, Joining], *, seeding: bool = False
) -> Correlated:
    """Join hits to the incidents they belong to, oldest first; `seeding` marks what only first polls of feeds have seen."""
    working = _Open({incident.id: incident for incident in known})
    joined = []
    for hit in sorted(hits, key=_most_direct_first):
        joining = joining_of(hit.indicator, joinings)
        incident = _home(hit, joining, working.incidents.values())
        working.put(_opened(hit, joining, seeding=seeding) if incident is None else _grown(incident, hit, joining, seeding=seeding))
        joined.append(replace(hit, incident=incident.id if incident else _incident_id(hit, joining)))
    return Correlated(incidents=tuple(working.incidents[name] for name in working.changed), hits=tuple(joined))


def _most_direct_first(hit: Hit) -> tuple[datetime, ItemId, float, IndicatorId]:
    """Order hits by item; of one item, what its title reports says where the rest belongs."""
    return hit.item.seen, hit.item.id, -hit.score, hit.indicator


def joining_of(indicator: IndicatorId, joinings: Mapping[IndicatorId, Joining]) -> Joining:
    """Return how an indicator's hits join; one that says nothing joins by wording, by itself."""
    return joinings.get(indicator) or Joining(family=indicator)


def longest_quiet(joinings: Mapping[IndicatorId, Joining]) -> timedelta:
    """Return how far back an incident can still take a hit."""
    return _ECHO * max((joining.quiet for joining in joinings.values()), default=Joining(family="").quiet)


def is_over(incident: Incident, joining: Joining, now: datetime) -> bool:
    """Say whether nothing can join an incident any more."""
    return now - incident.updated > _ECHO * joining.quiet


def _home(hit: Hit, joining: Joining, incidents: Iterable[Incident]) -> Incident | None:
    family = [incident for incident in incidents if incident.family == joining.family]
    for incident in family:
        if any(sighting.item == hit.item.id for sighting in incident.sightings):
            return incident
    belongs = _same_happening if joining.by is JoinBy.HAPPENING else _same_telling
    return max((incident for incident in family if belongs(hit, joining, incident)), key=_nearest_first(hit), default=None)


def _nearest_first(hit: Hit) -> Callable[[Incident], tuple[bool, datetime, IncidentId]]:
    happened = hit.claim is Claim.OCCURRED
    return lambda incident: ((incident.claim is Claim.OCCURRED) == happened, incident.updated, incident.id)


def _same_happening(hit: Hit, joining: Joining, incident: Incident) -> bool:
    ahead, passed = _is_ahead(hit.claim), incident.claim is Claim.OCCURRED
    if ahead and passed:
        return False
    if hit.fresh and not ahead:
        return abs(hit.item.seen - incident.opened) <= joining.quiet
    return abs(hit.item.seen - incident.updated) <= _ECHO * joining.quiet


def _same_telling(hit: Hit, joining: Joining, incident: Incident) -> bool:
    if abs(hit.item.seen - incident.updated) > joining.quiet:
        return False
    words = wording(hit.item.title)
    return any(same_story(words, sighting.wording) for sighting in incident.sightings)


def _is_ahead(claim: Claim) -> bool:
    """Say whether a claim speaks of what has not happened yet."""
    return claim in (Claim.IMMINENT, Claim.THREATENED, Claim.SPECULATED)


def _opened(hit: Hit, joining: Joining, *, seeding: bool) -> Incident:
    sighting = _sighting(hit.item)
    return Incident(
        id=_incident_id(hit, joining),
        family=joining.family,
        indicator=hit.indicator,
        title=hit.item.title,
        opened=_began(hit.item, seeding=seeding),
        updated=hit.item.seen,
        severity=hit.severity,
        claim=hit.claim,
        rung=joining.rung,
        indicators=frozenset({hit.indicator}),
        items=1,
        origins=origins_of(hit.item),
        owners=frozenset({hit.item.owner}),
        sightings=(sighting,),
        denied=_denies(hit),
        timeline=(_moment(hit, ("first report", hit.claim.value, *sorted(origins_of(hit.item)))),),
        held=Held(reason=Reason.SEEDING, since=hit.item.seen) if seeding else None,
    )


def _began(item: Item, *, seeding: bool) -> datetime:
    """Return when a happening was first reported: when we saw it.

    What a first poll shows may be days old, and must not take in what happens today: there the feed's own date counts, if it is earlier.
    """
    return min(item.seen, item.published) if seeding and item.published else item.seen


def _grown(incident: Incident, hit: Hit, joining: Joining, *, seeding: bool) -> Incident:
    again = any(sighting.item == hit.item.id for sighting in incident.sightings)
    leads = (joining.rung, hit.severity) > (incident.rung, incident.severity)
    return replace(
        incident,
        indicator=hit.indicator if leads else incident.indicator,
        updated=max(incident.updated, hit.item.seen),
        severity=max(incident.severity, hit.severity),
        claim=max(incident.claim, hit.claim, key=claim_rank),
        rung=max(incident.rung, joining.rung),
        indicators=incident.indicators | {hit.indicator},
        items=incident.items + (not again),
        origins=incident.origins | origins_of(hit.item),
        owners=incident.owners | {hit.item.owner},
        sightings=incident.sightings if again else (*incident.sightings, _sighting(hit.item))[-MOST_SIGHTINGS:],
        denied=incident.denied or _denies(hit),
        timeline=_told_by(incident, hit, joining),
        held=incident.held if seeding or not _is_seeding(incident) else None,
        closed=None,
    )


def _told_by(incident: Incident, hit: Hit, joining: Joining) -> tuple[Moment, ...]:
    """Return the timeline with a line for what a hit is the first to say, if anything."""
    new = [hit.claim.value] if claim_rank(hit.claim) > claim_rank(incident.claim) else []
    new += ["denied"] if _denies(hit) and not incident.denied else []
    new += [hit.indicator] if joining.rung > incident.rung else []
    new += sorted(origins_of(hit.item) - incident.origins)
    return (*incident.timeline[: MOST_MOMENTS - 1], _moment(hit, new)) if new else incident.timeline


def _moment(hit: Hit, new: Iterable[str]) -> Moment:
    return Moment(at=hit.item.seen, item=hit.item.id, owner=hit.item.owner, title=hit.item.title, new=tuple(new))


def _denies(hit: Hit) -> bool:
    """Say whether a title denies it; what a summary says in passing does not count."""
    return hit.claim is Claim.DENIED and hit.score >= _NAMED


def _is_seeding(incident: Incident) -> bool:
    return incident.held is not None and incident.held.reason is Reason.SEEDING


def _sighting(item: Item) -> Sighting:
    return Sighting(item=item.id, wording=wording(item.title))


def _incident_id(hit: Hit, joining: Joining) -> IncidentId:
    occasion = f"{joining.family}\n{hit.item.id}\n{hit.item.revision}"
    return IncidentId(hashlib.sha256(occasion.encode()).hexdigest()[:16])
