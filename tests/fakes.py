"""Stand-ins for the world: they keep every promise of the ports, in memory."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import count, takewhile
from typing import TypeVar

from watcher.alerting.renaming import renamed_action, renamed_alert, renamed_incident, renamed_level
from watcher.errors import ConflictError, FetchError, ReadError, StoreError, UsageError
from watcher.model.alerts import (
    NAMED,
    Alert,
    AlertId,
    ChannelId,
    Decision,
    Delivery,
    DeliveryState,
    Firing,
    Hit,
    Incident,
    IncidentId,
    Kind,
    Reason,
)
from watcher.model.board import LevelChange, Sign
from watcher.model.language import Claim, IndicatorId, Severity
from watcher.model.news import Document, Feed, FeedId, Item, ItemId, ItemKeys, KnownItem
from watcher.model.polling import Cycle, FeedState, Fetched, Poll, Regrouping, Request
from watcher.model.retention import DAYS_HEARD_KEPT, Pruned
from watcher.model.review import Action, ActionKind, TrackRecord, Verdict
from watcher.model.subscription import Subscription
from watcher.ports import Answer, Reading
from watcher.text.fold import fold

Versioned = TypeVar("Versioned", FeedState, Incident)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A delivery in the outbox, until when somebody holds it, and when it was last posted or tried."""

    delivery: Delivery
    holder: str = ""
    held: datetime | None = None
    settled: datetime | None = None

    def waits(self, now: datetime) -> bool:
        return self.settled is not None and self.settled <= now < self.delivery.next_try

    def is_free(self, now: datetime) -> bool:
        return self.held is None or self.held <= now


