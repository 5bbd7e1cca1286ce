"""A backup in the place of the database: it is whole, and no alert since the backup is sent a second time."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NOON, a_list, an_item
from tests.faults.test_every_step import Agencies, Desktop
from tests.store.old import build
from tests.store.recorder import a_cycle, record
from watcher.channels.log import AlertLog
from watcher.errors import StoreError
from watcher.model.alerts import Alert, ChannelId
from watcher.model.news import Feed, FeedId
from watcher.model.polling import Cycle, Request
from watcher.pipeline import World, deliver, poll, rules_of
from watcher.pipeline.reviewing import Reviewer
from watcher.ports import Answer
from watcher.store import SqliteStore
from watcher.store.recalling import Recalled
from watcher.store.sqlite import opening, schema
from watcher.store.sqlite.restore import restore

RULES = rules_of(
    a_list("""
version: 1
indicators:
  - {id: launch, title: Launch, category: provocation, severity: high, corroborate: {origins: 2, within: 6h},
     joins: {family: missile, by: happening, rung: 1, ladder: {2: [ballistic]}}, match: {any: [launched]}}
  - {id: icbm, title: ICBM, category: provocation, severity: critical,
     joins: {family: missile, by: happening, rung: 4}, match: {any: [icbm]}}
  - {id: warning, title: Warning, category: rhetoric, severity: medium,
     joins: {family: words, by: wording}, match: {any: [warns]}}
""")
)
FEEDS = [
    Feed(id=FeedId("agency"), url="https://agency.example/f", owner="agency", seed=False),
    Feed(id=FeedId("wire"), url="https://wire.example/f", owner="wire", seed=False),
    Feed(id=FeedId("daily"), url="https://daily.example/f", owner="daily"),
]
Chapter = Mapping[str, list[str]]


class Papers(Agencies):
    """Feeds that are read anew at every poll."""

    def fetch(self, requests: Sequence[Request]) -> Iterator[Answer]:
        yield from super().fetch([replace(request, etag="") for request in requests])


class Receiver:
    """A receiver elsewhere, which remembers what it got."""

    id = ChannelId("desk")

    def __init__(self) -> None:
        self.got: list[Alert] = []

    def send(self, alert: Alert, also: Sequence[Alert] = ()) -> None:
        self.got += (alert, *also)


class Newsroom:
    """A watcher at work on a data folder, chapter after chapter of the news."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.receiver = folder, Receiver()
        self.database, self.log = folder / "watcher.db", folder / "alerts"

    def work(self, chapters: Sequence[Chapter], begin: int = 0) -> None:
        with closing(SqliteStore.open(self.database, durable=False)) as store:
            channels = (AlertLog(self.log), self.receiver)
            for number, chapter in enumerate(chapters, start=begin):
                now = NOON + number * timedelta(hours=1)
                world = World(
                    fetcher=Papers(dict(chapter)),
                    reader=Desktop(),
                    store=store,
                    channels=channels,
                    clock=lambda now=now: now,
                )
                list(poll(FEEDS, world, RULES))
                for channel in channels:
                    deliver(channel, store, world.clock)

    def backup(self) -> Path:
        with closing(SqliteStore.open_readonly(self.database)) as store:
            store.backup(self.folder / "backup.db")
        return self.folder / "backup.db"

    def restore(self, backup: Path, now: datetime = NOON) -> Recalled:
        return restore(backup, self.database, self.log, RULES, now)

    def lines(self) -> list[dict[str, str]]:
        return [
            json.loads(line)
            for file in sorted(self.log.glob("*.jsonl"))
            for line in file.read_text(encoding="utf-8").splitlines()
        ]

    def told(self) -> list[str]:
        """Return what the log says of the news; what the watcher says of itself is no news."""
        return [
            f"{line['id']} {line['reason']}"
            for line in self.lines()
            if line["kind"] != "collection" or line["reason"] == "seeding"
        ]

    def received(self) -> set[str]:
        return {alert.id for alert in self.receiver.got if alert.kind != "collection"}


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    return Newsroom(tmp_path)


TITLE = st.sampled_from(
    [
        "Missile launched at dawn",
        "Ballistic missile launched",
        "Missile launched, Seoul says",
        "Missile launched, JCS says",
        "ICBM seen",
        "ICBM launched, Tokyo says",
        "Seoul warns of drills",
        "Tokyo warns of debris",
        "Rain",
        "Fog",
    ]
)
CHAPTER = st.fixed_dictionaries(
    {feed.id: st.lists(TITLE, min_size=1, max_size=4, unique=True) for feed in FEEDS}
)

