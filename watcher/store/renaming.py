"""The old and the new name of an indicator in, what was recorded under the old one moved to the new one."""

from dataclasses import replace

from watcher.alerting.renaming import renamed_action, renamed_alert, renamed_incident, renamed_level
from watcher.model.alerts import Alert, Incident
from watcher.model.board import LevelChange
from watcher.model.language import IndicatorId
from watcher.store import rows
from watcher.store.engine import Connection
from watcher.store.values import from_json, storable, to_json

_HITS = """
    UPDATE hits SET indicator = :new WHERE indicator = :old
        AND (item, revision) NOT IN (SELECT item, revision FROM hits WHERE indicator = :new)
"""
_HEARD = """
    UPDATE heard SET indicator = :new WHERE indicator = :old
        AND day NOT IN (SELECT day FROM heard WHERE indicator = :new)
"""
_ACTIONS = "SELECT * FROM actions WHERE target IN (:old, 'indicator:' || :old)"
_RENAME_LEVEL = """
    UPDATE levels SET subject = :subject, body = :body WHERE seq = :seq AND NOT EXISTS (
        SELECT 1 FROM levels AS other
        WHERE other.subject = :subject AND other.since = levels.since AND other.level = levels.level
    )
"""
_LEVELS = "SELECT seq, body FROM levels WHERE subject = 'indicator:' || :old"
_INCIDENTS = "SELECT id, body FROM incidents WHERE instr(body, :quoted) > 0"
_ALERTS = "SELECT seq, body FROM alerts WHERE instr(body, :quoted) > 0"


def rename(connection: Connection, old: IndicatorId, new: IndicatorId) -> None:
    """Move hits, incidents, alerts, actions, levels and days heard; the caller holds the transaction."""
    names = {"old": storable(old), "new": storable(new), "quoted": f'"{storable(old)}"'}
    connection.execute(_HITS, names)
    connection.execute(_HEARD, names)
    for row in connection.execute(_ACTIONS, names).fetchall():
        target = renamed_action(rows.ACTION.value(row), old, new).target
        connection.execute("UPDATE actions SET target = ? WHERE seq = ?", (storable(target), row["seq"]))
    for row in connection.execute(_LEVELS, names).fetchall():
        change = renamed_level(from_json(LevelChange, row["body"]), old, new)
        level = {"subject": storable(str(change.subject)), "body": to_json(change), "seq": row["seq"]}
        connection.execute(_RENAME_LEVEL, level)
    for row in connection.execute(_INCIDENTS, names).fetchall():
        incident = renamed_incident(from_json(Incident, row["body"]), old, new)
        changed = replace(incident, version=incident.version + 1)
        written = (to_json(changed), changed.version, row["id"])
        connection.execute("UPDATE incidents SET body = ?, version = ? WHERE id = ?", written)
    for row in connection.execute(_ALERTS, names).fetchall():
        alert = renamed_alert(from_json(Alert, row["body"]), old, new)
        given = (storable(alert.indicator), to_json(alert), row["seq"])
        connection.execute("UPDATE alerts SET indicator = ?, body = ? WHERE seq = ?", given)