class FakeStore:
    """Remembers in memory. Holds to the same contract as `SqliteStore`, and to the same tests."""

    def __init__(self) -> None:
        self._states: dict[FeedId, FeedState] = {}
        self._calls: dict[FeedId, datetime] = {}
        self._polls: dict[tuple[FeedId, datetime], Poll] = {}
        self._items: dict[ItemId, Item] = {}
        self._forgotten: dict[ItemId, Item] = {}
        self._hits: dict[tuple[ItemId, IndicatorId, int], Hit] = {}
        self._incidents: dict[IncidentId, Incident] = {}
        self._decisions: dict[tuple[IncidentId, datetime, ItemId, str], Decision] = {}
        self._alerts: dict[AlertId, Alert] = {}
        self._outbox: dict[tuple[ChannelId, AlertId], Posted] = {}
        self._notes: dict[str, str] = {}
        self._levels: list[LevelChange] = []
        self._actions: dict[str, Action] = {}
        self._subscriptions: dict[FeedId, Subscription] = {}
        self._heard: dict[IndicatorId, frozenset[date]] = {}
        self._digests: dict[ChannelId, datetime] = {}
        self._parts: dict[IncidentId, IncidentId] = {}
        self._leases = count(1)

    def states(self, feeds: Sequence[FeedId] | None = None) -> Mapping[FeedId, FeedState]:
        found = sorted(each for each in self._states.items() if feeds is None or each[0] in feeds)
        return {feed: replace(state, called=self._calls.get(feed)) for feed, state in found}

    def changed_states(self, since: int) -> tuple[int, Mapping[FeedId, FeedState]]:
        return since + 1, self.states()

    def state(self, feed: FeedId) -> FeedState | None:
        return self.states().get(feed)

    def known(self, feed: FeedId, keys: Sequence[ItemKeys]) -> Sequence[KnownItem]:
        wanted = {pair for one in keys for pair in _pairs(one)}
        stored = (*self._items.values(), *self._forgotten.values())
        found = [item for item in stored if item.feed == feed and wanted & _pairs(item.keys)]
        return [
            KnownItem(
                id=item.id,
                keys=item.keys,
                text_hash=item.text_hash,
                revision=item.revision,
                published=item.published,
            )
            for item in found
        ]

    def open_incidents(self, since: datetime) -> Sequence[Incident]:
        return _oldest_first([incident for incident in self._incidents.values() if incident.updated >= since])

    def held_incidents(self) -> Sequence[Incident]:
        return _oldest_first([incident for incident in self._incidents.values() if incident.held])

    def unclosed_incidents(self, before: datetime) -> Sequence[Incident]:
        return _oldest_first(
            [
                incident
                for incident in self._incidents.values()
                if not incident.closed and incident.updated < before
            ]
        )

    def joins_asked(self, after: str) -> Sequence[Action]:
        joins = [each for each in self.actions() if each.kind in (ActionKind.MERGE, ActionKind.SPLIT)]
        names = list(self._actions)
        return [each for each in joins if not after or names.index(each.id) > names.index(after)]

    def alerts_by_severity(self, since: datetime) -> Mapping[Severity, int]:
        return Counter(
            alert.severity
            for alert in self._alerts.values()
            if alert.kind is Kind.INCIDENT and alert.at >= since
        )

    def track_records(self, since: datetime) -> Mapping[IndicatorId, TrackRecord]:
        alerts = [alert for alert in self._alerts.values() if alert.at >= since]
        openings = [alert for alert in alerts if alert.kind is Kind.INCIDENT and alert.reason is Reason.NEW]
        verdicts = {
            action.target: action.value
            for action in self._actions.values()
            if action.kind is ActionKind.VERDICT
        }
        said = Counter((alert.indicator, verdicts.get(alert.incident)) for alert in openings)
        return {
            IndicatorId(name): TrackRecord(
                since=min(alert.at for alert in alerts),
                openings=sum(alert.indicator == name for alert in openings),
                last=max(alert.at for alert in openings if alert.indicator == name),
                useful=said[name, Verdict.USEFUL],
                noise=said[name, Verdict.NOISE],
            )
            for name in {alert.indicator for alert in openings}
        }

    def firings(self, indicators: Sequence[IndicatorId], since: datetime) -> Sequence[Firing]:
        occurred = {
            (hit.indicator, hit.incident)
            for hit in self._hits.values()
            if hit.claim is Claim.OCCURRED and hit.score >= NAMED
        }
        found = [
            Firing(indicator=name, incident=incident.id, at=incident.opened, title=incident.title)
            for incident in self._incidents.values()
            for name in indicators
            if (name, incident.id) in occurred and incident.opened >= since
        ]
        return sorted(found, key=lambda firing: (firing.at, firing.incident, firing.indicator))

    def signs(self, since: datetime) -> Sequence[Sign]:
        return [sign_of(incident) for incident in self.open_incidents(since)]

    def board(self) -> Sequence[LevelChange]:
        last = {standing.subject: number for number, standing in enumerate(self._levels)}
        return [self._levels[number] for number in sorted(last.values())]

    def levels(self, since: datetime) -> Sequence[LevelChange]:
        return [standing for standing in self._levels if standing.since >= since]

    def actions(self) -> Sequence[Action]:
        return list(self._actions.values())

    def actions_in_force(self, since: datetime) -> Sequence[Action]:
        lasting = [
            action
            for action in self.actions()
            if action.kind in (ActionKind.MUTE, ActionKind.UNMUTE, ActionKind.OVERRIDE) and action.at < since
        ]
        last = {(action.kind is ActionKind.OVERRIDE, action.target): action for action in lasting}
        recent = {action.target for action in self.actions() if action.at >= since}
        hold = [
            each
            for each in last.values()
            if each.kind is not ActionKind.UNMUTE and (each.until is None or each.until > since)
        ]
        held = {each.id for each in (*hold, *(each for each in last.values() if each.target in recent))}
        return [action for action in self.actions() if action.at >= since or action.id in held]

    def add_action(self, action: Action) -> None:
        self._actions.setdefault(action.id, action)

    def days_heard(self, indicator: IndicatorId) -> Sequence[date]:
        return tuple(sorted(self._heard.get(indicator, ())))

    def record(self, cycle: Cycle, deliveries: Sequence[Delivery]) -> None:
        for name, value in cycle.noted.items():
            if self.noted(name) != value:
                raise ConflictError(f"note {name}")
        states = {
            state.feed: _written(
                replace(state, called=None), self._states.get(state.feed), f"the state of feed {state.feed}"
            )
            for state in cycle.states
        }
        incidents = {
            each.id: _written(each, self._incidents.get(each.id), f"incident {each.id}")
            for each in cycle.incidents
        }
        if cycle.regrouping and (merged := cycle.regrouping.merged):
            _written(merged, self._incidents.get(merged.id), f"incident {merged.id}")
        self._states |= states
        self._polls |= {(poll.feed, poll.at): poll for poll in cycle.polls}
        self._items |= {
            item.id: item
            for item in cycle.items
            if item.id not in self._items or item.revision >= self._items[item.id].revision
        }
        self._forgotten = {name: item for name, item in self._forgotten.items() if name not in self._items}
        self._hits |= {(hit.item.id, hit.indicator, hit.item.revision): hit for hit in cycle.hits}
        self._incidents |= incidents
        for decision in cycle.decisions:
            self._decisions.setdefault(
                (decision.incident, decision.at, decision.item, decision.reason), decision
            )
        known = {(standing.subject, standing.since, standing.level) for standing in self._levels}
        self._levels += [each for each in cycle.levels if (each.subject, each.since, each.level) not in known]
        new = {alert.id: alert for alert in cycle.alerts if alert.id not in self._alerts}
        self._alerts |= new
        for delivery in deliveries:
            if delivery.alert.id in new:
                self._outbox.setdefault(
                    (delivery.channel, delivery.alert.id),
                    Posted(delivery=delivery, settled=delivery.alert.at),
                )
        for indicator, days in cycle.heard.items():
            heard = self._heard.get(indicator, frozenset()) | days
            self._heard[indicator] = frozenset(sorted(heard)[-DAYS_HEARD_KEPT:])
        self._digests |= cycle.digests
        self._notes |= cycle.notes
        if cycle.regrouping:
            self._regroup(cycle.regrouping, cycle.incidents)

    def _regroup(self, change: Regrouping, written: Iterable[Incident]) -> None:
        for incident in written:
            self._parts.pop(incident.id, None)
        if change.merged and change.into:
            part, whole = change.merged.id, change.into
            del self._incidents[part]
            followed = [replace(each, incident=whole) for each in self.decisions(part)]
            self._decisions = {
                place: each for place, each in self._decisions.items() if each.incident != part
            } | {(each.incident, each.at, each.item, each.reason): each for each in followed}
            self._actions = {
                name: replace(each, target=whole) if each.target == part else each
                for name, each in self._actions.items()
            }
            self._parts = {name: whole if of == part else of for name, of in self._parts.items()}
            self._parts[part] = whole
        for name, whole in change.alerts.items():
            self._alerts[name] = replace(self._alerts[name], incident=whole)
        self._outbox = {
            place: replace(posted, delivery=replace(posted.delivery, alert=self._alerts[place[1]]))
            for place, posted in self._outbox.items()
        }

    def rename(self, old: IndicatorId, new: IndicatorId) -> None:
        for place, hit in list(self._hits.items()):
            if hit.indicator == old:
                del self._hits[place]
                self._hits.setdefault((place[0], new, place[2]), replace(hit, indicator=new))
        self._heard[new] = self._heard.get(new, frozenset()) | self._heard.pop(old, frozenset())
        for name, each in self._incidents.items():
            if (renamed := renamed_incident(each, old, new)) != each:
                self._incidents[name] = replace(renamed, version=each.version + 1)
        self._alerts = {name: renamed_alert(each, old, new) for name, each in self._alerts.items()}
        self._outbox = {
            place: replace(posted, delivery=replace(posted.delivery, alert=self._alerts[place[1]]))
            for place, posted in self._outbox.items()
        }
        self._levels = [renamed_level(each, old, new) for each in self._levels]
        self._actions = {name: renamed_action(each, old, new) for name, each in self._actions.items()}

    def release(self) -> None:
        self._outbox = {
            place: replace(posted, holder="", held=None) for place, posted in self._outbox.items()
        }

    def lease(self, channel: ChannelId, now: datetime, until: datetime, limit: int) -> Sequence[Delivery]:
        pending = [posted for posted in self._of(channel) if posted.delivery.state is DeliveryState.PENDING]
        waiting = [posted for posted in pending if not posted.waits(now)]
        due = list(takewhile(lambda posted: posted.is_free(now), waiting[:limit]))
        holder = f"lease {next(self._leases)}"
        self._outbox |= {
            (channel, posted.delivery.alert.id): replace(posted, holder=holder, held=until) for posted in due
        }
        return [replace(posted.delivery, holder=holder) for posted in due]

    def settle(self, delivery: Delivery, now: datetime, *others: Delivery) -> bool:
        held = []
        for each in (delivery, *others):
            place = (each.channel, each.alert.id)
            if place in self._outbox and self._outbox[place].holder == each.holder:
                self._outbox[place] = Posted(delivery=each, settled=now)
                held.append(each)
        return delivery in held

    def let_go(self, delivery: Delivery) -> None:
        for posted in self._of(delivery.channel):
            if posted.holder == delivery.holder:
                place = (delivery.channel, posted.delivery.alert.id)
                self._outbox[place] = replace(posted, holder="", held=None)

    def hasten(self, channel: ChannelId, now: datetime) -> None:
        for posted in self._of(channel):
            if posted.delivery.state is DeliveryState.PENDING and posted.delivery.error:
                due = replace(posted, delivery=replace(posted.delivery, next_try=now))
                self._outbox[channel, posted.delivery.alert.id] = due

    def told(self, channel: ChannelId, since: datetime) -> Sequence[Alert]:
        return [
            posted.delivery.alert
            for posted in self._of(channel)
            if posted.delivery.state is DeliveryState.DELIVERED and posted.delivery.alert.at >= since
        ]

    def retry_dead(self, channel: ChannelId) -> int:
        dead = [
            posted.delivery for posted in self._of(channel) if posted.delivery.state is DeliveryState.DEAD
        ]
        for delivery in dead:
            again = replace(
                delivery, state=DeliveryState.PENDING, attempts=0, error="", next_try=delivery.alert.at
            )
            self._outbox[channel, delivery.alert.id] = Posted(delivery=again)
        return len(dead)

    def pass_on(self, gone: ChannelId, heirs: Sequence[ChannelId]) -> int:
        pending = [posted for posted in self._of(gone) if posted.delivery.state is DeliveryState.PENDING]
        passed = 0
        for posted in pending:
            alert = posted.delivery.alert
            for heir in heirs:
                own = Posted(
                    delivery=Delivery(alert=alert, channel=heir, next_try=alert.at), settled=posted.settled
                )
                self._outbox.setdefault((heir, alert.id), own)
            if any(self._outbox[heir, alert.id].delivery.state is DeliveryState.PENDING for heir in heirs):
                del self._outbox[gone, alert.id]
                passed += 1
        return passed

    def abandon(self, kept: Sequence[ChannelId], why: str) -> int:
        left = [
            each.delivery for each in self._outbox.values() if each.delivery.state is DeliveryState.PENDING
        ]
        given_up = [delivery for delivery in left if delivery.channel not in kept]
        for delivery in given_up:
            self._outbox[delivery.channel, delivery.alert.id] = Posted(
                delivery=replace(delivery, state=DeliveryState.DEAD, error=why)
            )
        return len(given_up)

    def forget_dead(self, channel: ChannelId) -> int:
        dead = [
            posted.delivery for posted in self._of(channel) if posted.delivery.state is DeliveryState.DEAD
        ]
        for delivery in dead:
            del self._outbox[channel, delivery.alert.id]
        return len(dead)

    def deliveries(self, alert: AlertId) -> Sequence[Delivery]:
        return sorted(
            (each.delivery for (_, name), each in self._outbox.items() if name == alert),
            key=lambda each: each.channel,
        )

    def delivery_counts(self) -> Mapping[ChannelId, Mapping[str, int]]:
        channels = dict.fromkeys(channel for channel, _ in self._outbox)
        return {
            channel: {state.value: self._count(channel, state) for state in DeliveryState}
            for channel in channels
        }

    def first_waiting(self) -> Sequence[Delivery]:
        pending = [
            posted.delivery
            for posted in self._outbox.values()
            if posted.delivery.state is DeliveryState.PENDING
        ]
        failed_first = sorted(pending, key=lambda each: not each.error)
        return [
            next(each for each in failed_first if each.channel == channel)
            for channel in sorted({each.channel for each in pending})
        ]

    def last_dead(self) -> Sequence[Delivery]:
        dead = [
            posted.delivery for posted in self._outbox.values() if posted.delivery.state is DeliveryState.DEAD
        ]
        order = list(self._alerts)
        last = {each.channel: each for each in sorted(dead, key=lambda each: order.index(each.alert.id))}
        return [last[channel] for channel in sorted(last)]

    def dead_counts(self) -> Mapping[ChannelId, int]:
        return Counter(
            channel
            for (channel, _), posted in self._outbox.items()
            if posted.delivery.state is DeliveryState.DEAD
        )

    def digested_until(self, channel: ChannelId) -> datetime | None:
        return self._digests.get(channel)

    def alert(self, alert: AlertId) -> Alert | None:
        return self._alerts.get(alert)

    def alerts(
        self, *, since: datetime | None = None, limit: int = 100, least: Severity = Severity.INFO
    ) -> Sequence[Alert]:
        newest_last = sorted(
            (alert for alert in self._alerts.values() if alert.severity >= least), key=lambda alert: alert.at
        )
        return [alert for alert in reversed(newest_last) if since is None or alert.at >= since][:limit]

    def incident(self, incident: IncidentId) -> Incident | None:
        return self._incidents.get(self._parts.get(incident, incident))

    def alerts_of(self, incident: IncidentId) -> Sequence[Alert]:
        return [alert for alert in self._alerts.values() if alert.incident == incident]

    def item(self, item: ItemId) -> Item | None:
        return self._items.get(item)

    def hits(self, incident: IncidentId) -> Sequence[Hit]:
        own = [hit for hit in self._hits.values() if hit.incident == incident]
        return sorted(own, key=lambda hit: (hit.item.seen, hit.item.id, hit.item.revision, hit.indicator))

    def items(self) -> Sequence[Item]:
        return sorted(self._items.values(), key=lambda item: (item.seen, item.id))

    def search(self, words: str, *, since: datetime | None = None, limit: int = 50) -> Sequence[Item]:
        """Find whole words only, in the items that were recorded last."""
        wanted = set(fold(words).split())
        if not wanted:
            raise UsageError("there is no word in it")
        found = [
            item
            for item in reversed(self._items.values())
            if wanted <= set(fold(f"{item.title} {item.summary}").split())
            and (since is None or item.seen >= since)
        ]
        return found[:limit]

    def count_found(self, words: str) -> int:
        return len(self.search(words, limit=len(self._items)))

    def hits_on(self, items: Sequence[ItemId]) -> Mapping[ItemId, Sequence[Hit]]:
        found: dict[ItemId, list[Hit]] = {}
        for place in sorted(self._hits, key=lambda place: (place[0], place[2], place[1])):
            if place[0] in items:
                found.setdefault(place[0], []).append(self._hits[place])
        return found

    def alert_counts(self) -> Mapping[tuple[str, Severity], int]:
        return Counter((alert.kind.value, alert.severity) for alert in self._alerts.values())

    def decisions(self, incident: IncidentId, *, latest: int | None = None) -> Sequence[Decision]:
        own = sorted(
            (decision for decision in self._decisions.values() if decision.incident == incident),
            key=lambda decision: decision.at,
        )
        return own if latest is None else own[max(0, len(own) - latest) :]

    def polls(self, feed: FeedId, *, limit: int = 20) -> Sequence[Poll]:
        own = (poll for poll in self._polls.values() if poll.feed == feed)
        return sorted(own, key=lambda poll: poll.at, reverse=True)[:limit]

    def latest_polls(self) -> Mapping[FeedId, Poll]:
        return {feed: self.polls(feed)[0] for feed, _ in self._polls}

    def oldest(self) -> datetime | None:
        return min((item.seen for item in self._items.values()), default=None)

    def prune(self, before: datetime, after: str = "") -> Pruned:
        old = {name for name, item in self._items.items() if item.seen < before}
        owed = {
            place[1]
            for place, posted in self._outbox.items()
            if posted.delivery.state is not DeliveryState.DELIVERED
        }
        kept = {alert.incident for alert in self._alerts.values() if alert.id in owed}
        touched = {hit.incident for hit in self._hits.values() if hit.item.id in old}
        over = {
            name
            for name, incident in self._incidents.items()
            if name in touched - kept and incident.closed and not incident.held and incident.updated < before
        }
        self._incidents = {name: incident for name, incident in self._incidents.items() if name not in over}
        self._hits = {place: hit for place, hit in self._hits.items() if hit.incident not in over}
        free = old - {hit.item.id for hit in self._hits.values() if hit.incident}
        self._forgotten |= {name: self._items.pop(name) for name in free}
        self._parts = {name: whole for name, whole in self._parts.items() if whole not in over}
        gone = {alert.id for alert in self._alerts.values() if alert.incident in over}
        self._alerts = {name: alert for name, alert in self._alerts.items() if name not in gone}
        return Pruned(items=len(free), incidents=len(over), alerts=len(gone))

    def size(self) -> tuple[int, int]:
        return 1000 * len(self._items), 0

    def give_back(self) -> int:
        return 0

    def subscriptions(self) -> Sequence[Subscription]:
        return [self._subscriptions[feed] for feed in sorted(self._subscriptions)]

    def subscribe(self, subscription: Subscription) -> None:
        self._subscriptions[subscription.feed] = subscription

    def unsubscribe(self, feed: FeedId) -> None:
        self._subscriptions.pop(feed, None)

    def poll_soon(self, feed: FeedId, at: datetime) -> None:
        if feed in self._states:
            self._calls[feed] = at

    def note(self, name: str, value: str) -> None:
        self._notes[name] = value

    def noted(self, name: str) -> str:
        return self._notes.get(name, "")

    def close(self) -> None:
        pass

    def _of(self, channel: ChannelId) -> list[Posted]:
        """Return a channel's deliveries in the order of their alerts."""
        return [posted for (name, _), posted in self._outbox.items() if name == channel]

    def _count(self, channel: ChannelId, state: DeliveryState) -> int:
        return sum(posted.delivery.state is state for posted in self._of(channel))


