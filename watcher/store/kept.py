"""A database in, its open incidents and the states of its feeds out, without reading again what is known.

Every poll asks for them, and changes a few of them. What this connection writes is kept as it
is written; what others write is noticed by SQLite's `data_version`, and only that is read again.
"""

import re
import sqlite3
from bisect import insort
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from watcher.model.alerts import Incident
from watcher.model.news import FeedId
from watcher.model.polling import FeedState
from watcher.store import rows
from watcher.store.values import from_json, stamp

Part = TypeVar("Part")

_SINCE = "SELECT id, version, opened, updated FROM incidents WHERE updated >= ? ORDER BY opened, id"
_STATES = "SELECT feed, version, called FROM feeds"
_STATE = "SELECT * FROM feeds WHERE feed = ?"
_BODY = "SELECT body FROM incidents WHERE id = ?"

_MAY_DIFFER = re.compile("[\ufffd\U00010000-\U0010ffff]")
"""Characters that may stand in a text of the database for others that it cannot hold."""


def _is_exact(text: str) -> bool:
    """Say whether a text of the database is surely the one that was to be written."""
    return text.isascii() or not _MAY_DIFFER.search(text)


@dataclass(frozen=True, slots=True)
class _Known(Generic[Part]):
    version: int
    updated: str
    part: Part


class Kept(Generic[Part]):
    """Incidents, or some fields of each (`part`; the same fields as `kind`), as last read or written."""

    def __init__(self, kind: type[Part], part: Callable[[Incident], Part]) -> None:
        self._kind, self._part = kind, part
        self._known: dict[str, _Known[Part]] = {}
        self._order: list[tuple[str, str]] = []
        self._since = self._oldest = ""
        self._data_version: int | None = None
        self._parts: list[Part] | None = None

    def since(self, connection: sqlite3.Connection, since: datetime) -> list[Part]:
        """Return the incidents updated at or after `since`, the first opened first."""
        earliest = stamp(since)
        (data_version,) = connection.execute("PRAGMA data_version").fetchone()
        if data_version != self._data_version or earliest < self._since:
            self._read(connection, earliest)
            self._data_version = data_version
        elif earliest > self._oldest:
            self._take({name: each for name, each in self._known.items() if each.updated >= earliest})
        self._since = earliest
        if self._parts is None:
            self._parts = [self._known[name].part for _, name in self._order]
        return list(self._parts)

    def keep(self, written: Iterable[tuple[Incident, str]]) -> None:
        """Take in incidents that this connection has written, each with its body as written."""
        if self._data_version is None:
            return
        for incident, body in written:
            updated = stamp(incident.updated)
            if updated < self._since:
                continue
            if incident.id not in self._known:
                insort(self._order, (stamp(incident.opened), incident.id))
            part = self._part(incident if _is_exact(body) else from_json(Incident, body))
            self._known[incident.id] = _Known(incident.version, updated, part)
            self._oldest = min(self._oldest, updated)
            self._parts = None

    def forget(self) -> None:
        """Read all again when next asked: this connection has deleted some."""
        self._data_version = None

    def _read(self, connection: sqlite3.Connection, earliest: str) -> None:
        """Read what is new or was changed by others."""
        known, order = dict[str, _Known[Part]](), []
        for name, version, opened, updated in connection.execute(_SINCE, (earliest,)).fetchall():
            before = self._known.get(name)
            if before is None or before.version != version:
                row = connection.execute(_BODY, (name,)).fetchone()
                if row is None:
                    continue  # another process has deleted it in between
                before = _Known(version, updated, from_json(self._kind, row["body"]))
            known[name] = before
            order.append((opened, name))
        self._order = order
        self._take(known)

    def _take(self, known: dict[str, _Known[Part]]) -> None:
        self._order = [each for each in self._order if each[1] in known]
        self._known, self._parts = known, None
        self._oldest = min((each.updated for each in known.values()), default="~")


class KeptStates:
    """The states of feeds as last read or written."""

    def __init__(self) -> None:
        self._states: dict[FeedId, FeedState] = {}
        self._data_version: int | None = None
        self._in_order = True

    def all(self, connection: sqlite3.Connection) -> Mapping[FeedId, FeedState]:
        """Return the state of every feed, by feed, as it is now."""
        self.known(connection)
        if not self._in_order:
            self._states, self._in_order = dict(sorted(self._states.items())), True
        return dict(self._states)

    def known(self, connection: sqlite3.Connection) -> Mapping[FeedId, FeedState]:
        """Return the state of every feed, in any order; it is changed by what is written later."""
        (data_version,) = connection.execute("PRAGMA data_version").fetchone()
        if data_version != self._data_version:
            self._read(connection)
            self._data_version = data_version
        return self._states

    def keep(self, written: Iterable[tuple[FeedState, rows.Row]]) -> None:
        """Take in states that this connection has written, each with its row; a hub's call stays."""
        if self._data_version is None:
            return
        for state, row in written:
            before = self._states.get(state.feed)
            if not _is_exact("".join(cell for cell in row if isinstance(cell, str))):
                self.forget()
                return
            called, self._in_order = before.called if before else None, self._in_order and before is not None
            self._states[state.feed] = state if state.called == called else replace(state, called=called)

    def forget(self) -> None:
        """Look again which have changed: this connection has written something else of them."""
        self._states, self._data_version = {}, None

    def _read(self, connection: sqlite3.Connection) -> None:
        """Read what is new or was changed by others."""
        found = connection.execute(_STATES).fetchall()
        states = {}
        for name, version, called in found:
            known = self._states.get(name)
            if known is None or (known.version, known.called and stamp(known.called)) != (version, called):
                row = connection.execute(_STATE, (name,)).fetchone()
                if row is None:
                    continue  # another process has deleted it in between
                known = rows.FEED.value(row)
            states[known.feed] = known
        self._states, self._in_order = states, False
