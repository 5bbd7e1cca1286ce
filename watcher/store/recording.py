"""A cycle in, its rows written in one transaction.

Everything may be written again without harm: rows are keyed by identities that come from content, an item
never goes back to an earlier revision, and an alert that is there already is neither written nor delivered
again. What was read, changed and is written whole (incidents, states of feeds, notes) is written only over
what was read.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from watcher.errors import ConflictError
from watcher.model.alerts import Delivery, Incident
from watcher.model.language import IndicatorId
from watcher.model.news import Item
from watcher.model.polling import Cycle, FeedState, Poll
from watcher.model.retention import DAYS_HEARD_KEPT
from watcher.ports import Recorder
from watcher.store import forgotten, rows, search
from watcher.store.connection import Connected
from watcher.store.values import from_json, stamp, storable

POLLS_KEPT = 200
"""How many polls of a feed are remembered."""

_FEED = rows.FEEDS.upsert("feed", "WHERE feeds.version = excluded.version - 1")
_INCIDENT = rows.INCIDENTS.upsert("id", "WHERE incidents.version = excluded.version - 1")
_POLL = rows.POLLS.upsert("feed, at")
_FORGET_POLLS = """
    DELETE FROM polls WHERE feed = :feed
        AND at <= (SELECT at FROM polls WHERE feed = :feed ORDER BY at DESC LIMIT 1 OFFSET :kept)
"""
_ITEM = rows.ITEMS.upsert("id", "WHERE excluded.revision >= items.revision")
_KEEP_REVISION = f"""
    INSERT INTO revisions ({rows.ITEMS.columns}) SELECT {rows.ITEMS.columns} FROM items
    WHERE id = ? AND revision < ? ON CONFLICT DO NOTHING
"""  # noqa: S608  our own words only
_HIT = rows.HITS.upsert("item, indicator, revision")
_DECISION = rows.DECISIONS.insert("DO NOTHING")
_LEVEL = rows.LEVELS.insert("(subject, since, level) DO NOTHING")
_ALERT = rows.ALERTS.insert("(id) DO NOTHING")
_DELIVERY = """
    INSERT INTO deliveries (channel, alert, state, attempts, next_try, settled, error)
    SELECT ?, seq, ?, ?, ?, at, ? FROM alerts WHERE id = ? ON CONFLICT DO NOTHING
"""
_HEARD = "INSERT INTO heard (indicator, day) VALUES (?, ?) ON CONFLICT DO NOTHING"
_FORGET_HEARD = """
    DELETE FROM heard WHERE indicator = :name
        AND day <= (SELECT day FROM heard WHERE indicator = :name ORDER BY day DESC LIMIT 1 OFFSET :kept)
"""
_DIGEST = "REPLACE INTO digests (channel, until) VALUES (?, ?)"
_NOTE = "REPLACE INTO notes (name, value) VALUES (?, ?)"


class Recording(Connected, Recorder):
    """Where cycles are written."""

    def record(self, cycle: Cycle, deliveries: Sequence[Delivery]) -> None:
        with self._writing() as connection:
            _check_notes(connection, cycle.noted)
            _write_states(connection, cycle.states)
            _write_polls(connection, cycle.polls)
            _write_items(connection, cycle.items)
            connection.executemany(_HIT, map(rows.HITS.row, cycle.hits))
            _write_incidents(connection, cycle.incidents)
            connection.executemany(_DECISION, map(rows.DECISIONS.row, cycle.decisions))
            connection.executemany(_LEVEL, map(rows.LEVELS.row, cycle.levels))
            new = {
                alert.id
                for alert in cycle.alerts
                if connection.execute(_ALERT, rows.ALERTS.row(alert)).rowcount
            }
            _write_deliveries(connection, [each for each in deliveries if each.alert.id in new])
            _write_heard(connection, cycle.heard)
            digests = [(storable(channel), stamp(until)) for channel, until in cycle.digests.items()]
            connection.executemany(_DIGEST, digests)
            connection.executemany(_NOTE, [tuple(map(storable, note)) for note in cycle.notes.items()])


def _check_notes(connection: sqlite3.Connection, noted: Mapping[str, str]) -> None:
    for name, value in noted.items():
        row = connection.execute("SELECT value FROM notes WHERE name = ?", (storable(name),)).fetchone()
        if (row["value"] if row else "") != storable(value):
            raise ConflictError(f"note {name}")


def _write_states(connection: sqlite3.Connection, states: Sequence[FeedState]) -> None:
    for state in states:
        row = rows.FEEDS.row(replace(state, version=state.version + 1))
        if not connection.execute(_FEED, row).rowcount:
            found = connection.execute("SELECT * FROM feeds WHERE feed = ?", (storable(state.feed),))
            known = rows.FEEDS.value(found.fetchone())
            if known != replace(state, called=known.called):
                raise ConflictError(f"the state of feed {state.feed}")


def _write_incidents(connection: sqlite3.Connection, incidents: Sequence[Incident]) -> None:
    for incident in incidents:
        row = rows.INCIDENTS.row(replace(incident, version=incident.version + 1))
        if not connection.execute(_INCIDENT, row).rowcount:
            found = connection.execute("SELECT body FROM incidents WHERE id = ?", (storable(incident.id),))
            if from_json(Incident, found.fetchone()["body"]) != incident:
                raise ConflictError(f"incident {incident.id}")


def _write_polls(connection: sqlite3.Connection, polls: Sequence[Poll]) -> None:
    connection.executemany(_POLL, map(rows.POLLS.row, polls))
    feeds = {storable(poll.feed) for poll in polls}
    connection.executemany(_FORGET_POLLS, [{"feed": feed, "kept": POLLS_KEPT} for feed in feeds])


def _write_items(connection: sqlite3.Connection, items: Sequence[Item]) -> None:
    revised = [(storable(item.id), item.revision) for item in items if item.revision]
    connection.executemany(_KEEP_REVISION, revised)
    names = dict.fromkeys(item.id for item in items)
    search.take_out(connection, names)
    forgotten.remember(connection, names)
    connection.executemany(_ITEM, map(rows.ITEMS.row, items))
    search.put_in(connection, names)


def _write_deliveries(connection: sqlite3.Connection, deliveries: Sequence[Delivery]) -> None:
    connection.executemany(
        _DELIVERY,
        [
            (
                storable(each.channel),
                each.state,
                each.attempts,
                stamp(each.next_try),
                storable(each.error),
                storable(each.alert.id),
            )
            for each in deliveries
        ],
    )


def _write_heard(connection: sqlite3.Connection, heard: Mapping[IndicatorId, frozenset[date]]) -> None:
    for name, days in heard.items():
        connection.executemany(_HEARD, [(storable(name), day.isoformat()) for day in sorted(days)])
        connection.execute(_FORGET_HEARD, {"name": storable(name), "kept": DAYS_HEARD_KEPT})
