"""Hits and open incidents in, changed incidents out.

Hits of one indicator family are about one incident when they stand in the same stretch of time (by `seen`)
and speak of the same happening, or, for an indicator that joins by wording, tell the same story. A hit on an
item that an incident already holds stays with it: an edited story is not a new one. Every hit is in exactly
one incident.

A happening lasts `quiet` from its first report: a title that reports one after that reports another, and so
does one before that which says so (`features`): it names a later day, another class of weapon, or a second
launch where we know of one only. A late report that names the day of the happening joins it after `quiet`
too, and so does Pyongyang's own account, which comes a day late. What only echoes a happening (a reaction, a
follow-up, an analysis, a summary that mentions it) joins the last one for three times as long. What has not
happened yet is not what has just happened: a guess at the next launch never joins the launch of today; nor
does what looks back at an old one. Time counts both ways: what a clock that ran ahead has left in the future
takes no hits of today.

Hits are taken one by one in the order of `seen`, and each sees only incidents within reach of it, so that it
makes no difference in how many batches they come, nor what else the store still knows.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watcher.incidents.index import OpenIncidents
from watcher.incidents.occurrence import AGAIN, Features, differ, features_of, korean_day
from watcher.incidents.origins import origins_of, publisher_of
from watcher.incidents.titles import same_story, wording
from watcher.model.alerts import (
    NAMED,
    Held,
    Hit,
    Incident,
    IncidentId,
    Reason,
    Sighting,
    Source,
    TimelineEntry,
)
from watcher.model.language import Claim, Indicator, IndicatorId, JoinBy, Joining, Reads
from watcher.model.news import Item, ItemId

MOST_SIGHTINGS = 200
"""How many sightings an incident remembers in full; it counts all."""

MOST_MOMENTS = 40
"""How many lines a timeline has: the first ones, and the newest in place of the last."""

_MOST_SOURCES = 200

_ECHO = 3
"""How many times longer than a fresh report an echo still joins what it echoes."""

_A_DAY = timedelta(days=1)

_RECOGNISED = 2
"""How many times longer a report joins what it is recognised by: a rare name or property, or Pyongyang's own account the day after."""

_AGAIN, _AGAIN_SOON = timedelta(hours=12), timedelta(hours=3)
"""How long after the first report "again" speaks of another happening, and "a second in two days" does."""

_LATELY = timedelta(days=7)
"""How long ago what an "again" looks back to may be."""

_SURELY = timedelta(days=1)
"""After so long no report names another class for want of knowledge."""

_CLAIM_ORDER = (
    Claim.HISTORICAL,
    Claim.DENIED,
    Claim.SPECULATED,
    Claim.THREATENED,
    Claim.IMMINENT,
    Claim.OCCURRED,
)


def claim_rank(claim: Claim) -> int:
    """Return the step of a claim on the ladder from historical to occurred."""
    return _CLAIM_ORDER.index(claim)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlated:
    """What correlation changed: the incidents, whole, and the hits, each with its incident."""

    incidents: tuple[Incident, ...]
    hits: tuple[Hit, ...]


def correlate(
    hits: Iterable[Hit],
    known: Sequence[Incident],
    joinings: Mapping[IndicatorId, Joining],
    *,
    seeding: bool = False,
) -> Correlated:
    """Join hits to the incidents they belong to, oldest first; `seeding` marks what only first polls of feeds have seen."""
    open_incidents = OpenIncidents(known, longest_quiet(joinings))
    changed: dict[IncidentId, Incident] = {}
    joined = []
    for hit in sorted(hits, key=_most_direct_first):
        joining = joining_of(hit.indicator, joinings)
        home = _home(hit, joining, open_incidents)
        incident = (
            _opened(hit, joining, seeding=seeding)
            if home is None
            else _grown(home, hit, joining, seeding=seeding)
        )
        open_incidents.put(incident)
        changed[incident.id] = incident
        joined.append(replace(hit, incident=incident.id))
    return Correlated(incidents=tuple(changed.values()), hits=tuple(joined))


def _most_direct_first(hit: Hit) -> tuple[datetime, ItemId, int, float, IndicatorId]:
    """Order hits by item; of one item, what its title reports says where the rest belongs."""
    return hit.item.seen, hit.item.id, hit.item.revision, -hit.score, hit.indicator


def joining_of(indicator: IndicatorId, joinings: Mapping[IndicatorId, Joining]) -> Joining:
    """Return how an indicator's hits join; one that says nothing joins by wording, by itself."""
    return joinings.get(indicator) or Joining(family=indicator)


def joining_for(indicator: Indicator) -> Joining:
    """Return how an indicator's hits join, as it says or by itself; what instruments measure joins what people say of it."""
    joining = indicator.joining or Joining(family=indicator.id)
    return replace(joining, measured=indicator.kind.reads is Reads.QUAKE)