STORY: list[Chapter] = [
    {"agency": ["Seoul warns of drills"], "wire": ["Rain"], "daily": ["Missile launched last year"]},
    {"agency": ["Missile launched at dawn", "Seoul warns of drills"], "wire": ["Rain"], "daily": ["Fog"]},
    {
        "agency": ["It was an ICBM, says Seoul", "Missile launched at dawn"],
        "wire": ["Missile launched, Tokyo says", "Rain"],
        "daily": ["Fog"],
    },
    {
        "agency": ["Tokyo warns of debris", "It was an ICBM, says Seoul"],
        "wire": ["ICBM launched, JCS says", "Rain"],
        "daily": ["ICBM launched, says Japan's defense ministry"],
    },
]
LAST: Chapter = {
    feed.id: list(dict.fromkeys(title for chapter in reversed(STORY) for title in chapter[feed.id]))
    for feed in FEEDS
}


@settings(max_examples=20, deadline=None)
@given(st.lists(CHAPTER, min_size=2, max_size=6), st.data())
def test_nor_whatever_the_news_was(chapters: list[Chapter], data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(chapters) - 1))
    last: Chapter = {
        feed.id: sorted({title for chapter in chapters for title in chapter[feed.id]}) for feed in FEEDS
    }
    with TemporaryDirectory() as folder:
        newsroom = Newsroom(Path(folder))
        newsroom.work(chapters[:at])
        backup = newsroom.backup()
        newsroom.work(chapters[at:], at)
        before = {line for line in newsroom.told() if "level" not in line}

        newsroom.restore(backup)
        newsroom.work([last], len(chapters))

        assert {line for line in newsroom.told() if "level" not in line} == before


@pytest.mark.parametrize("chapters", range(len(STORY)))
def test_what_was_told_after_the_backup_is_not_told_again(newsroom: Newsroom, chapters: int) -> None:
    newsroom.work(STORY[:chapters])
    backup = newsroom.backup()
    newsroom.work(STORY[chapters:], chapters)
    before, got = newsroom.told(), newsroom.received()
    assert len(before) >= 5

    newsroom.restore(backup)
    newsroom.work([LAST, LAST], len(STORY))

    assert newsroom.told() == before
    assert newsroom.received() == got


def test_what_reviewers_had_merged_in_the_backup_stays_one_whatever_the_log_says_since(
    newsroom: Newsroom,
) -> None:
    papers: Chapter = {"wire": ["Rain"], "daily": ["Fog"]}
    newsroom.work([{**papers, "agency": ["Missile launched at dawn"]}])
    newsroom.work([{**papers, "agency": ["Second missile launched, a day later"]}], 30)
    with closing(SqliteStore.open(newsroom.database)) as store:
        one, other = store.open_incidents(NOON)
        Reviewer(store, "kim", NOON).merge(one.id, other.id)
    newsroom.work([{**papers, "agency": ["Rain"]}], 31)
    backup = newsroom.backup()
    with closing(SqliteStore.open(newsroom.database)) as store:
        Reviewer(store, "kim", NOON).split(one.id, [other.id])
    newsroom.work([{**papers, "agency": ["Fog"]}], 32)
    newsroom.work([{**papers, "agency": ["Second ICBM launched, a day later"]}], 33)
    assert newsroom.lines()[-1]["incident"] == other.id

    newsroom.restore(backup)

    with closing(SqliteStore.open_readonly(newsroom.database)) as store:
        (whole,) = store.open_incidents(NOON)
        assert {part.id for part in whole.parts} == {one.id, other.id}
        assert {alert.incident for alert in store.alerts_of(one.id)} == {whole.id}
        assert store.alerts_of(other.id) == []
        assert store.integrity() == []


