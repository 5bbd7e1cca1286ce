"""PostgreSQL's errors in, sentences for people out; and an address without its secrets."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import conninfo, errors

from watcher.errors import ConflictError, StoreError

_SENTENCES: tuple[tuple[type[psycopg.Error], str], ...] = (
    (errors.DiskFull, "the server's disk is full; free some space; the last write was not stored"),
    (errors.OutOfMemory, "the server is out of memory; the last write was not stored"),
    (errors.TooManyConnections, "the server takes no more connections; raise its `max_connections`"),
    (
        errors.InsufficientPrivilege,
        "the user of [store] url may not do this; docs/postgres.md says which rights it needs",
    ),
    (errors.ReadOnlySqlTransaction, "it takes no writes: a standby, or it was opened for reading only"),
    (errors.DataCorrupted, "it is damaged; restore a backup, as docs/postgres.md says"),
    (errors.IndexCorrupted, "an index of it is damaged; `REINDEX DATABASE` makes it anew"),
    (errors.UndefinedTable, "tables are missing; `watcher db migrate` says more"),
)
_UNREACHABLE = "it cannot be reached; start the server, or check [store] url; the last write was not stored"


@contextmanager
def as_store_error(name: str) -> Iterator[None]:
    """Turn what PostgreSQL raises into a `StoreError` that names the database and what to do.

    Raises:
        ConflictError: another transaction held what this one needs, and the other way round.
    """
    try:
        yield
    except (errors.DeadlockDetected, errors.SerializationFailure) as error:
        raise ConflictError("a record") from error
    except psycopg.Error as error:
        raise StoreError(f"{name}: {_sentence(error)}") from error


def without_secrets(url: str) -> str:
    """Return the address of a database without its password and options, for people.

    Raises:
        StoreError: it is no address; it is not shown, for it may hold a password.
    """
    try:
        parts = conninfo.conninfo_to_dict(url)
    except psycopg.Error as error:
        raise StoreError(
            "[store] url is no address of a PostgreSQL database; it is said as in postgresql://user@host/database"
        ) from error.with_traceback(None)
    user, host, port = (str(parts.get(name) or "") for name in ("user", "host", "port"))
    place = f"{user}@" * bool(user) + host * (not host.startswith("/")) + f":{port}" * bool(port)
    return f"postgresql://{place}/{parts.get('dbname') or user}"


def _sentence(error: psycopg.Error) -> str:
    said = " ".join(str(error).split())
    known = next((words for kind, words in _SENTENCES if isinstance(error, kind)), "")
    if not known and (isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)):
        known = _UNREACHABLE
    return f"{known} ({said})" if known else said
