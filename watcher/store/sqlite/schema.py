"""What is stored, as steps that only go forward, and how a database is brought to the newest one.

A step, once released, never changes; a change is a new step. Each runs in one transaction together with the
note that it ran, so a crash leaves a database before or after it. Times are ISO 8601 UTC of fixed width and
compare as text.
"""

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from watcher.store import lines
from watcher.store.sqlite.words import teach_tokens

if TYPE_CHECKING:
    from sqlite_utils import Database

_NAME = "watcher"

_ITEM_COLUMNS = """
    feed TEXT NOT NULL, owner TEXT NOT NULL, title TEXT NOT NULL, summary TEXT NOT NULL, url TEXT NOT NULL,
    published TEXT, seen TEXT NOT NULL, language TEXT NOT NULL, latitude REAL, longitude REAL, notes TEXT NOT NULL,
    key_guid TEXT NOT NULL, key_link TEXT NOT NULL, key_title TEXT NOT NULL, text_hash TEXT NOT NULL, revision INTEGER NOT NULL
"""

_SEVERITY = "CASE {}.severity WHEN 0 THEN 'info' WHEN 1 THEN 'low' WHEN 2 THEN 'medium' WHEN 3 THEN 'high' WHEN 4 THEN 'critical' END AS severity"

STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "0001",
        (
            """CREATE TABLE feeds (
                feed TEXT PRIMARY KEY, next_due TEXT NOT NULL, etag TEXT NOT NULL, modified TEXT NOT NULL, body_hash TEXT NOT NULL,
                failures INTEGER NOT NULL, seeded INTEGER NOT NULL, last_poll TEXT, last_ok TEXT, last_new TEXT,
                error TEXT NOT NULL, damage TEXT NOT NULL, moved_to TEXT NOT NULL, last_failing TEXT,
                told_failing INTEGER NOT NULL, told_at TEXT
            ) WITHOUT ROWID""",
            """CREATE TABLE polls (
                feed TEXT NOT NULL, at TEXT NOT NULL, status TEXT NOT NULL, error TEXT NOT NULL,
                items INTEGER NOT NULL, new INTEGER NOT NULL, notes TEXT NOT NULL, PRIMARY KEY (feed, at)
            ) WITHOUT ROWID""",
            f"CREATE TABLE items (id TEXT PRIMARY KEY, {_ITEM_COLUMNS})",
            "CREATE INDEX items_by_guid ON items (feed, key_guid)",
            "CREATE INDEX items_by_link ON items (feed, key_link)",
            "CREATE INDEX items_by_title ON items (feed, key_title)",
            # Earlier wordings of items; the newest stands in `items`.
            f"CREATE TABLE revisions (id TEXT NOT NULL REFERENCES items ON DELETE CASCADE, {_ITEM_COLUMNS}, PRIMARY KEY (id, revision))",
            """CREATE TABLE hits (
                item TEXT NOT NULL REFERENCES items ON DELETE CASCADE, indicator TEXT NOT NULL, revision INTEGER NOT NULL,
                incident TEXT, claim TEXT NOT NULL, severity INTEGER NOT NULL, score REAL NOT NULL,
                evidence TEXT NOT NULL, cues TEXT NOT NULL, timing TEXT NOT NULL, PRIMARY KEY (item, indicator, revision)
            ) WITHOUT ROWID""",
            "CREATE INDEX hits_by_incident ON hits (incident) WHERE incident IS NOT NULL",
            # `version` counts how often an incident was written, so that a reader knows what it has already
            # decoded.
            """CREATE TABLE incidents (
                id TEXT PRIMARY KEY, opened TEXT NOT NULL, updated TEXT NOT NULL, seeding INTEGER NOT NULL,
                version INTEGER NOT NULL, body TEXT NOT NULL
            )""",
            "CREATE INDEX incidents_by_update ON incidents (updated, opened, id, version)",
            "CREATE INDEX incidents_seeding ON incidents (opened, id) WHERE seeding",
            """CREATE TABLE decisions (
                incident TEXT NOT NULL, at TEXT NOT NULL, item TEXT NOT NULL, reason TEXT NOT NULL, alert TEXT,
                PRIMARY KEY (incident, at, item, reason)
            )""",
            # AUTOINCREMENT: the order of alerts is never given twice, even after the newest were pruned.
            """CREATE TABLE alerts (
                seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL, kind TEXT NOT NULL,
                reason TEXT NOT NULL, severity INTEGER NOT NULL, indicator TEXT NOT NULL, incident TEXT NOT NULL, body TEXT NOT NULL
            )""",
            "CREATE INDEX alerts_by_time ON alerts (at)",
            "CREATE INDEX alerts_by_incident ON alerts (incident)",
            """CREATE TABLE deliveries (
                channel TEXT NOT NULL, alert INTEGER NOT NULL REFERENCES alerts ON DELETE CASCADE, state TEXT NOT NULL,
                attempts INTEGER NOT NULL, next_try TEXT NOT NULL, lease_until TEXT, settled TEXT, error TEXT NOT NULL,
                PRIMARY KEY (channel, alert)
            ) WITHOUT ROWID""",
            "CREATE INDEX deliveries_pending ON deliveries (channel, alert) WHERE state = 'pending'",
            "CREATE INDEX deliveries_by_alert ON deliveries (alert)",
            "CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        ),
    ),
    (
        "0002",
        (
            "ALTER TABLE incidents ADD COLUMN held TEXT",
            "ALTER TABLE incidents ADD COLUMN closed TEXT",
            "UPDATE incidents SET held = 'seeding' WHERE seeding",
            """UPDATE incidents SET body = json_set(body, '$.held', json_object('reason', 'seeding', 'since', opened)) WHERE seeding""",
            "DROP INDEX incidents_seeding",
            "ALTER TABLE incidents DROP COLUMN seeding",
            "CREATE INDEX incidents_held ON incidents (opened, id) WHERE held IS NOT NULL",
            "CREATE INDEX incidents_unclosed ON incidents (updated) WHERE closed IS NULL",
            "ALTER TABLE decisions ADD COLUMN because TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE hits ADD COLUMN grade TEXT NOT NULL DEFAULT 'C'",
            # What reviewers did; rows are only ever added.
            """CREATE TABLE actions (
                seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, at TEXT NOT NULL, by TEXT NOT NULL, deed TEXT NOT NULL,
                target TEXT NOT NULL, value TEXT NOT NULL, why TEXT NOT NULL, until TEXT
            )""",
        ),
    ),
    (
        "0003",
        (
            "ALTER TABLE feeds ADD COLUMN last_missed TEXT",
            "ALTER TABLE feeds ADD COLUMN pace TEXT NOT NULL DEFAULT '{}'",
        ),
    ),
    ("0004", ("ALTER TABLE feeds ADD COLUMN habits TEXT NOT NULL DEFAULT '{}'",)),
    (
        "0005",
        (
            # The history of the board; rows are only ever added, and a subject's last one is how it stands.
            """CREATE TABLE levels (
                seq INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT NOT NULL, since TEXT NOT NULL, level TEXT NOT NULL, body TEXT NOT NULL,
                UNIQUE (subject, since, level)
            )""",
            "CREATE INDEX levels_by_subject ON levels (subject, seq)",
            "CREATE INDEX levels_by_time ON levels (since)",
        ),
    ),
    ("0006", ("CREATE INDEX deliveries_dead ON deliveries (channel, alert) WHERE state = 'dead'",)),
    (
        "0007",
        (
            "ALTER TABLE items ADD COLUMN depth REAL",
            "ALTER TABLE revisions ADD COLUMN depth REAL",
            "ALTER TABLE hits ADD COLUMN rung INTEGER NOT NULL DEFAULT 0",
            "CREATE INDEX hits_by_indicator ON hits (indicator, claim, incident)",
        ),
    ),
    (
        "0008",
        (
            # What is left of an item that was taken out: its keys, as numbers that stand for the feed and the
            # key.
            """CREATE TABLE forgotten (
                id TEXT PRIMARY KEY, guid INTEGER, link INTEGER, title INTEGER, text_hash TEXT NOT NULL, revision INTEGER NOT NULL
            )""",
            "CREATE INDEX forgotten_by_guid ON forgotten (guid)",
            "CREATE INDEX forgotten_by_link ON forgotten (link)",
            "CREATE INDEX forgotten_by_title ON forgotten (title)",
            # The search index, without the text, and which of its numbers is which item; the higher, the
            # later it was put in.
            "CREATE TABLE texts (doc INTEGER PRIMARY KEY, item TEXT NOT NULL UNIQUE)",
            "CREATE VIRTUAL TABLE words USING fts5(text, content = '', columnsize = 0, tokenize = 'ascii')",
            "INSERT INTO texts (item) SELECT id FROM items ORDER BY seen, id",
            """INSERT INTO words (rowid, text)
                SELECT doc, searchable(title, summary) FROM texts JOIN items ON items.id = texts.item ORDER BY doc""",
        ),
    ),
    (
        "0009",
        (
            "ALTER TABLE feeds ADD COLUMN hub TEXT NOT NULL DEFAULT '{}'",
            # What hubs were asked for. `callback` and `secret` are secrets.
            """CREATE TABLE subscriptions (
                feed TEXT PRIMARY KEY, hub TEXT NOT NULL, callback TEXT NOT NULL, secret TEXT NOT NULL,
                asked TEXT NOT NULL, tries INTEGER NOT NULL, agreed TEXT, until TEXT
            ) WITHOUT ROWID""",
        ),
    ),
    ("0010", ("CREATE INDEX items_by_time ON items (seen)",)),
    (
        "0011",
        (
            # What is asked at every poll or after every round is answered from an index alone.
            "CREATE INDEX actions_by_time ON actions (at)",
            "CREATE INDEX actions_that_last ON actions (deed = 'override', target, at, deed) WHERE deed IN ('mute', 'unmute', 'override')",
            "CREATE INDEX actions_verdicts ON actions (target, value, deed) WHERE deed = 'verdict'",
            "CREATE INDEX alerts_openings ON alerts (indicator, at, kind, reason) WHERE kind = 'incident' AND reason = 'new'",
            "CREATE INDEX alerts_opened ON alerts (incident, at, indicator, kind, reason) WHERE kind = 'incident' AND reason = 'new'",
        ),
    ),
    (
        "0012",
        (
            "ALTER TABLE hits RENAME COLUMN rung TO step",
            "ALTER TABLE feeds RENAME COLUMN pace TO hints",
            "ALTER TABLE actions RENAME COLUMN deed TO kind",
            """UPDATE incidents SET body = json_remove(json_set(body, '$.step', json_extract(body, '$.rung')), '$.rung')""",
            """UPDATE incidents SET body = json_remove(json_set(body, '$.told.step', json_extract(body, '$.told.rung')), '$.told.rung')
                WHERE json_type(body, '$.told') = 'object'""",
        ),
    ),
    (
        "0013",
        (
            # The grade of a feed belongs to its items; what was recorded before is known of items that hit.
            "ALTER TABLE items ADD COLUMN grade TEXT NOT NULL DEFAULT 'C'",
            "ALTER TABLE revisions ADD COLUMN grade TEXT NOT NULL DEFAULT 'C'",
            """UPDATE items SET grade = (SELECT grade FROM hits WHERE item = items.id AND revision = items.revision)
                WHERE (id, revision) IN (SELECT item, revision FROM hits)""",
            """UPDATE revisions SET grade = (SELECT grade FROM hits WHERE item = revisions.id AND revision = revisions.revision)
                WHERE (id, revision) IN (SELECT item, revision FROM hits)""",
            "ALTER TABLE hits DROP COLUMN grade",
        ),
    ),
    (
        "0014",
        (
            "UPDATE alerts SET body = upgraded(body) WHERE json_type(body, '$.details') IS NOT NULL",
            """UPDATE incidents SET body = json_remove(json_set(body,
                    '$.origin_sources', json(json_extract(body, '$.vouched')),
                    '$.owner_sources', json(json_extract(body, '$.published'))), '$.vouched', '$.published')
                WHERE json_type(body, '$.vouched') IS NOT NULL AND json_type(body, '$.published') IS NOT NULL""",
        ),
    ),
    ("0015", ("ALTER TABLE feeds ADD COLUMN called TEXT", "ALTER TABLE feeds ADD COLUMN answered TEXT")),
    (
        "0016",
        (
            # `version` counts how often a row was written: what was read, changed and is written whole is
            # written only over what was read.
            "ALTER TABLE feeds ADD COLUMN version INTEGER NOT NULL DEFAULT 1",
            "UPDATE incidents SET body = json_set(body, '$.version', version)",
            "ALTER TABLE deliveries ADD COLUMN holder TEXT NOT NULL DEFAULT ''",
            "CREATE TABLE heard (indicator TEXT NOT NULL, day TEXT NOT NULL, PRIMARY KEY (indicator, day)) WITHOUT ROWID",
            "CREATE TABLE digests (channel TEXT PRIMARY KEY, until TEXT NOT NULL) WITHOUT ROWID",
            """INSERT OR IGNORE INTO heard (indicator, day) SELECT substr(name, 7), days.value
                FROM notes, json_each('["' || replace(notes.value, ' ', '","') || '"]') AS days
                WHERE name LIKE 'heard:%' AND notes.value <> ''""",
            "INSERT INTO digests (channel, until) SELECT substr(name, 8), value FROM notes WHERE name LIKE 'digest %' AND value <> ''",
            "DELETE FROM notes WHERE name LIKE 'heard:%' OR name LIKE 'digest %'",
        ),
    ),
    (
        "0017",
        (
            # How a hit reports the act, and who acts: what was stored before counts as a direct report.
            "ALTER TABLE hits ADD COLUMN directness INTEGER NOT NULL DEFAULT 2",
            "ALTER TABLE hits ADD COLUMN actor TEXT NOT NULL DEFAULT 'unknown'",
            "ALTER TABLE hits ADD COLUMN roles TEXT NOT NULL DEFAULT '[]'",
        ),
    ),
    (
        "0018",
        tuple(
            f"ALTER TABLE {table} ADD COLUMN {column}"
            for table in ("items", "revisions")
            for column in (
                "magnitude REAL",
                "outlet TEXT NOT NULL DEFAULT ''",
                "carrier TEXT NOT NULL DEFAULT ''",
            )
        ),
    ),
    ("0019", ("ALTER TABLE deliveries ADD COLUMN told_with TEXT NOT NULL DEFAULT ''",)),
    (
        "0020",
        (
            # What lists of incidents are filtered and sorted by, so that no body is read for it.
            "ALTER TABLE incidents ADD COLUMN told_at TEXT AS (json_extract(body, '$.told.at')) VIRTUAL",
            "ALTER TABLE incidents ADD COLUMN listed TEXT AS (coalesce(json_extract(body, '$.told.at'), updated)) VIRTUAL",
            "ALTER TABLE incidents ADD COLUMN indicator TEXT AS (json_extract(body, '$.indicator')) VIRTUAL",
            "ALTER TABLE incidents ADD COLUMN severity INTEGER AS (json_extract(body, '$.severity')) VIRTUAL",
            "ALTER TABLE incidents ADD COLUMN claim TEXT AS (json_extract(body, '$.claim')) VIRTUAL",
            "CREATE INDEX incidents_listed ON incidents (listed, id, told_at, severity, indicator, claim, closed)",
            "CREATE INDEX actions_answers ON actions (target, kind, seq, at) WHERE kind IN ('acknowledge', 'verdict')",
            "CREATE INDEX actions_by_target ON actions (target)",
            "CREATE INDEX decisions_by_time ON decisions (at)",
        ),
    ),
    (
        "0021",
        (
            # In which order incidents were closed, so that an export knows which ones it has not seen yet.
            """CREATE TABLE closings (
                seq INTEGER PRIMARY KEY AUTOINCREMENT, incident TEXT NOT NULL UNIQUE REFERENCES incidents ON DELETE CASCADE
            )""",
            "INSERT INTO closings (incident) SELECT id FROM incidents WHERE closed IS NOT NULL ORDER BY closed, id",
        ),
    ),
    (
        "0022",
        (
            # What lists of incidents are asked for beside their own columns: whose reports they hold, and
            # which words, by the number of the report in the search index.
            "ALTER TABLE hits ADD COLUMN feed TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE hits ADD COLUMN owner TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE hits ADD COLUMN language TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE hits ADD COLUMN doc INTEGER",
            """UPDATE hits SET doc = (SELECT doc FROM texts WHERE texts.item = hits.item),
                (feed, owner, language) = (SELECT feed, owner, language FROM items WHERE items.id = hits.item)""",
            "CREATE INDEX hits_by_feed ON hits (feed, incident) WHERE incident IS NOT NULL",
            "CREATE INDEX hits_by_owner ON hits (owner, incident) WHERE incident IS NOT NULL",
            "CREATE INDEX hits_by_language ON hits (language, incident) WHERE incident IS NOT NULL",
            "CREATE INDEX hits_by_doc ON hits (doc, incident) WHERE incident IS NOT NULL",
        ),
    ),
    (
        "0023",
        (
            # Which incident is part of which since reviewers merged them.
            """CREATE TABLE parts (
                part TEXT PRIMARY KEY, incident TEXT NOT NULL REFERENCES incidents ON DELETE CASCADE
            ) WITHOUT ROWID""",
            "CREATE INDEX parts_by_incident ON parts (incident)",
            "CREATE INDEX actions_joins ON actions (seq, id) WHERE kind IN ('merge', 'split')",
        ),
    ),
    (
        "0024",
        (
            # For people who know SQL, and the programs they open a database with: words in the place of numbers and JSON.
            # `deploy/datasette/metadata.yaml` says what each column means.
            f"""CREATE VIEW alerts_view AS SELECT
                id, at, kind, reason, {_SEVERITY.format("alerts")}, nullif(indicator, '') AS indicator,
                json_extract(body, '$.category') AS category, json_extract(body, '$.claim') AS claim, json_extract(body, '$.level') AS level,
                json_extract(body, '$.title') AS title, json_extract(body, '$.why') AS why,
                (SELECT group_concat(value, ', ') FROM json_each(body, '$.origins')) AS origins,
                json_extract(body, '$.owners') AS owners, json_array_length(body, '$.items') AS items, nullif(incident, '') AS incident
            FROM alerts""",
            f"""CREATE VIEW incidents_view AS SELECT
                id, opened, updated, closed, told_at, indicator, {_SEVERITY.format("incidents")}, claim,
                CASE json_extract(body, '$.confidence') WHEN 1 THEN 'corroborated' ELSE 'unconfirmed' END AS confidence,
                json_extract(body, '$.denied') AS denied, json_extract(body, '$.title') AS title, json_extract(body, '$.items') AS items,
                (SELECT group_concat(value, ', ') FROM json_each(body, '$.origins')) AS origins,
                (SELECT group_concat(value, ', ') FROM json_each(body, '$.owners')) AS owners,
                (SELECT count(*) FROM alerts WHERE alerts.incident = incidents.id) AS alerts,
                (SELECT value FROM actions WHERE target = incidents.id AND kind = 'verdict' ORDER BY seq DESC LIMIT 1) AS verdict,
                (SELECT by FROM actions WHERE target = incidents.id AND kind = 'acknowledge' ORDER BY seq DESC LIMIT 1)
                    AS acknowledged_by
            FROM incidents""",
            f"""CREATE VIEW hits_view AS SELECT
                items.seen, items.published, hits.indicator, {_SEVERITY.format("hits")}, hits.claim, hits.score, hits.incident, hits.revision,
                (SELECT group_concat(value, ', ') FROM json_each(hits.evidence)) AS evidence,
                items.title, items.url, items.feed, items.owner, items.language, items.id AS item
            FROM hits JOIN items ON items.id = hits.item""",
            """CREATE VIEW decisions_view AS SELECT
                decisions.at, decisions.reason, decisions.because, incidents.indicator, json_extract(incidents.body, '$.title') AS incident_title,
                items.title AS item_title, items.owner, decisions.alert, decisions.incident, decisions.item
            FROM decisions LEFT JOIN incidents ON incidents.id = decisions.incident LEFT JOIN items ON items.id = decisions.item""",
            f"""CREATE VIEW deliveries_view AS SELECT
                alerts.at, deliveries.channel, deliveries.state, deliveries.attempts, deliveries.next_try,
                CASE state WHEN 'pending' THEN NULL ELSE settled END AS settled, deliveries.error, deliveries.told_with,
                {_SEVERITY.format("alerts")}, json_extract(alerts.body, '$.title') AS title, alerts.id AS alert
            FROM deliveries JOIN alerts ON alerts.seq = deliveries.alert""",
            f"""CREATE VIEW verdicts_view AS SELECT
                actions.at, actions.by, actions.value AS verdict, actions.why, incidents.indicator, {_SEVERITY.format("incidents")},
                coalesce(json_extract(incidents.body, '$.title'), items.title) AS title, actions.target
            FROM actions LEFT JOIN incidents ON incidents.id = actions.target LEFT JOIN items ON items.id = actions.target
            WHERE actions.kind = 'verdict'""",
        ),
    ),
    (
        "0025",
        (
            # The same for items with hits alone. It holds what it indexes, so that they can be taken out by number.
            "CREATE VIRTUAL TABLE words_of_hits USING fts5(text, columnsize = 0, tokenize = 'ascii')",
            """INSERT INTO words_of_hits (rowid, text)
                SELECT doc, searchable(title, summary) FROM texts JOIN items ON items.id = texts.item
                WHERE EXISTS (SELECT 1 FROM hits WHERE hits.item = texts.item) ORDER BY doc""",
        ),
    ),
)


