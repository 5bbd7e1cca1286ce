"""Our values to rows and back, for the tables whose columns are a value's fields.

Every row is a tuple in the order of its column list; every reader takes a row by column name.
"""

import json
import sqlite3
from datetime import datetime

from watcher.model.alerts import Alert, AlertId, Decision, Hit, IncidentId, Reason
from watcher.model.board import LevelChange
from watcher.model.language import Claim, IndicatorId, Severity
from watcher.model.news import FeedId, Grade, Hub, Item, ItemId, ItemKeys, Point, PollHints
from watcher.model.polling import FeedState, Habits, KnownItem, Poll, PollStatus
from watcher.model.review import Action, ActionKind
from watcher.model.subscription import Subscription
from watcher.store.values import from_json, moment, stamp, storable, to_json

FEED_COLUMNS = (
    "feed, next_due, etag, modified, body_hash, failures, seeded, last_poll, last_ok, last_new, error, damage, moved_to, "
    "last_failing, told_failing, told_at, last_missed, hints, habits, hub, answered"
)
POLL_COLUMNS = "feed, at, status, error, items, new, notes"
ITEM_COLUMNS = (
    "id, feed, owner, grade, title, summary, url, published, seen, language, latitude, longitude, depth, notes, "
    "key_guid, key_link, key_title, text_hash, revision"
)
HIT_COLUMNS = "item, indicator, revision, incident, claim, severity, score, evidence, cues, timing, step"
DECISION_COLUMNS = "incident, at, item, reason, alert, because"
ACTION_COLUMNS = "id, at, by, kind, target, value, why, until"
LEVEL_COLUMNS = "subject, since, level, body"
SUBSCRIPTION_COLUMNS = "feed, hub, callback, secret, asked, tries, agreed, until"
ALERT_COLUMNS = "id, at, kind, reason, severity, indicator, incident, body"

Row = tuple[str | int | float | None, ...]


def feed_row(state: FeedState) -> Row:
    """Return a feed's state as a row."""
    return (
        storable(state.feed),
        stamp(state.next_due),
        storable(state.etag),
        storable(state.modified),
        storable(state.body_hash),
        state.failures,
        state.seeded,
        _stamp(state.last_poll),
        _stamp(state.last_ok),
        _stamp(state.last_new),
        storable(state.error),
        storable(state.damage),
        storable(state.moved_to),
        _stamp(state.last_failing),
        state.told_failing,
        _stamp(state.told_at),
        _stamp(state.last_missed),
        to_json(state.hints),
        to_json(state.habits),
        to_json(state.hub),
        _stamp(state.answered),
    )


def feed_state(row: sqlite3.Row) -> FeedState:
    """Return a row as a feed's state."""
    return FeedState(
        feed=FeedId(row["feed"]),
        next_due=moment(row["next_due"]),
        etag=row["etag"],
        modified=row["modified"],
        body_hash=row["body_hash"],
        failures=row["failures"],
        seeded=bool(row["seeded"]),
        last_poll=_moment(row["last_poll"]),
        last_ok=_moment(row["last_ok"]),
        last_new=_moment(row["last_new"]),
        error=row["error"],
        damage=row["damage"],
        moved_to=row["moved_to"],
        last_failing=_moment(row["last_failing"]),
        told_failing=bool(row["told_failing"]),
        told_at=_moment(row["told_at"]),
        last_missed=_moment(row["last_missed"]),
        hints=from_json(PollHints, row["hints"]),
        habits=from_json(Habits, row["habits"]),
        hub=from_json(Hub, row["hub"]),
        called=_moment(row["called"]),
        answered=_moment(row["answered"]),
    )


def subscription_row(subscription: Subscription) -> Row:
    """Return a subscription as a row."""
    return (
        storable(subscription.feed),
        to_json(subscription.hub),
        storable(subscription.callback),
        storable(subscription.secret),
        stamp(subscription.asked),
        subscription.tries,
        _stamp(subscription.agreed),
        _stamp(subscription.until),
    )


def subscription(row: sqlite3.Row) -> Subscription:
    """Return a row as a subscription."""
    return Subscription(
        feed=FeedId(row["feed"]),
        hub=from_json(Hub, row["hub"]),
        callback=row["callback"],
        secret=row["secret"],
        asked=moment(row["asked"]),
        tries=row["tries"],
        agreed=_moment(row["agreed"]),
        until=_moment(row["until"]),
    )


def poll_row(poll: Poll) -> Row:
    """Return a poll as a row."""
    return (
        storable(poll.feed),
        stamp(poll.at),
        poll.status,
        storable(poll.error),
        poll.items,
        poll.new,
        to_json(poll.notes),
    )


def poll(row: sqlite3.Row) -> Poll:
    """Return a row as a poll."""
    return Poll(
        feed=FeedId(row["feed"]),
        at=moment(row["at"]),
        status=PollStatus(row["status"]),
        error=row["error"],
        items=row["items"],
        new=row["new"],
        notes=_texts(row["notes"]),
    )


