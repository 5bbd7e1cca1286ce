"""Operation of the database, and a search of what is in it."""

import json
from contextlib import closing
from datetime import timedelta

import pytest

from tests.builders import NOON, an_item
from tests.loopback import LoopbackServer
from tests.workspace import Workspace, news
from watcher.clock import utc_now
from watcher.model.polling import Cycle
from watcher.service.lock import only_instance
from watcher.store import SqliteStore


@pytest.fixture
def polled(workspace: Workspace, server: LoopbackServer) -> Workspace:
    """Return a workspace in which one poll raised one alert."""
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn", "날씨 맑음, 미사일은 없다")))
    assert workspace.call("poll", "--data", workspace.data).code == 0
    return workspace


@pytest.fixture
def old(workspace: Workspace) -> Workspace:
    """Return a workspace with news of two years, a day's a day."""
    with closing(SqliteStore.open(workspace.data / "watcher.db", durable=False)) as store:
        for day in range(730):
            seen = utc_now() - timedelta(days=day, hours=1)
            minutes = (seen - NOON) / timedelta(minutes=1)
            store.record(
                Cycle(items=(an_item(f"Story {day} {'and more words ' * 30}", minutes=minutes),)), ()
            )
    return workspace


# --- check --------------------------------------------------------------------------------------------------


def test_the_check_says_how_large_the_database_is_and_what_is_in_it(polled: Workspace) -> None:
    found = polled.call("db", "check", "--json", "--data", polled.data).json
    text = polled.call("db", "check", "--data", polled.data).out

    assert (found["whole"], found["damage"], found["rows"]["items"]) == (True, [], 2)
    assert 0 <= found["free_bytes"] < found["bytes"]
    assert "2 items\n" in text


# --- prune --------------------------------------------------------------------------------------------------


def test_a_dry_run_says_what_would_go_and_leaves_it(old: Workspace) -> None:
    dry = old.call("db", "prune", "--keep", "180d", "--dry-run", "--json", "--data", old.data).json
    left = sorted(file.name for file in old.data.iterdir())
    done = old.call("db", "prune", "--keep", "180d", "--json", "--data", old.data).json

    assert dry == done | {"dry_run": True}
    assert (done["items"], left) == (550, ["watcher.db", "watcher.db-shm", "watcher.db-wal"])
    assert done["after"] < 0.6 * done["before"]
    assert (old.data / "watcher.db").stat().st_size == done["after"]


def test_what_is_kept_is_as_the_settings_say_when_nothing_is_asked_for(old: Workspace) -> None:
    old.write("watcher.toml", '[data]\nkeep = "365d"\n')

    ran = old.call("db", "prune", "--data", old.data)

    assert ran.out.startswith("gone: 365 items, 0 incidents, 0 alerts\nthe database takes ")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "say what to keep"),
        (("--keep", "10d"), "write at least 30d"),
        (("--keep", "soon"), "is no duration"),
        (("--max-size", "1KiB"), "write at least 16 MiB"),
    ],
)
def test_pruning_without_a_good_bound_is_wrong_use(
    polled: Workspace, words: tuple[str, ...], says: str
) -> None:
    ran = polled.call("db", "prune", *words, "--data", polled.data)

    assert ran.code == 2
    assert says in ran.err


@pytest.mark.parametrize("words", [("prune", "--keep", "180d"), ("restore", "copy.db")])
def test_the_database_of_a_running_service_is_left_alone(polled: Workspace, words: tuple[str, ...]) -> None:
    polled.call("db", "backup", polled.folder / "copy.db", "--data", polled.data)

    with only_instance(polled.data):
        ran = polled.call("db", *words, "--data", polled.data)

    assert ran.code == 3
    assert "already runs here" in ran.err


# --- restore ------------------------------------------------------------------------------------------------


def test_a_restored_database_does_not_tell_again_what_the_log_has(
    polled: Workspace, server: LoopbackServer
) -> None:
    polled.call("db", "backup", polled.folder / "copy.db", "--data", polled.data)
    server.serve("/f", news("Second ICBM on a parade", "ICBM launched at dawn"))
    polled.call("poll", "--all", "--data", polled.data)
    before = polled.titles()

    ran = polled.call("db", "restore", polled.folder / "copy.db", "--data", polled.data)
    polled.call("poll", "--all", "--data", polled.data)

    assert (ran.code, before) == (0, ["ICBM launched at dawn", "Second ICBM on a parade"])
    assert "are not sent again: 1\n" in ran.out
    assert "remove it when you no longer need it" in ran.out
    assert polled.titles() == before


def test_what_is_no_backup_is_refused(polled: Workspace) -> None:
    ran = polled.call("db", "restore", polled.folder / "feeds.yaml", "--json", "--data", polled.data)

    assert ran.code == 3
    assert "feeds.yaml: it is not an SQLite database" in ran.err


def test_a_restore_can_be_read_by_a_machine(polled: Workspace) -> None:
    polled.call("db", "backup", polled.folder / "copy.db", "--data", polled.data)

    done = polled.call("db", "restore", polled.folder / "copy.db", "--json", "--data", polled.data).json

    assert (done["alerts"], done["unreadable"]) == (0, 0)
    assert str(polled.data / "watcher.db.replaced-") in done["aside"]


# --- search -------------------------------------------------------------------------------------------------


def test_what_was_read_is_found_with_what_it_hit(polled: Workspace) -> None:
    (found,) = polled.call("search", "icbm", "--json", "--data", polled.data).json
    (korean,) = polled.call("search", "미사", "--json", "--data", polled.data).json
    text = polled.call("search", "launch*", "--data", polled.data).out

    assert (found["title"], found["hits"][0]["indicator"]) == ("ICBM launched at dawn", "needle")
    assert (korean["title"], korean["hits"]) == ("날씨 맑음, 미사일은 없다", [])
    assert "ICBM launched at dawn" in text
    assert "needle" in text


def test_a_search_can_be_bounded_in_time_and_number(polled: Workspace) -> None:
    later = polled.call("search", "icbm", "--since", "2999-01-01", "--json", "--data", polled.data)
    few = polled.call("search", "0", "OR", "icbm*", "--limit", "1", "--json", "--data", polled.data)

    assert (json.loads(later.out), json.loads(few.out)) == ([], [])


def test_a_search_for_nothing_is_wrong_use(polled: Workspace) -> None:
    ran = polled.call("search", "…", "--data", polled.data)

    assert ran.code == 2
    assert "there is no word in" in ran.err