def test_a_backup_made_under_load_is_whole_and_all_that_came_after_it_is_known(newsroom: Newsroom) -> None:
    command = [sys.executable, "-m", "tests.store.recorder", str(newsroom.database)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as recorder:
        assert recorder.stdout
        for _ in range(20):
            recorder.stdout.readline()
        backup = newsroom.backup()
        with closing(SqliteStore.open_readonly(backup)) as store:
            last = len(store.alerts(limit=100_000)) + 20
        while int(recorder.stdout.readline()) < last:  # it may have said more before the backup was whole
            pass
        recorder.kill()
    with closing(SqliteStore.open(newsroom.database)) as store:
        log = AlertLog(newsroom.log)
        ids = {alert.id for alert in store.alerts(limit=100_000)}
        for alert in store.alerts(limit=100_000):
            log.send(alert)

    done = newsroom.restore(backup)

    with closing(SqliteStore.open(newsroom.database)) as store:
        assert done.alerts >= 20
        assert {alert.id for alert in store.alerts(limit=100_000)} == ids
        assert store.integrity() == []
        for alert in store.alerts(limit=100_000):
            log.send(alert)
        record(store, a_cycle(30))
        assert len(store.alerts(limit=100_000)) == len(ids)
    assert len(newsroom.lines()) == len(ids)


def test_the_old_database_is_kept_beside_with_all_it_had(newsroom: Newsroom) -> None:
    newsroom.work(STORY[:1])
    backup = newsroom.backup()
    killed = (
        "import os, sys; from tests.service.test_restore import write_and_die; write_and_die(sys.argv[1])"
    )
    subprocess.run([sys.executable, "-c", killed, str(newsroom.database)], check=False)
    assert (newsroom.folder / "watcher.db-wal").stat().st_size

    done = newsroom.restore(backup)

    assert done.aside == newsroom.folder / "watcher.db.replaced-20261010T120000Z"
    with (
        closing(SqliteStore.open_readonly(done.aside)) as old,
        closing(SqliteStore.open_readonly(newsroom.database)) as new,
    ):
        assert old.search("written")
        assert not new.search("written")


def write_and_die(path: str) -> None:
    """Record an item, and be gone before it is in the file itself."""
    SqliteStore.open(Path(path)).record(Cycle(items=(an_item("Written at the last moment"),)), ())
    os._exit(1)


def test_a_database_that_is_lost_or_damaged_can_be_restored(newsroom: Newsroom) -> None:
    newsroom.work(STORY)
    backup, told = newsroom.backup(), newsroom.told()

    for damage in (newsroom.database.unlink, lambda: newsroom.database.write_bytes(b"\xff" * 50_000)):
        damage()
        newsroom.restore(backup, NOON + timedelta(days=newsroom.database.exists()))
        newsroom.work([STORY[-1]], len(STORY))

    assert newsroom.told() == told


def test_a_backup_of_an_older_watcher_is_brought_up_to_date(newsroom: Newsroom) -> None:
    old = newsroom.folder / "old.db"
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        build(connection, schema.STEPS[:1])

    newsroom.restore(old)

    with closing(SqliteStore.open(newsroom.database)) as store:
        assert store.integrity() == []
        assert [alert.id for alert in store.alerts()] == ["a1"]
    assert sorted(file.name for file in newsroom.folder.iterdir()) == ["old.db", "watcher.db"]


def nothing(path: Path) -> None:
    """There is no file."""


def text(path: Path) -> None:
    path.write_text("feeds: " * 1000)


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")


def empty(path: Path) -> None:
    path.touch()


def newer(path: Path) -> None:
    SqliteStore.open(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('watcher', '9999', 'later')"
        )


def damaged(path: Path) -> None:
    with closing(SqliteStore.open(path)) as store:
        store.record(Cycle(items=tuple(an_item(f"Story {number}") for number in range(500))), ())
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size * 4 // 5)
        file.write(b"\xff" * (size - file.tell()))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (nothing, "there is no such file"),
        (text, "it is not an SQLite database"),
        (foreign, "of another program"),
        (empty, "it is empty"),
        (newer, "written by a newer watcher"),
        (damaged, "damaged"),
    ],
)
def test_what_is_no_backup_changes_nothing(
    newsroom: Newsroom, make: Callable[[Path], None], says: str
) -> None:
    newsroom.work(STORY[:1])
    before = newsroom.database.read_bytes()
    backup = newsroom.folder / "backup.db"
    make(backup)

    with pytest.raises(StoreError, match=says):
        newsroom.restore(backup)

    assert newsroom.database.read_bytes() == before
    assert {file.name for file in newsroom.folder.iterdir()} <= {
        "watcher.db",
        "alerts",
        "backup.db",
        "backup.db-wal",
        "backup.db-shm",
    }


def test_lines_of_the_log_that_are_no_alert_are_counted_and_passed_over(newsroom: Newsroom) -> None:
    newsroom.work(STORY[:1])
    backup = newsroom.backup()
    with (newsroom.log / f"{NOON:%Y-%m-%d}.jsonl").open("ab") as log:
        log.write(b'{"id": "half a l\n[1]\n{"id": "x", "at": 7}\n\xff\xfe\n')

    assert newsroom.restore(backup).unreadable == 4


def test_a_power_cut_in_the_middle_leaves_a_whole_database_in_the_place(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom.work(STORY[:2])
    backup = newsroom.backup()

    for name in (
        "own_as",
        "_empty_log",
        "_flush",
    ):  # before each step that matters; nothing else in the product can stop there
        with monkeypatch.context() as patch:
            patch.setattr(opening, name, interrupt)
            with pytest.raises(KeyboardInterrupt):
                newsroom.restore(backup)
        with closing(SqliteStore.open(newsroom.database)) as store:
            assert store.integrity() == []
            assert len(store.alerts()) == len(newsroom.lines())


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt
