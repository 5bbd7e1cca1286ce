"""A cycle in, its rows written in one transaction.

Everything may be written again without harm: rows are keyed by identities that come from content, an item
never goes back to an earlier revision, and an alert that is there already is neither written nor delivered
again. What was read, changed and is written whole (incidents, states of feeds, notes) is written only over
what was read.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date

from watcher.errors import ConflictError
from watcher.model.alerts import Delivery, Incident
from watcher.model.language import IndicatorId
from watcher.model.news import FeedId, Item, ItemId
from watcher.model.polling import Cycle, FeedState, Poll, PollStatus
from watcher.model.retention import DAYS_HEARD_KEPT
from watcher.ports import Recorder
from watcher.store import forgotten, rows, search
from watcher.store.archive import ADD_NOTE
from watcher.store.engine import Connection, Words
from watcher.store.feeds import FeedTables
from watcher.store.history import HistoryTables
from watcher.store.regrouping import regroup
from watcher.store.renaming import rename
from watcher.store.values import from_json, stamp, storable

POLLS_KEPT = 200
"""How many polls of a feed are remembered."""

_FEED = rows.FEED.upsert("feed", "WHERE feeds.version = excluded.version - 1")
_INCIDENT = rows.INCIDENT.upsert("id", "WHERE incidents.version = excluded.version - 1")
_CLOSING = "INSERT INTO closings (incident) VALUES (?) ON CONFLICT DO NOTHING"
_NOT_CLOSED = "DELETE FROM closings WHERE incident = ?"
_POLL = rows.POLL.upsert("feed, at")
_FORGET_POLLS = """
    DELETE FROM polls WHERE feed = :feed
        AND at <= (SELECT at FROM polls WHERE feed = :feed ORDER BY at DESC LIMIT 1 OFFSET :kept)
"""
_ITEM = rows.ITEM.upsert("id", "WHERE excluded.revision >= items.revision")
_KEEP_REVISION = f"""
    INSERT INTO revisions ({rows.ITEM.columns}) SELECT {rows.ITEM.columns} FROM items
    WHERE id = ? AND revision < ? ON CONFLICT DO NOTHING
"""  # noqa: S608  our own words only
_HIT = rows.HIT.upsert("item, indicator, revision")
_DECISION = rows.DECISION.insert("DO NOTHING")
_LEVEL = rows.LEVEL.insert("(subject, since, level) DO NOTHING")
_ALERT = rows.ALERT.insert("(id) DO NOTHING")
_DELIVERY = f"""
    INSERT INTO deliveries ({rows.DELIVERY.columns}, alert, settled)
    SELECT ?, ?, ?, ?, ?, ?, ?, seq, at FROM alerts WHERE id = ? ON CONFLICT DO NOTHING
"""  # noqa: S608  our own words only
_HEARD = "INSERT INTO heard (indicator, day) VALUES (?, ?) ON CONFLICT DO NOTHING"
_FORGET_HEARD = """
    DELETE FROM heard WHERE indicator = :name
        AND day <= (SELECT day FROM heard WHERE indicator = :name ORDER BY day DESC LIMIT 1 OFFSET :kept)
"""
_DIGEST = """
    INSERT INTO digests (channel, until) VALUES (?, ?)
    ON CONFLICT (channel) DO UPDATE SET until = excluded.until
