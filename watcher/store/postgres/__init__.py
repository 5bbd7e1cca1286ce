"""`PostgresStore`: every port of a store on one PostgreSQL database, for many nodes.

Only `bootstrap` imports this room, and only when the settings name a PostgreSQL database: who uses SQLite
needs no driver for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from watcher.errors import StoreError, UsageError
from watcher.store.postgres import schema
from watcher.store.postgres.engine import SCHEMA, PostgresEngine
from watcher.store.postgres.nodes import NodeTables

_SIZE = """
    SELECT sum(pg_total_relation_size(oid)) AS taken FROM pg_class
    WHERE relnamespace = to_regnamespace(?) AND relkind = 'r'
"""
_ABOUT = """
    SELECT current_setting('server_version'), pg_encoding_to_char(encoding), datcollate, datctype
    FROM pg_database WHERE datname = current_database()
"""
_NOT_INDEXED = """
    SELECT count(*) FROM items LEFT JOIN texts ON texts.item = items.id
    LEFT JOIN words ON words.rowid = texts.doc WHERE words.rowid IS NULL
"""


class PostgresStore(NodeTables):
    """Remembers in one PostgreSQL database. Any thread may call it, one call runs at a time."""

    def __init__(self, engine: PostgresEngine) -> None:
        super().__init__(engine)
        self._engine: PostgresEngine = engine
        self.name = engine.name

    @classmethod
    def open(cls, url: str, *, durable: bool = True) -> Self:
        """Open a database for writing, making its tables or bringing them up to date.

        Raises:
            StoreError: it cannot be reached, or was made by a newer program.
        """
        engine = PostgresEngine(url, durable=durable)
        with _closed_on_failure(engine):
            schema.bring_up_to_date(engine)
        return cls(engine)

    @classmethod
    def open_beside(cls, url: str) -> Self:
        """Open a database for a reviewer's word, beside those who poll.

        Raises:
            StoreError: it has no tables, or is not one that this program knows.
        """
        return cls(_existing(url, read_only=False))

    @classmethod
    def open_readonly(cls, url: str) -> Self:
        """Open a database for reading.

        Raises:
            StoreError: it has no tables, or is not one that this program knows.
        """
        return cls(_existing(url, read_only=True))

    @classmethod
    def is_there(cls, url: str) -> bool:
        """Say whether a database has tables of the watcher.

        Raises:
            StoreError: it cannot be reached, or was made by a newer program.
        """
        engine = PostgresEngine(url, read_only=True)
        try:
            return len(schema.steps_pending(engine)) < len(schema.SCHEMA_STEPS)
        finally:
            engine.close()

    @contextmanager
    def to_try(self, folder: Path) -> Iterator[Self]:  # noqa: ARG002 - SQLite copies its file there
        """Undo at the end what was written, so that nothing of it goes to a folder."""
        try:
            with self._engine.undoing():
                yield self
        finally:
            self._forget()
            self._states.forget()

    def size(self) -> tuple[int, int]:
        row = self._row(_SIZE, (SCHEMA,))
        return int(row["taken"] or 0), 0

    def give_back(self) -> int:
        """Leave that to the server, whose autovacuum finds room for what comes."""
        return 0

    def compact(self) -> None:
        raise UsageError(
            f"{self.name}: PostgreSQL compacts its tables by itself; "
            "`VACUUM FULL` gives room back to the disk, docs/postgres.md says how"
        )

    def is_current(self) -> bool:
        """Stay with the database of the address, as a node does while others bring its schema up to date.

        Raises:
            StoreError: the connection was lost.
        """
        return self._row("SELECT 1") is not None

    def about(self) -> str:
        version, encoding, collation, ctype = self._row(_ABOUT)
        return (
            f"PostgreSQL {version}, locale {collation}, ctype {ctype}, encoding {encoding}; "
            "texts compare as bytes and words are found by our own index, whatever these are"
        )

    def integrity(self) -> list[str]:
        (missing,) = self._row(_NOT_INDEXED)
        return [f"{missing} items are missing in the index of words"] if missing else []

    def backup(self, to: Path) -> None:
        raise UsageError(f"{self.name}: back it up with pg_dump, as docs/postgres.md says; {to} was not made")


def _existing(url: str, *, read_only: bool) -> PostgresEngine:
    engine = PostgresEngine(url, read_only=read_only)
    with _closed_on_failure(engine):
        if missing := schema.steps_pending(engine):
            nothing = len(missing) == len(schema.SCHEMA_STEPS)
            raise StoreError(
                f"{engine.name}: it has no tables of the watcher yet; `watcher db migrate` makes them"
                if nothing
                else f"{engine.name}: an older watcher wrote it; `watcher db migrate` brings it up to date"
            )
    return engine


@contextmanager
def _closed_on_failure(engine: PostgresEngine) -> Iterator[None]:
    try:
        yield
    except BaseException:
        engine.close()
        raise
