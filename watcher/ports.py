"""What the program needs from the world, as protocols; `bootstrap` alone knows which adapter implements each.

Every method of a store raises `StoreError` when the database cannot be used.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from watcher.errors import FetchError, ReadError
from watcher.model.alerts import (
    Alert,
    AlertId,
    ChannelId,
    Decision,
    Delivery,
    Firing,
    Hit,
    Incident,
    IncidentId,
    Reason,
)
from watcher.model.board import LevelChange, Sign
from watcher.model.exported import ExportCursor, ExportPart
from watcher.model.language import IndicatorId, Severity
from watcher.model.listing import HitBrief, IncidentQuery, ListedIncident, ListPlace
from watcher.model.news import Document, Feed, FeedId, Item, ItemId, ItemKeys, KnownItem
from watcher.model.nodes import Lease, ListVersion, NodeName, NodeSign
from watcher.model.polling import Cycle, FeedState, Fetched, Poll, Request
from watcher.model.retention import Pruned
from watcher.model.review import Action, TrackRecord
from watcher.model.subscription import Subscription

Answer = tuple[Feed, Fetched | FetchError]
Reading = tuple[Feed, Fetched | FetchError, Document | ReadError | None]


class Clock(Protocol):
    """The only way to learn the time."""

    def __call__(self) -> datetime:
        """Return the present moment, aware and UTC."""


class Fetcher(Protocol):
    """Fetches feeds, many at a time."""

    def fetch(self, requests: Sequence[Request]) -> Iterator[Answer]:
        """Yield every request's answer as it completes, in any order, each within its own deadline.

        A failure is yielded as a `FetchError` value, never raised; an answer cut short is a failure.
        """

    def stop(self) -> None:
        """Make a running fetch end soon: what is under way fails with cause "stopped"."""


class Reader(Protocol):
    """Turns bodies into documents, apart from this process."""

    def read(
        self, answers: Iterable[Answer], seen: datetime, meanwhile: Callable[[], object] = ...
    ) -> Iterator[Reading]:
        """Yield every answer once, in any order, with its document.

        An answer without a body (a failure, a 304, an unchanged body) passes through with None. Bytes that
        are no feed, or that hit a limit of time or memory, come with a `ReadError` value. A slow document
        never holds up another. `meanwhile` is called once while the first body is being read, if there is
        one.
        """

    def close(self) -> None:
        """Let go of every worker."""


class History(Protocol):
    """What decisions go by: what was recorded before."""

    def open_incidents(self, since: datetime) -> Sequence[Incident]:
        """Return the incidents updated at or after `since`, the first opened first."""

    def hits(self, incident: IncidentId) -> Sequence[Hit]:
        """Return the hits of an incident, each with its item as it was then, oldest first."""

    def alerts_by_severity(self, since: datetime) -> Mapping[Severity, int]:
        """Return how many alerts about incidents there were at or after `since`, by severity."""

    def track_records(self, since: datetime) -> Mapping[IndicatorId, TrackRecord]:
        """Return how every indicator that has opened an incident at or after `since` has done.

        A record begins with the first alert.
        """

    def firings(self, indicators: Sequence[IndicatorId], since: datetime) -> Sequence[Firing]:
        """Return every firing of some indicators in an incident opened at or after `since`, oldest first."""

    def actions_in_force(self, since: datetime) -> Sequence[Action]:
        """Return actions since a moment, and older mutes and overrides still in force then, oldest first."""

    def days_heard(self, indicator: IndicatorId) -> Sequence[date]:
        """Return the last days on which the subject of a silence indicator was heard, oldest first."""


class Feeds(Protocol):
    """What is known of feeds: how they are doing, and what they have brought."""

    def states(self, feeds: Sequence[FeedId] | None = None) -> Mapping[FeedId, FeedState]:
        """Return the state of every feed ever polled, or of some feeds if they were, by feed.

        Some are cheap to ask for whatever the number of all.
        """

    def changed_states(self, since: int) -> tuple[int, Mapping[FeedId, FeedState]]:
        """Return the number of the last change, and the states that may have changed after one.

        The numbers are this process's; every state has changed after 0. What has not is not looked at unless
        others have written.
        """

    def state(self, feed: FeedId) -> FeedState | None:
        """Return the state of one feed, None if it was never polled."""

    def known(self, feed: FeedId, keys: Sequence[ItemKeys]) -> Sequence[KnownItem]:
        """Return the items of a feed that share at least one non-empty key with any of `keys`."""

    def polls(self, feed: FeedId, *, limit: int = 20) -> Sequence[Poll]:
        """Return the newest polls of a feed, newest first."""

    def latest_polls(self) -> Mapping[FeedId, Poll]:
        """Return the newest poll of every feed."""

    def subscriptions(self) -> Sequence[Subscription]:
        """Return what hubs were asked for, by feed."""


class Pending(Protocol):
    """Incidents that wait for something, and what reviewers wait for."""

    def held_incidents(self) -> Sequence[Incident]:
        """Return the incidents that wait for an alert that sums up several, the first opened first."""

    def unclosed_incidents(self, before: datetime) -> Sequence[Incident]:
        """Return incidents that are not closed and were updated before `before`, the first opened first."""

    def joins_asked(self, after: str) -> Sequence[Action]:
        """Return the merges and splits that reviewers asked for, in their order, after the one of an id.

        None has an empty id: then all are returned.
        """


class Board(Protocol):
    """The levels of the board, and what they rest on."""

    def signs(self, since: datetime) -> Sequence[Sign]:
        """Return the board's view of incidents updated at or after `since`, the first opened first."""

    def board(self) -> Sequence[LevelChange]:
        """Return the last change of every subject of the board that ever had a level, in their order."""

    def levels(self, since: datetime) -> Sequence[LevelChange]:
        """Return how the board changed at or after `since`, oldest first."""


