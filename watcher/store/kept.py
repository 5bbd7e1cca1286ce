"""A database in, its open incidents and the states of its feeds out, without reading again what is known.

Every poll asks for them, and changes a few of them. What this connection writes is kept as it
is written. Where the engine tells that others have written, or tells nothing, versions are compared, and only
what has another one is read again.
"""

import re
from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import takewhile
from typing import Generic, TypeVar

from watcher.model.alerts import Incident
from watcher.model.news import FeedId
from watcher.model.polling import FeedState
from watcher.store import rows
from watcher.store.engine import Connection, Seen, StoredRow
from watcher.store.values import from_json, stamp, to_json

Part = TypeVar("Part")

_SINCE = "SELECT id, version, opened, updated FROM incidents WHERE updated >= ? ORDER BY opened, id"
_STATES = "SELECT feed, version, called FROM feeds"
_STATE = "SELECT * FROM feeds WHERE feed = ?"
_SOME_STATES = "SELECT * FROM feeds WHERE feed IN (SELECT value FROM json_each(?))"
_BODIES = "SELECT id, body FROM incidents WHERE id IN (SELECT value FROM json_each(?))"

_MAY_DIFFER = re.compile("[\ufffd\U00010000-\U0010ffff]")
"""Characters that may stand in a text of the database for others that it cannot hold."""


def _is_exact(text: str) -> bool:
    """Say whether a text of the database is surely the one that was to be written."""
    return text.isascii() or not _MAY_DIFFER.search(text)


class _Look:
    """Whether what is kept was compared with what is stored since others wrote."""

    def __init__(self, seen: Seen | None) -> None:
        self._seen, self.taken = seen, False
        self._at: object = None

    @property
    def each_time(self) -> bool:
        """Whether nothing tells that others have written."""
        return self._seen is None

    @contextmanager
    def taking(self, connection: Connection) -> Iterator[bool]:
        """Say whether to compare, which counts as done when nothing was raised."""
        now = self._seen(connection) if self._seen else None
        yield not self.taken or now is None or now != self._at
        self._at, self.taken = now, True

    def forget(self) -> None:
        """Compare when next asked."""
        self.taken = False


@dataclass(frozen=True, slots=True)
class _Known(Generic[Part]):
    version: int
    updated: str
    part: Part


class Kept(Generic[Part]):
    """Incidents, or some fields of each (`part`; the same fields as `kind`), as last read or written."""

    def __init__(self, kind: type[Part], part: Callable[[Incident], Part], seen: Seen | None) -> None:
        self._kind, self._part, self._look = kind, part, _Look(seen)
        self._known: dict[str, _Known[Part]] = {}
        self._order: list[tuple[str, str]] = []
        self._since = self._oldest = ""
        self._parts: list[Part] | None = None

    def since(self, connection: Connection, since: datetime) -> list[Part]:
        """Return the incidents updated at or after `since`, the first opened first."""
        earliest = stamp(since)
        with self._look.taking(connection) as due:
            if due or earliest < self._since:
                self._read(connection, earliest)
            elif earliest > self._oldest:
                self._take({name: each for name, each in self._known.items() if each.updated >= earliest})
        self._since = earliest
        if self._parts is None:
            self._parts = [self._known[name].part for _, name in self._order]
        return list(self._parts)

    def keep(self, written: Iterable[tuple[Incident, str]]) -> None:
        """Take in incidents that this connection has written, each with its body as written."""
        if not self._look.taken:
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
        """Look again when next asked: this connection has deleted some."""
        self._look.forget()

    def _read(self, connection: Connection, earliest: str) -> None:
        """Read what is new or was changed by others."""
        stored = connection.execute(_SINCE, (earliest,)).fetchall()
        known = {
            name: before
            for name, version, _, _ in stored
            if (before := self._known.get(name)) is not None and before.version == version
        }
        others = {name: (version, updated) for name, version, _, updated in stored if name not in known}
        if others:
            for name, body in connection.execute(_BODIES, (to_json(tuple(others)),)):
                known[name] = _Known(*others[name], from_json(self._kind, body))
        # another process may have deleted some in between
        self._order = [(opened, name) for name, _, opened, _ in stored if name in known]
        self._take(known)

    def _take(self, known: dict[str, _Known[Part]]) -> None:
        self._order = [each for each in self._order if each[1] in known]
        self._known, self._parts = known, None
        self._oldest = min((each.updated for each in known.values()), default="~")


