"""A size in, a data folder out as a service leaves it after a year: news, incidents, alerts and answers.

It is written through the port of the store, and ends now. Of ten items one hits; every fiftieth incident is
large. Publishers, languages, indicators and claims are as uneven as those of real news, so that a list can
be asked for what is common and for what is rare.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.news import Chance, story
from watcher import bootstrap
from watcher.alerting.build import alert_item
from watcher.alerting.review import action_of
from watcher.model.alerts import (
    ALERT_LOG,
    Alert,
    AlertId,
    Confidence,
    Decision,
    Delivery,
    DeliveryState,
    Hit,
    Incident,
    IncidentId,
    IncidentSource,
    Kind,
    LastAlert,
    Level,
    Reason,
    Sighting,
    TimelineEntry,
)
from watcher.model.board import PROBLEM, LevelChange
from watcher.model.language import Claim, Indicator, Severity
from watcher.model.news import FeedId, Grade, Item, ItemId, ItemKeys
from watcher.model.polling import Cycle, FeedState, Poll, PollStatus
from watcher.model.review import Action, ActionKind, Verdict
from watcher.model.settings import Settings
from watcher.ports import Database
from watcher.store import SqliteStore

A_MONTH = 80_000
"""Items that a desk with the shipped feeds reads in thirty days."""

FEEDS = 74
LANGUAGES = ("en", "en", "en", "ko", "ja", "zh", "ru", "fr")
_HIT_ONE_IN, _HITS, _LARGE_ONE_IN = 10, 20, 50
_BATCH = 2_000
_CLAIMS = (
    *(14 * (Claim.OCCURRED,)),
    Claim.THREATENED,
    Claim.THREATENED,
    Claim.SPECULATED,
    Claim.DENIED,
    Claim.IMMINENT,
    Claim.HISTORICAL,
)


def feed_name(number: int) -> str:
    """Return the id of a feed; the lower its number, the more it publishes."""
    return f"feed-{number}"


@dataclass(slots=True)
class _Event:
    """What is gathered of an incident while its hits are written."""

    name: IncidentId
    indicator: Indicator
    claim: Claim
    first: Item
    last: Item
    hits: int = 0
    owners: set[str] = field(default_factory=set)
    newest: list[Item] = field(default_factory=list)


def write_stored(folder: Path, items: int, now: datetime, indicators: str) -> None:
    """Write a data folder with so many items, the last one seen now, and the feeds file `feeds.yaml`."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        f"  - {{id: {feed_name(number)}, url: 'https://feed{number}.example/rss', owner: owner-{number}, "
        f"language: {LANGUAGES[number % len(LANGUAGES)]}}}"
        for number in range(FEEDS)
    ]
    (folder / "feeds.yaml").write_text("\n".join(("feeds:", *lines, "")), encoding="utf-8")
    listed = bootstrap.indicators_in_use(Settings(data=str(folder), indicators=indicators)).indicators
    events: dict[int, _Event] = {}
    with closing(SqliteStore.open(folder / bootstrap.DATABASE, durable=False)) as store:
        for numbers in _batches(range(items)):
            read, hits = list[Item](), list[Hit]()
            for number in numbers:
                item = _item(number, now - timedelta(days=30) / A_MONTH * (items - 1 - number))
                if number % _HIT_ONE_IN == 0:
                    hits.append(_hit_of(number // _HIT_ONE_IN, item, events, listed))
                    item = hits[-1].item
                read.append(item)
            silent = [
                Decision(
                    incident=each.incident, at=each.item.seen, reason=Reason.NOTHING_NEW, item=each.item.id
                )
                for each in hits
                if each.incident
            ]
            store.record(Cycle(items=tuple(read), hits=tuple(hits), decisions=tuple(silent)), ())
        for numbers in _batches(sorted(events)):
            _write_events(store, [events[number] for number in numbers], now)
        _write_rest(store, now)


def _batches(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    return (numbers[first : first + _BATCH] for first in range(0, len(numbers), _BATCH))


def _item(number: int, seen: datetime) -> Item:
    chance = Chance(f"item/{number}")
    feed = chance.below(FEEDS) * chance.below(FEEDS) // FEEDS
    said = story(feed, number)
    return Item(
        id=ItemId(f"{feed_name(feed)}/{said.name}"),
        feed=FeedId(feed_name(feed)),
        owner=f"owner-{feed}",
        grade=Grade.C,
        title=said.title,
        summary=said.summary,
        url=f"https://news.example/{said.name}",
        seen=seen,
        published=seen - timedelta(minutes=5),
        language=LANGUAGES[feed % len(LANGUAGES)],
        keys=ItemKeys(guid=said.name, link=f"https://news.example/{said.name}", title=said.title),
        text_hash=said.name,
    )


def _hit_of(number: int, item: Item, events: dict[int, _Event], listed: Sequence[Indicator]) -> Hit:
    chance = Chance(f"hit/{number}")
    place = max(number // _HITS - chance.below(20), 0)
    if chance.below(2):
        place -= place % _LARGE_ONE_IN
    event = events.get(place)
    if event is None:
        indicator = listed[chance.below(len(listed)) * chance.below(len(listed)) // len(listed)]
        name = IncidentId(f"{indicator.id}@{item.seen:%Y-%m-%dT%H:%M:%S}Z-{place}")
        event = events[place] = _Event(name, indicator, _CLAIMS[chance.below(len(_CLAIMS))], item, item)
    titles = [each.text for each in event.indicator.examples if each.hits and each.text]
    item = replace(item, title=f"{chance.words(titles or [event.indicator.title], 1)} - {item.title}")
    event.hits += 1
    event.last = item
    event.owners.add(item.owner)
    event.newest = [*event.newest[-19:], item]
    return Hit(
        item=item,
        indicator=event.indicator.id,
        claim=event.claim,
        severity=event.indicator.severity,
        score=1.0,
        evidence=("north korea", "missile"),
        incident=event.name,
    )


def _write_events(store: Database, events: Sequence[_Event], now: datetime) -> None:
    """Write incidents; most have alerted, and most of those were answered some hours later."""
    incidents, alerts, decisions, answers = list[Incident](), list[Alert](), list[Decision](), list[Action]()
    for event in events:
        chance = Chance(f"event/{event.name}")
        reasons = (Reason.NEW, Reason.CORROBORATED)[: (1 + (event.hits > _HITS)) * (chance.below(100) < 85)]
        told = [_alert(event, reason, place) for place, reason in enumerate(reasons)]
        alerts += told
        incidents.append(
            _incident(event, told[-1] if told else None, closed=now - event.last.seen > timedelta(days=3))
        )
        decisions += (
            Decision(incident=event.name, at=each.at, reason=each.reason, item=event.first.id, alert=each.id)
            for each in told
        )
        at = event.last.seen + timedelta(hours=2)
        if told and at < now and chance.below(10) < 9:
            verdict = Verdict.USEFUL if chance.below(4) else Verdict.NOISE
            answers.append(action_of(ActionKind.ACKNOWLEDGE, event.name, "lee", at))
            answers.append(action_of(ActionKind.VERDICT, event.name, "lee", at, value=verdict))
    alerts.sort(key=lambda each: each.at)
    store.record(
        Cycle(incidents=tuple(incidents), alerts=tuple(alerts), decisions=tuple(decisions)),
        [
            Delivery(alert=each, channel=ALERT_LOG, state=DeliveryState.DELIVERED, next_try=each.at)
            for each in alerts
        ],
    )
    for answer in answers:
        store.add_action(answer)


def _alert(event: _Event, reason: Reason, place: int) -> Alert:
    item = event.newest[0] if place else event.first
    return Alert(
        id=AlertId(f"{event.name}-{place}"),
        at=item.seen,
        kind=Kind.INCIDENT,
        reason=reason,
        indicator=event.indicator.id,
        category=event.indicator.category.value,
        severity=event.indicator.severity,
        claim=event.claim,
        level=Level.ELEVATED,
        incident=event.name,
        title=item.title,
        why=f"{event.indicator.title}, {event.claim.value} according to jcs.",
        evidence=("north korea", "missile"),
        origins=("jcs",),
        owners=len(event.owners),
        items=tuple(map(alert_item, event.newest[:5])),
    )


def _incident(event: _Event, last: Alert | None, *, closed: bool) -> Incident:
    source = IncidentSource(name="jcs", grade=Grade.C, at=event.first.seen)
    return Incident(
        id=event.name,
        family=event.indicator.id,
        indicator=event.indicator.id,
        title=event.first.title,
        opened=event.first.seen,
        updated=event.last.seen,
        severity=event.indicator.severity,
        claim=event.claim,
        step=1,
        indicators=frozenset({event.indicator.id}),
        items=event.hits,
        origins=frozenset({"jcs"}),
        owners=frozenset(event.owners),
        sightings=tuple(
            Sighting(item=each.id, wording=frozenset(each.title.casefold().split())) for each in event.newest
        ),
        confidence=Confidence.CORROBORATED,
        origin_sources=(source,),
        owner_sources=tuple(replace(source, name=each) for each in sorted(event.owners)),
        timeline=tuple(
            TimelineEntry(
                at=each.seen, item=each.id, owner=each.owner, title=each.title, new=("a publisher",)
            )
            for each in event.newest[:8]
        ),
        told=LastAlert(
            at=last.at, severity=Severity.HIGH, claim=event.claim, step=1, confidence=Confidence.CORROBORATED
        )
        if last
        else None,
        closed=event.last.seen + timedelta(days=3) if closed else None,
    )


def _write_rest(store: Database, now: datetime) -> None:
    """Write how feeds have been polled, and how the level of the problem rose and fell."""
    states = tuple(
        FeedState(
            feed=FeedId(feed_name(number)),
            next_due=now,
            last_poll=now,
            last_ok=now,
            last_new=now,
            seeded=True,
        )
        for number in range(FEEDS)
    )
    polls = tuple(
        Poll(feed=each.feed, at=now - timedelta(minutes=15 * back), status=PollStatus.OK, items=30, new=1)
        for each in states
        for back in range(20)
    )
    levels = tuple(
        LevelChange(
            subject=PROBLEM,
            since=now - timedelta(days=day),
            level=Level.ELEVATED if day % 2 else Level.WATCH,
            before=Level.WATCH if day % 2 else Level.ELEVATED,
            because=("an incident",),
        )
        for day in range(365, 0, -1)
    )
    store.record(Cycle(states=states, polls=polls, levels=levels), ())
    store.note("last_tick", now.isoformat())
