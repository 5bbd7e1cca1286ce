"""What nodes share in and out: leases of feeds, signs of life, the lists, who judges and who has a duty.

Times are the nodes' shared clock's. A record that was judged under a permit is checked in its own
transaction: the leases must be in force, and the lists the newest. Whoever tells new lists waits for the
records under way, and these for it, by an advisory lock that they share.
"""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from socket import gethostname
from threading import Lock

import psycopg

from watcher.errors import TooLateError
from watcher.model.alerts import ChannelId, Delivery
from watcher.model.news import FeedId
from watcher.model.nodes import Lease, ListVersion, NodeName, NodeSign, Permit
from watcher.model.polling import Cycle
from watcher.polling.cadence import due_at
from watcher.ports import Nodes
from watcher.store.engine import Connection, Cursor
from watcher.store.postgres.engine import PostgresEngine, lock_number, session_address
from watcher.store.postgres.trouble import as_store_error
from watcher.store.tables import Tables
from watcher.store.values import from_json, moment, stamp, storable, to_json

_NOW = "SELECT clock_timestamp()"
# Two arms, each of which an index answers.
_FREE = "(until IS NULL AND due <= :now) OR (until <= :now AND due <= :now)"
_ENLIST = """
    INSERT INTO leases (feed, due) SELECT * FROM unnest(CAST(:feeds AS text[]), CAST(:due AS text[]))
    ON CONFLICT DO NOTHING
"""
_STRIKE = "DELETE FROM leases WHERE NOT feed = ANY(CAST(:feeds AS text[]))"
_DUE = f"SELECT count(*) AS number FROM leases WHERE {_FREE}"  # noqa: S608  our own words only
_FIRST_DUE = """
    SELECT least((SELECT min(due) FROM leases WHERE until IS NULL),
        (SELECT min(until) FROM leases WHERE until IS NOT NULL)) AS first
"""
_OLDEST_DUE = """
    SELECT least((SELECT min(due) FROM leases WHERE until IS NULL),
        (SELECT min(due) FROM leases WHERE until IS NOT NULL)) AS oldest
"""
_COLUMNS = "feed, due, generation, holder, until"
# By itself first: a plan that asks for the free ones again and again takes more than the most.
_TAKE = f"""
    WITH free AS MATERIALIZED (
        SELECT feed AS name FROM leases WHERE {_FREE} ORDER BY due, feed LIMIT :most FOR UPDATE SKIP LOCKED
    )
    UPDATE leases SET generation = generation + 1, holder = :holder, until = :until
    FROM free WHERE feed = name RETURNING {_COLUMNS}
"""  # noqa: S608  our own words only
_OF_BATCH = """
    FROM unnest(CAST(:feeds AS text[]), CAST(:generations AS bigint[])) AS batch (name, number)
    WHERE feed = name AND generation = number AND holder <> ''
"""
_HOLD_ON = f"UPDATE leases SET holder = :node, until = :until {_OF_BATCH} RETURNING {_COLUMNS}"  # noqa: S608
_LET_GO = f"UPDATE leases SET holder = '', until = NULL {_OF_BATCH}"  # noqa: S608  our own words only
_CHECK = f"SELECT feed {_OF_BATCH} FOR UPDATE OF leases".replace("FROM unnest", "FROM leases, unnest")
_ENDED = """
    UPDATE leases SET due = next,
        holder = CASE WHEN feed = ANY(CAST(:ended AS text[])) THEN '' ELSE holder END,
        until = CASE WHEN feed = ANY(CAST(:ended AS text[])) THEN NULL ELSE until END
    FROM unnest(CAST(:feeds AS text[]), CAST(:due AS text[])) AS states (name, next) WHERE feed = name
"""
_FREE_LEASES = "UPDATE leases SET holder = '', until = NULL WHERE holder = ?"
_SIGN = "INSERT INTO nodes (name, body) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body"
_SIGNS = "SELECT body FROM nodes ORDER BY name"
_RELEASE = """
    UPDATE deliveries SET holder = '', lease_until = NULL
    WHERE state = 'pending' AND lease_until IS NOT NULL AND starts_with(holder, ?)
"""
_FREE_CHANNEL = """
    UPDATE deliveries SET holder = '', lease_until = NULL
    WHERE state = 'pending' AND lease_until IS NOT NULL AND channel = ?
"""
_HELD = """
    SELECT CAST(classid AS bigint) << 32 | CAST(objid AS bigint) AS number
    FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_NEWEST_LISTS = "SELECT body FROM list_versions ORDER BY version DESC LIMIT 1"
_TELL = "INSERT INTO list_versions (version, body) VALUES (?, ?) ON CONFLICT DO NOTHING"
_FORGET_LISTS = "DELETE FROM list_versions WHERE version < ?"
_ALONE, _TOGETHER = "SELECT pg_advisory_xact_lock(?)", "SELECT pg_advisory_xact_lock_shared(?)"
_JUDGING, _LISTS = (lock_number("judging"),), (lock_number("lists"),)
_LISTS_KEPT = 100


class NodeTables(Tables, Nodes):
    """The tables that nodes share, and what of the others is different among several."""

    def __init__(self, engine: PostgresEngine) -> None:
        super().__init__(engine)
        self._duties = Duties(engine)

    def now(self) -> datetime:
        found: datetime = self._row(_NOW)[0]
        return found

    def shared_now(self) -> datetime | None:
        return self.now()

    def enlist(self, due: Mapping[FeedId, datetime]) -> None:
        feeds = sorted(due)
        listed = {"feeds": list(map(storable, feeds)), "due": [stamp(due[feed]) for feed in feeds]}
        with self._writing() as connection:
            connection.execute(_ENLIST, listed)
            connection.execute(_STRIKE, {"feeds": listed["feeds"]})

    def due_feeds(self, now: datetime) -> int:
        found: int = self._row(_DUE, {"now": stamp(now)})["number"]
        return found

    def first_due(self) -> datetime | None:
        first = self._row(_FIRST_DUE)["first"]
        return moment(first) if first else None

    def oldest_due(self) -> datetime | None:
        oldest = self._row(_OLDEST_DUE)["oldest"]
        return moment(oldest) if oldest else None

    def take(self, most: int, holder: str, now: datetime, until: datetime) -> Sequence[Lease]:
        asked = {"now": stamp(now), "most": most, "holder": storable(holder), "until": stamp(until)}
        with self._writing() as connection:
            return _leases(connection.execute(_TAKE, asked))

    def hold_on(self, batch: Mapping[FeedId, int], node: NodeName, until: datetime) -> Sequence[Lease]:
        asked = _of(batch) | {"node": storable(node), "until": stamp(until)}
        with self._writing() as connection:
            return _leases(connection.execute(_HOLD_ON, asked))

    def let_go_of(self, batch: Mapping[FeedId, int]) -> None:
        self._write(_LET_GO, _of(batch))

    def give_sign(self, sign: NodeSign) -> None:
        self._write(_SIGN, (storable(sign.name), to_json(sign)))

    def nodes(self) -> Sequence[NodeSign]:
        return [from_json(NodeSign, row["body"]) for row in self._rows(_SIGNS)]

    def forget_node(self, name: NodeName) -> None:
        with self._writing() as connection:
            for sign in self.nodes():
                if sign.name == name:
                    self.free_of(sign)
            connection.execute("DELETE FROM nodes WHERE name = ?", (storable(name),))

    def free_of(self, node: NodeSign) -> None:
        with self._writing() as connection:
            connection.execute(_FREE_LEASES, (storable(node.name),))
            connection.execute(_RELEASE, (f"{node.machine} {node.process} ",))

    def lists_told(self) -> ListVersion | None:
        row = self._row(_NEWEST_LISTS)
        return from_json(ListVersion, row["body"]) if row else None

    def tell_lists(self, lists: ListVersion) -> bool:
        with self._writing() as connection:
            connection.execute(_ALONE, _LISTS)
            told = connection.execute(_TELL, (lists.version, to_json(lists))).rowcount
            connection.execute(_FORGET_LISTS, (lists.version - _LISTS_KEPT,))
        return bool(told)

    @contextmanager
    def going_by(self, lists: int) -> Iterator[None]:
        with self._whole() as connection:
            _check_lists(connection, lists)
            yield

    @contextmanager
    def judging(self) -> Iterator[None]:
        with self._whole() as connection:
            connection.execute(_ALONE, _JUDGING)
            yield

    def free(self, channel: ChannelId) -> None:
        self._write(_FREE_CHANNEL, (storable(channel),))

    def has_duty(self, duty: str) -> bool:
        return self._duties.has(duty)

    def record(self, cycle: Cycle, deliveries: Sequence[Delivery]) -> None:
        with self._whole() as connection:
            if cycle.permit:
                _check(connection, cycle.permit, cycle)
            super().record(cycle, deliveries)
            if cycle.states:
                _end(connection, cycle)

    def poll_soon(self, feed: FeedId, at: datetime) -> None:
        with self._writing() as connection:
            super().poll_soon(feed, at)
            if state := self.state(feed):
                due = {"feeds": [storable(feed)], "due": [stamp(due_at(state))], "ended": []}
                connection.execute(_ENDED, due)

    def release(self) -> None:
        """Let go of what an earlier process of this number on this machine held; others live, and go on."""
        self._write(_RELEASE, (f"{gethostname()} {os.getpid()} ",))

    def lay_down(self, duty: str) -> None:
        self._duties.lay_down(duty)

    def missing(self, duties: Collection[str]) -> frozenset[str]:
        held = {row["number"] for row in self._rows(_HELD)}
        return frozenset(duty for duty in duties if _number_of(duty) not in held)

    def close(self) -> None:
        self._duties.close()
        super().close()

    @contextmanager
    def _whole(self) -> Iterator[Connection]:
        """Write in one transaction; what was kept as written is read again if it was not."""
        try:
            with self._writing() as connection:
                yield connection
        except BaseException:
            self._forget()
            self._states.forget()
            raise


class Duties:
    """What one process does for all: held by a session of its own, and gone with it."""

    def __init__(self, engine: PostgresEngine) -> None:
        self._engine, self._lock = engine, Lock()
        self._session: psycopg.Connection[tuple[bool]] | None = None
        self._held: set[str] = set()

    def has(self, duty: str) -> bool:
        """Say whether a duty is held, and take it if nobody holds it."""
        with self._lock, as_store_error(self._engine.name):
            try:
                return self._has(duty)
            except psycopg.OperationalError:
                self._drop()  # its session has ended, and with it what it held
                return self._has(duty)

    def _has(self, duty: str) -> bool:
        session = self._session = self._session or self._opened()
        if duty in self._held:
            session.execute("SELECT true")
            return True
        taken = session.execute("SELECT pg_try_advisory_lock(%s)", (_number_of(duty),)).fetchone()
        if taken and taken[0]:
            self._held.add(duty)
        return duty in self._held

    def lay_down(self, duty: str) -> None:
        """Give a duty up."""
        with self._lock:
            if self._session and duty in self._held:
                self._held.discard(duty)
                try:
                    self._session.execute("SELECT pg_advisory_unlock(%s)", (_number_of(duty),))
                except psycopg.Error:
                    self._drop()

    def close(self) -> None:
        """Give all duties back."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        self._held.clear()
        if self._session:
            self._session.close()
        self._session = None

    def _opened(self) -> "psycopg.Connection[tuple[bool]]":
        return psycopg.connect(session_address(self._engine.url), autocommit=True, connect_timeout=5)