"""


class Recording(HistoryTables, FeedTables, Recorder):
    """Where cycles are written."""

    def record(self, cycle: Cycle, deliveries: Sequence[Delivery]) -> None:
        with self._reading():  # so that nobody asks between the writing and the keeping
            states, incidents = self._written(cycle, deliveries)
            self._states.keep(states)
            self._keep(incidents)
            if cycle.regrouping:
                self._forget()

    def rename(self, old: IndicatorId, new: IndicatorId) -> None:
        with self._reading():
            with self._numbering() as connection:
                rename(connection, old, new)
            self._forget()
            self._board_at = None

    def _written(
        self, cycle: Cycle, deliveries: Sequence[Delivery]
    ) -> tuple[Sequence[tuple[FeedState, rows.Cells]], Sequence[tuple[Incident, str]]]:
        """Write a cycle; return the states and the incidents that were written, each as written."""
        with self._transaction(cycle) as connection:
            _check_notes(connection, cycle.noted)
            states = _write_states(connection, cycle.states, self._states.kept())
            _write_polls(connection, cycle.polls)
            if cycle.items or cycle.hits:
                numbered = _write_items(connection, cycle.items, self._engine.words)
                connection.executemany(_HIT, map(rows.HIT.row, cycle.hits))
                touched = {*numbered, *(hit.item.id for hit in cycle.hits)}
                search.index_hits(connection, self._engine.words, touched)
            written = _write_incidents(connection, cycle.incidents)
            for incident in cycle.incidents:
                connection.execute(_CLOSING if incident.closed else _NOT_CLOSED, (storable(incident.id),))
            connection.executemany(_DECISION, map(rows.DECISION.row, cycle.decisions))
            connection.executemany(_LEVEL, map(rows.LEVEL.row, cycle.levels))
            new = {
                alert.id
                for alert in cycle.alerts
                if connection.execute(_ALERT, rows.ALERT.row(alert)).rowcount
            }
            posted = [each for each in deliveries if each.alert.id in new]
            connection.executemany(
                _DELIVERY, [(*rows.DELIVERY.row(each), storable(each.alert.id)) for each in posted]
            )
            _write_heard(connection, cycle.heard)
            digests = [(storable(channel), stamp(until)) for channel, until in cycle.digests.items()]
            connection.executemany(_DIGEST, digests)
            connection.executemany(ADD_NOTE, [tuple(map(storable, note)) for note in cycle.notes.items()])
            if cycle.regrouping:
                regroup(connection, cycle.regrouping, cycle.incidents)
        return states, written

    def _transaction(self, cycle: Cycle) -> AbstractContextManager[Connection]:
        return self._numbering() if _is_numbered(cycle) else self._writing(lasting=_lasts(cycle))


def _is_numbered(cycle: Cycle) -> bool:
    """Say whether a cycle writes anything that is numbered."""
    numbered = (cycle.items, cycle.hits, cycle.incidents, cycle.decisions, cycle.levels, cycle.alerts)
    return any(numbered)


def _lasts(cycle: Cycle) -> bool:
    """Say whether a cycle brings more than answers without news, which who asks again gets again."""
    without_news = bool(cycle.polls) and all(poll.status is not PollStatus.OK for poll in cycle.polls)
    return not without_news or replace(cycle, polls=(), states=()) != Cycle()


def _check_notes(connection: Connection, noted: Mapping[str, str]) -> None:
    for name, value in noted.items():
        row = connection.execute("SELECT value FROM notes WHERE name = ?", (storable(name),)).fetchone()
        if (row["value"] if row else "") != storable(value):
            raise ConflictError(f"note {name}")


def _write_states(
    connection: Connection, states: Sequence[FeedState], known: Mapping[FeedId, FeedState]
) -> list[tuple[FeedState, rows.Cells]]:
    """Write states, of those that are known only what has changed; return them with what was written."""
    written, updates = [], defaultdict[str, list[rows.Row]](list)
    for state in states:
        changed, before = replace(state, version=state.version + 1), known.get(state.feed)
        if before is not None and before.version == state.version:
            cells = rows.FEED.changes(before, changed)
            row = (*cells.values(), storable(state.feed), state.version)
            updates[rows.FEED.update(cells, "feed = ? AND version = ?")].append(row)
        else:
            row = rows.FEED.row(changed)
            cells = rows.FEED.cells(row)
            updates[_FEED].append(row)
        written.append((changed, cells))
    counts = [connection.executemany(statement, each).rowcount for statement, each in updates.items()]
    if sum(counts) == len(states):
        return written
    return [(state, cells) for state, cells in written if _is_there(connection, state)]


def _is_there(connection: Connection, state: FeedState) -> bool:
    """Say whether a state is the one that is there now, and not an older one that is like it.

    Raises:
        ConflictError: another one was.
    """
    found = connection.execute("SELECT * FROM feeds WHERE feed = ?", (storable(state.feed),)).fetchone()
    known = rows.FEED.value(found)
    if known != replace(state, called=known.called):
        raise ConflictError(f"the state of feed {state.feed}")
    return known.version == state.version


def _write_incidents(connection: Connection, incidents: Sequence[Incident]) -> list[tuple[Incident, str]]:
    """Write incidents; return those that changed, each with its body."""
    written = []
    for incident in incidents:
        changed = replace(incident, version=incident.version + 1)
        row = rows.INCIDENT.row(changed)
        if connection.execute(_INCIDENT, row).rowcount:
            written.append((changed, str(row[-1])))
        else:
            found = connection.execute("SELECT body FROM incidents WHERE id = ?", (storable(incident.id),))
            if from_json(Incident, found.fetchone()["body"]) != incident:
                raise ConflictError(f"incident {incident.id}")
    return written


def _write_polls(connection: Connection, polls: Sequence[Poll]) -> None:
    connection.executemany(_POLL, map(rows.POLL.row, polls))
    feeds = {storable(poll.feed) for poll in polls}
    connection.executemany(_FORGET_POLLS, [{"feed": feed, "kept": POLLS_KEPT} for feed in feeds])


def _write_items(connection: Connection, items: Sequence[Item], words: Words) -> Collection[ItemId]:
    """Write items; return those of them that had another number in the index."""
    revised = [(storable(item.id), item.revision) for item in items if item.revision]
    connection.executemany(_KEEP_REVISION, revised)
    names = dict.fromkeys(item.id for item in items)
    numbered = words.take_out(connection, names)
    forgotten.remember(connection, names)
    connection.executemany(_ITEM, map(rows.ITEM.row, items))
    words.put_in(connection, names)
    return numbered


def _write_heard(connection: Connection, heard: Mapping[IndicatorId, frozenset[date]]) -> None:
    for name, days in heard.items():
        connection.executemany(_HEARD, [(storable(name), day.isoformat()) for day in sorted(days)])
        connection.execute(_FORGET_HEARD, {"name": storable(name), "kept": DAYS_HEARD_KEPT})