def item_row(item: Item) -> Row:
    """Return an item as a row."""
    return (
        storable(item.id),
        storable(item.feed),
        storable(item.owner),
        item.grade,
        storable(item.title),
        storable(item.summary),
        storable(item.url),
        _stamp(item.published),
        stamp(item.seen),
        storable(item.language),
        item.point.latitude if item.point else None,
        item.point.longitude if item.point else None,
        item.point.depth if item.point else None,
        to_json(item.notes) if item.notes else "[]",
        storable(item.keys.guid),
        storable(item.keys.link),
        storable(item.keys.title),
        storable(item.text_hash),
        item.revision,
    )


def item(row: sqlite3.Row) -> Item:
    """Return a row as an item."""
    return Item(
        id=ItemId(row["id"]),
        feed=FeedId(row["feed"]),
        owner=row["owner"],
        grade=Grade(row["grade"]),
        title=row["title"],
        seen=moment(row["seen"]),
        keys=_keys(row),
        text_hash=row["text_hash"],
        summary=row["summary"],
        url=row["url"],
        published=_moment(row["published"]),
        language=row["language"],
        point=_point(row),
        notes=_texts(row["notes"]),
        revision=row["revision"],
    )


def known_item(row: sqlite3.Row) -> KnownItem:
    """Return a row of an item as what is needed to recognise it."""
    return KnownItem(
        id=ItemId(row["id"]), keys=_keys(row), text_hash=row["text_hash"], revision=row["revision"]
    )


def hit_row(hit: Hit) -> Row:
    """Return a hit as a row; its item is stored by itself."""
    return (
        storable(hit.item.id),
        storable(hit.indicator),
        hit.item.revision,
        storable(hit.incident) if hit.incident is not None else None,
        hit.claim,
        hit.severity,
        hit.score,
        to_json(hit.evidence),
        to_json(hit.cues),
        to_json(hit.timing),
        hit.step,
    )


def hit(row: sqlite3.Row) -> Hit:
    """Return a row of a hit, joined with the item it is about, as a hit."""
    return Hit(
        item=item(row),
        indicator=IndicatorId(row["indicator"]),
        claim=Claim(row["claim"]),
        severity=Severity(row["severity"]),
        score=row["score"],
        evidence=_texts(row["evidence"]),
        cues=_texts(row["cues"]),
        timing=_texts(row["timing"]),
        step=row["step"],
        incident=None if row["incident"] is None else IncidentId(row["incident"]),
    )


def decision_row(decision: Decision) -> Row:
    """Return a decision as a row."""
    alert = storable(decision.alert) if decision.alert is not None else None
    return (
        storable(decision.incident),
        stamp(decision.at),
        storable(decision.item),
        decision.reason,
        alert,
        storable(decision.because),
    )


def decision(row: sqlite3.Row) -> Decision:
    """Return a row as a decision."""
    return Decision(
        incident=IncidentId(row["incident"]),
        at=moment(row["at"]),
        reason=Reason(row["reason"]),
        item=ItemId(row["item"]),
        alert=None if row["alert"] is None else AlertId(row["alert"]),
        because=row["because"],
    )


def action_row(action: Action) -> Row:
    """Return what a reviewer did as a row."""
    said = (action.by, action.kind, action.target, action.value, action.why)
    return (storable(action.id), stamp(action.at), *map(storable, said), _stamp(action.until))


def action(row: sqlite3.Row) -> Action:
    """Return a row as what a reviewer did."""
    return Action(
        id=row["id"],
        at=moment(row["at"]),
        by=row["by"],
        kind=ActionKind(row["kind"]),
        target=row["target"],
        value=row["value"],
        why=row["why"],
        until=_moment(row["until"]),
    )


def level_row(standing: LevelChange) -> Row:
    """Return a change of the board as a row: the whole of it as JSON, and what it is looked up by."""
    return (storable(str(standing.subject)), stamp(standing.since), standing.level, to_json(standing))


def alert_row(alert: Alert) -> Row:
    """Return an alert as a row: the whole of it as JSON, and what it is looked up by."""
    return (
        storable(alert.id),
        stamp(alert.at),
        alert.kind,
        alert.reason,
        alert.severity,
        storable(alert.indicator),
        storable(alert.incident),
        to_json(alert),
    )


def alert(row: sqlite3.Row) -> Alert:
    """Return a row as an alert."""
    return from_json(Alert, row["body"])


def _stamp(moment_or_none: datetime | None) -> str | None:
    return None if moment_or_none is None else stamp(moment_or_none)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else moment(text)


def _point(row: sqlite3.Row) -> Point | None:
    return (
        None
        if row["latitude"] is None
        else Point(latitude=row["latitude"], longitude=row["longitude"], depth=row["depth"])
    )


def _keys(row: sqlite3.Row) -> ItemKeys:
    return ItemKeys(guid=row["key_guid"], link=row["key_link"], title=row["key_title"])


def _texts(found: str) -> tuple[str, ...]:
    return tuple(json.loads(found))
