"""A moment in, what lies before it taken out of the database, a little at a time, so that nobody waits; what must stay stays.

What must stay is what could make somebody be told twice. An item that goes leaves its keys behind, as
numbers, for good: a feed that still lists it, or lists it again after a year, brings nothing new. An incident
goes when the judge has closed it and nothing has joined it since the moment; until then its items, hits and
decisions stay whole. An alert goes with its incident, unless a channel is still owed it, or was never given
it. What reviewers did, how the board stood and what the service remembers of itself stay.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b

from watcher.model.news import FeedId, ItemId, ItemKeys
from watcher.model.polling import KnownItem
from watcher.model.retention import Pruned
from watcher.store import search
from watcher.store.values import moment, stamp, storable, to_json

STEP = 100
"""Items looked at in one transaction: mostly less than a tenth of a second."""

PAGES = 500
"""Pages given back at a time."""

_NEXT = """
    SELECT rowid, id, feed, seen, key_guid, key_link, key_title, text_hash, revision FROM items
    WHERE seen < :before AND (seen, rowid) > (:seen, :row) ORDER BY seen, rowid LIMIT :most
"""
_OVER = """
    SELECT id FROM incidents WHERE updated < :before AND closed IS NOT NULL AND held IS NULL
        AND id IN (SELECT incident FROM hits WHERE item IN (SELECT value FROM json_each(:items)))
        AND NOT EXISTS (SELECT 1 FROM alerts JOIN deliveries ON deliveries.alert = alerts.seq
            WHERE alerts.incident = incidents.id AND state <> 'delivered')
"""
_STILL_HELD = (
    "SELECT DISTINCT item FROM hits WHERE incident IS NOT NULL AND item IN (SELECT value FROM json_each(?))"
)
_FORGET_INCIDENTS = tuple(
    f"DELETE FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))"  # noqa: S608  our own words only
    for table, column in (
        ("hits", "incident"),
        ("decisions", "incident"),
        ("alerts", "incident"),
        ("incidents", "id"),
    )
)
_FORGET_ALERTS = """
    DELETE FROM alerts WHERE at < ? AND NOT EXISTS (SELECT 1 FROM incidents WHERE id = alerts.incident)
        AND NOT EXISTS (SELECT 1 FROM deliveries WHERE alert = alerts.seq AND state <> 'delivered')
"""
_LEAVE_KEYS = (
    "INSERT OR REPLACE INTO forgotten (id, guid, link, title, text_hash, revision) VALUES (?, ?, ?, ?, ?, ?)"
)
_FORGOTTEN = " UNION ".join(
    f"SELECT * FROM forgotten WHERE {key} IN (SELECT value FROM json_each(:{key}))"  # noqa: S608  our own words only
    for key in ("guid", "link", "title")
)


def prune(connection: sqlite3.Connection, before: datetime, after: str, most: int) -> Pruned:
    """Take out what may go of the next `most` items after a place, the oldest first; the next call begins at `Pruned.after`."""
    seen, _, row = after.partition(" ")
    old = connection.execute(
        _NEXT, {"before": stamp(before), "seen": seen, "row": int(row or 0), "most": most}
    ).fetchall()
    names = to_json([row["id"] for row in old])
    over = to_json([name for (name,) in connection.execute(_OVER, {"before": stamp(before), "items": names})])
    *_, alerts, incidents = [
        connection.execute(statement, (over,)).rowcount for statement in _FORGET_INCIDENTS
    ]
    held = {name for (name,) in connection.execute(_STILL_HELD, (names,))}
    free = [row for row in old if row["id"] not in held]
    _forget_items(connection, free)
    alerts += connection.execute(_FORGET_ALERTS, (old[-1]["seen"],)).rowcount if old else 0
    return Pruned(
        items=len(free),
        incidents=incidents,
        alerts=alerts,
        after=f"{old[-1]['seen']} {old[-1]['rowid']}" if old else None,
    )


def forgotten(connection: sqlite3.Connection, feed: FeedId, keys: Sequence[ItemKeys]) -> list[KnownItem]:
    """Return what is left of the items of a feed that share a non-empty key with any of `keys`."""
    numbers = {_number(feed, key): key for each in keys for key in (each.guid, each.link, each.title) if key}
    wanted = to_json(sorted(numbers))
    found = connection.execute(_FORGOTTEN, {"guid": wanted, "link": wanted, "title": wanted})
    return [_known_item(row, numbers) for row in found]


def remember(connection: sqlite3.Connection, items: Iterable[ItemId]) -> None:
    """Drop what is left of items that are about to be stored again, with new words."""
    connection.executemany("DELETE FROM forgotten WHERE id = ?", [(storable(item),) for item in items])


def oldest(connection: sqlite3.Connection) -> datetime | None:
    """Return when the oldest item was seen."""
    (seen,) = connection.execute("SELECT min(seen) FROM items").fetchone()
    return moment(seen) if seen else None


def size(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return how many bytes the database takes, and how many of them hold nothing."""
    pages, free, page = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return pages * page, free * page


def give_back(connection: sqlite3.Connection, pages: int) -> int:
    """Move up to some free pages to the end of the file and cut them off; return how many are left."""
    connection.executescript(f"PRAGMA incremental_vacuum({pages})")  # `execute` would stop after one page
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return int(connection.execute("PRAGMA freelist_count").fetchone()[0])


def compact(connection: sqlite3.Connection) -> None:
    """Write the whole database anew, without gaps, able to shrink by itself from then on; nobody else may be using it."""
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def _forget_items(connection: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> None:
    search.take_out(connection, [row["id"] for row in rows])
    connection.executemany(_LEAVE_KEYS, map(_left, rows))
    connection.executemany("DELETE FROM items WHERE id = ?", [(row["id"],) for row in rows])


def _left(row: sqlite3.Row) -> tuple[object, ...]:
    keys = (row["key_guid"], row["key_link"], row["key_title"])
    numbers = (_number(row["feed"], key) if key else None for key in keys)
    return (row["id"], *numbers, row["text_hash"], row["revision"])


def _number(feed: str, key: str) -> int:
    """Return the 63 bits that stand for a key of a feed."""
    return int.from_bytes(blake2b(storable(f"{feed}\n{key}").encode(), digest_size=8).digest()) >> 1


def _known_item(row: sqlite3.Row, numbers: Mapping[int, str]) -> KnownItem:
    guid, link, title = (_key(row[name], numbers) for name in ("guid", "link", "title"))
    return KnownItem(
        id=ItemId(row["id"]),
        keys=ItemKeys(guid=guid, link=link, title=title),
        text_hash=row["text_hash"],
        revision=row["revision"],
    )


def _key(number: int | None, numbers: Mapping[int, str]) -> str:
    """Return the key that a number stands for; one that nobody asks for agrees with no other."""
    return "" if number is None else numbers.get(number, f"forgotten:{number}")
