"""Pruning in small steps so that nobody waits, and the database as a file: size, integrity, backup.

Nothing goes that could make an alert be given twice. A pruned item leaves its keys as numbers for good, so
that a feed that lists it again brings nothing new. An incident goes when it is closed and was last updated
before the given time; until then its items, hits and decisions stay. An alert goes with its incident, unless
a delivery is pending or dead. Actions of reviewers, the history of the board and the notes stay.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from watcher.errors import StoreError
from watcher.model.retention import Pruned
from watcher.ports import DatabaseFile, Pruning
from watcher.store import forgotten, schema, search
from watcher.store.history import HistoryTables
from watcher.store.opening import copy_database
from watcher.store.trouble import is_damage, told_as_store_error
from watcher.store.values import moment, stamp, to_json

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


class Housekeeping(HistoryTables, Pruning, DatabaseFile):
    """The database as a file: what takes room in it, and whether it is sound."""

    def oldest(self) -> datetime | None:
        row = self._row("SELECT min(seen) AS seen FROM items")
        return moment(row["seen"]) if row and row["seen"] else None

    def prune(self, before: datetime, after: str = "", most: int = STEP) -> Pruned:
        seen, _, row = after.partition(" ")
        asked = {"before": stamp(before), "seen": seen, "row": int(row or 0), "most": most}
        with self._writing() as connection:
            old = connection.execute(_NEXT, asked).fetchall()
            names = to_json([row["id"] for row in old])
            over = connection.execute(_OVER, {"before": stamp(before), "items": names})
            ended = to_json([name for (name,) in over])
            *_, alerts, incidents = [
                connection.execute(statement, (ended,)).rowcount for statement in _FORGET_INCIDENTS
            ]
            held = {name for (name,) in connection.execute(_STILL_HELD, (names,))}
            free = [row for row in old if row["id"] not in held]
            search.take_out(connection, [row["id"] for row in free])
            forgotten.leave(connection, free)
            connection.executemany("DELETE FROM items WHERE id = ?", [(row["id"],) for row in free])
            alerts += connection.execute(_FORGET_ALERTS, (old[-1]["seen"],)).rowcount if old else 0
        self._forget()
        return Pruned(
            items=len(free),
            incidents=incidents,
            alerts=alerts,
            after=f"{old[-1]['seen']} {old[-1]['rowid']}" if old else None,
        )

    def size(self) -> tuple[int, int]:
        with self._reading() as connection:
            pages, free, page = (
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("page_count", "freelist_count", "page_size")
            )
        return pages * page, free * page

    def give_back(self, pages: int = PAGES) -> int:
        with self._alone() as connection:
            connection.executescript(f"PRAGMA incremental_vacuum({pages})")  # `execute` would stop after one
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            return int(connection.execute("PRAGMA freelist_count").fetchone()[0])

    def compact(self) -> None:
        with self._alone() as connection:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def counts(self) -> Mapping[str, int]:
        query = "SELECT count(*) FROM {}"
        with self._reading() as connection:
            return {table: connection.execute(query.format(table)).fetchone()[0] for table in schema.TABLES}

    def integrity(self) -> list[str]:
        with self._reading() as connection:
            if broken := list(_broken_pages(connection)):
                return broken  # the next question would only stumble over the same pages
            orphans = connection.execute("PRAGMA foreign_key_check")
            return [
                f"a row of {table} refers to a missing row of {parent}" for table, _, parent, _ in orphans
            ]

    def backup(self, to: Path) -> None:
        if to.exists():
            raise StoreError(f"{to}: exists already; name a file that does not")
        with told_as_store_error(to):
            copy_database(self.path, to)


def _broken_pages(connection: sqlite3.Connection) -> Iterator[str]:
    try:
        yield from (row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok")
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        yield str(error)  # the check itself gave up: that is its finding
