"""Questions in, what was recorded out."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from watcher.model.alerts import NAMED, Alert, AlertId, Decision, Firing, Hit, Incident, IncidentId
from watcher.model.board import LevelChange
from watcher.model.language import IndicatorId, Severity
from watcher.model.news import FeedId, Item, ItemId, ItemKeys
from watcher.model.polling import FeedState, KnownItem, Poll
from watcher.model.review import Action, TrackRecord, Verdict
from watcher.model.subscription import Subscription
from watcher.store import pruning, rows, schema
from watcher.store.trouble import is_damage
from watcher.store.values import from_json, moment, stamp, storable

Body = TypeVar("Body")

# Three lookups by index; UNION drops an item that is found by more than one key.
_KNOWN = " UNION ".join(
    f"""SELECT id, key_guid, key_link, key_title, text_hash, revision FROM items
    WHERE feed = :feed AND key_{key} IN (SELECT value FROM json_each(:{key}))"""  # noqa: S608  our own words only
    for key in ("guid", "link", "title")
)
_OPEN = "SELECT id, version FROM incidents WHERE updated >= ? ORDER BY opened, id"
_HELD = "SELECT body FROM incidents WHERE held IS NOT NULL ORDER BY opened, id"
_UNCLOSED = "SELECT body FROM incidents WHERE closed IS NULL AND updated < ? ORDER BY opened, id"
_SPOKEN = "SELECT severity, count(*) FROM alerts WHERE kind = 'incident' AND at >= ? GROUP BY severity"
_BODY = "SELECT id, version, body FROM incidents WHERE id = ?"
_HIT_PARTS = tuple(
    f"""SELECT {table}.*, indicator, incident, claim, severity, score, evidence, cues, timing, step
    FROM hits JOIN {table} ON {table}.id = hits.item AND {table}.revision = hits.revision"""  # noqa: S608  our own words only
    for table in ("items", "revisions")
)
_HITS = " UNION ALL ".join(f"{part} WHERE incident = :incident" for part in _HIT_PARTS)
_HITS_ON = (
    " UNION ALL ".join(f"{part} WHERE item IN (SELECT value FROM json_each(:items))" for part in _HIT_PARTS)  # noqa: S608
    + " ORDER BY id, revision, indicator"
)
_OPENINGS = """
    SELECT indicator, count(*) AS count, max(at) AS last FROM alerts
    WHERE kind = 'incident' AND reason = 'new' AND at >= ? GROUP BY indicator
"""
# The last word of the reviewers about each incident, counted for the indicator that opened it.
_VERDICTS = """
    SELECT indicator, value, count(*) AS count
    FROM (SELECT target, value, max(seq) FROM actions WHERE kind = 'verdict' GROUP BY target) AS said
    JOIN alerts ON alerts.incident = said.target AND alerts.kind = 'incident' AND alerts.reason = 'new' AND alerts.at >= ?
    GROUP BY indicator, value
"""
# The last word about a target is the one that was stored last. A mute that was lifted, or anything that has
# run out, holds no more; it is needed only beside what was said of the same target since, because a clock
# that was set back may have stored it later than that.
_IN_FORCE = """
    SELECT * FROM actions INDEXED BY actions_by_time WHERE at >= :since
    UNION ALL
    SELECT * FROM actions WHERE seq IN (
        SELECT max(seq) FROM actions INDEXED BY actions_that_last
        WHERE kind IN ('mute', 'unmute', 'override') AND at < :since GROUP BY kind = 'override', target
    ) AND (
        (kind <> 'unmute' AND (until IS NULL OR until > :since))
        OR target IN (SELECT target FROM actions INDEXED BY actions_by_time WHERE at >= :since)
    ) ORDER BY seq
"""
_BOARD = "SELECT body FROM levels WHERE seq IN (SELECT max(seq) FROM levels GROUP BY subject) ORDER BY seq"
_LEVELS = "SELECT body FROM levels WHERE since >= ? ORDER BY seq"
_FIRINGS = """
    SELECT DISTINCT hits.indicator, incidents.id, incidents.opened, json_extract(incidents.body, '$.title') AS title
    FROM hits JOIN incidents ON incidents.id = hits.incident
    WHERE hits.indicator IN (SELECT value FROM json_each(?)) AND hits.claim = 'occurred' AND hits.score >= ? AND incidents.opened >= ?
    ORDER BY incidents.opened, incidents.id, hits.indicator
