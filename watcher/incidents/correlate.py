"""Hits and open incidents in, changed incidents out.

Hits of one indicator family are about one incident when they stand in the same stretch of time (by `seen`)
and report the same occurrence, or, for an indicator that joins by wording, tell the same story. A hit on an
item that an incident already holds stays with it: an edited story is not a new one. Every hit is in exactly
one incident.

An occurrence lasts `quiet` from its first report: a title that reports one after that reports another, and so
does one before that which says so (`Features`): it names a later day, another class of weapon, or a second
launch where we know of one only. What only echoes an occurrence (a reaction, a follow-up, an analysis, a
summary that mentions it) joins the last one for longer. What has not happened yet is not what has just
happened: a guess at the next launch never joins the launch of today; nor does what looks back at an old one.
And the first direct report of an act never joins what only reactions or mentions have opened: it opens its
own incident, so that no false or foreign story can silence it. `_is_of` has the rules. Time counts both ways:
what a clock that ran ahead has left in the future takes no hits of today.

What reviewers said by hand comes before all that: an incident takes what any of its parts would take, and
nothing that is rather told in the words of what they split from it.

Hits are taken one by one in the order of `seen`, and each sees only incidents within reach of it, so that it
makes no difference in how many batches they come, nor what else the store still knows.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watcher.incidents.corroboration import origins_at, with_sources
from watcher.incidents.index import IndexCache, OpenIncidents
from watcher.incidents.occurrence import NOT_FIRST, Features, differ, features_of, korean_day
from watcher.incidents.severity import is_old, severity_agreed, severity_earned
from watcher.incidents.titles import LEAST, likeness, same_affair, wording
from watcher.model.alerts import (
    BY_THE_LEAD,
    NAMED,
    Confidence,
    Held,
    Hit,
    Incident,
    IncidentId,
    Reason,
    Sighting,
    TimelineEntry,
)
from watcher.model.language import (
    Actor,
    Claim,
    Directness,
    Expected,
    Indicator,
    IndicatorId,
    JoinBy,
    Joining,
    Reads,
    Severity,
)
from watcher.model.news import Item, ItemId
from watcher.model.vocabulary import Vocabulary

MOST_SIGHTINGS = 200
"""How many sightings an incident remembers in full; it counts all."""

_MOST_ENTRIES = 40
"""How many lines a timeline has: the first ones, and the newest in place of the last."""

_ECHO = 3
"""For how many times `quiet` an echo joins what it echoes, and a report the day that it names."""

_RECOGNISED = 2
"""For how many times `quiet` a report joins by a rare name, or as Pyongyang's account of the day after."""

_ORIGINS_THAT_EARN = 2
"""How many origins for a step earn the severity that one report cannot: critical wakes somebody up."""

_AN_AFFAIR = timedelta(days=2)
"""How long after its last report an affair goes on; best on labelled pairs of real hits, with `AFFAIR`."""

_COMPARED = 20
"""How many of its latest titles an affair is known by."""

_A_DAY = timedelta(days=1)

_NOT_FIRST, _SECOND_SOON = timedelta(hours=12), timedelta(hours=3)
"""How long after the first report "again" means another occurrence, and "a second in two days" does.

Without the words of a report the launches of 3 and 18 November 2022 and of New Year were merged with those of
the day before (docs/decisions/0009).
"""

_LATELY = timedelta(days=7)
"""How long ago what an "again" looks back to may be."""

_SETTLED = timedelta(days=1)
"""After so long no report names another class for want of knowledge; the class is known hours later."""

_CLAIM_ORDER = (
    Claim.HISTORICAL,
    Claim.DENIED,
    Claim.SPECULATED,
    Claim.THREATENED,
    Claim.IMMINENT,
    Claim.OCCURRED,
)
_AHEAD = frozenset({Claim.IMMINENT, Claim.THREATENED, Claim.SPECULATED})
"""Claims about what has not happened yet."""


