"""Databases as older watchers left them: some steps of the schema in, a file with rows in every table out."""

import sqlite3
from collections.abc import Mapping, Sequence

from watcher.store.sqlite import schema

AT = "2026-10-10T12:00:00.000000Z"
INCIDENT = (
    '{"id":"i1","family":"missile","indicator":"icbm-launch","title":"ICBM launched",'
    '"opened":"2026-10-10T12:00:00.000000Z",'
    '"updated":"2026-10-10T12:00:00.000000Z","severity":4,"claim":"occurred","rung":4,"indicators":["icbm-launch"],"items":1,'
    '"origins":["jcs"],"owners":["wire"],"vouched":[{"name":"jcs","grade":"B","at":"2026-10-10T12:00:00.000000Z"}],"published":[],'
    '"sightings":[{"item":"wire/1","wording":["icbm","launched"]}],"confidence":0,"told":null}'
)
ALERT = (
    '{"id":"a1","at":"2026-10-10T12:00:00.000000Z","kind":"incident","reason":"new","indicator":"icbm-launch","category":"provocation",'
    '"severity":4,"title":"ICBM launched","why":"First report","incident":"i1","claim":"occurred",'
    '"level":"critical","evidence":["icbm"],'
    '"origins":["jcs"],"owners":1,"items":[],'
    '"details":{"confidence":"corroborated","step":"4","feeds":"a b"}}'
)

# What a watcher of the first step wrote, and has had to keep ever since.
ROWS: Mapping[str, Mapping[str, object]] = {
    "feeds": {
        "feed": "wire",
        "next_due": AT,
        "etag": '"1"',
        "modified": "",
        "body_hash": "b",
        "failures": 0,
        "seeded": 1,
        "last_poll": AT,
        "last_ok": AT,
        "last_new": AT,
        "error": "",
        "damage": "",
        "moved_to": "",
        "last_failing": None,
        "told_failing": 0,
        "told_at": None,
    },
    "polls": {"feed": "wire", "at": AT, "status": "ok", "error": "", "items": 1, "new": 1, "notes": "[]"},
    "items": {
        "id": "wire/1",
        "feed": "wire",
        "owner": "wire",
        "title": "ICBM launched, 북한 발사",
        "summary": "Seen at dawn",
        "url": "https://wire.example/1",
        "published": AT,
        "seen": AT,
        "language": "en",
        "latitude": 39.0,
        "longitude": 125.7,
        "notes": "[]",
        "key_guid": "1",
        "key_link": "wire.example/1",
        "key_title": "icbm launched, 북한 발사",
        "text_hash": "two",
        "revision": 1,
    },
    "revisions": {
        "id": "wire/1",
        "feed": "wire",
        "owner": "wire",
        "title": "ICBM launched",
        "summary": "",
        "url": "https://wire.example/1",
        "published": AT,
        "seen": AT,
        "language": "en",
        "latitude": None,
        "longitude": None,
        "notes": "[]",
        "key_guid": "1",
        "key_link": "wire.example/1",
        "key_title": "icbm launched",
        "text_hash": "one",
        "revision": 0,
    },
    "hits": {
        "item": "wire/1",
        "indicator": "icbm-launch",
        "revision": 0,
        "incident": "i1",
        "claim": "occurred",
        "severity": 4,
        "score": 1.0,
        "evidence": '["icbm"]',
        "cues": "[]",
        "timing": "[]",
    },
    "decisions": {"incident": "i1", "at": AT, "item": "wire/1", "reason": "new", "alert": "a1"},
    "alerts": {
        "seq": 7,
        "id": "a1",
        "at": AT,
        "kind": "incident",
        "reason": "new",
        "severity": 4,
        "indicator": "icbm-launch",
        "incident": "i1",
        "body": ALERT,
    },
    "deliveries": {
        "channel": "desk",
        "alert": 7,
        "state": "pending",
        "attempts": 2,
        "next_try": AT,
        "lease_until": None,
        "settled": AT,
        "error": "503",
    },
    "notes": {"name": "last_tick", "value": AT},
}
INCIDENTS = (
    {"id": "i1", "opened": AT, "updated": AT, "seeding": 0, "version": 1, "body": INCIDENT},
    {
        "id": "i2",
        "opened": AT,
        "updated": AT,
        "seeding": 1,
        "version": 3,
        "body": INCIDENT.replace("i1", "i2"),
    },
)

Steps = Sequence[tuple[str, Sequence[str]]]


def build(connection: sqlite3.Connection, steps: Steps) -> None:
    """Make a database of some steps as a watcher of that time left it: rows of the first step, upgraded."""
    schema.teach(connection)
    connection.execute(
        "CREATE TABLE _sqlite_migrations "
        "(id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT)"
    )
    connection.execute(
        "CREATE UNIQUE INDEX idx__sqlite_migrations_migration_set_name "
        "ON _sqlite_migrations (migration_set, name)"
    )
    for number, (name, statements) in enumerate(steps):
        for statement in statements:
            connection.execute(statement)
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('watcher', ?, ?)",
            (name, AT),
        )
        if number == 0:
            _fill(connection)


def _fill(connection: sqlite3.Connection) -> None:
    rows: list[tuple[str, Mapping[str, object]]] = [*ROWS.items(), *(("incidents", row) for row in INCIDENTS)]
    for table, row in rows:
        places = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", tuple(row.values()))
