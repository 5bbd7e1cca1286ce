"""What a reviewer merged or split in, what was recorded of the incidents moved to where it belongs out."""

from collections.abc import Iterable
from dataclasses import replace

from watcher.errors import ConflictError
from watcher.model.alerts import Alert, Incident
from watcher.model.polling import Regrouping
from watcher.store.engine import Connection
from watcher.store.values import from_json, storable, to_json

_REMOVE = "DELETE FROM incidents WHERE id = :part AND version = :version"
_FOLLOW = (
    """DELETE FROM decisions WHERE incident = :whole
        AND (at, item, reason) IN (SELECT at, item, reason FROM decisions WHERE incident = :part)""",
    "UPDATE decisions SET incident = :whole WHERE incident = :part",
    "UPDATE actions SET target = :whole WHERE target = :part",
    "UPDATE parts SET incident = :whole WHERE incident = :part",
    """INSERT INTO parts (part, incident) VALUES (:part, :whole)
        ON CONFLICT (part) DO UPDATE SET incident = excluded.incident""",
)
_STANDS = "DELETE FROM parts WHERE part = ?"
_ALERT = "SELECT body FROM alerts WHERE id = ?"
_MOVE_ALERT = "UPDATE alerts SET incident = ?, body = ? WHERE id = ?"


def regroup(connection: Connection, change: Regrouping, written: Iterable[Incident]) -> None:
    """Move decisions, answers and alerts with what was regrouped; the caller holds the transaction.

    `written` are the incidents that now stand by themselves.

    Raises:
        ConflictError: the merged incident has changed since it was read.
    """
    connection.executemany(_STANDS, [(storable(incident.id),) for incident in written])
    if change.merged and change.into:
        names = {"part": storable(change.merged.id), "whole": storable(change.into)}
        for statement in _FOLLOW:
            connection.execute(statement, names)
        removed = connection.execute(_REMOVE, names | {"version": change.merged.version})
        if not removed.rowcount:
            raise ConflictError(f"incident {change.merged.id}")
    for name, incident in change.alerts.items():
        row = connection.execute(_ALERT, (storable(name),)).fetchone()
        if row:
            moved = replace(from_json(Alert, row["body"]), incident=incident)
            connection.execute(_MOVE_ALERT, (storable(incident), to_json(moved), storable(name)))
