"""What the line needs from the world, as protocols.

Adapters stand behind them; `bootstrap` alone says which.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
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
)
from watcher.model.board import LevelChange, Sign
from watcher.model.language import IndicatorId, Severity
from watcher.model.news import Document, Feed, FeedId, Item, ItemId, ItemKeys
from watcher.model.polling import Cycle, FeedState, Fetched, KnownItem, Poll, Request
from watcher.model.retention import Pruned
from watcher.model.review import Action, TrackRecord
from watcher.model.subscription import Subscription

Answer = tuple[Feed, Fetched | FetchError]
Reading = tuple[Feed, Fetched | FetchError, Document | ReadError | None]


class Clock(Protocol):
    """The only way to learn the time."""

    def __call__(self) -> datetime:
        """Return the present moment, aware and UTC."""
        ...


class Fetcher(Protocol):
    """Fetches feeds, many at a time."""

    def fetch(self, requests: Sequence[Request]) -> Iterator[Answer]:
        """Yield every request's answer as it completes, in any order, each within its own deadline.

        A failure is yielded as a `FetchError` value, never raised; an answer cut short is a failure.
        """
        ...

    def stop(self) -> None:
        """Make a running fetch end soon: what is under way fails with cause "stopped"."""
        ...


class Reader(Protocol):
    """Turns bodies into documents, apart from this process."""

    def read(self, answers: Iterable[Answer], seen: datetime) -> Iterator[Reading]:
        """Yield every answer once, in any order, with its document.

        An answer without a body (a failure, a 304, an unchanged body) passes through with None. Bytes that
        are no feed, or that hit a limit of time or memory, come with a `ReadError` value. A slow document
        never holds up another.
        """
        ...

    def close(self) -> None:
        """Let go of every worker."""
        ...


class Store(Protocol):
    """Remembers. Every method raises `StoreError` when the database cannot be used."""

    def states(self) -> Mapping[FeedId, FeedState]:
        """Return the state of every feed ever polled."""
        ...

    def known(self, feed: FeedId, keys: Sequence[ItemKeys]) -> Sequence[KnownItem]:
        """Return the items of a feed that share at least one non-empty key with any of `keys`."""
        ...

    def open_incidents(self, since: datetime) -> Sequence[Incident]:
        """Return the incidents updated at or after `since`, oldest first."""
        ...

    def held_incidents(self) -> Sequence[Incident]:
        """Return the incidents that wait to be named in an alert that sums up several, oldest first."""
        ...

    def unclosed_incidents(self, before: datetime) -> Sequence[Incident]:
        """Return the incidents not yet closed that nothing has joined since `before`, oldest first."""
        ...

    def spoken(self, since: datetime) -> Mapping[Severity, int]:
        """Return how many alerts about incidents there were at or after `since`, by severity."""
        ...

    def track_records(self, since: datetime) -> Mapping[IndicatorId, TrackRecord]:
        """Return how every indicator that has opened an incident at or after `since` has done; the record begins with the first alert."""
        ...

    def firings(self, indicators: Sequence[IndicatorId], since: datetime) -> Sequence[Firing]:
        """Return every firing of some indicators in an incident opened at or after `since`, oldest first."""
        ...

    def signs(self, since: datetime) -> Sequence[Sign]:
        """Return what the board knows of the incidents updated at or after `since`, oldest first."""
        ...

    def board(self) -> Sequence[LevelChange]:
        """Return how every subject of the board that ever had a level stands, in the order of their last change."""
        ...

    def levels(self, since: datetime) -> Sequence[LevelChange]:
        """Return how the board changed at or after `since`, oldest first."""
        ...

    def actions(self) -> Sequence[Action]:
        """Return what reviewers did, oldest first."""
        ...

    def actions_in_force(self, since: datetime) -> Sequence[Action]:
        """Return what reviewers did at or after `since`, and what they muted or overrode before and still holds then, oldest first."""
        ...

    def act(self, action: Action) -> None:
        """Write down what a reviewer did; the same action twice is there once."""
        ...

    def record(self, cycle: Cycle, deliveries: Sequence[Delivery]) -> None:
        """Write a cycle in one transaction, with the deliveries of its new alerts.

        Recording what is already there changes nothing: an alert whose id is known is not delivered again.
        """
        ...

    def release(self) -> None:
        """Let go of every lease: whoever held one is dead.

        Only the one instance that may write calls this, at its start.
        """
        ...

    def lease(self, channel: ChannelId, now: datetime, until: datetime, limit: int) -> Sequence[Delivery]:
        """Take up to `limit` deliveries of a channel that are due, oldest alert first, and hold them until `until`.

        One that waits for its next try, or that another holds, keeps back those after it; one that waits for
        its hour does not.
        """
        ...

    def settle(self, delivery: Delivery, now: datetime) -> None:
        """Write how a leased delivery ended and let go of it."""
        ...

    def abandon(self, kept: Sequence[ChannelId], why: str) -> int:
        """Give up what is pending for channels other than `kept`; return how many deliveries that were."""
        ...

    def alert(self, alert: AlertId) -> Alert | None:
        """Return one alert."""
        ...

    def alerts(
        self, *, since: datetime | None = None, limit: int = 100, least: Severity = Severity.INFO
    ) -> Sequence[Alert]:
        """Return the newest alerts, newest first, of this severity and above."""
        ...

    def polls(self, feed: FeedId, *, limit: int = 20) -> Sequence[Poll]:
        """Return the newest polls of a feed, newest first."""
        ...

    def item(self, item: ItemId) -> Item | None:
        """Return the newest revision of an item."""
        ...

    def hits(self, incident: IncidentId) -> Sequence[Hit]:
        """Return the hits of an incident, oldest first."""
        ...

    def decisions(self, incident: IncidentId) -> Sequence[Decision]:
        """Return what was decided about an incident, oldest first, silent decisions too."""
        ...

    def deliveries(self, alert: AlertId) -> Sequence[Delivery]:
        """Return the deliveries of an alert, by channel."""
        ...

    def outbox(self) -> Mapping[ChannelId, Mapping[str, int]]:
        """Return how many deliveries stand in each state, by channel."""
        ...

    def first_waiting(self) -> Sequence[Delivery]:
        """Return the first pending delivery of every channel that has one, or the one that failed: the others wait behind that."""
        ...

    def given_up(self) -> Sequence[Delivery]:
        """Return the last dead delivery of every channel that has one."""
        ...

    def dead(self) -> Mapping[ChannelId, int]:
        """Return how many deliveries are dead, by channel; one without is not in it."""
        ...

    def oldest(self) -> datetime | None:
        """Return when the oldest item was seen, None when there is none."""
        ...

    def prune(self, before: datetime, after: str = "") -> Pruned:
        """Take out what may go of the next items after a place that were seen before a moment; no alert is given twice for it."""
        ...

    def size(self) -> tuple[int, int]:
        """Return how many bytes the database takes, and how many of them hold nothing."""
        ...

    def give_back(self) -> int:
        """Give some of the room that holds nothing back to the file system; return how much is left to give."""
        ...

    def subscriptions(self) -> Sequence[Subscription]:
        """Return what hubs were asked for, by feed."""
        ...

    def subscribe(self, subscription: Subscription) -> None:
        """Write what a hub was asked for; the last one of a feed counts."""
        ...

    def unsubscribe(self, feed: FeedId) -> None:
        """Forget what a hub was asked for."""
        ...

    def hasten(self, feed: FeedId, now: datetime, rest: timedelta) -> bool:
        """Make a feed that works due now, or when it has rested from its last poll; return whether that changed anything."""
        ...

    def note(self, name: str, value: str) -> None:
        """Remember one value of the service itself ("last_tick")."""
        ...

    def noted(self, name: str) -> str:
        """Return a value remembered by `note`, or an empty string."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


class Channel(Protocol):
    """One way of telling people."""

    id: ChannelId

    def send(self, alert: Alert) -> None:
        """Hand over an alert; returning means it is taken.

        Sending the same alert twice is allowed: the receiver knows it by its id.

        Raises:
            DeliveryError: it was not taken; `permanent` says whether trying again is pointless.
        """
        ...