def _number_of(duty: str) -> int:
    return lock_number(f"duty {duty}")


def _check(connection: Connection, permit: Permit, cycle: Cycle) -> None:
    """Raise `TooLateError` unless what a permit says holds, and will until this is recorded."""
    if permit.lists is not None:
        _check_lists(connection, permit.lists)
    polled = {poll.feed: permit.leases[poll.feed] for poll in cycle.polls if poll.feed in permit.leases}
    if polled:
        found = {row["feed"] for row in connection.execute(_CHECK, _of(polled))}
        if late := sorted(storable(feed) for feed in polled if storable(feed) not in found):
            raise TooLateError(f"the lease of {late[0]} is over, and of {len(late) - 1} more feeds")


def _check_lists(connection: Connection, lists: int) -> None:
    """Raise `TooLateError` unless a version of the lists is the newest, and will be until this ends."""
    connection.execute(_TOGETHER, _LISTS)
    row = connection.execute(_NEWEST_LISTS).fetchone()
    told = from_json(ListVersion, row["body"]).version if row else None
    if told != lists:
        raise TooLateError(f"version {lists} of the lists was gone by, and {told} is told")


def _end(connection: Connection, cycle: Cycle) -> None:
    """Write when feeds are due next, and let go of those that were polled."""
    states = sorted(cycle.states, key=lambda state: state.feed)
    connection.execute(
        _ENDED,
        {
            "feeds": [storable(state.feed) for state in states],
            "due": [stamp(due_at(state)) for state in states],
            "ended": [storable(poll.feed) for poll in cycle.polls],
        },
    )


def _of(batch: Mapping[FeedId, int]) -> dict[str, object]:
    feeds = sorted(batch)
    return {"feeds": list(map(storable, feeds)), "generations": [batch[feed] for feed in feeds]}


def _leases(rows: Cursor) -> list[Lease]:
    found = [
        Lease(
            feed=FeedId(row["feed"]),
            due=moment(row["due"]),
            generation=row["generation"],
            holder=row["holder"],
            until=moment(row["until"]) if row["until"] else None,
        )
        for row in rows
    ]
    return sorted(found, key=lambda lease: (lease.due, lease.feed))