class KeptStates:
    """The states of feeds as last read or written."""

    def __init__(self, seen: Seen | None) -> None:
        self._states: dict[FeedId, FeedState] = {}
        self._look, self._in_order = _Look(seen), True
        self._changes, self._last_change = dict[FeedId, int](), 0  # the number of each, the newest last

    def all(self, connection: Connection) -> Mapping[FeedId, FeedState]:
        """Return the state of every feed, by feed, as it is now."""
        with self._look.taking(connection) as due:
            if due:
                self._read(connection)
        if not self._in_order:
            self._states, self._in_order = dict(sorted(self._states.items())), True
        return dict(self._states)

    def changed(self, connection: Connection, since: int) -> tuple[int, Mapping[FeedId, FeedState]]:
        """Return the number of the last change, and the states that have changed after another."""
        with self._look.taking(connection) as due:
            if due:
                self._read(connection)
        newest_first = takewhile(lambda change: change[1] > since, reversed(self._changes.items()))
        return self._last_change, {
            feed: self._states[feed] for feed, _ in newest_first if feed in self._states
        }

    def some(self, connection: Connection, feeds: Sequence[FeedId]) -> Mapping[FeedId, FeedState]:
        """Return the states of some feeds as they are now."""
        if self._look.each_time:
            found = connection.execute(_SOME_STATES, (to_json(tuple(feeds)),)).fetchall()
            states = {row["feed"]: self._of_row(row) for row in found}
            self._put(states)
            return states
        with self._look.taking(connection) as due:
            if due:
                self._read(connection)
        return {feed: self._states[feed] for feed in feeds if feed in self._states}

    def one(self, connection: Connection, feed: FeedId) -> FeedState | None:
        """Return the state of a feed as it is now."""
        if self._look.each_time:
            row = connection.execute(_STATE, (feed,)).fetchone()
            return rows.FEED.value(row) if row else None
        with self._look.taking(connection) as due:
            if due:
                self._read(connection)
        return self._states.get(feed)

    def kept(self) -> Mapping[FeedId, FeedState]:
        """Return the states as last read or written, which others may have changed since."""
        return self._states

    def keep(self, written: Iterable[tuple[FeedState, rows.Cells]]) -> None:
        """Take in states that this connection has written, each with what was written of it.

        A hub's call stays.
        """
        if not self._look.taken:
            return
        states = dict[FeedId, FeedState]()
        for state, cells in written:
            before, kept = self._states.get(state.feed), state
            if not _is_exact("".join(cell for cell in cells.values() if isinstance(cell, str))):
                kept = rows.FEED.as_stored(state, cells)
            called = before.called if before else None
            states[kept.feed] = kept if kept.called == called else replace(kept, called=called)
        self._put(states)

    def look_again(self) -> None:
        """Compare when next asked: this connection has written something else of them."""
        self._look.forget()

    def forget(self) -> None:
        """Read all again when next asked: what was taken in was not written after all."""
        self._states = {}
        self._look.forget()

    def _read(self, connection: Connection) -> None:
        """Read what is new or was changed by others."""
        stored = {name: (version, called) for name, version, called in connection.execute(_STATES).fetchall()}
        self._states = {
            name: state for name, state in self._states.items() if stored.get(name) == _written(state)
        }
        others = to_json(tuple(name for name in stored if name not in self._states))
        self._put({row["feed"]: rows.FEED.value(row) for row in connection.execute(_SOME_STATES, (others,))})

    def _put(self, states: Mapping[FeedId, FeedState]) -> None:
        """Take in states that are new or have changed."""
        self._in_order = self._in_order and states.keys() <= self._states.keys()
        self._states |= states
        self._last_change += 1
        for feed in states:
            self._changes.pop(feed, None)
            self._changes[feed] = self._last_change

    def _of_row(self, row: StoredRow) -> FeedState:
        """Return the state of a row, decoded only if it is not the one that is known."""
        known = self._states.get(row["feed"])
        if known is not None and _written(known) == (row["version"], row["called"]):
            return known
        return rows.FEED.value(row)


def _written(state: FeedState) -> tuple[int, str | None]:
    """Return what changes in the database whenever a state does."""
    return state.version, stamp(state.called) if state.called else None
