"""Values for tests, with everything a test does not care about filled in."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from watcher.config import load_cues, load_vocabulary, read_indicators
from watcher.model.alerts import (
    Alert,
    AlertId,
    AlertItem,
    ChannelId,
    Confidence,
    Context,
    Delivery,
    DigestEntry,
    Held,
    Hit,
    Incident,
    IncidentId,
    Kind,
    Level,
    Reason,
    Sighting,
)
from watcher.model.board import Sign
from watcher.model.language import Claim, IndicatorId, IndicatorList, Severity
from watcher.model.news import Feed, FeedId, Grade, Item, ItemId, ItemKeys

NO_CONTEXT = Context()
VOCABULARY = load_vocabulary()
NOON = datetime(2026, 10, 10, 12, 0, tzinfo=UTC)


def an_entry(
    title: str = "North Korea fires suspected ICBM",
    *,
    severity: Severity = Severity.CRITICAL,
    alerts: tuple[str, ...] = ("a1",),
) -> DigestEntry:
    """Return a story of a digest, first told at noon and last an hour later."""
    return DigestEntry(
        incident=f"incident of {title}",
        indicator="ICBM test",
        severity=severity,
        title=title,
        reason=Reason.ESCALATED,
        first=NOON,
        last=NOON + timedelta(hours=1),
        alerts=tuple(map(AlertId, alerts)),
    )


def posted(alerts: Iterable[Alert], *channels: str, next_try: datetime | None = None) -> tuple[Delivery, ...]:
    """Return the deliveries of alerts to channels, each due at once unless another time is named."""
    return tuple(
        Delivery(alert=alert, channel=ChannelId(channel), next_try=next_try or alert.at)
        for alert in alerts
        for channel in channels
    )


def an_alert_item(
    title: str,
    *,
    feed: str = "wire-en",
    owner: str = "wire",
    url: str = "https://wire.example/1",
    minutes: float = 0,
) -> AlertItem:
    """Return an item as an alert shows it, seen some minutes after noon, published two minutes earlier."""
    seen = NOON + timedelta(minutes=minutes)
    return AlertItem(
        id=ItemId(f"{feed}/{title}"),
        feed=feed,
        owner=owner,
        title=title,
        url=url,
        published=seen - timedelta(minutes=2),
        seen=seen,
        lang="en",
    )


def an_alert(
    title: str = "North Korea fires suspected ICBM, Seoul says",
    *,
    alert_id: str = "a1",
    at: datetime = NOON,
    why: str = "New: ICBM test, occurred according to jcs.",
    evidence: tuple[str, ...] = ("north korea", "icbm", "fires"),
    items: tuple[AlertItem, ...] | None = None,
    context: Context = NO_CONTEXT,
    incident: str = "icbm-launch@2026-10-10T12:00:00Z",
) -> Alert:
    """Return an alert about a suspected ICBM test."""
    return Alert(
        id=AlertId(alert_id),
        at=at,
        kind=Kind.INCIDENT,
        reason=Reason.NEW,
        indicator="icbm-launch",
        category="provocation",
        severity=Severity.CRITICAL,
        claim=Claim.OCCURRED,
        level=Level.CRITICAL,
        incident=incident,
        title=title,
        why=why,
        evidence=evidence,
        origins=("jcs",),
        owners=1,
        items=(an_alert_item(title),) if items is None else items,
        context=context,
    )


def an_item(
    title: str,
    summary: str = "",
    *,
    feed: str = "wire-en",
    owner: str = "wire",
    grade: Grade = Grade.C,
    guid: str = "",
    link: str = "",
    language: str = "",
    published: datetime | None = None,
    minutes: float = 0,
    revision: int = 0,
) -> Item:
    """Return an item seen some minutes after noon; without a guid its title is one."""
    return Item(
        id=ItemId(f"{feed}/{guid or title}"),
        feed=FeedId(feed),
        owner=owner,
        grade=grade,
        title=title,
        summary=summary,
        seen=NOON + timedelta(minutes=minutes),
        published=published,
        language=language,
        keys=ItemKeys(guid=guid or title, link=link, title=title.casefold()),
        text_hash=f"hash of {title}{summary}",
        revision=revision,
    )


def a_hit(
    item: Item, *, indicator: str = "icbm-launch", incident: str | None = "i1", score: float = 1.0
) -> Hit:
    """Return a hit of an indicator in an item, joined to an incident."""
    return Hit(
        item=item,
        indicator=IndicatorId(indicator),
        claim=Claim.OCCURRED,
        severity=Severity.CRITICAL,
        score=score,
        evidence=("north korea", "icbm"),
        incident=IncidentId(incident) if incident else None,
    )


def an_incident(
    incident_id: str = "i1", *, items: tuple[Item, ...] = (), minutes: float = 0, seeding: bool = False
) -> Incident:
    """Return an incident opened at noon and updated some minutes later."""
    sightings = tuple(Sighting(item=item.id, wording=frozenset(item.title.split())) for item in items)
    return Incident(
        id=IncidentId(incident_id),
        family="missile",
        indicator=IndicatorId("icbm-launch"),
        title="North Korea fires suspected ICBM, Seoul says",
        opened=NOON,
        updated=NOON + timedelta(minutes=minutes),
        severity=Severity.CRITICAL,
        claim=Claim.OCCURRED,
        step=4,
        indicators=frozenset({IndicatorId("icbm-launch")}),
        items=len(items),
        origins=frozenset({"jcs"}),
        owners=frozenset({"wire"}),
        sightings=sightings,
        held=Held(reason=Reason.SEEDING, since=NOON) if seeding else None,
    )


def a_feed(feed: str = "wire-en", *, url: str = "https://wire.example/feed.xml", language: str = "") -> Feed:
    """Return a feed of an outlet."""
    return Feed(id=FeedId(feed), url=url, owner="wire", language=language)


def rss(
    *items: str, head: str = "<title>Wire</title><link>https://wire.example/</link>", declaration: str = ""
) -> str:
    """Return an RSS 2.0 document around the insides of its items."""
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f'{declaration}<rss version="2.0"><channel>{head}{inside}</channel></rss>'


def a_list(text: str, *, terminators: tuple[str, ...] = ()) -> IndicatorList:
    """Return an indicator list as an analyst writes it, with only the cues written in it, no shipped ones."""
    listed = read_indicators(text.encode(), "i.yaml")
    return replace(listed, cues=listed.cues[len(load_cues()[0]) :], terminators=terminators)


def a_sign(
    indicator: str,
    name: str = "",
    *,
    severity: Severity = Severity.HIGH,
    claim: Claim = Claim.OCCURRED,
    minutes: float = 0,
) -> Sign:
    """Return a corroborated incident of an indicator as the board knows it, updated minutes after noon."""
    title = name or f"Something of {indicator}"
    return Sign(
        id=IncidentId(f"{indicator}/{title}"),
        indicator=IndicatorId(indicator),
        indicators=frozenset({IndicatorId(indicator)}),
        title=title,
        severity=severity,
        claim=claim,
        confidence=Confidence.CORROBORATED,
        denied=False,
        updated=NOON + timedelta(minutes=minutes),
    )
