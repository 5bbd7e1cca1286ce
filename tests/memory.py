"""The store of SQLite in memory: as quick to make as a fake."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from watcher.errors import StoreError
from watcher.model.alerts import Delivery
from watcher.model.polling import Cycle
from watcher.store import SqliteStore
from watcher.store.sqlite.engine import SqliteEngine
from watcher.store.sqlite.words import teach_tokens


@cache
def an_empty_database() -> bytes:
    """Return the bytes of a database that was just made."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "watcher.db"
        SqliteStore.open(path, durable=False).close()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            return connection.serialize()


class MemoryStore(SqliteStore):
    """Remembers in a database in memory. Its disk is full for as long as `full` is set."""

    full = False

    def __init__(self) -> None:
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        connection.deserialize(an_empty_database())
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        teach_tokens(connection)
        super().__init__(SqliteEngine(Path(":memory:"), connection))

    def record(self, cycle: Cycle, deliveries: Sequence[Delivery]) -> None:
        if self.full:
            raise StoreError("the disk is full")
        super().record(cycle, deliveries)
