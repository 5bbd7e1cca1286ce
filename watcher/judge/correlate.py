"""Hits and open incidents in, changed incidents out.

Hits of one indicator family are about one incident when they stand in the same stretch of time (by `seen`) and speak of the same
happening, or, for an indicator that joins by wording, tell the same story. A hit on an item that an incident already holds stays
with it: an edited story is not a new one. Every hit is in exactly one incident.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from watcher.judge.origin import origins_of
from watcher.judge.wording import same_story, wording
from watcher.model.alerts import Hit, Incident, IncidentId, Sighting
from watcher.model.language import Claim, IndicatorId, JoinBy, Joining
from watcher.model.news import Item

MOST_SIGHTINGS = 200
"""How many sightings an incident remembers in full; it counts all."""

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
    """Join hits to the incidents they belong to, oldest first; `seeding` marks what is opened as seen at a feed's first poll."""
    working = _Open({incident.id: incident for incident in known})
    joined = []
    for hit in sorted(hits, key=lambda hit: (hit.item.seen, hit.item.id, hit.indicator)):
        joining = joining_of(hit.indicator, joinings)
        incident = _home(hit, joining, working.incidents.values())
        working.put(_opened(hit, joining, seeding=seeding) if incident is None else _grown(incident, hit, joining))
        joined.append(replace(hit, incident=incident.id if incident else _incident_id(hit, joining)))
    return Correlated(incidents=tuple(working.incidents[name] for name in working.changed), hits=tuple(joined))


def joining_of(indicator: IndicatorId, joinings: Mapping[IndicatorId, Joining]) -> Joining:
    """Return how an indicator's hits join; one that says nothing joins by wording, by itself."""
    return joinings.get(indicator) or Joining(family=indicator)


def longest_quiet(joinings: Mapping[IndicatorId, Joining]) -> timedelta:
    """Return how far back an incident can still be open."""
    return max((joining.quiet for joining in joinings.values()), default=Joining(family="").quiet)


def _home(hit: Hit, joining: Joining, incidents: Iterable[Incident]) -> Incident | None:
    family = [incident for incident in incidents if incident.family == joining.family]
    for incident in family:
        if any(sighting.item == hit.item.id for sighting in incident.sightings):
            return incident
    near = [incident for incident in family if _is_open(incident, joining, hit.item.seen) and _same(hit, joining, incident)]
    return max(near, key=lambda incident: (incident.updated, incident.id), default=None)


def _is_open(incident: Incident, joining: Joining, at: datetime) -> bool:
    """Say whether an incident still takes hits: a happening lasts `quiet` from its opening, a story from its last copy."""
    since = incident.opened if joining.by is JoinBy.HAPPENING else incident.updated
    return at - since <= joining.quiet


def _same(hit: Hit, joining: Joining, incident: Incident) -> bool:
    if joining.by is JoinBy.HAPPENING:
        return True
    words = wording(hit.item.title)
    return any(same_story(words, sighting.wording) for sighting in incident.sightings)


def _opened(hit: Hit, joining: Joining, *, seeding: bool) -> Incident:
    sighting = _sighting(hit.item)
    return Incident(
        id=_incident_id(hit, joining),
        family=joining.family,
        indicator=hit.indicator,
        title=hit.item.title,
        opened=hit.item.seen,
        updated=hit.item.seen,
        severity=hit.severity,
        claim=hit.claim,
        rung=joining.rung,
        indicators=frozenset({hit.indicator}),
        items=1,
        origins=origins_of(hit.item),
        owners=frozenset({hit.item.owner}),
        sightings=(sighting,),
        seeding=seeding,
    )


def _grown(incident: Incident, hit: Hit, joining: Joining) -> Incident:
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
    )


def _sighting(item: Item) -> Sighting:
    origins = sorted(origins_of(item))
    return Sighting(item=item.id, owner=item.owner, origin=",".join(origins), wording=wording(item.title), at=item.seen)


def _incident_id(hit: Hit, joining: Joining) -> IncidentId:
    return IncidentId(hashlib.sha256(f"{joining.family}\n{hit.item.id}".encode()).hexdigest()[:16])
