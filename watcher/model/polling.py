"""How a feed is doing, and what one poll of it brought."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from watcher.model.alerts import Alert, AlertId, ChannelId, Decision, Hit, Incident, IncidentId, Reason
from watcher.model.board import LevelChange
from watcher.model.language import IndicatorId
from watcher.model.news import Feed, FeedId, Hub, Item, PollHints
from watcher.model.nodes import Permit


class PollStatus(StrEnum):
    """How a poll ended."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something about a feed that people are told: `what` was found at `since`, and last told at `told`.

    `over` is when it ended.
    """

    reason: Reason
    what: str
    since: datetime
    told: datetime | None = None
    over: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What is usual for a feed, and what is not.

    `since` is when its present silence began. `gaps` are the longest silences, in minutes, of the last days
    that brought news. `newest` is the date of the newest item that it ever listed. `back` is
    when it was polled again after a week without a poll. `known` are the formats, titles and writings that
    its documents have had, as "format: atom". `notices` has at most one for each reason.
    """

    since: datetime | None = None
    gaps: tuple[int, ...] = ()
    newest: datetime | None = None
    back: datetime | None = None
    known: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What we remember of a feed between polls.

    `etag` and `modified` are sent back verbatim. `body_hash` is of the decoded body last read in full.
    `failures` counts polls that failed in a row. `seeded` is true once a poll succeeded. `error` is "cause:
    detail" of the last failure. `last_failing` is when a poll last failed after others in a row.
    `told_failing` is what people were last told, at `told_at`. `last_missed` is when a poll last shared no
    item with those before it, so that items in between were probably missed. `hints` is what the document
    last read asks for, and `hub` the one it names. `called` is when the hub or a reviewer last asked for
    a poll, which recording a state never changes, and `answered` the last call before a poll that was not
    stopped.
    """

    feed: FeedId
    next_due: datetime
    etag: str = ""
    modified: str = ""
    body_hash: str = ""
    failures: int = 0
    seeded: bool = False
    last_poll: datetime | None = None
    last_ok: datetime | None = None
    last_new: datetime | None = None
    error: str = ""
    damage: str = ""
    moved_to: str = ""
    last_failing: datetime | None = None
    told_failing: bool = False
    told_at: datetime | None = None
    last_missed: datetime | None = None
    hints: PollHints = field(default_factory=PollHints)
    habits: Habits = field(default_factory=Habits)
    hub: Hub = field(default_factory=Hub)
    called: datetime | None = None
    answered: datetime | None = None
    version: int = field(default=0, compare=False)
    """How often it was written when it was read: it is written again only over that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A feed to fetch, with the validators of the last complete answer.

    A `form` is posted there instead; it may hold secrets.
    """

    feed: Feed
    etag: str = ""
    modified: str = ""
    form: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A complete answer to a request.

    `body` is decoded and None for 304, and where it is not needed any more; `body_hash` names one that is not
    that of last time. `content_type` is the header as sent (its charset matters to the
    reader). `moved_to` is the address of a permanent redirect (301, 308), else empty. `fresh_for` is how long
    the server says that nothing will change (Cache-Control).
    """

    feed: FeedId
    status: int
    body: bytes | None
    url: str
    body_hash: str = ""
    etag: str = ""
    modified: str = ""
    content_type: str = ""
    moved_to: str = ""
    fresh_for: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """How one poll of one feed went: for the summary, the record and the status page."""

    feed: FeedId
    at: datetime
    status: PollStatus
    error: str = ""
    items: int = 0
    new: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Regrouping:
    """What a reviewer's merge or split changes beside incidents and hits.

    `merged` is the incident that is now part of `into`: its decisions and answers are that one's. `alerts`
    were recorded before, and are now about another incident.
    """

    merged: Incident | None = None
    into: IncidentId | None = None
    alerts: Mapping[AlertId, IncidentId] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """The content of one transaction: polls, states, items, hits, incidents, decisions, levels and alerts.

    `items` holds new and revised items. `incidents` holds opened and changed ones, whole. `heard` are days on
    which indicators of silence were heard, `digests` until when channels have had their digests. `notes` are
    values of the service itself, as `Notes.note` takes them; `noted` are those that the cycle was judged by.
    `past` is a channel that is not told of the alerts, because they are about itself. `regrouping` is what a
    reviewer's merge or split changes beside incidents and hits. `more` says that the step that gave the cycle
    may have another to give. `permit` is what a node must still hold for the cycle to be recorded.
    """

    polls: tuple[Poll, ...] = ()
    states: tuple[FeedState, ...] = ()
    items: tuple[Item, ...] = ()
    hits: tuple[Hit, ...] = ()
    incidents: tuple[Incident, ...] = ()
    decisions: tuple[Decision, ...] = ()
    levels: tuple[LevelChange, ...] = ()
    alerts: tuple[Alert, ...] = ()
    heard: Mapping[IndicatorId, frozenset[date]] = field(default_factory=dict)
    digests: Mapping[ChannelId, datetime] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    noted: Mapping[str, str] = field(default_factory=dict)
    past: ChannelId | None = None
    regrouping: Regrouping | None = None
    more: bool = False
    permit: Permit | None = None
