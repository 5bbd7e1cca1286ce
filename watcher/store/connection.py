"""A connection in, answers and transactions out: one call at a time from any thread, errors as sentences."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from watcher.errors import StoreError
from watcher.store.opening import transaction
from watcher.store.trouble import told_as_store_error

Values = Sequence[object] | Mapping[str, object]


class Connected:
    """What every part of the store works with."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, read_only: bool = False) -> None:
        self.path = path
        self._connection = connection
        self._read_only = read_only
        self._lock = RLock()

    def close(self) -> None:
        with self._lock, told_as_store_error(self.path):
            self._connection.close()

    def _rows(self, query: str, values: Values = ()) -> list[sqlite3.Row]:
        with self._reading() as connection:
            return connection.execute(query, values).fetchall()

    def _row(self, query: str, values: Values = ()) -> sqlite3.Row | None:
        with self._reading() as connection:
            found: sqlite3.Row | None = connection.execute(query, values).fetchone()
            return found

    def _write(self, statement: str, values: Values = ()) -> int:
        """Run one statement in a transaction; return how many rows it changed."""
        with self._writing() as connection:
            return connection.execute(statement, values).rowcount

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, told_as_store_error(self.path):
            yield self._connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._alone() as connection, transaction(connection):
            yield connection

    @contextmanager
    def _alone(self) -> Iterator[sqlite3.Connection]:
        """Hold the connection outside of a transaction, for what SQLite does by itself."""
        if self._read_only:
            raise StoreError(f"{self.path}: it was opened for reading only")
        with self._reading() as connection:
            yield connection
