"""SQLite's errors in, sentences for people out."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from watcher.errors import StoreError

_SENTENCES = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space; the last write was not stored",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written; look at the system log; "
    "the last write was not stored",
    sqlite3.SQLITE_BUSY: "another program is writing to it; stop that program or try again",
    sqlite3.SQLITE_LOCKED: "another program is writing to it; stop that program or try again",
    sqlite3.SQLITE_CORRUPT: "it is damaged; `watcher db check` says where, "
    "`watcher db restore` puts a backup in its place",
    sqlite3.SQLITE_NOTADB: "it is not an SQLite database; move it away, or name another data folder",
    sqlite3.SQLITE_READONLY: "it may be read but not written; "
    "check the owner and the mode of the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; check that its folder exists and who may read it",
    sqlite3.SQLITE_PERM: "it cannot be opened; check that its folder exists and who may read it",
}


@contextmanager
def told_as_store_error(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system raise into a `StoreError` that names the file and what to do."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{path}: {_sentence(error)}") from error
    except OSError as error:
        raise StoreError(f"{path}: {error.strerror or error}") from error


def is_damage(error: sqlite3.Error) -> bool:
    """Say whether an error means that the file is damaged."""
    return _kind(error) == sqlite3.SQLITE_CORRUPT


def _sentence(error: sqlite3.Error) -> str:
    known = _SENTENCES.get(_kind(error))
    return f"{known} ({error})" if known else str(error)


def _kind(error: sqlite3.Error) -> int:
    """Return the primary code: the lowest byte of the extended one, or 0 for errors of the Python module."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
