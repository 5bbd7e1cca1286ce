"""Settings in, the wired watcher out: the one place that says which adapter stands behind which port."""

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from watcher.clock import SharedClock, utc_now
from watcher.config.shipped import shipped as shipped  # noqa: PLC0414 - others ask for it here
from watcher.errors import ConfigError, Mistake, StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from watcher.model.language import IndicatorList
    from watcher.model.news import Feed
    from watcher.model.settings import Settings
    from watcher.pipeline import Rules, World
    from watcher.ports import Channel, Clock, Database, Fetcher, Fleets, LogChannel, NodeStore, Queue, Reader
    from watcher.store import SqliteStore
    from watcher.store.postgres import PostgresStore
    from watcher.store.recalling import Recalled

DATABASE = "watcher.db"
ALERTS_FOLDER = "alerts"
LISTS = "lists.json"
"""In this file a data folder remembers the lists of its own: their paths, by kind."""

_Kind = Literal["indicators", "feeds"]

_LOOPBACK = ("127.0.0.1", "[::1]", "localhost")


def open_world(settings: "Settings", clock: "Clock" = utc_now) -> "World":
    """Open everything the line needs, ready to poll and deliver.

    The caller holds the lock of the data folder.
    """
    from watcher.pipeline import World, pass_on_from_all_but

    if settings.store_url:
        return open_shared(settings, clock).world
    store, channels = open_store(settings), open_channels(settings, clock)
    store.release()
    pass_on_from_all_but([channel.id for channel in channels], store)
    return World(
        fetcher=open_fetcher(settings),
        reader=open_reader(),
        store=store,
        channels=channels,
        clock=clock,
        routes=settings.routes,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A world whose database other services use, too, and what they share beside."""

    world: "World"
    store: "NodeStore"
    clock: "SharedClock"


def open_shared(settings: "Settings", clock: "Clock" = utc_now) -> Shared:
    """Open everything that one of several nodes needs.

    Raises:
        StoreError: the database cannot be reached.
        UsageError: what PostgreSQL needs is not installed.
    """
    from watcher.pipeline import World

    store = _open_postgres(settings)
    shared = SharedClock(store.now, clock)
    shared.compare()
    store.release()
    world = World(
        fetcher=open_fetcher(settings),
        reader=open_reader(),
        store=store,
        channels=open_channels(settings, shared),
        clock=shared,
        routes=settings.routes,
        judging=store.judging,
    )
    return Shared(world=world, store=store, clock=shared)


def open_queue(settings: "Settings", workers: int) -> "Queue":
    """Open the queue of batches that nodes share, and make its tables if there are none."""
    _postgres()
    from watcher.jobs import BatchQueue, make_queue

    make_queue(settings.store_url)
    return BatchQueue(settings.store_url, workers)


def _open_postgres(settings: "Settings", *, durable: bool = True) -> "PostgresStore":
    if settings.retention.max_size is not None:
        raise UsageError(
            "`max_size` in [data] has no effect on PostgreSQL, whose tables do not shrink by themselves: "
            "say how long to `keep` what was read"
        )
    return _postgres().open(settings.store_url, durable=durable)


def _postgres() -> "type[PostgresStore]":
    try:
        from watcher.store.postgres import PostgresStore
    except ImportError as error:
        raise UsageError(
            f"[store] url is set, and {error.name} is not installed: "
            "install requirements-postgres.lock, as docs/postgres.md says, or remove the setting"
        ) from error
    return PostgresStore


def open_fetcher(settings: "Settings") -> "Fetcher":
    """Open the fetcher, within the bounds of the settings."""
    from watcher.fetch.curl import CurlFetcher
    from watcher.fetch.limits import Limits

    asked = settings.fetch
    bounds = Limits(
        timeout=asked.timeout.total_seconds(),
        max_body=asked.max_body,
        in_flight=asked.in_flight,
        per_host=asked.per_host,
        allow_private=asked.allow_private,
        proxy=asked.proxy,
    )
    return CurlFetcher(replace(bounds, user_agent=asked.user_agent) if asked.user_agent else bounds)


def open_reader() -> "Reader":
    """Open the reader, with worker processes that it starts when it needs them."""
    from watcher.workers.reader import WorkerReader

    return WorkerReader()


def open_store(settings: "Settings", *, durable: bool = True) -> "Database":
    """Open the database for writing.

    Raises:
        StoreError: it cannot be opened, is damaged, or was made by a newer program.
        UsageError: the settings ask PostgreSQL for what only a file can do, or its driver is not installed.
    """
    if not settings.store_url:
        return open_database(database_of(settings), durable=durable)
    return _open_postgres(settings, durable=durable)


def upgrade_store_apart(settings: "Settings") -> None:
    """Make or upgrade the database in a process of its own, if it is not as this program knows it.

    The caller holds the lock, and has one thread.
    """
    from watcher.store.sqlite.opening import upgrade_apart

    if settings.store_url:
        return  # it is upgraded when it is opened
    try:
        read_store(settings).close()
    except StoreError:
        upgrade_apart(database_of(settings))


def open_database(path: Path, *, durable: bool = True) -> "Database":
    """Open the database of a file for writing, or make it.

    Not `durable` is for what can be made again, such as a replay: much faster, and lost when the machine
    (not the program) crashes.

    Raises:
        StoreError: it cannot be opened, is damaged, or was made by a newer program.
    """
    from watcher.store import SqliteStore

    return SqliteStore.open(path, durable=durable)


def read_store(settings: "Settings") -> "Database":
    """Open the database for reading, beside a service that may be writing."""
    if settings.store_url:
        return _postgres().open_readonly(settings.store_url)
    from watcher.store import SqliteStore

    return SqliteStore.open_readonly(database_of(settings))


def open_for_review(settings: "Settings") -> "Database":
    """Open the database that is there for what reviewers do, also beside a running service.

    Raises:
        StoreError: there is none, or an older or newer watcher wrote it.
    """
    if settings.store_url:
        return _postgres().open_beside(settings.store_url)
    from watcher.store import SqliteStore

    return SqliteStore.open_beside(database_of(settings))


def restore_store(settings: "Settings", backup: Path | None, rules: "Rules", now: "datetime") -> "Recalled":
    """Put a backup in the place of the database, and record what the alert log has since.

    Without a backup its program has restored the database already. The caller holds the lock.

    Raises:
        StoreError: nodes poll for it, or it cannot be used.
    """
    log = Path(settings.data) / ALERTS_FOLDER
    if backup:
        from watcher.store.sqlite.restore import restore

        return restore(backup, database_of(settings), log, rules, now)
    from contextlib import closing

    from watcher.store.recalling import recall

    with closing(open_store(settings)) as store:
        refuse_beside_nodes(store)
        return recall(store, log, rules)


def copy_database_to(source: str, target: str) -> "Mapping[str, int]":
    """Copy all that is stored from one database into an empty one; return the rows of each table.

    Each is said as `sqlite:PATH` or `postgresql://…`; nobody else may be using them.

    Raises:
        StoreError: the target is not empty, nodes poll for one of them, or it cannot be used; nothing was
            copied.
        UsageError: it is not said in one of these ways.
    """
    from contextlib import closing

    from watcher.store.copying import copy_store

    with closing(_said(source)) as read, closing(_said(target)) as written:
        refuse_beside_nodes(read)
        refuse_beside_nodes(written)
        return copy_store(read.engine, written.engine)


def refuse_beside_nodes(
    store: "Fleets", instead: str = "stop all of them first; nothing was changed"
) -> None:
    """Raise where nodes poll: they go on by what they have read, and by lists that they have agreed on.

    Raises:
        StoreError: a node lives.
    """
    from watcher.nodes.leasing import Pace
    from watcher.nodes.living import fleet_of

    now = store.shared_now()
    if now and (process := fleet_of(store.nodes(), None, now, Pace()).process):
        raise StoreError(f"nodes poll for this database (one is process {process}): {instead}")


def _said(address: str) -> "SqliteStore | PostgresStore":
    from watcher.store import SqliteStore

    kind, _, rest = address.partition(":")
    if kind == "sqlite" and rest:
        return SqliteStore.open(Path(rest))
    if kind in ("postgresql", "postgres") and rest.startswith("//"):
        return _postgres().open(address)
    raise UsageError(
        "say each database as in sqlite:/var/lib/watcher/watcher.db or postgresql://user@host/database"
    )


def has_database(settings: "Settings") -> bool:
    """Say whether there is a database yet.

    Raises:
        StoreError: its server cannot be reached.
    """
    if settings.store_url:
        return _postgres().is_there(settings.store_url)
    return database_of(settings).exists()


def name_of_database(settings: "Settings") -> str:
    """Return how messages call the database: its path, or its address without a password."""
    if not settings.store_url:
        return str(database_of(settings))
    _postgres()
    from watcher.store.postgres.trouble import without_secrets

    return without_secrets(settings.store_url)


def database_of(settings: "Settings") -> Path:
    """Return where the database of SQLite is."""
    return Path(settings.data) / DATABASE


def open_channels(settings: "Settings", clock: "Clock" = utc_now) -> "tuple[Channel, ...]":
    """Open the alert log and every channel of the settings."""
    from watcher.channels import open_channel

    opened = (channel for spec in settings.channels for channel in open_channel(spec, clock))
    return (open_log(settings), *opened)


def open_log(settings: "Settings") -> "LogChannel":
    """Open the alert log."""
    from watcher.channels.log import AlertLog

    return AlertLog(Path(settings.data) / ALERTS_FOLDER)


def read_settings(toml: Path | None, environ: "Mapping[str, str]", flags: "Mapping[str, str]") -> "Settings":
    """Return the settings: a flag beats a variable beats the file, which may configure any type of channel.

    Raises:
        ConfigError: the file, a variable or a flag is wrong; every mistake is in it.
    """
    from watcher import channels, config

    types = {name: lambda name=name: channels.channel_type(name).KEYS for name in channels.TYPES}
    return config.load_settings(toml, environ, flags, types)


def web_password(settings: "Settings") -> bytes:
    """Return the password of the page; empty is none.

    Raises:
        UsageError: the page would be open to others without one, the file cannot be used, or another knows
            who asks.
    """
    host, file = settings.web.listen.rpartition(":")[0], settings.web.password_file
    if settings.web.users_file or settings.web.user_header:
        if file:
            named = "users_file" if settings.web.users_file else "user_header"
            raise UsageError(
                f"`password_file` has no effect together with `{named}` in [web]: remove one of them"
            )
        return b""
    if not file:
        if host in _LOOPBACK:
            return b""
        raise UsageError(
            f"anybody who reaches {host} sees the page: set `password_file` in [web] (or `users_file`), "
            "or listen on 127.0.0.1"
        )
    try:
        password = Path(file).read_bytes().strip()
    except OSError as error:
        raise UsageError(f"the password of the page cannot be read from {file}: {error.strerror}") from error
    if not password:
        raise UsageError(f"{file} is empty; write the password of the page into it")
    return password


def load_rules(settings: "Settings", *, apart: bool = False) -> "Rules":
    """Read and compile the analyst's list; `apart` reads it in a process of its own, for who stays."""
    from watcher.pipeline import rules_of

    return rules_of(indicators_in_use(settings, apart=apart), settings.web.public)


def indicators_in_use(settings: "Settings", *, apart: bool = False) -> "IndicatorList":
    """Read the analyst's list; `apart` as in `load_rules`."""
    from watcher.config.apart import load_indicators_apart
    from watcher.config.cached import load_indicators_cached

    path = indicators_file(settings)
    return load_indicators_apart(path) if apart else load_indicators_cached(path)


def feeds_in_use(settings: "Settings", *, apart: bool = False) -> "tuple[Feed, ...]":
    """Read the list of feeds; `apart` as in `load_rules`."""
    from watcher.config.apart import load_feeds_apart
    from watcher.config.cached import load_feeds_cached

    path = feeds_file(settings)
    return load_feeds_apart(path) if apart else load_feeds_cached(path)


def indicators_file(settings: "Settings") -> Path:
    """Return the path of the indicators file in use.

    It is the one named, else the one in this folder, else the data folder's own, else the shipped one.

    Raises:
        ConfigError: the data folder had a list of its own, which is gone.
    """
    return _list_file("indicators", settings)


def feeds_file(settings: "Settings") -> Path:
    """Return the file of feeds that counts; as `indicators_file`."""
    return _list_file("feeds", settings)


def remember_lists(settings: "Settings") -> None:
    """Record which lists in use are the data folder's own, so that no shipped one silently replaces them.

    The caller holds the lock of the data folder, and has read the lists.

    Raises:
        ConfigError: a list has gone meanwhile.
        StoreError: it cannot be written down.
    """
    from watcher.replacing import replace_whole

    used = {"indicators": indicators_file(settings), "feeds": feeds_file(settings)}
    own = {kind: str(path.absolute()) for kind, path in used.items() if not is_shipped(path)}
    if own == _own_lists(settings):
        return
    file = Path(settings.data) / LISTS
    try:
        replace_whole(
            file, json.dumps(own, indent=1).encode() + b"\n", mode=0o644
        )  # whoever wrote the last one, root or the service
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror or error}") from error


