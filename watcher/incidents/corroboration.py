"""An incident and what the analyst demands in, whether independent origins agree about it out.

Distinct origins count, never copies; an item that names no origin adds nothing but its owner.
"""

from collections.abc import Sequence
from dataclasses import replace

from watcher.incidents.occurrence import Features
from watcher.incidents.titles import same_story, wording
from watcher.model.alerts import Confidence, Hit, Incident, IncidentSource
from watcher.model.language import Corroboration

_MOST_SOURCES = 200
"""How many sources an incident remembers of each sort, so that no flood makes it grow for ever."""


def with_sources(incident: Incident, hit: Hit, features: Features, step: int) -> Incident:
    """Return an incident with a hit's origins and, if the item is no copy of another, its publisher.

    They vouch for the step that the item itself reports, and no higher one.
    """
    words, others = wording(hit.item.title), (each for each in incident.sightings if each.item != hit.item.id)
    publishers = [] if any(same_story(words, each.wording) for each in others) else [features.publisher]
    return replace(
        incident,
        origin_sources=_with(incident.origin_sources, sorted(features.origins), hit, step),
        owner_sources=_with(incident.owner_sources, publishers, hit, step),
    )


def origins_at(incident: Incident, step: int) -> int:
    """Return how many origins vouch for a step of an incident, or for a higher one."""
    return len({source.name for source in incident.origin_sources if _vouches(source, step)})


def vouching(incident: Incident) -> frozenset[str]:
    """Return the origins that vouch for what an incident is said to be; all that it has when none does."""
    named = frozenset(each.name for each in incident.origin_sources if _vouches(each, incident.step))
    return named or incident.origins


def confidence_of(incident: Incident, demand: Corroboration | None) -> Confidence:
    """Return whether independent origins agree about an incident; once they did, they do."""
    if demand is None:
        return incident.confidence
    origins, owners = _counts(incident, demand)
    by_owners = demand.owners is not None and origins >= 1 and owners >= demand.owners
    return max(incident.confidence, Confidence(origins >= demand.origins or by_owners))


def support_of(incident: Incident, demand: Corroboration | None) -> str:
    """Return how much of a demand is there, as "1 of 2 origins"; empty where nobody demands anything."""
    if demand is None:
        return ""
    origins, owners = _counts(incident, demand)
    or_owners = "" if demand.owners is None else f", or one and {owners} of {demand.owners} owners"
    return f"{origins} of {demand.origins} origins{or_owners}"


def _counts(incident: Incident, demand: Corroboration) -> tuple[int, int]:
    """Count the origins and the owners that reported in time, in feeds that are good enough."""

    def count(sources: Sequence[IncidentSource]) -> int:
        agree = (each for each in sources if _vouches(each, incident.step))
        in_time = (each for each in agree if each.at - incident.opened <= demand.within)
        return len({each.name for each in in_time if demand.grade is None or each.grade <= demand.grade})

    return count(incident.origin_sources), count(incident.owner_sources)


def _with(
    known: tuple[IncidentSource, ...], names: Sequence[str], hit: Hit, step: int
) -> tuple[IncidentSource, ...]:
    """Return the sources with more, but those known already for the step from a feed that is as good."""
    grade = hit.item.grade
    as_good = {source.name for source in known if source.grade <= grade and _vouches(source, step)}
    new = (
        IncidentSource(name=name, grade=grade, at=hit.item.seen, step=step)
        for name in names
        if name not in as_good
    )
    return (*known, *new)[: max(len(known), _MOST_SOURCES)]


def _vouches(source: IncidentSource, step: int) -> bool:
    return source.step is None or source.step >= step