def _written(value: Versioned, known: Versioned | None, what: str) -> Versioned:
    """Return a value as it is written over the one that is known."""
    if known is None or known.version == value.version:
        return replace(value, version=value.version + 1)
    if known != value:
        raise ConflictError(what)
    return known


def sign_of(incident: Incident) -> Sign:
    """Return what the board knows of an incident."""
    return Sign(**{field.name: getattr(incident, field.name) for field in fields(Sign)})


def _pairs(keys: ItemKeys) -> set[tuple[str, str]]:
    return {(name, value) for name in ("guid", "link", "title") if (value := getattr(keys, name))}


def _oldest_first(incidents: Sequence[Incident]) -> Sequence[Incident]:
    return sorted(incidents, key=lambda incident: (incident.opened, incident.id))


class FakeClock:
    """Stands still until it is told to go on."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def passes(self, hours: float) -> None:
        self.now += timedelta(hours=hours)


@dataclass(slots=True)
class FakeNews:
    """The world's feeds: what each publishes, or why it cannot be fetched or read.

    It is fetcher and reader in one.

    A body is a word that changes with the items; its validator is the same word.
    """

    pages: dict[FeedId, tuple[Item, ...] | FetchError | ReadError | Document] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    read_bodies: list[FeedId] = field(default_factory=list)
    etags: bool = True

    def publishes(self, feed: str, *items: Item) -> None:
        self.pages[FeedId(feed)] = items

    def fails(self, feed: str, error: FetchError | ReadError) -> None:
        self.pages[FeedId(feed)] = error

    def fetch(self, requests: Sequence[Request]) -> Iterator[Answer]:
        self.requests.extend(requests)
        for request in requests:
            yield request.feed, self._answer(request)

    def read(
        self, answers: Iterable[Answer], seen: datetime, meanwhile: Callable[[], object] = lambda: None
    ) -> Iterator[Reading]:
        begun = False
        for feed, answer in answers:
            if isinstance(answer, FetchError) or answer.body is None:
                yield feed, answer, None
            else:
                self.read_bodies.append(feed.id)
                if not begun:
                    meanwhile()
                begun = True
                yield feed, answer, self._document(feed, seen)

    def stop(self) -> None:
        pass

    def close(self) -> None:
        pass

    def _answer(self, request: Request) -> Fetched | FetchError:
        page = self.pages[request.feed.id]
        if isinstance(page, FetchError):
            return page
        etag = sha256(repr(page).encode()).hexdigest()
        if self.etags and request.etag == etag:
            return Fetched(feed=request.feed.id, status=304, body=None, url=request.feed.url)
        return Fetched(
            feed=request.feed.id,
            status=200,
            body=etag.encode(),
            url=request.feed.url,
            etag=etag if self.etags else "",
        )

    def _document(self, feed: Feed, seen: datetime) -> Document | ReadError:
        page = self.pages[feed.id]
        if isinstance(page, ReadError | Document):
            return page
        assert not isinstance(page, FetchError)
        items = tuple(replace(item, feed=feed.id, owner=feed.owner, seen=seen) for item in page)
        return Document(format="rss20", title=feed.title, items=items)


@dataclass(slots=True)
class FakeChannel:
    """Takes alerts, unless told to refuse some."""

    id: ChannelId
    taken: list[Alert] = field(default_factory=list)
    messages: list[tuple[Alert, ...]] = field(default_factory=list)
    """What was taken, message by message, each with the alert that speaks first."""
    refusals: list[Exception] = field(default_factory=list)

    def refuses(self, *errors: Exception) -> None:
        self.refusals.extend(errors)

    def send(self, alert: Alert, also: Sequence[Alert] = ()) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        self.taken += (alert, *also)
        self.messages.append((alert, *also))


class BrokenStore(FakeStore):
    """A store whose disk is full for as long as `full` is set."""

    full = False

    def record(self, cycle: Cycle, deliveries: Sequence[Delivery]) -> None:
        if self.full:
            raise StoreError("the disk is full")
        super().record(cycle, deliveries)