def is_shipped(path: Path) -> bool:
    """Say whether a list is one that ships with the watcher, or a copy without changes, as in a clone."""
    from filecmp import cmp

    lists = [each for each in (shipped("indicators.yaml"), shipped("feeds.yaml")) if each.is_file()]
    return any(path.resolve() == each.resolve() for each in lists) or (
        path.is_file() and any(cmp(path, each, shallow=False) for each in lists)
    )


def _list_file(kind: _Kind, settings: "Settings") -> Path:
    from watcher.model.settings import SHIPPED

    name, named = f"{kind}.yaml", getattr(settings, kind)
    if named:
        return shipped(name) if named == SHIPPED else Path(named)
    here = Path(name)
    found = here if here.exists() or not shipped(name).exists() else shipped(name)
    own = _own_lists(settings).get(kind) if is_shipped(found) else None
    if own and not os.access(own, os.F_OK):
        what = (
            f"there is no such file, and the data folder {Path(settings.data).absolute()} uses it: "
            f"put it back, name another with --{kind} FILE, or use the list that ships with the watcher "
            f"with --{kind} {SHIPPED}"
        )
        raise ConfigError([Mistake(file=own, line=1, column=1, what=what)])
    return Path(own) if own else found


def _own_lists(settings: "Settings") -> dict[str, str]:
    file = Path(settings.data) / LISTS
    try:
        return dict(json.loads(file.read_bytes()))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(
            f"{file} cannot be read, and says which lists this data folder uses: {error}"
        ) from error