def longest_quiet(joinings: Mapping[IndicatorId, Joining]) -> timedelta:
    """Return how far back an incident can still take a hit."""
    return _ECHO * max((joining.quiet for joining in joinings.values()), default=Joining(family="").quiet)


def is_over(incident: Incident, joining: Joining, now: datetime) -> bool:
    """Say whether nothing can join an incident any more."""
    return now - incident.updated > _ECHO * joining.quiet


def _home(hit: Hit, joining: Joining, open_incidents: OpenIncidents) -> Incident | None:
    if holder := open_incidents.holding(hit.item, joining.family):
        return holder
    if joining.by is JoinBy.HAPPENING:
        family = open_incidents.of_family(joining.family, hit.item.seen)
        found = [incident for incident in family if _same_happening(hit, joining, incident, family)]
    else:
        alike = open_incidents.telling(hit.item, joining.family)
        found = [incident for incident in alike if abs(hit.item.seen - incident.updated) <= joining.quiet]
    return max(found, key=_nearest_first(hit), default=None)


def _nearest_first(hit: Hit) -> Callable[[Incident], tuple[bool, bool, datetime, IncidentId]]:
    passed, features = hit.claim is Claim.OCCURRED, features_of(hit.item)
    return lambda incident: (
        (incident.claim is Claim.OCCURRED) == passed,
        not _is_of_another(features, incident),
        incident.updated,
        incident.id,
    )


def _is_of_another(features: Features, incident: Incident) -> bool:
    """Say whether a text names another day, or another class, than an incident has."""
    another_day = (
        features.day is not None
        and not timedelta() <= korean_day(_happened(incident)) - features.day <= _A_DAY
    )
    return another_day or differ(features.kinds, incident.kinds, _SURELY)


def _same_happening(hit: Hit, joining: Joining, incident: Incident, family: Sequence[Incident]) -> bool:
    if Claim.HISTORICAL in (hit.claim, incident.claim) and hit.claim is not incident.claim:
        return False
    ahead, passed = _is_ahead(hit.claim), incident.claim is Claim.OCCURRED
    if ahead and passed and not _is_aside(hit) and not joining.measured:
        return False
    if hit.fresh and not ahead and passed:
        return _reports(hit, joining, incident, family)
    if hit.fresh and not ahead:
        return abs(hit.item.seen - incident.opened) <= joining.quiet
    if hit.score >= NAMED and passed and features_of(hit.item).soon and _is_news(hit, incident, family):
        return False
    return abs(hit.item.seen - incident.updated) <= _ECHO * joining.quiet


def _is_aside(hit: Hit) -> bool:
    """Say whether a hit is no more than a guess in passing."""
    return hit.claim is Claim.SPECULATED and hit.score < NAMED


def _reports(hit: Hit, joining: Joining, incident: Incident, family: Sequence[Incident]) -> bool:
    """Say whether a title that reports what has happened reports this."""
    features, happened = features_of(hit.item), _happened(incident)
    apart, day = abs(hit.item.seen - happened), korean_day(happened)
    if features.day and features.day > day:
        return False
    if features.retold:
        return abs(hit.item.seen - incident.updated) <= _ECHO * joining.quiet
    if differ(features.kinds, incident.kinds, apart):
        return False
    if features.again and _is_news(hit, incident, family):
        return False
    named = features.day or features.pictured
    if named and timedelta() <= day - named <= _A_DAY:
        return apart <= _ECHO * joining.quiet
    is_recognised = features.own_account or not features.marks.isdisjoint(incident.kinds)
    return apart <= (_RECOGNISED * joining.quiet if is_recognised else joining.quiet)


def _is_news(hit: Hit, incident: Incident, family: Sequence[Incident]) -> bool:
    """Say whether an "again" speaks of another happening than this: it comes late, and this is not itself known to follow one."""
    apart = abs(hit.item.seen - _happened(incident))
    return apart >= (_AGAIN_SOON if features_of(hit.item).soon else _AGAIN) and not _follows_another(
        incident, family
    )


def _follows_another(incident: Incident, family: Sequence[Incident]) -> bool:
    """Say whether an incident is itself known not to be the first."""
    happened = _happened(incident)
    return AGAIN in incident.kinds or any(
        timedelta() < happened - _happened(other) <= _LATELY
        for other in family
        if other.claim is Claim.OCCURRED
    )


