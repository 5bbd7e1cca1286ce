"""Pruning in small steps so that nobody waits.

Nothing goes that could make an alert be given twice. A pruned item leaves its keys as numbers for good, so
that a feed that lists it again brings nothing new. An incident goes when it is closed and was last updated
before the given time; until then its items, hits and decisions stay. An alert goes with its incident, unless
a delivery is pending or dead. Actions of reviewers, the history of the board and the notes stay.
"""

from datetime import datetime

from watcher.model.retention import Pruned
from watcher.store import forgotten
from watcher.store.history import HistoryTables
from watcher.store.values import moment, stamp, to_json

STEP = 100
"""Items looked at in one transaction: mostly less than a tenth of a second."""

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


class PruningTables(HistoryTables):
    """How old what is stored is, and how it goes."""

    def oldest(self) -> datetime | None:
        row = self._row("SELECT min(seen) AS seen FROM items")
        return moment(row["seen"]) if row and row["seen"] else None

    def prune(self, before: datetime, after: str = "", most: int = STEP) -> Pruned:
        seen, _, row = after.partition(" ")
        asked = {"before": stamp(before), "seen": seen, "row": int(row or 0), "most": most}
        with self._numbering() as connection:  # not beside those who record what refers to it
            old = connection.execute(_NEXT, asked).fetchall()
            names = to_json([row["id"] for row in old])
            over = connection.execute(_OVER, {"before": stamp(before), "items": names})
            ended = to_json([name for (name,) in over])
            *_, alerts, incidents = [
                connection.execute(statement, (ended,)).rowcount for statement in _FORGET_INCIDENTS
            ]
            held = {name for (name,) in connection.execute(_STILL_HELD, (names,))}
            free = [row for row in old if row["id"] not in held]
            self._engine.words.take_out(connection, [row["id"] for row in free])
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
