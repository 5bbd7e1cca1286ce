"""The old and the new name of an indicator in, what was recorded under the old one moved to the new one."""

import sqlite3
from dataclasses import replace

from watcher.alerting.renaming import renamed_action, renamed_alert, renamed_incident, renamed_level
from watcher.model.alerts import Alert, Incident
from watcher.model.board import LevelChange
from watcher.model.language import IndicatorId
from watcher.store import rows
from watcher.store.values import from_json, storable, to_json

_HITS = "UPDATE OR IGNORE hits SET indicator = :new WHERE indicator = :old"
_HEARD = "UPDATE OR IGNORE heard SET indicator = :new WHERE indicator = :old"
_ACTIONS = "SELECT seq, * FROM actions WHERE target IN (:old, 'indicator:' || :old)"
_LEVELS = "SELECT seq, body FROM levels WHERE subject = 'indicator:' || :old"
_INCIDENTS = "SELECT id, body FROM incidents WHERE instr(body, :quoted)"
_ALERTS = "SELECT seq, body FROM alerts WHERE instr(body, :quoted)"


def rename(connection: sqlite3.Connection, old: IndicatorId, new: IndicatorId) -> None:
    """Move hits, incidents, alerts, actions, levels and days heard; the caller holds the transaction."""
    names = {"old": storable(old), "new": storable(new), "quoted": f'"{storable(old)}"'}
    connection.execute(_HITS, names)
    connection.execute(_HEARD, names)
    for row in connection.execute(_ACTIONS, names).fetchall():
        target = renamed_action(rows.ACTION.value(row), old, new).target
        connection.execute("UPDATE actions SET target = ? WHERE seq = ?", (storable(target), row["seq"]))
    for row in connection.execute(_LEVELS, names).fetchall():
        change = renamed_level(from_json(LevelChange, row["body"]), old, new)
        level = (storable(str(change.subject)), to_json(change), row["seq"])
        connection.execute("UPDATE OR IGNORE levels SET subject = ?, body = ? WHERE seq = ?", level)
    for row in connection.execute(_INCIDENTS, names).fetchall():
        incident = renamed_incident(from_json(Incident, row["body"]), old, new)
        changed = replace(incident, version=incident.version + 1)
        written = (to_json(changed), changed.version, row["id"])
        connection.execute("UPDATE incidents SET body = ?, version = ? WHERE id = ?", written)
    for row in connection.execute(_ALERTS, names).fetchall():
        alert = renamed_alert(from_json(Alert, row["body"]), old, new)
        given = (storable(alert.indicator), to_json(alert), row["seq"])
        connection.execute("UPDATE alerts SET indicator = ?, body = ? WHERE seq = ?", given)
