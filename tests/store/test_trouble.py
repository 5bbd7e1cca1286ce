"""Killed, full, broken or locked: a cycle is wholly there or not at all, and the store works again."""

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import a_hit, an_item
from tests.store.kinds import Real
from tests.store.recorder import CHANNELS, ITEMS, a_cycle, opened, record
from watcher.errors import StoreError
from watcher.model.news import FeedId
from watcher.model.polling import Cycle
from watcher.store import SqliteStore

ROOM = 5
"""Pages that can still be written before the disk fails, so that it fails in the middle of a cycle."""
KILLS = int(os.environ.get("KILLS", "20"))


def can_make_calls_fail() -> bool:
    """Say whether the calls of a process can be made to fail from outside."""
    return (
        shutil.which("strace") is not None
        and not subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], check=False).returncode
    )


def assert_whole_cycles(store: Real) -> int:
    """Check that every table tells of the same cycles; return how many."""
    assert store.integrity() == []
    rows = store.counts()
    cycles = rows["alerts"]
    assert rows["deliveries"] == len(CHANNELS) * cycles
    assert rows["items"] == rows["hits"] == ITEMS * cycles
    assert rows["incidents"] == rows["decisions"] == cycles
    assert store.states()[FeedId("wire-en")].failures == cycles if cycles else not store.states()
    return cycles


def kill_after(where: str, lines: int) -> int:
    """Start a recorder, kill -9 it after it has said so many numbers; return the last it said."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.store.recorder", where], stdout=subprocess.PIPE, text=True
    ) as recorder:
        assert recorder.stdout is not None
        for _ in range(lines):
            recorder.stdout.readline()
        recorder.kill()
        said = recorder.stdout.read().split()
    return int(said[-1]) if said else 0


@pytest.mark.slow
@pytest.mark.parametrize(("program", "kills"), [("sqlite", KILLS), ("postgres", KILLS // 4)])
def test_killed_at_any_instant_every_cycle_is_wholly_there_or_not_at_all(
    path: Path, program: str, kills: int, request: pytest.FixtureRequest
) -> None:
    where = request.getfixturevalue("postgres_url") if program == "postgres" else str(path)
    for attempt in range(kills):
        said = kill_after(where, attempt * 7 % 23 + 1)

        with closing(opened(where)) as store:
            assert assert_whole_cycles(store) >= said


def test_a_full_disk_stores_nothing_of_the_cycle_and_the_next_one_wholly(sqlite_store: SqliteStore) -> None:
    record(sqlite_store, a_cycle(1))
    limit_pages(sqlite_store, used_pages(sqlite_store) + ROOM)

    with pytest.raises(StoreError, match=r"watcher\.db: the disk is full") as caught:
        record(sqlite_store, many_items())
    assert isinstance(caught.value.__cause__, sqlite3.Error)
    assert assert_whole_cycles(sqlite_store) == 1

    limit_pages(sqlite_store, 100_000)
    record(sqlite_store, a_cycle(2))
    assert assert_whole_cycles(sqlite_store) == 2


def test_a_disk_that_fails_in_a_write_stores_nothing_of_the_cycle_and_the_next_one_wholly(
    sqlite_store: SqliteStore,
) -> None:
    record(sqlite_store, a_cycle(1))

    with (
        files_may_grow_to(log_size(sqlite_store) + ROOM * 4096),
        pytest.raises(StoreError, match="the disk cannot be read or written"),
    ):
        record(sqlite_store, a_cycle(2))
    assert assert_whole_cycles(sqlite_store) == 1

    record(sqlite_store, a_cycle(2))
    assert assert_whole_cycles(sqlite_store) == 2


@pytest.mark.skipif(not can_make_calls_fail(), reason="strace is not installed here, or may not trace")
@pytest.mark.parametrize("which", ["60+3", "61+7", "70+11"])
def test_a_disk_whose_syncs_fail_now_and_then_stores_every_cycle_that_was_taken(
    path: Path, which: str
) -> None:
    failing = [
        "strace",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        "trace=fsync,fdatasync",
        "-e",
        f"inject=fsync,fdatasync:error=EIO:when={which}",
    ]
    ended = subprocess.run(
        [*failing, sys.executable, "-m", "tests.store.stubborn", path, "60"],
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(ended.stdout)

    assert said
    assert all("the disk cannot be read or written" in words for words in said)
    with closing(SqliteStore.open(path)) as store:
        assert assert_whole_cycles(store) == 60


def test_a_database_that_another_program_writes_to_is_named_as_such(sqlite_store: SqliteStore) -> None:
    sqlite_store._engine.connection.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(sqlite_store.path)) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(StoreError, match="another program is writing to it"):
            record(sqlite_store, a_cycle(1))

    record(sqlite_store, a_cycle(1))
    assert assert_whole_cycles(sqlite_store) == 1


def test_a_bug_in_the_middle_of_a_cycle_stores_nothing_of_it(sqlite_store: SqliteStore) -> None:
    orphan = Cycle(items=(an_item("Stored?"),), hits=(a_hit(an_item("Never stored")),))

    with pytest.raises(StoreError, match="FOREIGN KEY"):
        record(sqlite_store, orphan)

    assert sqlite_store.counts()["items"] == 0


def test_a_closed_store_says_so(path: Path) -> None:
    store = SqliteStore.open(path, durable=False)
    store.close()

    with pytest.raises(StoreError, match="closed"):
        store.states()


def test_threads_may_write_through_one_store(sqlite_store: SqliteStore) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: record(sqlite_store, replace(a_cycle(number), states=())), range(1, 41)))

    assert sqlite_store.counts()["alerts"] == 40
    assert sqlite_store.counts()["hits"] == 40 * ITEMS


def many_items() -> Cycle:
    return Cycle(
        items=tuple(an_item(f"Long story {number} {'x' * 500}") for number in range(200)),
        alerts=a_cycle(2).alerts,
    )


def used_pages(store: SqliteStore) -> int:
    return int(store._engine.connection.execute("PRAGMA page_count").fetchone()[0])


def log_size(store: SqliteStore) -> int:
    return store.path.with_name("watcher.db-wal").stat().st_size


def limit_pages(store: SqliteStore, pages: int) -> None:
    store._engine.connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()


@contextmanager
def files_may_grow_to(size: int) -> Iterator[None]:
    """Make every write of this process past a size of a file fail."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