class Archive(Protocol):
    """What was recorded, one by one."""

    def alert(self, alert: AlertId) -> Alert | None:
        """Return one alert."""

    def alerts(
        self, *, since: datetime | None = None, limit: int = 100, least: Severity = Severity.INFO
    ) -> Sequence[Alert]:
        """Return the newest alerts, newest first, of this severity and above."""

    def incident(self, incident: IncidentId) -> Incident | None:
        """Return one incident; by the id of one that was merged, what it is part of."""

    def decisions(self, incident: IncidentId, *, latest: int | None = None) -> Sequence[Decision]:
        """Return what was decided about an incident, oldest first and the silent ones too; or the latest."""

    def hits(self, incident: IncidentId) -> Sequence[Hit]:
        """Return the hits of an incident, each with its item as it was then, oldest first."""

    def alerts_of(self, incident: IncidentId) -> Sequence[Alert]:
        """Return the alerts about an incident, oldest first, without those that sum up several."""

    def item(self, item: ItemId) -> Item | None:
        """Return the newest revision of an item."""

    def actions(self) -> Sequence[Action]:
        """Return what reviewers did, oldest first."""


class Catalogue(Protocol):
    """What was recorded, many at once: listed, searched and counted."""

    def items(self) -> Sequence[Item]:
        """Return the newest revision of every item, in the order in which they were seen."""

    def search(self, words: str, *, since: datetime | None = None, limit: int = 50) -> Sequence[Item]:
        """Return the items that contain all the words, the newest first.

        Raises:
            UsageError: there is no word in it.
        """

    def count_found(self, words: str) -> int:
        """Return how many items `search` would find in all."""

    def hits_on(self, items: Sequence[ItemId]) -> Mapping[ItemId, Sequence[Hit]]:
        """Return the hits of all revisions of items, oldest first; items without hits are left out."""

    def alert_counts(self) -> Mapping[tuple[str, Severity], int]:
        """Return how many alerts there are, by kind and severity."""


