"""What a list of incidents is asked for, and one line of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from watcher.model.alerts import Confidence, Incident, IncidentId, LastAlert
from watcher.model.language import Claim, Directness, IndicatorId, Severity
from watcher.model.news import ItemId
from watcher.model.parts import part_of
from watcher.model.review import Review


class IncidentState(StrEnum):
    """How an incident stands for those who review; `closed` may go with any of the others."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    MUTED = "muted"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPlace:
    """A place in a list of incidents, by which the next page begins: the last one before it."""

    at: datetime
    incident: IncidentId


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentQuery:
    """Which incidents to list; what is empty does not matter.

    `muted` names what is muted now: incidents and indicators, without which no state can be told. `alerted`
    is whether there was an alert, None for either. `least` is a severity and above. `among` are the only ones
    to list, None for all.
    """

    muted: frozenset[str] = frozenset()
    state: IncidentState | None = None
    alerted: bool | None = True
    least: Severity = Severity.INFO
    indicators: frozenset[IndicatorId] | None = None
    claim: Claim | None = None
    feed: str = ""
    owner: str = ""
    language: str = ""
    since: datetime | None = None
    among: frozenset[IncidentId] | None = None
    only: str = ""
    """The id of the one incident to list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentBrief:
    """What a list shows of an incident: some of its fields, by the same names."""

    id: IncidentId
    family: str
    indicator: IndicatorId
    title: str
    opened: datetime
    updated: datetime
    severity: Severity
    claim: Claim
    items: int
    origins: frozenset[str]
    owners: frozenset[str]
    confidence: Confidence = Confidence.UNCONFIRMED
    denied: bool = False
    told: LastAlert | None = None
    closed: datetime | None = None


def brief_of(incident: Incident) -> IncidentBrief:
    """Return what a list shows of an incident."""
    return part_of(IncidentBrief, incident)


@dataclass(frozen=True, slots=True, kw_only=True)
class HitBrief:
    """What the course of an incident shows of a hit, and of its item as it was then."""

    item: ItemId
    revision: int
    seen: datetime
    owner: str
    title: str
    claim: Claim
    directness: Directness


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedIncident:
    """A line of the list: the incident in brief, what reviewers said of it, and how many alerts it made.

    The mute of the review is left open: it may be of the indicator or its category.
    """

    incident: IncidentBrief
    review: Review
    alerts: int

    @property
    def at(self) -> datetime:
        """When it last alerted, or else was last updated: the order of the list."""
        return self.incident.told.at if self.incident.told else self.incident.updated

    @property
    def answered(self) -> bool:
        """Whether somebody has acknowledged what was last said of it, or has judged it."""
        said = self.review.acknowledgement
        return bool(self.review.verdict) or bool(said and said.at >= self.at)
