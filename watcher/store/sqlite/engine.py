"""A connection to SQLite in, what the tables need of a database program out."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import RLock

from watcher.errors import StoreError
from watcher.store.engine import Connection, Cursor, Engine
from watcher.store.sqlite.opening import not_waiting_for_the_disk, transaction
from watcher.store.sqlite.trouble import told_as_store_error
from watcher.store.sqlite.words import Fts5

_NUMBERS_GIVEN = "SELECT name, seq FROM sqlite_sequence"
_NUMBERED = ("alerts", "actions", "levels", "closings")


class SqliteEngine(Engine):
    """One connection to a file, and a lock round it."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, read_only: bool = False) -> None:
        self.path, self.name, self.words = path, str(path), Fts5()
        self.connection, self.seen = connection, _seen
        self._read_only = read_only
        self._lock = RLock()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, told_as_store_error(self.path):
            yield self.connection

    @contextmanager
    def writing(self, *, lasting: bool = True) -> Iterator[sqlite3.Connection]:
        with (
            self.alone() as connection,
            nullcontext() if lasting else not_waiting_for_the_disk(connection),
            transaction(connection),
        ):
            yield connection

    @contextmanager
    def alone(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection outside of a transaction, for what SQLite does by itself."""
        if self._read_only:
            raise StoreError(f"{self.path}: it was opened for reading only")
        with self.reading() as connection:
            yield connection

    def in_turn(self, connection: Connection, what: str) -> None:
        """Who writes has waited for that when the transaction began."""

    def numbers_given(self, connection: Connection) -> Mapping[str, int]:
        return {row["name"]: row["seq"] for row in connection.execute(_NUMBERS_GIVEN)}

    def number_on(self, connection: Connection, given: Mapping[str, int]) -> None:
        for table, number in given.items():
            known = connection.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (number, table))
            if not known.rowcount and table in _NUMBERED:
                connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, number))

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        with self.reading() as connection:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def each_row(self, connection: Connection, query: str) -> Iterator[Cursor]:
        yield connection.execute(query)

    def close(self) -> None:
        with self._lock, told_as_store_error(self.path):
            self.connection.close()


def _seen(connection: Connection) -> object:
    (version,) = connection.execute("PRAGMA data_version").fetchone()
    return version
