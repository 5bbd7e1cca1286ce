"""Hits, incidents, alerts and deliveries: what we conclude, and whom we tell."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import NewType

from watcher.model.language import Actor, Claim, Directness, IndicatorId, Severity
from watcher.model.news import Grade, Item, ItemId

IncidentId = NewType("IncidentId", str)
AlertId = NewType("AlertId", str)
ChannelId = NewType("ChannelId", str)

ALERT_LOG = ChannelId("log")
"""The channel that is always there: the alert log."""


class Kind(StrEnum):
    """What an alert is about."""

    INCIDENT = "incident"
    BOARD = "board"
    COLLECTION = "collection"
    TEST = "test"


class Level(StrEnum):
    """State of an indicator on the board."""

    QUIET = "quiet"
    WATCH = "watch"
    ELEVATED = "elevated"
    CRITICAL = "critical"


class Reason(StrEnum):
    """Why there is an alert, or none. Every decision has one; all are stored and counted."""

    NEW = "new"
    ESCALATED = "escalated"
    CLAIM_ROSE = "claim_rose"
    CORROBORATED = "corroborated"
    DENIED = "denied"
    REMINDER = "reminder"
    UNACKNOWLEDGED = "unacknowledged"
    DIGEST = "digest"
    SEEDING = "seeding"
    LATE = "late"
    BUDGET = "budget"
    LEVEL_ROSE = "level_rose"
    LEVEL_FELL = "level_fell"
    FEED_FAILING = "feed_failing"
    FEED_RECOVERED = "feed_recovered"
    FEED_SILENT = "feed_silent"
    FEED_FROZEN = "feed_frozen"
    ITEMS_MISSED = "items_missed"
    FEED_CHANGED = "feed_changed"
    FEEDS_UNREACHABLE = "feeds_unreachable"
    CONFIG_REJECTED = "config_rejected"
    DELIVERY_DEAD = "delivery_dead"
    DISK_LOW = "disk_low"
    LOG_UNWRITABLE = "log_unwritable"
    CLOCK_STEPPED = "clock_stepped"
    LAGGING = "lagging"
    CANARY_LOST = "canary_lost"
    RECOVERED = "recovered"
    TEST = "test"
    MUTED = "muted"
    INHIBITED = "inhibited"
    NOTHING_NEW = "nothing_new"
    CLOSED = "closed"
    MERGED = "merged"
    SPLIT = "split"

    @property
    def makes_alert(self) -> bool:
        """Whether this reason makes an alert of its own."""
        return self not in SILENT


HELD = frozenset({Reason.SEEDING, Reason.LATE, Reason.BUDGET})
"""Reasons to keep an incident for an alert that sums up several."""

BY_HAND = frozenset({Reason.MERGED, Reason.SPLIT})
"""Reasons of a reviewer who says which incidents are one."""

SILENT = HELD | BY_HAND | {Reason.MUTED, Reason.INHIBITED, Reason.NOTHING_NEW, Reason.CLOSED}


class Confidence(IntEnum):
    """Whether independent origins agree."""

    UNCONFIRMED = 0
    CORROBORATED = 1

    @property
    def word(self) -> str:
        """The word people read."""
        return self.name.lower()


NAMED = 0.8
"""The least score of a hit that a title makes, by what it reports or names."""

REPORTED = 1.0
"""The score of a hit that a title reports as news of its own."""


BY_THE_LEAD = "direct: the lead says so"
"""Among the roles of a hit: the act is not in the title, but in the first sentence of the summary."""

UNCERTAIN = "direct: nothing says that it was done"
"""Among the roles of a hit: no words of the deed, as `certain` of the indicator has them, beside the act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An indicator matched an item, with the words that made it match.

    `score` is how directly the text reports it: 1.0 the title does, 0.9 the title echoes it (a reaction, a
    follow-up), 0.8 the title names it, 0.7 the summary reports it, 0.5 the summary names it. `evidence` are
    words of the item's own text. `cues` are the words that decided the claim, as "claim: words". `directness`
    and `actor` are how the item speaks of the act and who acts; `roles` are the words that decided both, as
    "directness: words" and "actor: words".
    """

    item: Item
    indicator: IndicatorId
    claim: Claim
    severity: Severity
    score: float
    evidence: tuple[str, ...]
    cues: tuple[str, ...] = ()
    timing: tuple[str, ...] = ()
    """Calendar windows the item falls into, as "party-day in 3 days"."""
    step: int = 0
    """Its own step on the ladder of its family, by the rank of the speaker or by what its title names.

    0 leaves it to the indicator.
    """
    directness: Directness = Directness.DIRECT
    actor: Actor = Actor.UNKNOWN
    roles: tuple[str, ...] = ()
    incident: IncidentId | None = None
    """The incident it joined; None until correlated."""

    @property
    def fresh(self) -> bool:
        """Whether the title reports it as news of its own, not as an echo of something known."""
        return self.score >= REPORTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What an incident remembers of one of its items; `carried` says that an aggregator passed it on."""

    item: ItemId
    wording: frozenset[str]
    carried: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """A line of an incident's timeline: when something new was first seen, and in which item of whom."""

    at: datetime
    item: ItemId
    owner: str
    title: str
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Why, and since when, an incident waits for an alert that sums up several."""

    reason: Reason
    since: datetime
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentSource:
    """An origin or an owner that an incident rests on: since when, and in a feed of which grade."""

    name: str
    grade: Grade
    at: datetime
    step: int | None = None
    """The highest step that its item itself reports; None vouches for any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastAlert:
    """What was last said about an incident, so that it is not said again."""

    at: datetime
    severity: Severity
    claim: Claim
    step: int
    confidence: Confidence
    denied: bool = False
    harm: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedPart:
    """What an incident was before reviewers merged it: what joining asks of it, and its items."""

    id: IncidentId
    title: str
    opened: datetime
    claim: Claim
    directness: Directness
    kinds: frozenset[str]
    timeline: tuple[TimelineEntry, ...]
    items: frozenset[ItemId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Hits about the same thing in the same stretch of time (by `seen`, never `published`).

    `indicator` is the leading one: highest step, then severity. `origins` are who the news comes from,
    `owners` who published it; `origin_sources` and `owner_sources` say the same with times and grades, but of
    the owners only those who do not repeat others word by word. `kinds` are the classes that fresh reports
    name ("cruise", "short"). `directness` is that of its most direct report. `harm` is the worst harm to
    people that a direct report names. `sightings` has the newest, `items` counts all. `denied` is whether a
    report says that it is not so. `closed` is when it had been quiet for so long that nothing joins it any
    more. `parts` are the incidents that reviewers merged to this one, itself among them. `apart` are reports
    that are of another event, as reviewers say: what is rather told in their words does not join it.
    """

    id: IncidentId
    family: str
    indicator: IndicatorId
    title: str
    opened: datetime
    updated: datetime
    severity: Severity
    claim: Claim
    step: int
    indicators: frozenset[IndicatorId]
    items: int
    origins: frozenset[str]
    owners: frozenset[str]
    sightings: tuple[Sighting, ...]
    directness: Directness = Directness.DIRECT
    harm: int = 0
    confidence: Confidence = Confidence.UNCONFIRMED
    origin_sources: tuple[IncidentSource, ...] = ()
    owner_sources: tuple[IncidentSource, ...] = ()
    kinds: frozenset[str] = frozenset()
    denied: bool = False
    timeline: tuple[TimelineEntry, ...] = ()
    told: LastAlert | None = None
    held: Held | None = None
    closed: datetime | None = None
    parts: tuple[MergedPart, ...] = ()
    apart: tuple[Sighting, ...] = ()
    version: int = field(default=0, compare=False)
    """How often it was written when it was read: it is written again only over that."""

    @property
    def is_seeding(self) -> bool:
        """Whether only first polls of feeds have seen it: it waits for the alert that sums up the start."""
        return self.held is not None and self.held.reason is Reason.SEEDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """An incident of which a title that an indicator hits says that it has happened, and when it opened."""

    indicator: IndicatorId
    incident: IncidentId
    at: datetime
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Why there was an alert about an incident at a moment, or none: stored for `explain`."""

    incident: IncidentId
    at: datetime
    reason: Reason
    item: ItemId
    alert: AlertId | None = None
    because: str = ""
    """What the reason does not say by itself: who muted it, which incident it is part of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertItem:
    """An item as an alert shows it. Times are aware and UTC."""

    id: ItemId
    feed: str
    owner: str
    title: str
    url: str
    published: datetime | None
    seen: datetime
    lang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestEntry:
    """One story in a digest: how grave it became, what was last said of it, and how often something was."""

    incident: str
    indicator: str
    severity: Severity
    title: str
    reason: Reason
    first: datetime
    last: datetime
    alerts: tuple[AlertId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What an alert about an incident says beside its news; what is not known is empty.

    Tuples of texts are lines for people. `step` is the step of the incident where it is above its
    indicator's own. `corroboration` is how much of what the indicator demands is there. `cues` decided
    the claim. `late` says that the feed had not been polled for unusually long. `against` is what is
    against the news. `link` is the page of the incident. `closes` is when the incident closes by itself, if
    nothing more joins it.
    """

    confidence: Confidence | None = None
    indicators: tuple[IndicatorId, ...] = ()
    items_in_all: int = 0
    step: int = 0
    corroboration: str = ""
    cues: tuple[str, ...] = ()
    timeline: tuple[str, ...] = ()
    late: str = ""
    base_rate: str = ""
    precision: str = ""
    calendar: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    link: str = ""
    closes: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelStep:
    """A level of the board that changed, as an alert shows it; `subject` is as in `category:rhetoric`."""

    subject: str
    before: Level
    level: Level

    def __str__(self) -> str:
        return f"{self.subject} {self.before} > {self.level}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What people are told, with its reason and what it rests on.

    `incidents` are those that a summary sums up, or that press on the board. `feeds` are those that an alert
    about feeds names, `mistakes` counts those of a rejected file. `subject`, `changes` and `because` are of
    the board: what leads, every change, and the grounds of the leading one. `entries` are what a digest tells
    of, the gravest first. `repeats` is the alert that this one says again. `only` is the one channel it is
    for, beside the log; empty is all.
    """

    id: AlertId
    at: datetime
    kind: Kind
    reason: Reason
    indicator: str
    category: str
    severity: Severity
    title: str
    why: str
    incident: str
    claim: Claim | None = None
    level: Level = Level.WATCH
    evidence: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    owners: int = 0
    items: tuple[AlertItem, ...] = ()
    items_not_shown: int = 0
    indicator_title: str = ""
    context: Context = Context()
    incidents: tuple[IncidentId, ...] = ()
    feeds: tuple[str, ...] = ()
    mistakes: int = 0
    subject: str = ""
    changes: tuple[LevelStep, ...] = ()
    because: tuple[str, ...] = ()
    entries: tuple[DigestEntry, ...] = ()
    entries_not_shown: int = 0
    repeats: str = ""
    only: str = ""
    formerly: tuple[str, ...] = ()
    """The names that its indicator had before: whoever takes alerts by one of them is told."""


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One alert on its way to one channel.

    `attempts` counts tries so far. `next_try` is when to try: one that waits without an `error` waits for its
    hour, one with an error for its next try. Neither keeps back another. `told_with` is the alert in whose
    message it was told; empty is a message of its own.
    """

    alert: Alert
    channel: ChannelId
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    next_try: datetime
    error: str = ""
    told_with: str = ""
    holder: str = field(default="", compare=False)
    """Who has leased it."""