class Listing(Protocol):
    """What was recorded, as the page lists it: a part at a time, the newest first."""

    def incidents(
        self, asked: IncidentQuery, *, after: ListPlace | None = None, limit: int = 50
    ) -> Sequence[ListedIncident]:
        """Return incidents, the one with the newest alert first, from a place on."""

    def incidents_holding(self, words: str) -> frozenset[IncidentId]:
        """Return the incidents with a report that contains all the words, as `search` finds it.

        Raises:
            UsageError: there is no word in it.
        """

    def count_incidents(self, asked: IncidentQuery) -> int:
        """Return how many incidents `incidents` would list in all."""

    def count_by_indicator(self, asked: IncidentQuery) -> Mapping[IndicatorId, int]:
        """Return how many incidents of each indicator `incidents` would list in all."""

    def hits_by_day(self, indicator: IndicatorId, since: datetime) -> Mapping[date, int]:
        """Return on which days (UTC) an indicator hit items seen since a moment, and how many."""

    def alerts_by_day(self, indicator: IndicatorId, since: datetime) -> Mapping[date, int]:
        """Return on which days (UTC) incidents of an indicator alerted since a moment, and how often."""

    def hits_in_brief(self, incident: IncidentId) -> Sequence[HitBrief]:
        """Return the hits of an incident as its course shows them, in the order of `hits`."""

    def count_decisions(self, incident: IncidentId) -> int:
        """Return how many decisions about an incident there are."""

    def newest(self) -> Item | None:
        """Return the item that was seen last."""

    def last_stored(self) -> tuple[int, int]:
        """Return two numbers, of which one is another as soon as an item is stored or revised."""

    def items_holding(self, needed: Sequence[Collection[str]], since: datetime) -> Sequence[Item]:
        """Return the items seen since a moment that hold a term of each of some sets, newest first.

        The terms are as an analyst writes them; no set is all items. More may be returned, never fewer.
        """

    def count_by_state(self, asked: IncidentQuery) -> Mapping[str, int]:
        """Return how many incidents there are in each state, and in `all`, whatever state is asked for."""

    def actions_on(self, targets: Sequence[str]) -> Sequence[Action]:
        """Return what reviewers did about some targets, oldest first."""

    def newest_actions(self, *, limit: int = 100) -> Sequence[Action]:
        """Return what reviewers did, newest first."""

    def newest_decisions(
        self, reasons: Sequence[Reason], *, after: Decision | None = None, limit: int = 100
    ) -> Sequence[Decision]:
        """Return decisions of some reasons, newest first, from the one after another on."""


class Exports(Protocol):
    """What was recorded, as other systems take it: from a cursor on, as it was recorded."""

    def export_part(self, after: ExportCursor, *, since: datetime | None = None, limit: int) -> ExportPart:
        """Return at most `limit` alerts after a cursor, and then as many incidents closed after it.

        Raises:
            UsageError: no record of this database has come as far as the cursor.
        """


class Outbox(Protocol):
    """Deliveries, as a channel takes them."""

    def lease(self, channel: ChannelId, now: datetime, until: datetime, limit: int) -> Sequence[Delivery]:
        """Lease up to `limit` due deliveries of a channel until `until`, oldest alert first.

        One that waits, for its next try or its hour, keeps back no other. One that another holds keeps back
        those after it.
        """

    def settle(self, delivery: Delivery, now: datetime, *others: Delivery) -> bool:
        """Write how a leased delivery ended, at once with the others of its message, and let go of them.

        Return whether its holder still held it: else nothing is written of it, for another has it now.
        """
        ...

    def let_go(self, delivery: Delivery) -> None:
        """Let go of all that was leased with a delivery and is not settled."""

    def hasten(self, channel: ChannelId, now: datetime) -> None:
        """Make everything that waits for its next try due now: the channel takes alerts again."""

    def told(self, channel: ChannelId, since: datetime) -> Sequence[Alert]:
        """Return the alerts of this moment or later that a channel has been told of, oldest first."""
        ...


class OutboxStatus(Protocol):
    """Deliveries, as people ask for them."""

    def deliveries(self, alert: AlertId) -> Sequence[Delivery]:
        """Return the deliveries of an alert, by channel."""

    def delivery_counts(self) -> Mapping[ChannelId, Mapping[str, int]]:
        """Return how many deliveries are in each state, zeros too, by channel."""

    def first_waiting(self) -> Sequence[Delivery]:
        """Return the first pending delivery of every channel that has one.

        If one has failed, it is that one.
        """

    def last_dead(self) -> Sequence[Delivery]:
        """Return the last dead delivery of every channel that has one."""

    def dead_counts(self) -> Mapping[ChannelId, int]:
        """Return how many deliveries are dead, by channel; one without is not in it."""

    def digested_until(self, channel: ChannelId) -> datetime | None:
        """Return until when a channel has had its digests; None if it never had one."""


class OutboxAdmin(Protocol):
    """Deliveries, as they are freed, given up and tried again."""

    def release(self) -> None:
        """Let go of every lease: whoever held one is dead.

        Only the one instance that may write calls this, at its start.
        """

    def abandon(self, kept: Sequence[ChannelId], why: str) -> int:
        """Give up what is pending for channels other than `kept`; return how many deliveries that were."""

    def pass_on(self, gone: ChannelId, heirs: Sequence[ChannelId]) -> int:
        """Give what is pending for one channel to others; return how many alerts they took over.

        Each goes to all that never had it. One that none of them still has to get stays where it is.
        """

    def retry_dead(self, channel: ChannelId) -> int:
        """Make the dead deliveries of a channel due again, with all their tries; return how many."""

    def forget_dead(self, channel: ChannelId) -> int:
        """Remove the dead deliveries of a channel; return how many there were."""


