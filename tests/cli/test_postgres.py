"""Every command over PostgreSQL, as `[store] url` asks: the same answers, or a clear word."""

import json
from pathlib import Path

import pytest

from tests.loopback import LoopbackServer
from tests.postgres import PostgresServer
from tests.workspace import ROOT, Ran, Workspace, news

NOBODY = "postgresql://watcher:s3cret@127.0.0.1:1/none"


@pytest.fixture
def here(workspace: Workspace, postgres_url: str) -> Workspace:
    """Return a workspace whose settings name an empty database."""
    workspace.settings(store=postgres_url)
    return workspace


@pytest.fixture
def polled(here: Workspace, server: LoopbackServer) -> Workspace:
    """Return one in which a poll raised an alert."""
    here.feeds(wire=server.serve("/f", news("ICBM launched at dawn", "날씨 맑음, 미사일은 없다")))
    assert call(here, "poll").code == 0
    return here


def call(workspace: Workspace, *words: str) -> Ran:
    return workspace.call(*words, "--data", workspace.data)


def test_a_poll_writes_the_log_and_the_database_and_no_file_of_sqlite(polled: Workspace) -> None:
    (alert,) = call(polled, "alerts", "list", "--json").json

    assert alert["title"] == "ICBM launched at dawn"
    assert [line["id"] for file in (polled.data / "alerts").glob("*.jsonl") for line in alerts_in(file)] == [
        alert["id"]
    ]
    assert list(polled.data.glob("*.db*")) == []


def alerts_in(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("words", ["미사일", "미사", "사일은", "icbm"])
def test_two_syllables_are_found(polled: Workspace, words: str) -> None:
    assert len(call(polled, "search", words, "--json").json) == 1


def test_the_check_counts_and_says_how_large_it_is(polled: Workspace) -> None:
    found = call(polled, "db", "check", "--json").json

    assert (found["whole"], found["damage"], found["rows"]["items"]) == (True, [], 2)
    assert found["bytes"] > 0


def test_pruning_can_be_tried_and_done(polled: Workspace) -> None:
    tried = call(polled, "db", "prune", "--keep", "30d", "--dry-run", "--json").json
    done = call(polled, "db", "prune", "--keep", "30d", "--json").json

    assert (tried["items"], done["items"], tried["dry_run"]) == (0, 0, True)
    assert call(polled, "db", "check", "--json").json["rows"]["items"] == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("db", "backup", "copy.db"), "back it up with pg_dump"),
        (("db", "restore", "copy.db"), "pg_restore"),
        (("db", "prune", "--max-size", "2GiB"), "--max-size has no effect on PostgreSQL"),
    ],
)
def test_what_only_a_file_can_do_is_said_to_be_done_in_another_way(
    polled: Workspace, words: tuple[str, ...], says: str
) -> None:
    ran = call(polled, *words)

    assert ran.code == 2
    assert says in ran.err


def test_a_largest_size_is_refused_before_anything_is_done(here: Workspace, postgres_url: str) -> None:
    here.settings(store=postgres_url, more='[data]\nmax_size = "2 GiB"\n')

    ran = call(here, "poll")

    assert (ran.code, "`max_size` in [data] has no effect on PostgreSQL" in ran.err) == (2, True)


def test_the_doctor_says_what_the_locale_of_the_cluster_means(polled: Workspace) -> None:
    found = {each["what"]: each for each in call(polled, "doctor", "--json").json}

    assert found["database"]["good"]
    assert "locale C, ctype C, encoding UTF8; texts compare as bytes" in found["database"]["finding"]


def test_before_the_first_poll_there_is_nothing_and_that_is_said(here: Workspace) -> None:
    ran = call(here, "alerts", "list")

    assert ran.code == 3
    assert "it has no tables of the watcher yet" in ran.err
    assert call(here, "db", "migrate").code == 0
    assert call(here, "alerts", "list", "--json").json == []


@pytest.mark.parametrize(
    "words", [("poll",), ("status",), ("doctor",), ("alerts", "list"), ("db", "migrate"), ("db", "check")]
)
def test_a_password_is_never_shown(workspace: Workspace, words: tuple[str, ...]) -> None:
    workspace.settings(store=NOBODY)
    workspace.feeds(wire="https://wire.example/f")

    ran = call(workspace, *words)

    assert ran.code != 0
    assert "postgresql://watcher@127.0.0.1:1/none" in ran.out + ran.err
    assert "s3cret" not in ran.out + ran.err


def test_a_replay_is_not_stored_in_the_database_of_a_service(polled: Workspace) -> None:
    archive = polled.write("archive.jsonl", "")

    ran = call(polled, "replay", str(archive))

    assert (ran.code, "is the database of a service" in ran.err) == (2, True)


def test_an_archive_replayed_gives_the_same_log_to_the_byte(workspace: Workspace, postgres_url: str) -> None:
    lines = (ROOT / "tests" / "data" / "labelled_news.jsonl").read_text(encoding="utf-8").splitlines()
    archive = workspace.write("archive.jsonl", "\n".join(lines[::4]))
    counted = []
    for name, url in (("file", ""), ("server", postgres_url)):
        workspace.settings(store=url)
        words = (
            "replay",
            archive,
            "--indicators",
            ROOT / "indicators.yaml",
            "--data",
            workspace.folder / name,
        )
        counted.append({**workspace.call(*words, "--json").json, "seconds": 0})

    assert counted[0] == counted[1]
    logs = [
        {file.name: file.read_bytes() for file in (workspace.folder / name / "alerts").iterdir()}
        for name in ("file", "server")
    ]
    assert logs[0] == logs[1]
    assert len(logs[0]) > 30


def test_what_was_alerted_after_a_backup_is_recalled_from_the_log_and_not_told_again(
    polled: Workspace, postgres: PostgresServer, postgres_url: str
) -> None:
    database = postgres_url.partition("@/")[2].partition("?")[0]
    told = polled.log()
    postgres.drop(database)  # as if the backup was older than all that was polled
    postgres.execute("CREATE DATABASE {}", database)

    recalled = call(polled, "db", "restore", "--json").json
    again = call(polled, "poll")

    assert (recalled["alerts"], again.code) == (1, 0)
    assert polled.log() == told
