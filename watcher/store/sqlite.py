"""`SqliteStore`: every port of a store on one SQLite file, each part in a module of its own."""

from pathlib import Path
from typing import Self

from watcher.store.archive import ArchiveTables
from watcher.store.housekeeping import Housekeeping
from watcher.store.listing import ListingTables
from watcher.store.opening import connect_beside, connect_reader, connect_writer
from watcher.store.outbox import OutboxTables
from watcher.store.recording import Recording
from watcher.store.trouble import told_as_store_error


class SqliteStore(Recording, OutboxTables, ArchiveTables, ListingTables, Housekeeping):
    """Remembers in one SQLite file. Any thread may call it, one call runs at a time."""

    @classmethod
    def open(cls, path: Path, *, durable: bool = True) -> Self:
        """Open a database for writing, making it or bringing its schema up to date.

        Not `durable` is for what can be made again, such as a replay: much faster, and lost when the machine
        (not the program) crashes.

        Raises:
            StoreError: it cannot be opened, is damaged, or was made by a newer program.
        """
        with told_as_store_error(path):
            return cls(path, connect_writer(path, durable=durable))

    @classmethod
    def open_beside(cls, path: Path) -> Self:
        """Open a database for a reviewer's word, beside the one who writes.

        Raises:
            StoreError: there is none, it is damaged, or its schema is not the one this program knows.
        """
        with told_as_store_error(path):
            return cls(path, connect_beside(path))

    @classmethod
    def open_readonly(cls, path: Path) -> Self:
        """Open a database for reading, beside the one who writes.

        Raises:
            StoreError: there is none, it is damaged, or its schema is not the one this program knows.
        """
        with told_as_store_error(path):
            return cls(path, connect_reader(path), read_only=True)