def claim_rank(claim: Claim) -> int:
    """Return the step of a claim on the ladder from historical to occurred."""
    return _CLAIM_ORDER.index(claim)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlated:
    """What correlation changed: the incidents, whole, and the hits, each with its incident."""

    incidents: tuple[Incident, ...]
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class _Report:
    """A hit, how its indicator joins, and what its item says of the occurrence."""

    hit: Hit
    joining: Joining
    features: Features

    @property
    def step(self) -> int:
        return max(self.joining.step, self.hit.step)

    @property
    def denies(self) -> bool:
        """Whether the title denies it; what a summary says in passing does not count."""
        return self.hit.claim is Claim.DENIED and self.hit.score >= NAMED

    @property
    def is_direct(self) -> bool:
        """Whether it reports the act itself, and not of old."""
        return self.hit.directness is Directness.DIRECT and not is_old(self.hit.item)

    @property
    def is_by_the_lead(self) -> bool:
        """Whether the title says less than the lead, which may be background."""
        return BY_THE_LEAD in self.hit.roles

    @property
    def is_foreign(self) -> bool:
        """Whether it reports the act of another than its indicator is about."""
        is_another = self.hit.actor is Actor.OTHER and self.joining.expects is Expected.NORTH
        return is_another and self.hit.directness is Directness.MENTION

    @property
    def is_fresh(self) -> bool:
        """Whether its title reports the act as news of its own."""
        return self.hit.fresh and self.is_direct

    @property
    def severity(self) -> Severity:
        return severity_earned(self.hit, self.joining.expects)


def correlate(
    hits: Iterable[Hit],
    known: Sequence[Incident],
    joinings: Mapping[IndicatorId, Joining],
    vocabulary: Vocabulary,
    *,
    seeding: bool = False,
    indexes: IndexCache | None = None,
) -> Correlated:
    """Join hits to the incidents they belong to, oldest first; `seeding` says that first polls found them.

    With `indexes`, which are of these joinings, the index of the last poll is used again.
    """
    changed: dict[IncidentId, Incident] = {}
    joined = []
    with (indexes or IndexCache()).over(known, longest_quiet(joinings)) as open_incidents:
        for hit in in_order(hits):
            report = _Report(hit, joining_of(hit.indicator, joinings), features_of(hit.item, vocabulary))
            incident = _joined(
                _incident_of(report, open_incidents, vocabulary), report, joinings, seeding=seeding
            )
            open_incidents.put(incident)
            changed[incident.id] = incident
            joined.append(replace(hit, incident=incident.id))
    return Correlated(incidents=tuple(changed.values()), hits=tuple(joined))


def gathered(
    hits: Iterable[Hit], joinings: Mapping[IndicatorId, Joining], vocabulary: Vocabulary
) -> Incident:
    """Return the one incident that hits make, whatever they say; there is at least one.

    Of hits that have joined one incident it is that incident, but for what was decided about it since.
    """
    incident = None
    for hit in in_order(hits):
        report = _Report(hit, joining_of(hit.indicator, joinings), features_of(hit.item, vocabulary))
        incident = _joined(incident, report, joinings, seeding=False)
    assert incident is not None
    return incident


def in_order(hits: Iterable[Hit]) -> list[Hit]:
    """Return hits in the order in which they are joined."""
    return sorted(hits, key=_most_direct_first)


def _joined(
    incident: Incident | None, report: _Report, joinings: Mapping[IndicatorId, Joining], *, seeding: bool
) -> Incident:
    """Return an incident that a report has joined, or the one that it opens."""
    joined = _with(incident or _opened(report, seeding=seeding), report, seeding=seeding)
    if joined.indicator not in joinings and report.hit.indicator in joinings:
        return replace(joined, indicator=report.hit.indicator)  # who led has left the list
    return joined


def _most_direct_first(hit: Hit) -> tuple[datetime, ItemId, int, float, IndicatorId]:
    """Order hits by item; of one item, what its title reports says where the rest belongs."""
    return hit.item.seen, hit.item.id, hit.item.revision, -hit.score, hit.indicator


def joining_of(indicator: IndicatorId, joinings: Mapping[IndicatorId, Joining]) -> Joining:
    """Return how an indicator's hits join; one that says nothing joins by wording, by itself."""
    return joinings.get(indicator) or Joining(family=indicator)


def joining_for(indicator: Indicator) -> Joining:
    """Return how an indicator's hits join, as it says or by itself; what is measured joins what is said."""
    joining, reads = indicator.joining or Joining(family=indicator.id), indicator.kind.reads
    expects = indicator.actor if reads is Reads.TEXT else None
    return replace(joining, measured=reads is Reads.QUAKE, expects=expects)


def longest_quiet(joinings: Mapping[IndicatorId, Joining]) -> timedelta:
    """Return how far back an incident can still take a hit."""
    return _ECHO * max((joining.quiet for joining in joinings.values()), default=Joining(family="").quiet)


def end_of(incident: Incident, joining: Joining) -> datetime:
    """Return until when something can join an incident, if nothing does before."""
    return incident.updated + _ECHO * joining.quiet


def is_over(incident: Incident, joining: Joining, now: datetime) -> bool:
    """Say whether nothing can join an incident any more."""
    return now > end_of(incident, joining)


def _incident_of(report: _Report, open_incidents: OpenIncidents, vocabulary: Vocabulary) -> Incident | None:
    """Return the open incident that a report joins, the nearest of several; None when it opens one."""
    hit, joining, features = report.hit, report.joining, report.features
    if holder := open_incidents.holding(hit.item, joining.family):
        return holder
    if joining.by is not JoinBy.WORDING:
        family = open_incidents.of_family(joining.family, hit.item.seen)
        views = [view for incident in family if not _is_apart(hit, incident) for view in _views(incident)]
        found = [view for view in views if _is_of(report, view, family, vocabulary)]
        found = found or [view for view in views if _continues(report, view, vocabulary)]
    else:
        alike = open_incidents.telling(hit.item, joining.family)
        found = [
            incident
            for incident in alike
            if abs(hit.item.seen - incident.updated) <= joining.quiet
            and not _gives_way(incident, report)
            and not _is_apart(hit, incident)
        ]

    def nearness(incident: Incident) -> tuple[bool, bool, datetime, IncidentId]:
        before = korean_day(_happened(incident)) - features.day if features.day else timedelta()
        is_another = not timedelta() <= before <= _A_DAY or differ(
            features.kinds, incident.kinds, _SETTLED, vocabulary.axes
        )
        is_alike = (incident.claim is Claim.OCCURRED) == (hit.claim is Claim.OCCURRED)
        return is_alike, not is_another, incident.updated, incident.id

    nearest = max(found, key=nearness, default=None)
    return nearest and open_incidents.called(nearest.id)


def _views(incident: Incident) -> tuple[Incident, ...]:
    """Return an incident, and what it was in its parts: what is of either is of the one."""
    if not incident.parts:
        return (incident,)
    return (
        incident,
        *(
            replace(
                incident,
                opened=part.opened,
                claim=part.claim,
                directness=part.directness,
                kinds=part.kinds,
                timeline=part.timeline,
                sightings=tuple(each for each in incident.sightings if each.item in part.items),
            )
            for part in incident.parts
        ),
    )


def _is_apart(hit: Hit, incident: Incident) -> bool:
    """Say whether a report is told rather in the words of what reviewers split from an incident."""
    if not incident.apart:
        return False
    words = wording(hit.item.title)
    other, own = (
        max((likeness(words, each.wording) for each in sightings), default=0.0)
        for sightings in (incident.apart, incident.sightings)
    )
    return other > own or other == own >= LEAST


