"""Opening, bringing up to date, copying and checking a database."""

import errno
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from shlex import quote
from typing import Any

import pytest

from tests.builders import NOON, an_item
from watcher.errors import StoreError
from watcher.model.language import IndicatorId
from watcher.model.news import FeedId
from watcher.model.polling import Cycle, FeedState, Poll, PollStatus
from watcher.store import SqliteStore
from watcher.store.engine import Connection
from watcher.store.recording import POLLS_KEPT
from watcher.store.sqlite import schema
from watcher.store.sqlite.opening import upgrade_apart

ITEM = an_item("Missile launch")


@pytest.fixture
def used(path: Path) -> Path:
    """A database with one item in it, closed."""
    with closing(SqliteStore.open(path)) as store:
        store.record(Cycle(items=(ITEM,)), ())
    return path


def test_a_database_is_made_in_a_process_of_its_own_also_where_nobody_hears_how_it_ended(path: Path) -> None:
    made_apart = (
        "import signal, sys; from pathlib import Path; "
        "from watcher.store.sqlite.opening import upgrade_apart; "
        "signal.signal(signal.SIGCHLD, signal.SIG_IGN); upgrade_apart(Path(sys.argv[1]))"
    )

    subprocess.run([sys.executable, "-c", made_apart, path], check=True)

    SqliteStore.open_readonly(path).close()


def test_where_no_process_can_be_made_the_one_that_opens_the_database_makes_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> int:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refuse)

    upgrade_apart(path)

    SqliteStore.open(path).close()


