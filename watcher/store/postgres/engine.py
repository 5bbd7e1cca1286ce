"""An address in, what the tables need of a database program out, by PostgreSQL.

One connection for each store, and a lock round it: what is kept decoded stays that of one line of writes, and
a store's threads mostly wait for feeds and not for the database. Who wants more at once opens more stores.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from threading import RLock
from typing import Any, cast

import psycopg
from psycopg import conninfo, errors

from watcher.errors import StoreError
from watcher.store.engine import Connection, Cursor, Engine, Values
from watcher.store.postgres.statements import BoolAsNumber, row_maker, translated
from watcher.store.postgres.trouble import as_store_error, without_secrets
from watcher.store.postgres.words import TokenIndex

SCHEMA = "watcher"
"""All tables are in this schema of the database."""

_DEFAULTS: dict[str, Any] = {
    "application_name": "watcher",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "tcp_user_timeout": 60_000,
}
"""So that a machine that is gone is noticed; the address may say otherwise."""

_MISSED = (
    "-cidle_in_transaction_session_timeout=30s",
    "-ctcp_keepalives_idle=10",
    "-ctcp_keepalives_interval=5",
    "-ctcp_keepalives_count=3",
)
"""So that the server notices it, too, within half a minute, and whoever waits for what it held goes on."""

_NUMBERED = {"alerts": "seq", "actions": "seq", "levels": "seq", "closings": "seq", "texts": "doc"}
_NUMBERS_GIVEN = " UNION ALL ".join(
    f"""SELECT '{table}' AS name, CASE WHEN is_called THEN last_value ELSE 0 END AS number
    FROM {table}_{column}_seq"""  # noqa: S608  our own words only
    for table, column in _NUMBERED.items()
)
_NUMBER_ON = """
    SELECT setval(pg_get_serial_sequence(:table, :column), greatest(number, 1), number > 0)
    FROM (SELECT greatest(:given, max({column})) AS number FROM {table}) AS last
"""


class PostgresConnection(Connection):
    """A connection that runs statements of the tables."""

    def __init__(self, raw: "psycopg.Connection[Any]") -> None:
        self.raw = raw

    def execute(self, statement: str, values: Values = (), /) -> Cursor:
        return self.raw.execute(cast("Any", translated(statement)), values)

    def executemany(self, statement: str, values: Iterable[Values], /) -> Cursor:
        cursor = self.raw.cursor()
        cursor.executemany(cast("Any", translated(statement)), list(values))
        return cursor


class PostgresEngine(Engine):
    """One connection, made again when it was lost, and a lock round it."""

    seen = None  # whoever commits says it to nobody: versions are compared each time

    def __init__(self, url: str, *, read_only: bool = False, durable: bool = True) -> None:
        self.name, self.words, self.read_only = without_secrets(url), TokenIndex(), read_only
        self.url, self._durable, self._lock, self._closed = url, durable, RLock(), False
        self._transactions = 0  # under way, one inside of the other
        self._is_undone = False
        with as_store_error(self.name):
            self._connection = self._connect()

    @contextmanager
    def reading(self) -> Iterator[PostgresConnection]:
        with self._lock, as_store_error(self.name):
            connection = self._alive()
            try:
                yield connection
            except errors.FeatureNotSupported:
                # a newer version has added a column: what this connection has prepared is of before
                connection.raw.close()
                raise

    @contextmanager
    def writing(self, *, lasting: bool = True) -> Iterator[PostgresConnection]:  # noqa: ARG002 - others act on it
        if self.read_only:
            raise StoreError(f"{self.name}: it was opened for reading only")
        with self.reading() as connection, self._transaction(connection):
            yield connection

    @contextmanager
    def undoing(self) -> Iterator[None]:
        """Hold the connection and take back, at the end, all that was written meanwhile.

        Nobody waits for that, and it waits for nobody's turn.
        """
        read_only = self.read_only
        with self.reading() as connection, self._transaction(connection, undo=True):
            connection.execute("SET TRANSACTION READ WRITE")
            self._is_undone, self.read_only = True, False
            try:
                yield
            finally:
                self._is_undone, self.read_only = False, read_only

    def in_turn(self, connection: Connection, what: str) -> None:
        if not self._is_undone:
            connection.execute("SELECT pg_advisory_xact_lock(?)", (lock_number(what),))

    def numbers_given(self, connection: Connection) -> Mapping[str, int]:
        return {row["name"]: row["number"] for row in connection.execute(_NUMBERS_GIVEN)}

    def number_on(self, connection: Connection, given: Mapping[str, int]) -> None:
        for table, column in _NUMBERED.items():
            statement = _NUMBER_ON.format(table=table, column=column)
            connection.execute(statement, {"table": table, "column": column, "given": given.get(table, 0)})

    @contextmanager
    def snapshot(self) -> Iterator[PostgresConnection]:
        with self.reading() as connection, self._transaction(connection):
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")  # nobody waits for it
            yield connection

    @contextmanager
    def each_row(self, connection: Connection, query: str) -> Iterator[Cursor]:
        with cast("PostgresConnection", connection).raw.cursor("rows") as cursor:
            yield cursor.execute(cast("Any", translated(query)))

    def close(self) -> None:
        with self._lock, as_store_error(self.name):
            self._closed = True
            self._connection.raw.close()

    @contextmanager
    def _transaction(self, connection: PostgresConnection, *, undo: bool = False) -> Iterator[None]:
        self._transactions += 1
        try:
            with connection.raw.transaction(force_rollback=undo):
                yield
        finally:
            self._transactions -= 1

    def _alive(self) -> PostgresConnection:
        """Return the connection, another one when it was lost, but not in a transaction: that has failed."""
        if self._connection.raw.closed and not self._closed and not self._transactions:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> PostgresConnection:
        options = [
            f"-csearch_path={SCHEMA},public",
            f"-cdefault_transaction_read_only={'on' if self.read_only else 'off'}",
        ]
        if not self._durable:
            options.append("-csynchronous_commit=off")
        raw: psycopg.Connection[Any] = psycopg.connect(
            session_address(self.url, *options),
            autocommit=True,
            row_factory=cast("Any", row_maker),
        )
        raw.adapters.register_dumper(bool, BoolAsNumber)
        return PostgresConnection(raw)


def session_address(url: str, *options: str) -> str:
    """Return an address for a session of ours, which is missed when its machine is gone.

    What the address says goes before that, and the options go before what it says.
    """
    asked = conninfo.conninfo_to_dict(url)
    said = " ".join(filter(None, (*_MISSED, str(asked.pop("options", None) or ""), *options)))
    return conninfo.make_conninfo(**(_DEFAULTS | asked | {"options": said}))


def lock_number(what: str) -> int:
    """Return the number of an advisory lock of ours."""
    return int.from_bytes(blake2b(f"watcher {what}".encode(), digest_size=8).digest(), signed=True)