def _happened(incident: Incident) -> datetime:
    """Return when an incident was first said to have happened: when it opened, or when a report joined what had been expected."""
    later = (moment.at for moment in incident.timeline[1:] if Claim.OCCURRED in moment.new)
    return next(later, incident.opened)


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
        step=max(joining.step, hit.step),
        indicators=frozenset({hit.indicator}),
        items=1,
        origins=origins_of(hit.item),
        owners=frozenset({hit.item.owner}),
        sightings=(sighting,),
        origin_sources=_origin_sources((), hit),
        owner_sources=_owner_sources((), (), hit),
        kinds=_kinds(hit),
        denied=_denies(hit),
        timeline=(_moment(hit, ("first report", hit.claim.value, *sorted(origins_of(hit.item)))),),
        held=Held(reason=Reason.SEEDING, since=hit.item.seen) if seeding else None,
    )


def _began(item: Item, *, seeding: bool) -> datetime:
    """Return when a happening was first reported: when we saw it.

    What a first poll shows may be days old, and must not take in what happens today: there the feed's own
    date counts, if it is earlier.
    """
    return min(item.seen, item.published) if seeding and item.published else item.seen


def _grown(incident: Incident, hit: Hit, joining: Joining, *, seeding: bool) -> Incident:
    again = any(sighting.item == hit.item.id for sighting in incident.sightings)
    leads = (max(joining.step, hit.step), hit.severity) > (incident.step, incident.severity)
    return replace(
        incident,
        indicator=hit.indicator if leads else incident.indicator,
        updated=max(incident.updated, hit.item.seen),
        severity=max(incident.severity, hit.severity),
        claim=max(incident.claim, hit.claim, key=claim_rank),
        step=max(incident.step, joining.step, hit.step),
        indicators=incident.indicators | {hit.indicator},
        items=incident.items + (not again),
        origins=incident.origins | origins_of(hit.item),
        owners=incident.owners | {hit.item.owner},
        sightings=incident.sightings
        if again
        else (*incident.sightings, _sighting(hit.item))[-MOST_SIGHTINGS:],
        origin_sources=_origin_sources(incident.origin_sources, hit),
        owner_sources=_owner_sources(incident.owner_sources, incident.sightings, hit),
        kinds=incident.kinds | _kinds(hit),
        denied=incident.denied or _denies(hit),
        timeline=_told_by(incident, hit, joining),
        held=incident.held if seeding or not _is_seeding(incident) else None,
        closed=None,
    )


def _origin_sources(known: tuple[Source, ...], hit: Hit) -> tuple[Source, ...]:
    for origin in sorted(origins_of(hit.item)):
        known = _with(known, Source(name=origin, grade=hit.item.grade, at=hit.item.seen))
    return known


def _owner_sources(known: tuple[Source, ...], sightings: Sequence[Sighting], hit: Hit) -> tuple[Source, ...]:
    """Return who has published it in words of its own, so far."""
    words = wording(hit.item.title)
    if any(sighting.item != hit.item.id and same_story(words, sighting.wording) for sighting in sightings):
        return known
    return _with(known, Source(name=publisher_of(hit.item), grade=hit.item.grade, at=hit.item.seen))


def _with(known: tuple[Source, ...], source: Source) -> tuple[Source, ...]:
    """Return the sources with one more, unless it is known already from a feed that is as good."""
    is_known = any(other.name == source.name and other.grade <= source.grade for other in known)
    return known if is_known or len(known) >= _MOST_SOURCES else (*known, source)


def _told_by(incident: Incident, hit: Hit, joining: Joining) -> tuple[TimelineEntry, ...]:
    """Return the timeline with a line for what a hit is the first to say, if anything."""
    new = [hit.claim.value] if claim_rank(hit.claim) > claim_rank(incident.claim) else []
    new += ["denied"] if _denies(hit) and not incident.denied else []
    new += [hit.indicator] if max(joining.step, hit.step) > incident.step else []
    new += sorted(origins_of(hit.item) - incident.origins)
    return (*incident.timeline[: MOST_MOMENTS - 1], _moment(hit, new)) if new else incident.timeline


def _moment(hit: Hit, new: Iterable[str]) -> TimelineEntry:
    return TimelineEntry(
        at=hit.item.seen, item=hit.item.id, owner=hit.item.owner, title=hit.item.title, new=tuple(new)
    )


def _kinds(hit: Hit) -> frozenset[str]:
    """Return what a fresh report names; what an echo names may be of another happening."""
    features = features_of(hit.item)
    return features.said if hit.fresh and not features.retold else frozenset()


def _denies(hit: Hit) -> bool:
    """Say whether a title denies it; what a summary says in passing does not count."""
    return hit.claim is Claim.DENIED and hit.score >= NAMED


def _is_seeding(incident: Incident) -> bool:
    return incident.held is not None and incident.held.reason is Reason.SEEDING


def _sighting(item: Item) -> Sighting:
    return Sighting(item=item.id, wording=wording(item.title))


def _incident_id(hit: Hit, joining: Joining) -> IncidentId:
    occasion = f"{joining.family}\n{hit.item.id}\n{hit.item.revision}"
    return IncidentId(hashlib.sha256(occasion.encode()).hexdigest()[:16])
