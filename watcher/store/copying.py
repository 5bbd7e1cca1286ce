"""Two stores in, all that one has in the other out: in one transaction, and only into an empty one.

Everything goes along that keeps an alert from being told twice: deliveries and who holds them, digests,
notes, the keys of pruned items, and the numbers that were given to alerts and closings. The index of words is
made anew, for each database program has its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from watcher.errors import StoreError
from watcher.store.engine import Connection, Cursor, Engine
from watcher.store.tables import TABLES
from watcher.store.values import without_nul

_COPIED = (*TABLES, "texts")
_IN_ORDER = {"items": "rowid", "revisions": "rowid", "decisions": "rowid"}
"""Rows that are numbered by themselves, as they come."""
_MADE = {"incidents": {"told_at", "listed", "indicator", "severity", "claim"}}
"""Columns that the database makes of others."""
_ROWS = 1000
"""Rows that are held at a time."""


def copy_store(source: Engine, target: Engine) -> Mapping[str, int]:
    """Copy all that is stored; return how many rows of each table there were.

    Raises:
        StoreError: something is stored in the target already; or one of them cannot be used, and nothing was
            copied.
    """
    with source.snapshot() as reading, target.writing() as writing:
        if full := [table for table in _COPIED if _is_full(writing, table)]:
            raise StoreError(
                f"{target.name}: it is not empty ({', '.join(full)}); copy into a new database, "
                "so that nothing is stored or told twice"
            )
        copied = {table: _copy(table, source, reading, writing) for table in _COPIED}
        target.words.fill(writing)
        target.number_on(writing, source.numbers_given(reading))
    return {table: copied[table] for table in TABLES}


def _is_full(connection: Connection, table: str) -> bool:
    return connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None  # noqa: S608  our own words


def _copy(table: str, source: Engine, reading: Connection, writing: Connection) -> int:
    order = _IN_ORDER.get(table)
    query = f"SELECT * FROM {table}{f' ORDER BY {order}' if order else ''}"  # noqa: S608  our own words
    made, copied = _MADE.get(table, set()) | {"rowid"}, 0
    with source.each_row(reading, query) as rows:
        for part in _parts(rows):
            columns = [column[0] for column in rows.description if column[0] not in made]
            places = ", ".join("?" * len(columns))
            statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608  our own words
            writing.executemany(statement, [[_cell(name, row[name]) for name in columns] for row in part])
            copied += len(part)
    return copied


def _parts(rows: Cursor) -> Iterator[Sequence[Any]]:
    remaining = iter(rows)
    while part := list(islice(remaining, _ROWS)):
        yield part


def _cell(column: str, found: Any) -> Any:
    """Return what is stored of a cell; older versions kept an escape in JSON that PostgreSQL refuses."""
    return without_nul(found) if column == "body" else found