def item_count(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM items").fetchone()[0])


def pretend_newer(path: Path) -> None:
    """Note a step that this program does not know."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('watcher', '9999', 'later')"
        )


def corrupt(path: Path, *, start: float) -> None:
    """Overwrite a file from a part of its length on, to its end."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(int(size * start))
        file.write(b"\xff" * (size - file.tell()))


@pytest.fixture
def with_next_step(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Add a step to the schema: only one exists so far, and its successors must be safe from the first on."""

    def add(*statements: str) -> None:
        monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, ("9000", statements)))

    return add


# --- opening for writing ------------------------------------------------------------------------------------


def test_a_database_is_made_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "data" / "watcher.db"

    SqliteStore.open(path).close()

    assert path.exists()


def test_what_was_stored_is_there_after_opening_again(used: Path) -> None:
    with closing(SqliteStore.open(used)) as store:
        assert store.item(ITEM.id) == ITEM


def test_a_durable_store_waits_for_the_disk_and_a_replay_does_not(path: Path) -> None:
    for durable, level in ((True, 2), (False, 0)):
        with closing(SqliteStore.open(path, durable=durable)) as store:
            (found,) = store._engine.connection.execute("PRAGMA synchronous").fetchone()
            assert found == level


def test_what_need_not_last_does_not_wait_for_the_disk(path: Path) -> None:
    for durable, level, meanwhile in ((True, 2, 1), (False, 0, 0)):
        with closing(SqliteStore.open(path, durable=durable)) as store:
            with store._engine.writing(lasting=False) as connection:
                (found,) = connection.execute("PRAGMA synchronous").fetchone()
                assert found == meanwhile
            (found,) = store._engine.connection.execute("PRAGMA synchronous").fetchone()
            assert found == level


WITHOUT_NEWS = Poll(feed=FeedId("wire-en"), at=NOON, status=PollStatus.NOT_MODIFIED)
STATE = FeedState(feed=FeedId("wire-en"), next_due=NOON)


@pytest.mark.parametrize(
    ("cycle", "lasts"),
    [
        (Cycle(polls=(WITHOUT_NEWS,), states=(STATE,)), False),
        (Cycle(polls=(replace(WITHOUT_NEWS, status=PollStatus.ERROR),), states=(STATE,)), False),
        (Cycle(polls=(replace(WITHOUT_NEWS, status=PollStatus.OK),), states=(STATE,)), True),
        (Cycle(polls=(WITHOUT_NEWS,), states=(STATE,), items=(ITEM,)), True),
        (Cycle(polls=(WITHOUT_NEWS,), heard={IndicatorId("silence"): frozenset({NOON.date()})}), True),
        (Cycle(polls=(WITHOUT_NEWS,), notes={"name": "value"}), True),
        (Cycle(states=(STATE,)), True),
    ],
)
def test_only_answers_without_news_are_recorded_without_waiting_for_the_disk(
    path: Path, monkeypatch: pytest.MonkeyPatch, cycle: Cycle, lasts: bool
) -> None:
    with closing(SqliteStore.open(path)) as store:
        asked, writing = list[bool](), store._engine.writing

        def noting(*, lasting: bool = True) -> AbstractContextManager[Connection]:
            asked.append(lasting)
            return writing(lasting=lasting)

        monkeypatch.setattr(store._engine, "writing", noting)
        store.record(cycle, ())

    assert asked == [lasts]


def test_opening_again_changes_nothing_and_copies_nothing(used: Path) -> None:
    SqliteStore.open(used).close()

    assert [file.name for file in used.parent.iterdir()] == ["watcher.db"]


def test_a_newer_database_is_refused_unchanged(used: Path) -> None:
    pretend_newer(used)
    before = used.read_bytes()

    for opening in (SqliteStore.open, SqliteStore.open_readonly):
        with pytest.raises(StoreError, match=r"written by a newer watcher \(schema 9999\)"):
            opening(used)

    assert used.read_bytes() == before


def test_a_database_of_another_program_is_refused_unchanged(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    before = path.read_bytes()

    for opening in (SqliteStore.open, SqliteStore.open_readonly):
        with pytest.raises(StoreError, match="of another program"):
            opening(path)

    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(path: Path) -> None:
    path.write_text("feeds: " * 1000)

    for opening in (SqliteStore.open, SqliteStore.open_readonly):
        with pytest.raises(StoreError, match="it is not an SQLite database"):
            opening(path)


def test_a_place_without_a_log_is_refused() -> None:
    with pytest.raises(StoreError, match="cannot keep a write-ahead log"):
        SqliteStore.open(Path(":memory:"))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")

    with pytest.raises(StoreError, match=r"data/watcher\.db: "):
        SqliteStore.open(tmp_path / "data" / "watcher.db")


def test_importing_the_store_does_not_import_sqlite_utils() -> None:
    code = "import sys, watcher.store; sys.exit('sqlite_utils' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- steps of the schema ------------------------------------------------------------------------------------


def test_a_database_is_copied_before_its_schema_changes(
    used: Path, with_next_step: Callable[[str], None]
) -> None:
    with_next_step("ALTER TABLE items ADD COLUMN place TEXT")

    SqliteStore.open(used).close()

    copy = used.with_name("watcher.db.before-9000")
    assert item_count(copy) == item_count(used) == 1
    with (
        closing(sqlite3.connect(copy)) as connection,
        pytest.raises(sqlite3.OperationalError, match="no such column"),
    ):
        connection.execute("SELECT place FROM items")


def test_a_new_database_is_not_copied(path: Path, with_next_step: Callable[[str], None]) -> None:
    with_next_step("ALTER TABLE items ADD COLUMN place TEXT")

    SqliteStore.open(path).close()

    assert [file.name for file in path.parent.iterdir()] == ["watcher.db"]


def test_a_step_that_fails_halfway_leaves_the_database_as_it_was(
    used: Path, with_next_step: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with_next_step("ALTER TABLE items ADD COLUMN place TEXT", "ALTER TABLE nowhere ADD COLUMN place TEXT")
    with pytest.raises(StoreError, match="no such table"):
        SqliteStore.open(used)
    monkeypatch.undo()

    with closing(SqliteStore.open(used)) as store:
        assert store.item(ITEM.id) == ITEM
        assert "place" not in [
            column["name"] for column in store._engine.connection.execute("PRAGMA table_info(items)")
        ]


def test_an_older_database_is_not_read_before_it_is_brought_up_to_date(
    used: Path, with_next_step: Callable[[str], None]
) -> None:
    with_next_step("ALTER TABLE items ADD COLUMN place TEXT")

    with pytest.raises(StoreError, match=re.escape(f"`watcher db migrate --data {quote(str(used.parent))}`")):
        SqliteStore.open_readonly(used)


# --- opening for reading ------------------------------------------------------------------------------------


def test_a_reader_sees_what_the_writer_writes(path: Path) -> None:
    with closing(SqliteStore.open(path)) as writer, closing(SqliteStore.open_readonly(path)) as reader:
        writer.record(Cycle(items=(ITEM,)), ())

        assert reader.item(ITEM.id) == ITEM


def test_a_reader_cannot_write(used: Path) -> None:
    with (
        closing(SqliteStore.open_readonly(used)) as reader,
        pytest.raises(StoreError, match="opened for reading only"),
    ):
        reader.note("last_tick", "now")


def test_reading_where_nothing_is_says_what_makes_it(path: Path) -> None:
    with pytest.raises(StoreError, match="there is no database yet"):
        SqliteStore.open_readonly(path)

    assert not path.exists()


def test_a_path_with_odd_characters_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "북한 100%?#" / "watcher.db"
    SqliteStore.open(path).close()

    with closing(SqliteStore.open_readonly(path)) as reader:
        assert reader.counts()["items"] == 0


# --- keeping it sound ---------------------------------------------------------------------------------------


def test_a_sound_database_has_nothing_to_report(used: Path) -> None:
    with closing(SqliteStore.open_readonly(used)) as store:
        assert store.integrity() == []


def test_a_database_damaged_where_it_begins_is_refused(used: Path) -> None:
    corrupt(used, start=0.02)

    for opening in (SqliteStore.open, SqliteStore.open_readonly):
        with pytest.raises(StoreError, match="it is damaged"):
            opening(used)


def test_a_database_damaged_further_on_is_found_out_by_the_check_and_by_use(path: Path) -> None:
    with closing(SqliteStore.open(path)) as store:
        store.record(Cycle(items=tuple(an_item(f"Story {number}") for number in range(500))), ())
    corrupt(path, start=0.8)

    with closing(SqliteStore.open_readonly(path)) as store:
        assert store.integrity()
        with pytest.raises(StoreError, match="it is damaged"):
            store.counts()


def test_a_hit_without_its_item_is_reported(sqlite_store: SqliteStore) -> None:
    sqlite_store._engine.connection.execute("PRAGMA foreign_keys = OFF")
    sqlite_store._engine.connection.execute(
        "INSERT INTO hits (item, indicator, revision, claim, severity, score, evidence, cues, timing)"
        " VALUES ('gone', 'x', 0, 'occurred', 1, 1.0, '[]', '[]', '[]')"
    )

    assert sqlite_store.integrity() == ["a row of hits refers to a missing row of items"]


def test_a_backup_of_a_database_in_use_is_whole(sqlite_store: SqliteStore, tmp_path: Path) -> None:
    sqlite_store.record(Cycle(items=(ITEM,)), ())
    target = tmp_path / "backup.db"

    sqlite_store.backup(target)

    assert item_count(target) == 1
    with closing(SqliteStore.open(target)) as copy:
        assert copy.integrity() == []


def test_a_backup_never_overwrites(sqlite_store: SqliteStore, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    target.write_text("precious")

    with pytest.raises(StoreError, match="exists already"):
        sqlite_store.backup(target)

    assert target.read_text() == "precious"


def test_a_backup_that_cannot_be_written_leaves_nothing(sqlite_store: SqliteStore, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nowhere/backup\.db"):
        sqlite_store.backup(tmp_path / "nowhere" / "backup.db")

    assert not (tmp_path / "nowhere").exists()


def test_only_the_last_polls_of_each_feed_are_kept(sqlite_store: SqliteStore) -> None:
    polls = [
        Poll(feed=FeedId("busy"), at=NOON + timedelta(minutes=n), status=PollStatus.OK)
        for n in range(POLLS_KEPT + 5)
    ]
    quiet = Poll(feed=FeedId("quiet"), at=NOON, status=PollStatus.OK)
    for poll in (*polls, quiet):
        sqlite_store.record(Cycle(polls=(poll,)), ())

    assert sqlite_store.polls(quiet.feed) == [quiet]
    assert sqlite_store.polls(FeedId("busy"), limit=999) == polls[:4:-1]


# --- what fails leaves nothing open -------------------------------------------------------------------------


class Refuses(sqlite3.Connection):
    """A connection that cannot carry out one statement."""

    statement = ""

    def execute(self, sql: str, *more: Any) -> sqlite3.Cursor:
        if self.statement and sql.startswith(self.statement):
            raise sqlite3.OperationalError("disk I/O error")
        return super().execute(sql, *more)


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[sqlite3.Connection]:
    """Every connection that is opened from here on."""
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def recorded(*words: Any, **named: Any) -> sqlite3.Connection:
        opened.append(connect(*words, **named, factory=Refuses))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", recorded)
    return opened


def is_closed(connection: sqlite3.Connection) -> bool:
    try:
        connection.total_changes  # noqa: B018 - asking is the test
    except sqlite3.ProgrammingError:
        return True
    return False


@pytest.mark.parametrize("obstacle", ["watcher.db.before-9000", "watcher.db.before-9000.part"])
def test_an_upgrade_whose_copy_cannot_be_made_leaves_no_connection_open(
    used: Path,
    with_next_step: Callable[[str], None],
    connections: list[sqlite3.Connection],
    obstacle: str,
) -> None:
    with_next_step("CREATE TABLE later (id TEXT)")
    (used.parent / obstacle / "full").mkdir(parents=True)

    with pytest.raises(StoreError):
        SqliteStore.open(used)

    assert connections
    assert all(map(is_closed, connections))


@pytest.mark.parametrize(
    ("opening", "statement"),
    [
        (SqliteStore.open, "PRAGMA journal_mode"),
        (SqliteStore.open_beside, "PRAGMA foreign_keys"),
        (SqliteStore.open_beside, "PRAGMA synchronous"),
    ],
)
def test_an_opening_that_fails_half_way_leaves_no_connection_open(
    used: Path,
    connections: list[sqlite3.Connection],
    monkeypatch: pytest.MonkeyPatch,
    opening: Callable[[Path], object],
    statement: str,
) -> None:
    monkeypatch.setattr(Refuses, "statement", statement)

    with pytest.raises(StoreError):
        opening(used)

    assert connections
    assert all(map(is_closed, connections))
