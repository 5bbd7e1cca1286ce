"""What was recorded, asked for by people: one by one, listed, searched and counted; and what they write."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from watcher.errors import UsageError
from watcher.model.alerts import Alert, AlertId, Decision, Hit, Incident, IncidentId
from watcher.model.exported import ExportCursor, ExportPart
from watcher.model.language import Severity
from watcher.model.news import Item, ItemId
from watcher.model.review import Action
from watcher.ports import Archive, Catalogue, Exports, Notes, Reviews
from watcher.store import rows, search
from watcher.store.connection import Connected
from watcher.store.values import from_json, stamp, storable, to_json

_ALERTS = "SELECT body FROM alerts WHERE at >= ? AND severity >= ? ORDER BY at DESC, seq DESC LIMIT ?"
_HIT_PARTS = tuple(
    f"""SELECT {table}.*, indicator, incident, claim, severity, score, evidence, cues, timing, step,
        directness, actor, roles
    FROM hits JOIN {table} ON {table}.id = hits.item AND {table}.revision = hits.revision"""  # noqa: S608  our own words only
    for table in ("items", "revisions")
)
_HITS = " UNION ALL ".join(f"{part} WHERE incident = :incident" for part in _HIT_PARTS)
_HITS_ON = " UNION ALL ".join(
    f"{part} WHERE item IN (SELECT value FROM json_each(:items))"  # noqa: S608  our own words only
    for part in _HIT_PARTS
)
_DECISIONS = "SELECT * FROM decisions WHERE incident = :incident ORDER BY at DESC, rowid DESC"
_ALERTS_AFTER = "SELECT seq, body FROM alerts WHERE seq > ? AND at >= ? ORDER BY seq LIMIT ?"
_CLOSED_AFTER = """
    SELECT seq, body FROM closings JOIN incidents ON incidents.id = closings.incident
    WHERE seq > ? AND closed >= ? AND told_at IS NOT NULL ORDER BY seq LIMIT ?
"""
_INCIDENT = """
    SELECT body FROM incidents WHERE id = coalesce((SELECT incident FROM parts WHERE part = :name), :name)
"""
_ADD_ACTION = rows.ACTION.insert("(id) DO NOTHING")
ADD_NOTE = (
    "INSERT INTO notes (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


class ArchiveTables(Connected, Archive, Catalogue, Exports, Reviews, Notes):
    """What was recorded, and what reviewers and the service itself wrote down."""

    def alert(self, alert: AlertId) -> Alert | None:
        row = self._row("SELECT body FROM alerts WHERE id = ?", (storable(alert),))
        return from_json(Alert, row["body"]) if row else None

    def alerts(
        self, *, since: datetime | None = None, limit: int = 100, least: Severity = Severity.INFO
    ) -> Sequence[Alert]:
        found = self._rows(_ALERTS, (stamp(since) if since else "", least, limit))
        return [from_json(Alert, row["body"]) for row in found]

    def incident(self, incident: IncidentId) -> Incident | None:
        row = self._row(_INCIDENT, {"name": storable(incident)})
        return from_json(Incident, row["body"]) if row else None

    def decisions(self, incident: IncidentId, *, latest: int | None = None) -> Sequence[Decision]:
        query = f"{_DECISIONS} LIMIT :latest" if latest is not None else _DECISIONS
        found = self._rows(query, {"incident": storable(incident), "latest": latest})
        return [rows.DECISION.value(row) for row in reversed(found)]

    def hits(self, incident: IncidentId) -> Sequence[Hit]:
        return [
            rows.hit(row)
            for row in self._rows(
                f"{_HITS} ORDER BY seen, id, revision, indicator", {"incident": storable(incident)}
            )
        ]

    def alerts_of(self, incident: IncidentId) -> Sequence[Alert]:
        found = self._rows("SELECT body FROM alerts WHERE incident = ? ORDER BY seq", (storable(incident),))
        return [from_json(Alert, row["body"]) for row in found]

    def item(self, item: ItemId) -> Item | None:
        row = self._row("SELECT * FROM items WHERE id = ?", (storable(item),))
        return rows.ITEM.value(row) if row else None

    def actions(self) -> Sequence[Action]:
        return [rows.ACTION.value(row) for row in self._rows("SELECT * FROM actions ORDER BY seq")]

    def items(self) -> Sequence[Item]:
        return [rows.ITEM.value(row) for row in self._rows("SELECT * FROM items ORDER BY seen, id")]

    def search(self, words: str, *, since: datetime | None = None, limit: int = 50) -> Sequence[Item]:
        condition, asked = self._engine.words.condition(search.question_of(words))
        values = {**asked, "since": stamp(since) if since else "", "limit": limit}
        found = self._rows(search.FIND.format(condition=condition), values)
        return [rows.ITEM.value(row) for row in found]

    def count_found(self, words: str) -> int:
        condition, asked = self._engine.words.condition(search.question_of(words))
        (row,) = self._rows(f"SELECT count(*) FROM words WHERE {condition}", asked)  # noqa: S608  our own words only
        return int(row[0])

    def hits_on(self, items: Sequence[ItemId]) -> Mapping[ItemId, Sequence[Hit]]:
        found: dict[ItemId, list[Hit]] = {}
        for row in self._rows(
            f"{_HITS_ON} ORDER BY id, revision, indicator", {"items": to_json(tuple(items))}
        ):
            found.setdefault(ItemId(row["id"]), []).append(rows.hit(row))
        return found

    def alert_counts(self) -> Mapping[tuple[str, Severity], int]:
        found = self._rows("SELECT kind, severity, count(*) FROM alerts GROUP BY kind, severity")
        return {(kind, Severity(severity)): count for kind, severity, count in found}

    def export_part(self, after: ExportCursor, *, since: datetime | None = None, limit: int) -> ExportPart:
        with self._reading() as connection:
            given = self._engine.numbers_given(connection)
        if after.alert > given.get("alerts", 0) or after.closing > given.get("closings", 0):
            raise UsageError(
                f"the cursor {after} is of another database, or of this one before it was restored: "
                "remove the file of --cursor, if there is one, "
                "and export again from a time (--since) or from the start (--after start)"
            )
        first = stamp(since) if since else ""
        # in this order, for the service writes meanwhile: an alert is never behind the closing after it
        ended = self._rows(_CLOSED_AFTER, (after.closing, first, limit + 1))
        alerts = self._rows(_ALERTS_AFTER, (after.alert, first, limit + 1))
        more, alerts = len(alerts) > limit, alerts[:limit]
        closed = [] if more else ended
        return ExportPart(
            alerts=tuple(from_json(Alert, row["body"]) for row in alerts),
            closed=tuple(from_json(Incident, row["body"]) for row in closed[:limit]),
            end=ExportCursor(
                alert=alerts[-1]["seq"] if alerts else after.alert,
                closing=closed[:limit][-1]["seq"] if closed else after.closing,
            ),
            more=more or len(closed) > limit,
        )

    def add_action(self, action: Action) -> None:
        with self._numbering() as connection:
            connection.execute(_ADD_ACTION, rows.ACTION.row(action))

    def note(self, name: str, value: str) -> None:
        self._write(ADD_NOTE, (storable(name), storable(value)))

    def noted(self, name: str) -> str:
        row = self._row("SELECT value FROM notes WHERE name = ?", (storable(name),))
        return str(row["value"]) if row else ""
