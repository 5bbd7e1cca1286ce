"""The database as a file: size, integrity, backup."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from watcher.errors import StoreError
from watcher.store.sqlite.engine import SqliteEngine
from watcher.store.sqlite.opening import copy_database
from watcher.store.sqlite.trouble import is_damage, told_as_store_error

PAGES = 500
"""Pages given back at a time."""


class SqliteFile:
    """What takes room in the file, and whether it is sound."""

    _engine: SqliteEngine
    path: Path
    _opened: object

    def size(self) -> tuple[int, int]:
        with self._engine.reading() as connection:
            pages, free, page = (
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("page_count", "freelist_count", "page_size")
            )
        return pages * page, free * page

    def give_back(self, pages: int = PAGES) -> int:
        with self._engine.alone() as connection:
            connection.executescript(f"PRAGMA incremental_vacuum({pages})")  # `execute` would stop after one
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            return int(connection.execute("PRAGMA freelist_count").fetchone()[0])

    def compact(self) -> None:
        with self._engine.alone() as connection:
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def is_current(self) -> bool:
        return self._state() == self._opened

    def _state(self) -> object:
        """Return what is another value once another file is in the place, or the schema has changed."""
        with self._engine.reading() as connection:
            file = self.path.stat() if self.path.exists() else None
            (version,) = connection.execute("PRAGMA schema_version").fetchone()
        return file and (file.st_dev, file.st_ino), version

    def about(self) -> str:
        return ""

    def integrity(self) -> list[str]:
        with self._engine.reading() as connection:
            if broken := list(_broken_pages(connection)):
                return broken  # the next question would only stumble over the same pages
            orphans = connection.execute("PRAGMA foreign_key_check")
            return [
                f"a row of {table} refers to a missing row of {parent}" for table, _, parent, _ in orphans
            ]

    def backup(self, to: Path) -> None:
        if to.exists():
            raise StoreError(f"{to}: exists already; name a file that does not")
        with told_as_store_error(to):
            copy_database(self.path, to)


def _broken_pages(connection: sqlite3.Connection) -> Iterator[str]:
    try:
        yield from (row[0] for row in connection.execute("PRAGMA integrity_check") if row[0] != "ok")
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        yield str(error)  # the check itself gave up: that is its finding
