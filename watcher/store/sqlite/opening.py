"""A path in, a connection out: for the writer, for readers, for a reviewer; and copies of the whole file."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from shlex import quote

from watcher.errors import StoreError
from watcher.replacing import own_as
from watcher.store.sqlite import schema
from watcher.store.sqlite.trouble import told_as_store_error

_BUSY_SECONDS = 10.0
_NORMAL = 1
"""How `PRAGMA synchronous` calls it that only the beginning of a new log is waited for."""


def connect_writer(path: Path, *, durable: bool) -> sqlite3.Connection:
    """Open or make a database and upgrade its schema; a copy of an old one is kept beside it.

    Raises:
        StoreError: it was made by a newer program or by another one, or lies where SQLite cannot keep a log.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # isolation_level None: the sqlite3 module opens no transaction by itself; `transaction` alone does.
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    with _closed_on_failure(connection):
        done = _checked(connection, path)
        # This counts for a new file; `compact` takes an old one there.
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise StoreError(
                f"{path}: SQLite cannot keep a write-ahead log there; use a local disk, not a network one"
            )
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
        connection.execute("PRAGMA foreign_keys = ON")
        schema.teach(connection)
        if pending := schema.pending(done):
            if done:
                copy_database(path, path.with_name(f"{path.name}.before-{pending[0]}"))
            schema.migrate(connection)
    connection.row_factory = sqlite3.Row
    return connection


def upgrade_apart(path: Path) -> None:
    """Make or upgrade a database in a process forked for it, for who stays: sqlite_utils takes 14 MB.

    What goes wrong there is not told: it goes wrong again when the database is opened. That makes or upgrades
    it too where no process can be forked. Only a process without other threads may call this.
    """
    try:
        child = os.fork()
    except OSError:
        return
    if not child:
        try:
            connect_writer(path, durable=True).close()
        finally:
            os._exit(0)
    with suppress(ChildProcessError):  # it has ended, and whoever started us ignores how children end
        os.waitpid(child, 0)


def connect_reader(path: Path) -> sqlite3.Connection:
    """Open a database that can be read and never written.

    Raises:
        StoreError: there is none, or its schema is not the one this program knows.
    """
    return _open_existing(path, "ro")


def connect_beside(path: Path) -> sqlite3.Connection:
    """Open an existing database for small writes beside the one writer; its schema is not changed.

    Raises:
        StoreError: there is none, or its schema is not the one this program knows.
    """
    connection = _open_existing(path, "rw")
    with _closed_on_failure(connection):
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Write all or nothing.

    The right to write is taken at the start, and waited for: who first reads and then writes would be
    refused, without any wait, when another process wrote in between.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise


@contextmanager
def not_waiting_for_the_disk(connection: sqlite3.Connection) -> Iterator[None]:
    """Let transactions end before they are on the disk, where those after them will take them."""
    (level,) = connection.execute("PRAGMA synchronous").fetchone()
    connection.execute(f"PRAGMA synchronous = {min(level, _NORMAL)}")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA synchronous = {level}")


def copy_database(source: Path, target: Path) -> None:
    """Copy a database while it is in use; the copy has its name only when it is complete and on the disk."""
    unfinished = target.with_name(f"{target.name}.part")
    unfinished.unlink(missing_ok=True)
    try:
        with closing(_connect(source, "ro")) as reading, closing(sqlite3.connect(unfinished)) as writing:
            reading.backup(writing)
            writing.execute("PRAGMA journal_mode = DELETE")  # one file that can be read wherever it is
        _flush(unfinished)
        unfinished.replace(target)
        _flush(target.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def adopt(backup: Path, target: Path) -> None:
    """Copy a backup and bring the copy to the newest schema; the backup stays as it is.

    Raises:
        StoreError: it is damaged, was made by a newer program or by another one, or cannot be read.
    """
    if not backup.is_file():
        raise StoreError(f"{backup}: there is no such file")
    with told_as_store_error(backup), closing(_connect(backup, "ro")) as connection:
        if not _checked(connection, backup):
            raise StoreError(f"{backup}: it is empty; name a backup that `watcher db backup` made")
        (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            raise StoreError(f"{backup}: it is damaged ({found}); name an older backup")
    with told_as_store_error(target):
        copy_database(backup, target)
        with closing(sqlite3.connect(target, isolation_level=None)) as connection:
            schema.teach(connection)
            schema.migrate(connection)


def replace_database(fresh: Path, database: Path, name: str) -> Path | None:
    """Replace a database by another that nobody uses, in one step; return where the old one is now, if any.

    Whatever happens in between, a whole database is in the place. The write-ahead log of the old one must be
    gone before, or SQLite would take it for one of the new.
    """
    aside = database.with_name(f"{database.name}.replaced-{name}")
    with told_as_store_error(database):
        if there_was := database.exists():
            own_as(fresh, database)
            _empty_log(database)
            os.link(database, aside)
        for ending in ("-wal", "-shm"):
            beside = database.with_name(database.name + ending)
            if beside.exists():
                beside.replace(aside.with_name(aside.name + ending))
        _flush(fresh)
        fresh.replace(database)
        _flush(database.parent)
    return aside if there_was else None


def _empty_log(database: Path) -> None:
    """Take what is in the write-ahead log into the database, unless it is too damaged for that."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def _checked(connection: sqlite3.Connection, path: Path) -> list[str]:
    if schema.is_foreign(connection):
        raise StoreError(
            f"{path}: this is a database of another program; move it away, or name another data folder"
        )
    done = schema.applied(connection)
    if newer := schema.unknown(done):
        raise StoreError(
            f"{path}: it was written by a newer watcher (schema {newer[-1]}); "
            "install that version, or restore a backup"
        )
    return done


def _open_existing(path: Path, mode: str) -> sqlite3.Connection:
    if not path.exists():
        raise StoreError(
            f"{path}: there is no database yet; "
            "`watcher poll` or `watcher run` makes it, or name another data folder"
        )
    connection = _connect(path, mode)
    with _closed_on_failure(connection):
        if schema.pending(_checked(connection, path)):
            raise StoreError(
                f"{path}: it was written by an older watcher; "
                f"`watcher db migrate --data {quote(str(path.parent))}` brings it up to date"
            )
    connection.row_factory = sqlite3.Row
    return connection


@contextmanager
def _closed_on_failure(connection: sqlite3.Connection) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(
        address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