def _continues(report: _Report, incident: Incident, vocabulary: Vocabulary) -> bool:
    """Say whether a report goes on with an affair: a drill, a trip, a quarrel, told in much the same words.

    A launch is no affair: two of them are told in the same words.
    """
    hit, joining, features = report.hit, report.joining, report.features
    if joining.by is not JoinBy.AFFAIR or features.not_first or _gives_way(incident, report):
        return False
    if (hit.claim is Claim.OCCURRED) != (incident.claim is Claim.OCCURRED):
        return False
    if differ(features.kinds, incident.kinds, _SETTLED, vocabulary.axes):
        return False
    latest = incident.sightings[-_COMPARED:]
    is_near = abs(hit.item.seen - incident.updated) <= _AN_AFFAIR
    words = wording(hit.item.title)
    return is_near and any(same_affair(words, sighting.wording) for sighting in latest)


def _gives_way(incident: Incident, report: _Report) -> bool:
    """Say whether an incident that nobody has reported directly stands aside for the first who does."""
    return report.is_fresh and incident.directness is not Directness.DIRECT


def _is_of(report: _Report, incident: Incident, family: Sequence[Incident], vocabulary: Vocabulary) -> bool:
    """Say whether a report is of the occurrence of an incident of its family: the rules of joining."""
    hit, features, quiet = report.hit, report.features, report.joining.quiet
    is_ahead, has_happened = hit.claim in _AHEAD, incident.claim is Claim.OCCURRED
    is_echo = abs(hit.item.seen - incident.updated) <= _ECHO * quiet

    # what others only talked of does not take in the act itself, nor does the act take in that of another;
    # and what looks back joins only what looks back
    is_apart = _gives_way(incident, report) or (
        report.is_foreign and incident.directness is Directness.DIRECT
    )
    if is_apart or (hit.claim is Claim.HISTORICAL) != (incident.claim is Claim.HISTORICAL):
        return False
    # what is ahead is not what has happened; a guess in passing may be, and so may a word on what is measured
    is_aside = hit.claim is Claim.SPECULATED and hit.score < NAMED
    if is_ahead and has_happened and not is_aside and not report.joining.measured:
        return False
    # an echo, or a word on what is ahead, joins the last one for longer
    if not report.is_fresh or is_ahead:
        says_second = has_happened and features.second_soon and hit.score >= NAMED
        return is_echo and not (says_second and _is_another(report, incident, family))
    # the first report of what was expected
    if not has_happened:
        return abs(hit.item.seen - incident.opened) <= quiet
    # a fresh report of what has happened
    happened = _happened(incident)
    apart, day = abs(hit.item.seen - happened), korean_day(happened)
    if features.day and features.day > day:
        return False
    if features.retold:
        return is_echo
    if differ(features.kinds, incident.kinds, apart, vocabulary.axes):
        return False
    if features.not_first and _is_another(report, incident, family):
        return False
    named = features.day or features.pictured
    if named and timedelta() <= day - named <= _A_DAY:
        return apart <= _ECHO * quiet
    is_recognised = features.own_account or not features.marks.isdisjoint(incident.kinds)
    return apart <= (_RECOGNISED if is_recognised else 1) * quiet


def _is_another(report: _Report, incident: Incident, family: Sequence[Incident]) -> bool:
    """Say whether an "again" means another occurrence: it comes late, and this one follows none itself."""
    happened = _happened(incident)
    apart = abs(report.hit.item.seen - happened)
    if apart < (_SECOND_SOON if report.features.second_soon else _NOT_FIRST):
        return False
    earlier = (happened - _happened(each) for each in family if each.claim is Claim.OCCURRED)
    return NOT_FIRST not in incident.kinds and not any(timedelta() < gap <= _LATELY for gap in earlier)


def _happened(incident: Incident) -> datetime:
    """Return when an incident was first said to have happened: at its opening, or later if expected."""
    later = (entry.at for entry in incident.timeline[1:] if Claim.OCCURRED in entry.new)
    return next(later, incident.opened)


