"""`SqliteStore`: the `Store` port on one SQLite file.

A lock, a transaction and an error turned into words; the work is next door.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import Self

from watcher.errors import StoreError
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
)
from watcher.model.board import LevelChange, Sign
from watcher.model.language import IndicatorId, Severity
from watcher.model.news import FeedId, Item, ItemId, ItemKeys
from watcher.model.polling import Cycle, FeedState, KnownItem, Poll
from watcher.model.retention import Pruned
from watcher.model.review import Action, TrackRecord
from watcher.model.subscription import Subscription
from watcher.store import outbox, pruning, reading, search
from watcher.store.opening import copy_database, open_beside, open_reader, open_writer, transaction
from watcher.store.pruning import PAGES, STEP
from watcher.store.recording import (
    forget_subscription,
    write_action,
    write_call,
    write_cycle,
    write_note,
    write_subscription,
)
from watcher.store.trouble import told_as_store_error


class SqliteStore:
    """Remembers in one SQLite file. One writer a file; any thread may call it, one call runs at a time."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, read_only: bool = False) -> None:
        self.path = path
        self._connection = connection
        self._read_only = read_only
        self._incidents = reading.IncidentReader(Incident)
        self._signs = reading.IncidentReader(Sign)
        self._board = reading.BoardReader()
        self._lock = RLock()

    @classmethod
    def open(cls, path: Path, *, durable: bool = True) -> Self:
        """Open a database for writing, making it or bringing its schema up to date.

        Not `durable` is for what can be made again, such as a replay: much faster, and lost when the machine
        (not the program) crashes.

        Raises:
            StoreError: it cannot be opened, is damaged, or was made by a newer program.
        """
        with told_as_store_error(path):
            return cls(path, open_writer(path, durable=durable))

    @classmethod
    def open_beside(cls, path: Path) -> Self:
        """Open a database for a reviewer's word, beside the one who writes.

        Raises:
            StoreError: there is none, it is damaged, or its schema is not the one this program knows.
        """
        with told_as_store_error(path):
            return cls(path, open_beside(path))

    @classmethod
    def open_readonly(cls, path: Path) -> Self:
        """Open a database for reading, beside the one who writes.

        Raises:
            StoreError: there is none, it is damaged, or its schema is not the one this program knows.
        """
        with told_as_store_error(path):
            return cls(path, open_reader(path), read_only=True)

    def close(self) -> None:
        """Let go of the database."""
        with self._lock, told_as_store_error(self.path):
            self._connection.close()

    # --- the line -------------------------------------------------------------------------------------------

    def states(self) -> Mapping[FeedId, FeedState]:
        """Return the state of every feed ever polled."""
        with self._reading() as connection:
            return reading.states(connection)

    def known(self, feed: FeedId, keys: Sequence[ItemKeys]) -> Sequence[KnownItem]:
        """Return the items of a feed that share at least one non-empty key with any of `keys`."""
        with self._reading() as connection:
            return reading.known(connection, feed, keys)

    def open_incidents(self, since: datetime) -> Sequence[Incident]:
        """Return the incidents updated at or after `since`, the first opened first."""
        with self._reading() as connection:
            return self._incidents.open_since(connection, since)

    def held_incidents(self) -> Sequence[Incident]:
        """Return the incidents that wait to be named in an alert that sums up several, the first opened first."""
        with self._reading() as connection:
            return reading.held_incidents(connection)

    def unclosed_incidents(self, before: datetime) -> Sequence[Incident]:
        """Return the incidents not yet closed that nothing has joined since `before`, the first opened first."""
        with self._reading() as connection:
            return reading.unclosed_incidents(connection, before)

    def alerts_by_severity(self, since: datetime) -> Mapping[Severity, int]:
        """Return how many alerts about incidents there were at or after `since`, by severity."""
        with self._reading() as connection:
            return reading.spoken(connection, since)

    def firings(self, indicators: Sequence[IndicatorId], since: datetime) -> Sequence[Firing]:
        """Return every firing of some indicators in an incident opened at or after `since`, oldest first."""
        with self._reading() as connection:
            return reading.firings(connection, indicators, since)

    def signs(self, since: datetime) -> Sequence[Sign]:
        """Return what the board knows of the incidents updated at or after `since`, the first opened first."""
        with self._reading() as connection:
            return self._signs.open_since(connection, since)

    def board(self) -> Sequence[LevelChange]:
        """Return how every subject of the board that ever had a level stands, in the order of their last change."""
        with self._reading() as connection:
            return self._board.stands(connection)

    def record(self, cycle: Cycle, deliveries: Sequence[Delivery]) -> None:
        """Write a cycle in one transaction, with the deliveries of its new alerts."""
        with self._writing() as connection:
            write_cycle(connection, cycle, deliveries)

    # --- the outbox -----------------------------------------------------------------------------------------

    def release(self) -> None:
        """Let go of every lease: whoever held one is dead.

        Only the one instance that may write calls this, at its start.
        """
        with self._writing() as connection:
            outbox.release(connection)

    def lease(self, channel: ChannelId, now: datetime, until: datetime, limit: int) -> Sequence[Delivery]:
        """Hold up to `limit` due deliveries of a channel until `until`, oldest alert first.

        A delivery that waits for its next try, or that another holds, keeps back the later ones: a channel
        gets alerts in order. One that waits for its hour does not.
        """
        with self._writing() as connection:
            return outbox.lease(connection, channel, now, until, limit)

    def settle(self, delivery: Delivery, now: datetime) -> None:
        """Write how a leased delivery ended and let go of it; one that must wait lets go of those behind it too."""
        with self._writing() as connection:
            outbox.settle(connection, delivery, now)

    def retry_dead(self, channel: ChannelId) -> int:
        """Make the dead deliveries of a channel due again, with all their tries; return how many."""
        with self._writing() as connection:
            return outbox.retry_dead(connection, channel)

    def abandon(self, kept: Sequence[ChannelId], why: str) -> int:
        """Give up what is pending for channels other than `kept`; return how many deliveries that were."""
        with self._writing() as connection:
            return outbox.abandon(connection, kept, why)

    def forget_dead(self, channel: ChannelId) -> int:
        """Remove the dead deliveries of a channel; return how many there were."""
        with self._writing() as connection:
            return outbox.forget_dead(connection, channel)

    def deliveries(self, alert: AlertId) -> Sequence[Delivery]:
        """Return the deliveries of an alert, by channel."""
        with self._reading() as connection:
            return outbox.of_alert(connection, alert)

    def delivery_counts(self) -> Mapping[ChannelId, Mapping[str, int]]:
        """Return how many deliveries stand in each state, zeros too, by channel."""
        with self._reading() as connection:
            return outbox.count(connection)

    def first_waiting(self) -> Sequence[Delivery]:
        """Return the first pending delivery of every channel that has one, or the one that failed: the others wait behind that."""
        with self._reading() as connection:
            return outbox.first_waiting(connection)

    def last_dead(self) -> Sequence[Delivery]:
        """Return the last dead delivery of every channel that has one."""
        with self._reading() as connection:
            return outbox.given_up(connection)

    def dead_counts(self) -> Mapping[ChannelId, int]:
        """Return how many deliveries are dead, by channel; one without is not in it."""
        with self._reading() as connection:
            return outbox.dead(connection)

    # --- what people ask ------------------------------------------------------------------------------------

    def alert(self, alert: AlertId) -> Alert | None:
        """Return one alert."""
        with self._reading() as connection:
            return reading.alert(connection, alert)

    def alerts(
        self, *, since: datetime | None = None, limit: int = 100, least: Severity = Severity.INFO
    ) -> Sequence[Alert]:
        """Return the newest alerts, newest first, of this severity and above."""
        with self._reading() as connection:
            return reading.alerts(connection, since, limit, least)

    def alert_counts(self) -> Mapping[tuple[str, Severity], int]:
        """Return how many alerts there are, by kind and severity."""
        with self._reading() as connection:
            return reading.alert_counts(connection)

    def incident(self, incident: IncidentId) -> Incident | None:
        """Return one incident."""
        with self._reading() as connection:
            return reading.incident(connection, incident)

    def item(self, item: ItemId) -> Item | None:
        """Return the newest revision of an item."""
        with self._reading() as connection:
            return reading.item(connection, item)

    def items(self) -> Sequence[Item]:
        """Return the newest revision of every item, in the order in which they were seen."""
        with self._reading() as connection:
            return reading.items(connection)

    def hits(self, incident: IncidentId) -> Sequence[Hit]:
        """Return the hits of an incident, each with its item as it stood then, oldest first."""
        with self._reading() as connection:
            return reading.hits(connection, incident)

    def hits_on(self, items: Sequence[ItemId]) -> Mapping[ItemId, Sequence[Hit]]:
        """Return the hits of items, each with its incident; an item without one is not in it."""
        with self._reading() as connection:
            return reading.hits_on(connection, items)

    def search(self, words: str, *, since: datetime | None = None, limit: int = 50) -> Sequence[Item]:
        """Return the items that say all the words, the newest first.

        Raises:
            UsageError: there is no word in it.
        """
        with self._reading() as connection:
            return search.find(connection, words, since, limit)

    def decisions(self, incident: IncidentId) -> Sequence[Decision]:
        """Return what was decided about an incident, oldest first, silent decisions too."""
        with self._reading() as connection:
            return reading.decisions(connection, incident)

    def polls(self, feed: FeedId, *, limit: int = 20) -> Sequence[Poll]:
        """Return the newest polls of a feed, newest first."""
        with self._reading() as connection:
            return reading.polls(connection, feed, limit)

    def latest_polls(self) -> Mapping[FeedId, Poll]:
        """Return the newest poll of every feed."""
        with self._reading() as connection:
            return reading.latest_polls(connection)

    def track_records(self, since: datetime) -> Mapping[IndicatorId, TrackRecord]:
        """Return how every indicator that has opened an incident at or after `since` has done; the record begins with the first alert."""
        with self._reading() as connection:
            return reading.track_records(connection, since)

    def levels(self, since: datetime) -> Sequence[LevelChange]:
        """Return how the board changed at or after `since`, oldest first."""
        with self._reading() as connection:
            return reading.levels(connection, since)

    # --- reviewers ------------------------------------------------------------------------------------------

    def add_action(self, action: Action) -> None:
        """Write down what a reviewer did; the same action twice is there once."""
        with self._writing() as connection:
            write_action(connection, action)

    def actions(self) -> Sequence[Action]:
        """Return what reviewers did, oldest first."""
        with self._reading() as connection:
            return reading.actions(connection)

    def actions_in_force(self, since: datetime) -> Sequence[Action]:
        """Return what reviewers did at or after `since`, and what they muted or overrode before and still holds then, oldest first."""
        with self._reading() as connection:
            return reading.actions_in_force(connection, since)

    # --- hubs -----------------------------------------------------------------------------------------------

    def subscriptions(self) -> Sequence[Subscription]:
        """Return what hubs were asked for, by feed."""
        with self._reading() as connection:
            return reading.subscriptions(connection)

    def subscribe(self, subscription: Subscription) -> None:
        """Write what a hub was asked for; the last one of a feed counts."""
        with self._writing() as connection:
            write_subscription(connection, subscription)

    def unsubscribe(self, feed: FeedId) -> None:
        """Forget what a hub was asked for."""
        with self._writing() as connection:
            forget_subscription(connection, feed)

    def hub_called(self, feed: FeedId, at: datetime) -> None:
        """Note that the hub of a feed has called."""
        with self._writing() as connection:
            write_call(connection, feed, at)

    # --- the service itself ---------------------------------------------------------------------------------

    def note(self, name: str, value: str) -> None:
        """Remember one value of the service itself ("last_tick")."""
        with self._writing() as connection:
            write_note(connection, name, value)

    def noted(self, name: str) -> str:
        """Return a value remembered by `note`, or an empty string."""
        with self._reading() as connection:
            return reading.noted(connection, name)

    def counts(self) -> Mapping[str, int]:
        """Return the number of rows of every table."""
        with self._reading() as connection:
            return reading.counts(connection)

    def prune(self, before: datetime, after: str = "", most: int = STEP) -> Pruned:
        """Take out what may go of what was seen before a moment, a small part at a time; the next part is after `Pruned.after`.

        Nothing goes that could make an alert be given twice.
        """
        with self._writing() as connection:
            return pruning.prune(connection, before, after, most)

    def oldest(self) -> datetime | None:
        """Return when the oldest item was seen, None when there is none."""
        with self._reading() as connection:
            return pruning.oldest(connection)

    def size(self) -> tuple[int, int]:
        """Return how many bytes the database takes, and how many of them hold nothing."""
        with self._reading() as connection:
            return pruning.size(connection)

    def give_back(self, pages: int = PAGES) -> int:
        """Give some free pages back to the file system; return how many are left."""
        with self._alone() as connection:
            return pruning.give_back(connection, pages)

    def compact(self) -> None:
        """Write the database anew without gaps; nobody else may be using it, and the disk needs room for a second one."""
        with self._alone() as connection:
            pruning.compact(connection)

    def integrity(self) -> list[str]:
        """Return what is wrong inside the database; nothing when it is sound."""
        with self._reading() as connection:
            return reading.damage(connection)

    def backup(self, to: Path) -> None:
        """Copy the database while it is in use; the copy is complete and on the disk, or absent.

        Raises:
            StoreError: the target exists already, or cannot be written.
        """
        if to.exists():
            raise StoreError(f"{to}: exists already; name a file that does not")
        with told_as_store_error(to):
            copy_database(self.path, to)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, told_as_store_error(self.path):
            yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._alone() as connection, transaction(connection):
            yield connection

    @contextmanager
    def _alone(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection outside of a transaction, for what SQLite does by itself."""
        if self._read_only:
            raise StoreError(f"{self.path}: it was opened for reading only")
        with self._lock, told_as_store_error(self.path):
            yield self._connection