class Recorder(Protocol):
    """Where the line writes."""

    def record(self, cycle: Cycle, deliveries: Sequence[Delivery]) -> None:
        """Write a cycle in one transaction, with the deliveries of its new alerts.

        Recording what is already there changes nothing: an alert whose id is known is not delivered again.
        An incident that was merged is gone, and `incident` finds by its id what it is part of.

        Raises:
            ConflictError: an incident, a feed's state or a note has changed since what the cycle goes by was
                read; nothing was written, and it is to be judged again.
            TooLateError: what the cycle's `permit` says no longer holds; nothing was written.
        """

    def rename(self, old: IndicatorId, new: IndicatorId) -> None:
        """Move everything that was recorded under an indicator's old name to its new one."""


class Reviews(Protocol):
    """Where reviewers write."""

    def add_action(self, action: Action) -> None:
        """Write down what a reviewer did; the same action twice is there once."""


class Hubs(Protocol):
    """Where hubs are heard: what they were asked for, and what they call for."""

    def subscribe(self, subscription: Subscription) -> None:
        """Write what a hub was asked for; the last one of a feed counts."""

    def unsubscribe(self, feed: FeedId) -> None:
        """Forget what a hub was asked for."""

    def poll_soon(self, feed: FeedId, at: datetime) -> None:
        """Record when somebody asked for a poll, as `FeedState.called`; for a feed never polled, nothing."""


class Notes(Protocol):
    """The service's own marks."""

    def note(self, name: str, value: str) -> None:
        """Remember one value of the service itself ("last_tick")."""

    def noted(self, name: str) -> str:
        """Return a value remembered by `note`, or an empty string."""


class Pruning(Protocol):
    """How large and how old the store is, and how it shrinks."""

    def oldest(self) -> datetime | None:
        """Return when the oldest item was seen, None when there is none."""

    def prune(self, before: datetime, after: str = "") -> Pruned:
        """Take out what may go of the next items after a place that were seen before a moment.

        Nothing goes that could make an alert be given twice. The next part is after `Pruned.after`.
        """

    def size(self) -> tuple[int, int]:
        """Return how many bytes the database takes, and how many of them hold nothing."""

    def give_back(self) -> int:
        """Give some free pages back to the file system; return how many are left."""


class DatabaseFile(Protocol):
    """What a database can do because it is a file; what its program does in another way is a `UsageError`."""

    def compact(self) -> None:
        """Rewrite the database without gaps; nobody else may use it, and the disk needs room for a copy."""

    def counts(self) -> Mapping[str, int]:
        """Return the number of rows of every table."""

    def is_current(self) -> bool:
        """Say whether the database is still the one that was opened, with the schema that it had then.

        Raises:
            StoreError: it cannot be asked any more.
        """

    def about(self) -> str:
        """Return what to know of the program that keeps it, for people; empty is nothing."""

    def integrity(self) -> list[str]:
        """Return what is wrong inside the database; nothing when it is sound."""

    def backup(self, to: Path) -> None:
        """Copy the database while it is in use; the copy is complete and on the disk, or absent.

        Raises:
            StoreError: the target exists already, or cannot be written.
        """

    def to_try(self, folder: Path) -> AbstractContextManager["Database"]:
        """Return a store with the same in it; what is written to it is gone in the end.

        `folder` has room for a copy.
        """
        ...

    def close(self) -> None:
        """Let go of the database."""


class RoundStore(History, Feeds, Pending, Board, OutboxStatus, Archive, Notes, Protocol):
    """What is read when a round of polls is over, and to say how the service is doing."""


class Store(RoundStore, Recorder, Outbox, OutboxAdmin, Reviews, Hubs, Pruning, Protocol):
    """All that the service reads and writes."""

    def close(self) -> None:
        """Let go of the database."""


class Fleets(Protocol):
    """The services on one database, as people ask for them; none where a service is alone."""

    def shared_now(self) -> datetime | None:
        """Return the time that all of them go by; None is that of this machine."""

    def nodes(self) -> Sequence[NodeSign]:
        """Return the last sign of every node, by name."""

    def first_due(self) -> datetime | None:
        """Return when the first feed is due that nobody holds, or the first lease is over."""


