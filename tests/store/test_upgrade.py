"""A database of any older watcher is upgraded with all its rows, even if the upgrade is killed anywhere."""

import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from tests.builders import NOON
from tests.faults.scale import stride
from tests.store.old import INCIDENTS, ROWS, build
from watcher.model.alerts import ChannelId, Confidence, IncidentId, IncidentSource, Reason
from watcher.model.language import IndicatorId
from watcher.model.news import FeedId, Grade, ItemId, ItemKeys
from watcher.model.polling import Cycle
from watcher.store import SqliteStore
from watcher.store.sqlite import opening, schema

Failpoint = Callable[[sqlite3.Connection], None]


def old_database(path: Path, steps: int) -> Path:
    """Make the database of a watcher that knew so many steps."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        build(connection, schema.STEPS[:steps])
    return path


def assert_all_there(path: Path) -> None:
    """Open a database and check that every row of it has come through, and can be used."""
    with closing(SqliteStore.open(path, durable=False)) as store:
        assert store.integrity() == []
        assert_rows(store._engine.connection)
        item = store.item(ItemId("wire/1"))
        assert item is not None
        assert (item.revision, item.point and item.point.latitude) == (1, 39.0)
        assert len(store.known(FeedId("wire"), [ItemKeys(guid="1", link="", title="")])) == 1
        assert [found.id for found in store.search("북한")] == [item.id]
        assert store.incidents_holding("북한") == {"i1"}
        (hit,) = store.hits(IncidentId("i1"))
        assert (hit.item.title, hit.item.grade) == ("ICBM launched", Grade.C)
        assert [each.id for each in store.open_incidents(NOON)] == ["i1", "i2"]
        assert store.open_incidents(NOON)[0].origin_sources == (
            IncidentSource(name="jcs", grade=Grade.B, at=NOON),
        )
        (held,) = store.held_incidents()
        assert held.id == "i2"
        assert held.held
        assert held.held.reason is Reason.SEEDING
        assert [decision.reason for decision in store.decisions(IncidentId("i1"))] == [Reason.NEW]
        assert store.states()[FeedId("wire")].etag == '"1"'
        assert len(store.polls(FeedId("wire"))) == 1
        assert store.noted("last_tick")
        (delivery,) = store.lease(ChannelId("desk"), NOON + timedelta(days=1), NOON + timedelta(days=2), 9)
        assert (delivery.alert.id, delivery.attempts, delivery.error) == ("a1", 2, "503")
        assert (delivery.alert.context.confidence, delivery.alert.context.step) == (
            Confidence.CORROBORATED,
            4,
        )
        assert delivery.alert.feeds == ("a", "b")


def assert_rows(connection: sqlite3.Connection) -> None:
    for table, row in ROWS.items():
        (found,) = connection.execute(f"SELECT * FROM {table}").fetchall()
        expected = {name: value for name, value in row.items() if (table, name) != ("alerts", "body")}
        assert {name: found[name] for name in expected} == expected
    found = [
        tuple(row)
        for row in connection.execute("SELECT id, opened, updated, version, held FROM incidents ORDER BY id")
    ]
    assert found == [
        (row["id"], row["opened"], row["updated"], row["version"], "seeding" if row["seeding"] else None)
        for row in INCIDENTS
    ]


def shape(path: Path) -> dict[str, object]:
    """Return what columns every table has, and what every index is on."""
    with closing(sqlite3.connect(path)) as connection:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        columns = {
            name: {row[1:6] for row in connection.execute(f"PRAGMA table_info({name})")} for name in tables
        }
        indexes = set(connection.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'index'"))
        return {"columns": columns, "indexes": indexes}


@pytest.mark.parametrize("steps", range(1, len(schema.STEPS) + 1), ids=[name for name, _ in schema.STEPS])
def test_a_database_of_every_step_has_all_its_rows_afterwards(path: Path, steps: int) -> None:
    old_database(path, steps)

    assert_all_there(path)

    copies = sorted(file.name for file in path.parent.glob("*.before-*"))
    assert copies == [f"watcher.db.before-{name}" for name, _ in schema.STEPS[steps : steps + 1]]


@pytest.mark.parametrize("steps", [1, len(schema.STEPS) - 1])
def test_an_upgraded_database_is_like_a_new_one(path: Path, tmp_path: Path, steps: int) -> None:
    old_database(path, steps)
    SqliteStore.open(path).close()
    SqliteStore.open(tmp_path / "new.db").close()

    assert shape(path) == shape(tmp_path / "new.db")


def test_diaries_and_digest_marks_leave_the_notes_for_tables_of_their_own(path: Path) -> None:
    old_database(path, 15)
    notes = {
        "heard:kim": "2026-10-09 2026-10-10",
        "heard:*": "2026-10-10",
        "heard:none": "",
        "digest desk": "2026-10-10T08:00:00+02:00",
        "digested": "",
    }
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany("INSERT INTO notes (name, value) VALUES (?, ?)", notes.items())

    with closing(SqliteStore.open(path)) as store:
        assert [day.isoformat() for day in store.days_heard(IndicatorId("kim"))] == [
            "2026-10-09",
            "2026-10-10",
        ]
        assert [day.isoformat() for day in store.days_heard(IndicatorId("*"))] == ["2026-10-10"]
        assert store.digested_until(ChannelId("desk")) == NOON - timedelta(hours=6)
        assert store.counts()["notes"] == 2
        assert (store.counts()["heard"], store.counts()["digests"]) == (3, 1)


def test_what_was_recorded_before_versions_were_compared_can_be_written_over(path: Path) -> None:
    old_database(path, 15)

    with closing(SqliteStore.open(path)) as store:
        states, incidents = store.states().values(), store.open_incidents(NOON)
        assert [incident.version for incident in incidents] == [1, 3]
        for _ in range(2):
            states, incidents = store.states().values(), store.open_incidents(NOON)
            store.record(Cycle(states=tuple(states), incidents=tuple(incidents)), ())


def test_an_item_takes_over_the_grade_that_its_hits_had(path: Path) -> None:
    old_database(path, 12)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE hits SET grade = 'B'")

    with closing(SqliteStore.open(path)) as store:
        assert {hit.item.grade for hit in store.hits(IncidentId("i1"))} == {Grade.B}


# --- killed in the middle -----------------------------------------------------------------------------------


def before_statement(number: int) -> Failpoint:
    """Make a connection die before the statement of a number, counted over all connections."""
    counted = count()

    def dying(_: str) -> None:
        if next(counted) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return lambda connection: connection.set_trace_callback(dying)


def after_steps(number: int) -> Failpoint:
    """Make a connection die when SQLite has taken so many hundred steps, wherever in a statement that is."""
    counted = count()

    def dying() -> int:
        if next(counted) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    return lambda connection: connection.set_progress_handler(dying, 100)


@contextmanager
def at_every_connection(do: Failpoint) -> Iterator[None]:
    """Do something to each connection that the store opens, to be inside its statements."""
    real: Any = sqlite3.connect

    def connect(*given: Any, **named: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = real(*given, **named)
        do(connection)
        return connection

    opening.sqlite3.connect = connect  # type: ignore[attr-defined]
    try:
        yield
    finally:
        opening.sqlite3.connect = real  # type: ignore[attr-defined]


def is_killed(path: Path, failpoint: Failpoint) -> bool:
    """Upgrade a database in a process of its own that a failpoint may kill; say whether it did."""
    child = os.fork()
    if child == 0:
        with at_every_connection(failpoint):
            SqliteStore.open(path, durable=False)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL)
    return status == signal.SIGKILL


def kill_upgrades(folder: Path, failpoint: Callable[[int], Failpoint], stride: int) -> int:
    """Kill the upgrade of the oldest database at every point until one succeeds; return how often."""
    original = old_database(folder / "original.db", 1)
    for killed in count():
        path = folder / str(killed) / "watcher.db"
        path.parent.mkdir()
        copyfile(original, path)
        is_over = not is_killed(path, failpoint(killed * stride))
        copy = path.with_name("watcher.db.before-0002")
        if copy.exists():
            with closing(sqlite3.connect(copy)) as connection:
                connection.row_factory = sqlite3.Row
                assert schema.applied(connection) == ["0001"]
                assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert_all_there(path)
        if is_over:
            return killed
    raise AssertionError


@pytest.mark.slow
def test_killed_before_any_statement_of_an_upgrade_nothing_is_lost(tmp_path: Path) -> None:
    statements = sum(len(statements) for _, statements in schema.STEPS[1:])
    every = stride(3)

    assert kill_upgrades(tmp_path, before_statement, every) > statements // every


@pytest.mark.slow
def test_killed_inside_of_statements_nothing_is_lost_either(tmp_path: Path) -> None:
    assert kill_upgrades(tmp_path, after_steps, 10) > 10
