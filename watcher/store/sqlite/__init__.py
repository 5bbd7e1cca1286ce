"""`SqliteStore`: every port of a store on one SQLite file."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Self

from watcher.store.sqlite.engine import SqliteEngine
from watcher.store.sqlite.file import SqliteFile
from watcher.store.sqlite.opening import connect_beside, connect_reader, connect_writer
from watcher.store.sqlite.trouble import told_as_store_error
from watcher.store.tables import Tables


class SqliteStore(Tables, SqliteFile):
    """Remembers in one SQLite file. Any thread may call it, one call runs at a time."""

    def __init__(self, engine: SqliteEngine) -> None:
        super().__init__(engine)
        self._engine: SqliteEngine = engine
        self.path = engine.path
        self._opened = self._state()

    @classmethod
    def open(cls, path: Path, *, durable: bool = True) -> Self:
        """Open a database for writing, making it or bringing its schema up to date.

        Not `durable` is for what can be made again, such as a replay: much faster, and lost when the machine
        (not the program) crashes.

        Raises:
            StoreError: it cannot be opened, is damaged, or was made by a newer program.
        """
        with told_as_store_error(path):
            return cls(SqliteEngine(path, connect_writer(path, durable=durable)))

    @contextmanager
    def to_try(self, folder: Path) -> Iterator[Self]:
        copy = folder / self.path.name
        self.backup(copy)
        with closing(type(self).open(copy, durable=False)) as store:
            yield store

    @classmethod
    def open_beside(cls, path: Path) -> Self:
        """Open a database for a reviewer's word, beside the one who writes.

        Raises:
            StoreError: there is none, it is damaged, or its schema is not the one this program knows.
        """
        with told_as_store_error(path):
            return cls(SqliteEngine(path, connect_beside(path)))

    @classmethod
    def open_readonly(cls, path: Path) -> Self:
        """Open a database for reading, beside the one who writes.

        Raises:
            StoreError: there is none, it is damaged, or its schema is not the one this program knows.
        """
        with told_as_store_error(path):
            return cls(SqliteEngine(path, connect_reader(path), read_only=True))