"""
_LATEST_POLLS = "SELECT *, max(at) FROM polls GROUP BY feed"


def states(connection: sqlite3.Connection) -> Mapping[FeedId, FeedState]:
    """Return the state of every feed ever polled."""
    found = map(rows.feed_state, connection.execute("SELECT * FROM feeds"))
    return {state.feed: state for state in found}


def known(connection: sqlite3.Connection, feed: FeedId, keys: Sequence[ItemKeys]) -> list[KnownItem]:
    """Return the items of a feed that share a non-empty key with any of `keys`, also those that were taken out since."""
    wanted = {
        "feed": storable(feed),
        "guid": _listed(key.guid for key in keys),
        "link": _listed(key.link for key in keys),
        "title": _listed(key.title for key in keys),
    }
    stored = [rows.known_item(row) for row in connection.execute(_KNOWN, wanted)]
    return [*stored, *pruning.forgotten(connection, feed, keys)]


class IncidentReader(Generic[Body]):
    """Reads incidents, or the part of them that a type has, and keeps the last ones decoded: every poll asks for the same open ones."""

    def __init__(self, kind: type[Body]) -> None:
        self._kind = kind
        self._decoded: dict[str, tuple[int, Body]] = {}

    def open_since(self, connection: sqlite3.Connection, since: datetime) -> list[Body]:
        """Return the incidents updated at or after `since`, the first opened first."""
        wanted = connection.execute(_OPEN, (stamp(since),)).fetchall()
        changed = [name for name, version in wanted if self._version(name) != version]
        decoded = self._decoded | self._decode(connection, changed)
        self._decoded = {
            name: decoded[name] for name, _ in wanted if name in decoded
        }  # another process may have deleted one
        return [incident for _, incident in self._decoded.values()]

    def _version(self, name: str) -> int:
        return self._decoded[name][0] if name in self._decoded else 0

    def _decode(self, connection: sqlite3.Connection, names: Sequence[str]) -> dict[str, tuple[int, Body]]:
        found = (row for name in names for row in connection.execute(_BODY, (name,)))
        return {name: (version, from_json(self._kind, body)) for name, version, body in found}


def held_incidents(connection: sqlite3.Connection) -> list[Incident]:
    """Return the incidents that wait to be summed up, the first opened first."""
    return [from_json(Incident, row["body"]) for row in connection.execute(_HELD)]


def unclosed_incidents(connection: sqlite3.Connection, before: datetime) -> list[Incident]:
    """Return the incidents that nobody has closed and nothing has joined since `before`, the first opened first."""
    return [from_json(Incident, row["body"]) for row in connection.execute(_UNCLOSED, (stamp(before),))]


class BoardReader:
    """Reads how the board stands and keeps it until it changes, because every round of polls asks."""

    def __init__(self) -> None:
        self._newest = 0
        self._board: tuple[LevelChange, ...] = ()

    def stands(self, connection: sqlite3.Connection) -> tuple[LevelChange, ...]:
        """Return how every subject stands: its last change, in the order of these."""
        (newest,) = connection.execute("SELECT coalesce(max(seq), 0) FROM levels").fetchone()
        if newest != self._newest:
            self._board = tuple(from_json(LevelChange, row["body"]) for row in connection.execute(_BOARD))
            self._newest = newest
        return self._board


def levels(connection: sqlite3.Connection, since: datetime) -> list[LevelChange]:
    """Return how the board changed at or after `since`, oldest first."""
    return [from_json(LevelChange, row["body"]) for row in connection.execute(_LEVELS, (stamp(since),))]


def spoken(connection: sqlite3.Connection, since: datetime) -> Mapping[Severity, int]:
    """Return how many alerts about incidents there were at or after `since`, by severity."""
    return {Severity(severity): count for severity, count in connection.execute(_SPOKEN, (stamp(since),))}


def alert_counts(connection: sqlite3.Connection) -> Mapping[tuple[str, Severity], int]:
    """Return how many alerts there are, by kind and severity."""
    found = connection.execute("SELECT kind, severity, count(*) FROM alerts GROUP BY kind, severity")
    return {(kind, Severity(severity)): count for kind, severity, count in found}


def incident(connection: sqlite3.Connection, wanted: IncidentId) -> Incident | None:
    """Return one incident."""
    row = connection.execute(_BODY, (storable(wanted),)).fetchone()
    return from_json(Incident, row["body"]) if row else None


def track_records(connection: sqlite3.Connection, since: datetime) -> Mapping[IndicatorId, TrackRecord]:
    """Return how every indicator has done since a moment, or since the first alert if that is later."""
    earliest = stamp(since)
    (first,) = connection.execute("SELECT min(at) FROM alerts WHERE at >= ?", (earliest,)).fetchone()
    if first is None:
        return {}
    verdicts = Counter(
        {(row["indicator"], row["value"]): row["count"] for row in connection.execute(_VERDICTS, (earliest,))}
    )
    return {
        IndicatorId(row["indicator"]): TrackRecord(
            since=moment(first),
            openings=row["count"],
            last=moment(row["last"]),
            useful=verdicts[row["indicator"], Verdict.USEFUL],
            noise=verdicts[row["indicator"], Verdict.NOISE],
        )
        for row in connection.execute(_OPENINGS, (earliest,))
    }


def firings(
    connection: sqlite3.Connection, indicators: Sequence[IndicatorId], since: datetime
) -> list[Firing]:
    """Return the firings of some indicators, in the incident that opened first before others."""
    return [
        Firing(
            indicator=IndicatorId(row["indicator"]),
            incident=IncidentId(row["id"]),
            at=moment(row["opened"]),
            title=row["title"],
        )
        for row in connection.execute(_FIRINGS, (_listed(indicators), NAMED, stamp(since)))
    ]


def actions(connection: sqlite3.Connection) -> list[Action]:
    """Return what reviewers did, oldest first."""
    return [rows.action(row) for row in connection.execute("SELECT * FROM actions ORDER BY seq")]


def actions_in_force(connection: sqlite3.Connection, since: datetime) -> list[Action]:
    """Return what reviewers did at or after `since`, and what they muted or overrode before and still holds then, oldest first."""
    return [rows.action(row) for row in connection.execute(_IN_FORCE, {"since": stamp(since)})]


def subscriptions(connection: sqlite3.Connection) -> list[Subscription]:
    """Return what hubs were asked for, by feed."""
    return [rows.subscription(row) for row in connection.execute("SELECT * FROM subscriptions ORDER BY feed")]


def alert(connection: sqlite3.Connection, wanted: AlertId) -> Alert | None:
    """Return one alert."""
    row = connection.execute("SELECT body FROM alerts WHERE id = ?", (storable(wanted),)).fetchone()
    return rows.alert(row) if row else None


def alerts(
    connection: sqlite3.Connection, since: datetime | None, limit: int, least: Severity
) -> list[Alert]:
    """Return the newest alerts, newest first, of this severity and above."""
    earliest = stamp(since) if since else ""
    asked = "SELECT body FROM alerts WHERE at >= ? AND severity >= ? ORDER BY at DESC, seq DESC LIMIT ?"
    found = connection.execute(asked, (earliest, least, limit))
    return [rows.alert(row) for row in found]


def item(connection: sqlite3.Connection, wanted: ItemId) -> Item | None:
    """Return the newest revision of an item."""
    row = connection.execute("SELECT * FROM items WHERE id = ?", (storable(wanted),)).fetchone()
    return rows.item(row) if row else None


def items(connection: sqlite3.Connection) -> list[Item]:
    """Return the newest revision of every item, in the order in which they were seen."""
    return [rows.item(row) for row in connection.execute("SELECT * FROM items ORDER BY seen, id")]


def hits(connection: sqlite3.Connection, incident: IncidentId) -> list[Hit]:
    """Return the hits of an incident, each with its item as it stood then, oldest first."""
    return [
        rows.hit(row)
        for row in connection.execute(
            f"{_HITS} ORDER BY seen, id, revision, indicator", {"incident": storable(incident)}
        )
    ]


def hits_on(connection: sqlite3.Connection, items: Sequence[ItemId]) -> Mapping[ItemId, Sequence[Hit]]:
    """Return the hits of items, all revisions of each, oldest first; an item without one is not in it."""
    found: dict[ItemId, list[Hit]] = {}
    for row in connection.execute(_HITS_ON, {"items": _listed(items)}):
        found.setdefault(ItemId(row["id"]), []).append(rows.hit(row))
    return found


def decisions(connection: sqlite3.Connection, incident: IncidentId) -> list[Decision]:
    """Return what was decided about an incident, oldest first."""
    found = connection.execute(
        "SELECT * FROM decisions WHERE incident = ? ORDER BY at, rowid", (storable(incident),)
    )
    return [rows.decision(row) for row in found]


def polls(connection: sqlite3.Connection, feed: FeedId, limit: int) -> list[Poll]:
    """Return the newest polls of a feed, newest first."""
    found = connection.execute(
        "SELECT * FROM polls WHERE feed = ? ORDER BY at DESC LIMIT ?", (storable(feed), limit)
    )
    return [rows.poll(row) for row in found]


def latest_polls(connection: sqlite3.Connection) -> Mapping[FeedId, Poll]:
    """Return the newest poll of every feed."""
    found = map(rows.poll, connection.execute(_LATEST_POLLS))
    return {poll.feed: poll for poll in found}


def noted(connection: sqlite3.Connection, name: str) -> str:
    """Return a remembered value, or an empty string."""
    row = connection.execute("SELECT value FROM notes WHERE name = ?", (storable(name),)).fetchone()
    return str(row["value"]) if row else ""


def counts(connection: sqlite3.Connection) -> Mapping[str, int]:
    """Return the number of rows of every table."""
    query = "SELECT count(*) FROM {}"
    return {table: connection.execute(query.format(table)).fetchone()[0] for table in schema.TABLES}


def damage(connection: sqlite3.Connection) -> list[str]:
    """Return what is wrong inside the database; nothing when it is sound."""
    if broken := list(_broken_pages(connection)):
        return broken  # the next question would only stumble over the same pages
    orphans = connection.execute("PRAGMA foreign_key_check")
    return [f"a row of {table} refers to a missing row of {parent}" for table, _, parent, _ in orphans]


def _broken_pages(connection: sqlite3.Connection) -> Iterator[str]:
    try:
        yield from (row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok")
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        yield str(error)  # the check itself gave up: that is its finding


def _listed(keys: Iterable[str]) -> str:
    return json.dumps(sorted({storable(key) for key in keys if key}))