def applied(connection: sqlite3.Connection) -> list[str]:
    """Return the steps a database has been through, oldest first; none for a new one."""
    if "_sqlite_migrations" not in _tables(connection):
        return []
    found = connection.execute(
        "SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id", (_NAME,)
    )
    return [name for (name,) in found]


def is_foreign(connection: sqlite3.Connection) -> bool:
    """Say whether a database holds tables, but none of ours."""
    return not applied(connection) and bool(_tables(connection) - {"_sqlite_migrations"})


def pending(done: Sequence[str]) -> list[str]:
    """Return the steps still to be taken after `done`."""
    return [name for name, _ in STEPS if name not in done]


def unknown(done: Sequence[str]) -> list[str]:
    """Return the steps that only a newer program knows."""
    known = {name for name, _ in STEPS}
    return [name for name in done if name not in known]


def migrate(connection: sqlite3.Connection) -> None:
    """Take every pending step, each in a transaction of its own."""
    from sqlite_utils import Database, Migrations  # noqa: PLC0415  heavy, and needed for this alone

    migrations = Migrations(_NAME)
    for name, statements in STEPS:
        migrations(name=name)(_step(statements))
    migrations.apply(Database(connection, execute_plugins=False))


def teach(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that steps call."""
    teach_tokens(connection)
    connection.create_function("upgraded", 1, lines.upgraded, deterministic=True)


def _step(statements: Sequence[str]) -> Any:
    def run(database: "Database") -> None:
        for statement in statements:
            database.conn.execute(statement)

    return run


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {
        name
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
        )
    }