class Nodes(Fleets, Protocol):
    """What several services on one database share, beside what is recorded."""

    def now(self) -> datetime:
        """Return what the database's clock shows."""

    def enlist(self, due: Mapping[FeedId, datetime]) -> None:
        """Lease these feeds and no others from now on; a new one is due when it says here."""

    def due_feeds(self, now: datetime) -> int:
        """Return how many feeds are due and held by nobody."""

    def oldest_due(self) -> datetime | None:
        """Return when the feed was due that is due longest, held or not."""

    def take(self, most: int, holder: str, now: datetime, until: datetime) -> Sequence[Lease]:
        """Lease the feeds that are due longest and that nobody holds, past those that others are taking."""

    def hold_on(self, batch: Mapping[FeedId, int], node: NodeName, until: datetime) -> Sequence[Lease]:
        """Return those leases of a batch that are still in force, held by a node until then."""

    def let_go_of(self, batch: Mapping[FeedId, int]) -> None:
        """Let go of the leases of a batch that are still in force; their feeds are due as before."""

    def give_sign(self, sign: NodeSign) -> None:
        """Write a node's sign of life; the last one of a name counts."""

    def forget_node(self, name: NodeName) -> None:
        """Remove a node, and let go of what it was polling and delivering."""

    def free_of(self, node: NodeSign) -> None:
        """Let go of what a node was polling and delivering, which is dead."""

    def lists_told(self) -> ListVersion | None:
        """Return the newest version of the lists, None if none was ever told."""

    def tell_lists(self, lists: ListVersion) -> bool:
        """Write the next version of the lists, and return True; or nothing if that has been told already.

        When it returns, nothing is recorded any more that was judged by an older one.
        """
        ...

    def going_by(self, lists: int) -> AbstractContextManager[None]:
        """Write what goes with a version of the lists in one transaction; nobody tells others meanwhile.

        Raises:
            TooLateError: others have been told.
        """
        ...

    def judging(self) -> AbstractContextManager[None]:
        """Hold the right to judge against all other nodes, in one transaction with what is read and recorded.

        The database takes it back from a node that dies, or that does nothing for half a minute.
        """

    def free(self, channel: ChannelId) -> None:
        """Let go of every delivery of a channel: whoever held one is gone."""

    def has_duty(self, duty: str) -> bool:
        """Say whether this process has a duty that one process has at a time, and take it if nobody has.

        It goes to another as soon as the database has lost the session of its holder.
        """
        ...

    def lay_down(self, duty: str) -> None:
        """Give a duty up, if this process has it."""

    def missing(self, duties: Collection[str]) -> frozenset[str]:
        """Return which of some duties no process has."""


class NodeStore(Store, Nodes, Protocol):
    """All that a node reads and writes."""


class Queue(Protocol):
    """Batches of feeds, each given to one worker of one node. What it loses costs time and nothing else.

    Every method raises `StoreError` when the database cannot be reached.
    """

    def start(self, run: Callable[[Mapping[FeedId, int]], None]) -> None:
        """Begin to give batches to `run`, in threads of its own, as soon as there is a list version."""

    def stop(self, patience: float) -> None:
        """Take no batch any more, and let those under way end, at most `patience` seconds."""

    def go_by(self, lists: int | None) -> None:
        """Work on the batches of a list version from now on; None is on none."""

    def post(self, lists: int, batch: Mapping[FeedId, int]) -> None:
        """Give a batch to the workers of a list version."""

    def waiting(self, lists: int) -> int:
        """Return how many batches of a list version wait for a worker."""

    def drop_lost(self, silent: timedelta) -> int:
        """Remove the batches of workers that gave no sign for so long, and those of other list versions."""
        ...


class Database(Store, Catalogue, Listing, Exports, Fleets, DatabaseFile, Protocol):
    """Everything: what the command line, the page and the lab open, for writing or only for reading.

    Opened only for reading, what writes raises `StoreError`.
    """


class Channel(Protocol):
    """One way of telling people."""

    id: ChannelId

    def send(self, alert: Alert, also: Sequence[Alert] = ()) -> None:
        """Hand over an alert; returning means it is taken.

        Sending the same alert twice is allowed: the receiver knows it by its id.

        Raises:
            DeliveryError: it was not taken; `permanent` says whether trying again is pointless.
        """


class LogChannel(Channel, Protocol):
    """The alert log, which can be asked."""

    def has(self, alert: Alert) -> bool:
        """Say whether the alert's line is in its file, by reading that."""
