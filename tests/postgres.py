"""A PostgreSQL of the tests' own: a server in a temporary folder that only this user reaches; databases out.

The server is the system's: on the PATH, or where Debian's packages have it. It listens on a socket in its own
folder and nowhere else. PostgreSQL refuses to run as root, so that for root it runs as another user.
"""

import gc
import os
import pwd
import shutil
import subprocess
import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from watcher.errors import StoreError
from watcher.model.alerts import Delivery
from watcher.model.polling import Cycle
from watcher.store.postgres import PostgresStore, schema
from watcher.store.postgres.engine import PostgresEngine

MISSING = "there is no PostgreSQL here: install the system's package `postgresql` to run this test"
_DEBIAN = Path("/usr/lib/postgresql")
_USER = "watcher"
_SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
}
_NOT_SYNCED = {"fsync": "off", "full_page_writes": "off"}


def programs() -> Path | None:
    """Return the folder with the programs of a PostgreSQL that is here, of Debian's the newest."""
    on_path = shutil.which("postgres")
    found = [Path(on_path).resolve().parent] if on_path else []
    found += sorted(_DEBIAN.glob("[0-9]*/bin"), key=lambda each: int(each.parent.name), reverse=True)
    return next((each for each in found if (each / "initdb").exists()), None)


class PostgresServer:
    """A running server with its data in `folder`; without `durable` nothing survives a loss of power."""

    def __init__(self, folder: Path, bin_: Path, *, durable: bool = False, locale: str = "C") -> None:
        self.folder, self._bin, self._numbers = folder, bin_, count(1)
        self._settings = _SETTINGS if durable else _SETTINGS | _NOT_SYNCED
        if self._user is not None:
            os.chown(folder, self._user, -1)
        self._run("initdb", "-D", "data", "-U", _USER, "-A", "trust", "-E", "UTF8", "--locale", locale, "-N")
        self.start()

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database."""
        return f"postgresql://{_USER}@/{database}?host={self.folder}"

    def start(self) -> None:
        """Start the server, and return when it answers."""
        options = " ".join(f"-c {name}='{value}'" for name, value in self._settings.items())
        self._run("pg_ctl", "start", "-D", "data", "-w", "-l", "log", "-o", f"-k {self.folder} {options}")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it: "fast" ends the transactions, "immediate" is a crash that the next start recovers from."""
        self._run("pg_ctl", "stop", "-D", "data", "-w", "-m", mode)

    def fresh(self, template: str = "template0") -> str:
        """Return the name of a new database, made like another one that nobody uses."""
        name = f"test{next(self._numbers)}"
        self.execute("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def drop(self, database: str) -> None:
        """Remove a database, whoever uses it."""
        self.execute("DROP DATABASE {} WITH (FORCE)", database)

    def execute(self, statement: LiteralString, *names: str) -> None:
        """Run a statement of the server, with names in its places."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    @cached_property
    def _user(self) -> int | None:
        """The user that PostgreSQL runs as when the tests run as root."""
        if os.geteuid():
            return None
        users = {each.pw_name: each.pw_uid for each in pwd.getpwall()}
        return users.get("postgres") or users["nobody"]

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._bin / program, *arguments],
            cwd=self.folder,
            user=self._user,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # a server that is started keeps it open, and a pipe would never end
            stderr=subprocess.DEVNULL,
        )
        if done.returncode:
            log = self.folder / "log"
            raise RuntimeError(f"{program} failed: {log.read_text(encoding='utf-8') if log.exists() else ''}")


@contextmanager
def running(*, durable: bool = False, locale: str = "C") -> Iterator[PostgresServer]:
    """Run a server for as long as the context lasts; where there is no PostgreSQL the test is skipped."""
    bin_ = programs()
    if bin_ is None:
        pytest.skip(MISSING)
    # not a folder of pytest's, which another user may not enter
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        server = PostgresServer(Path(folder), bin_, durable=durable, locale=locale)
        try:
            yield server
        finally:
            if (server.folder / "data" / "postmaster.pid").exists():
                server.stop()


class FreshPostgresStore(PostgresStore):
    """Remembers in a database that was emptied for it. Its disk is full for as long as `full` is set."""

    full = False

    def __init__(self, engine: PostgresEngine, free: Callable[[PostgresEngine], None]) -> None:
        super().__init__(engine)
        self._let_go = weakref.finalize(self, free, engine)

    def record(self, cycle: Cycle, deliveries: Sequence[Delivery]) -> None:
        if self.full:
            raise StoreError("the disk is full")
        super().record(cycle, deliveries)

    def close(self) -> None:
        """Let others have the database."""
        self._let_go()


class PostgresStores:
    """Stores as quick to make as a fake: each database is used again when nobody has its store any more."""

    def __init__(self, server: PostgresServer) -> None:
        self._server, self._template = server, server.fresh()
        self._free, self._made = list[PostgresEngine](), list[PostgresEngine]()
        engine = PostgresEngine(server.url(self._template))
        schema.bring_up_to_date(engine)
        with engine.reading() as connection:
            tables = [name for (name,) in connection.execute(_TABLES)]
            numbers = [name for (name,) in connection.execute(_NUMBERS)]
        engine.close()
        self._empty = "; ".join(
            [f"DELETE FROM {name}" for name in tables]  # what refers goes with what it refers to
            + [f"SELECT setval('{name}', 1, false)" for name in numbers]
        )

    def fresh(self) -> FreshPostgresStore:
        """Return an empty store."""
        if not self._free:
            gc.collect()  # stories tie their world in knots; to find them is quicker than to make a database
        if self._free:
            engine = self._free.pop()
            with suppress(StoreError), engine.reading() as connection:
                connection.execute("SELECT 1")  # a test may have restarted the server
        else:
            engine = PostgresEngine(self._server.url(self._server.fresh(self._template)))
            self._made.append(engine)
        with engine.writing() as connection:
            connection.execute(self._empty)
        return FreshPostgresStore(engine, self._free.append)

    def close(self) -> None:
        """Let go of every database."""
        for engine in self._made:
            engine.close()


_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'watcher' AND tablename <> 'steps'"
_NUMBERS = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'watcher'"
