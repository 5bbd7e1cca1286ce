"""A path in, a connection out: for the one writer, for readers, and copies of the whole file."""

import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from watcher.errors import StoreError
from watcher.store import schema

if TYPE_CHECKING:
    from sqlite_utils import Database

_BUSY_SECONDS = 10.0


def open_writer(path: Path, *, durable: bool) -> "Database":
    """Open, or make, a database and bring it to the newest schema; a copy is kept beside it before an old one changes.

    Raises:
        StoreError: it was made by a newer program or by another one, or lies where SQLite cannot keep a log.
    """
    from sqlite_utils import Database  # noqa: PLC0415  heavy, and only a writer needs it

    path.parent.mkdir(parents=True, exist_ok=True)
    # isolation_level None: the sqlite3 module opens no transaction by itself; `atomic()` alone does.
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        done = _checked(connection, path)
        _tune(connection, path, durable=durable)
        _copy_before_change(path, done)
        database = Database(connection, execute_plugins=False)
        schema.migrate(database)
    except BaseException:
        connection.close()
        raise
    connection.row_factory = sqlite3.Row
    return database


def open_reader(path: Path) -> sqlite3.Connection:
    """Open a database that can be read and never written.

    Raises:
        StoreError: there is none, or its schema is not the one this program knows.
    """
    if not path.exists():
        raise StoreError(f"{path}: there is no database yet; `watcher poll` or `watcher run` makes it, or name another data folder")
    connection = _connect_read_only(path)
    try:
        _refuse_old(_checked(connection, path), path)
    except BaseException:
        connection.close()
        raise
    connection.row_factory = sqlite3.Row
    return connection


def copy_database(source: Path, target: Path) -> None:
    """Copy a database while it is in use; the copy has its name only when it is complete and on the disk."""
    unfinished = target.with_name(f"{target.name}.part")
    unfinished.unlink(missing_ok=True)
    try:
        _copy_pages(source, unfinished)
        _flush(unfinished)
        unfinished.replace(target)
        _flush(target.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _checked(connection: sqlite3.Connection, path: Path) -> list[str]:
    if schema.is_foreign(connection):
        raise StoreError(f"{path}: this is a database of another program; move it away, or name another data folder")
    done = schema.applied(connection)
    if newer := schema.unknown(done):
        raise StoreError(f"{path}: it was written by a newer watcher (schema {newer[-1]}); install that version, or restore a backup")
    return done


def _refuse_old(done: list[str], path: Path) -> None:
    if schema.pending(done):
        raise StoreError(f"{path}: it was written by an older watcher; `watcher db migrate` brings it up to date")


def _tune(connection: sqlite3.Connection, path: Path, *, durable: bool) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StoreError(f"{path}: SQLite cannot keep a write-ahead log there; use a local disk, not a network one")
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
    connection.execute("PRAGMA foreign_keys = ON")


def _copy_before_change(path: Path, done: list[str]) -> None:
    to_do = schema.pending(done)
    if done and to_do:
        copy_database(path, path.with_name(f"{path.name}.before-{to_do[0]}"))


def _connect_read_only(path: Path) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def _copy_pages(source: Path, target: Path) -> None:
    reading, writing = _connect_read_only(source), sqlite3.connect(target)
    try:
        reading.backup(writing)
    finally:
        writing.close()
        reading.close()


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