def _opened(report: _Report, *, seeding: bool) -> Incident:
    """Return the incident that a report opens, without what `_with` adds.

    What a first poll shows may be days old, and must not take in what happens today: there the feed's own
    date counts, if it is earlier.
    """
    hit, item, family = report.hit, report.hit.item, report.joining.family
    name = hashlib.sha256(f"{family}\n{item.id}\n{item.revision}".encode()).hexdigest()[:16]
    return Incident(
        id=IncidentId(name),
        family=family,
        indicator=hit.indicator,
        title=item.title,
        opened=min(item.seen, item.published) if seeding and item.published else item.seen,
        updated=item.seen,
        severity=report.severity,
        claim=hit.claim,
        step=report.step,
        directness=hit.directness,
        indicators=frozenset(),
        items=0,
        origins=report.features.origins,
        owners=frozenset(),
        sightings=(),
        denied=report.denies,
        timeline=(_entry(hit, ("first report", hit.claim.value, *sorted(report.features.origins))),),
        held=Held(reason=Reason.SEEDING, since=item.seen) if seeding else None,
    )


def _with(incident: Incident, report: _Report, *, seeding: bool) -> Incident:
    """Return an incident with a report that has joined it."""
    hit, features, item = report.hit, report.features, report.hit.item
    timeline = _timeline(incident, report)
    is_known = any(sighting.item == item.id for sighting in incident.sightings)
    sighting = Sighting(item=item.id, wording=wording(item.title), carried=bool(item.carrier))
    if report.is_direct:
        # only what reports the act says more of it, and vouches for it
        incident = with_sources(incident, hit, features, report.step)
        agreed = origins_at(incident, report.step) >= _ORIGINS_THAT_EARN
        severity = severity_agreed(hit) if agreed else report.severity
        step = incident.step if report.is_by_the_lead and not agreed else report.step
        leads = (step, severity) > (incident.step, incident.severity)
        incident = replace(
            incident,
            indicator=hit.indicator if leads else incident.indicator,
            severity=max(incident.severity, severity),
            claim=max(incident.claim, hit.claim, key=claim_rank),
            step=max(incident.step, step),
            # what was agreed on was less than this
            confidence=Confidence.UNCONFIRMED if step > incident.step else incident.confidence,
            directness=Directness.DIRECT,
            harm=max(incident.harm, features.harm),
        )
    return replace(
        incident,
        updated=max(incident.updated, item.seen),
        severity=max(incident.severity, report.severity),
        directness=max(incident.directness, hit.directness),
        indicators=incident.indicators | {hit.indicator},
        items=incident.items + (not is_known and not _is_told(incident, item, sighting)),
        origins=incident.origins | features.origins,
        owners=incident.owners | {item.owner},
        sightings=incident.sightings if is_known else (*incident.sightings, sighting)[-MOST_SIGHTINGS:],
        # what an echo names may be of another occurrence
        kinds=incident.kinds
        | (features.remembered if report.is_fresh and not features.retold else frozenset()),
        denied=incident.denied or report.denies,
        timeline=timeline,
        held=incident.held if seeding or not incident.is_seeding else None,
        closed=None,
    )


def _is_told(incident: Incident, item: Item, sighting: Sighting) -> bool:
    """Say whether an item is a report that its outlet's own feed, or an aggregator, has brought already."""
    same = (each for each in incident.sightings if each.wording == sighting.wording)
    return item.owner in incident.owners and any(each.carried or sighting.carried for each in same)


def _timeline(incident: Incident, report: _Report) -> tuple[TimelineEntry, ...]:
    """Return the timeline with a line for what a report is the first to say, if anything."""
    hit = report.hit
    direct = report.is_direct
    new = [hit.claim.value] if direct and claim_rank(hit.claim) > claim_rank(incident.claim) else []
    new += ["denied"] if report.denies and not incident.denied else []
    new += [hit.indicator] if direct and not report.is_by_the_lead and report.step > incident.step else []
    new += sorted(report.features.origins - incident.origins)
    return (*incident.timeline[: _MOST_ENTRIES - 1], _entry(hit, new)) if new else incident.timeline


def _entry(hit: Hit, new: Iterable[str]) -> TimelineEntry:
    item = hit.item
    return TimelineEntry(at=item.seen, item=item.id, owner=item.owner, title=item.title, new=tuple(new))
