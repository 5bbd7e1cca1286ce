"""What a reviewer writes beside the one who writes: nothing is lost, and nobody is kept from writing."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest

from tests.builders import NOON, an_item
from tests.store.recorder import a_cycle, record
from watcher.errors import StoreError
from watcher.model.alerts import ChannelId, DeliveryState
from watcher.model.polling import Cycle
from watcher.model.review import Action, ActionKind
from watcher.pipeline import DELIVERY_LEASE
from watcher.store import SqliteStore
from watcher.store.sqlite import schema

DESK = ChannelId("desk")


def a_mute(number: int) -> Action:
    return Action(
        id=f"m{number}", at=NOON, by="kim", kind=ActionKind.MUTE, target=f"i{number}", why="a drill"
    )


@contextmanager
def somebody_records(path: Path) -> Iterator[IO[str]]:
    """Let another process record cycle after cycle; yield its output: the number of each stored cycle."""
    writer = subprocess.Popen(
        [sys.executable, "-m", "tests.store.recorder", str(path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout
    try:
        writer.stdout.readline()
        yield writer.stdout
        assert writer.poll() is None, "the writer stumbled over the reviewer"
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()


def test_what_a_reviewer_does_is_kept_while_another_process_records(path: Path) -> None:
    with somebody_records(path) as said, closing(SqliteStore.open_beside(path)) as beside:
        before = int(said.readline())
        for number in range(50):
            beside.add_action(a_mute(number))
            said.readline()

        assert list(beside.actions()) == [a_mute(number) for number in range(50)]
        assert int(said.readline()) > before


def test_a_dead_delivery_is_taken_up_again_while_another_process_records(path: Path) -> None:
    with closing(SqliteStore.open(path)) as store:
        record(store, a_cycle(1))
        (delivery,) = store.lease(DESK, NOON, NOON + DELIVERY_LEASE, 1)
        store.settle(replace(delivery, state=DeliveryState.DEAD, attempts=1), NOON)

    with somebody_records(path), closing(SqliteStore.open_beside(path)) as beside:
        assert beside.retry_dead(DESK) == 1
        assert beside.delivery_counts()[DESK]["dead"] == 0


def test_the_one_writer_sees_at_once_what_was_done_beside_it(path: Path) -> None:
    with closing(SqliteStore.open(path)) as writer, closing(SqliteStore.open_beside(path)) as beside:
        beside.add_action(a_mute(1))

        assert list(writer.actions()) == [a_mute(1)]


def test_nothing_is_made_beside_nobody(path: Path) -> None:
    with pytest.raises(StoreError, match="there is no database yet"):
        SqliteStore.open_beside(path)

    assert not path.exists()


def test_an_older_database_is_left_as_it_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    SqliteStore.open(path).close()
    monkeypatch.setattr(
        schema, "STEPS", (*schema.STEPS, ("9000", ("ALTER TABLE items ADD COLUMN place TEXT",)))
    )

    with pytest.raises(StoreError, match="watcher db migrate"):
        SqliteStore.open_beside(path)

    with closing(sqlite3.connect(path)) as connection:
        assert "9000" not in schema.applied(connection)


def test_a_newer_database_is_refused(path: Path) -> None:
    SqliteStore.open(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('watcher', '9999', 'later')"
        )

    with pytest.raises(StoreError, match="newer watcher"):
        SqliteStore.open_beside(path)


def test_who_reads_and_then_writes_is_not_refused_because_another_wrote_in_between(path: Path) -> None:
    with closing(SqliteStore.open(path)) as writer, closing(SqliteStore.open_beside(path)) as beside:
        with writer._writing() as connection:
            connection.execute("SELECT count(*) FROM actions").fetchone()
            beside._engine.connection.execute("PRAGMA busy_timeout = 0")
            with pytest.raises(StoreError, match="another program is writing"):
                beside.add_action(a_mute(1))
            connection.execute("DELETE FROM notes")
        writer.record(Cycle(items=(an_item("Missile launch"),)), ())
        beside.add_action(a_mute(1))

        assert list(writer.actions()) == [a_mute(1)]
