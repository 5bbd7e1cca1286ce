"""Who uses SQLite loads nothing of what PostgreSQL needs; who lacks it is told what to install."""

import sys

import pytest

from tests.workspace import Workspace

LOADED = """
import sys
from pathlib import Path
from watcher import bootstrap
from watcher.service import __main__ as service
settings = bootstrap.read_settings(None, {"WATCHER_DATA": "data"}, {})
Path("data").mkdir(exist_ok=True)
rounds = service.rounds_of(settings, "")
rounds.world.store.close()
print(sorted(name for name in ("psycopg", "procrastinate", "watcher.service.node") if name in sys.modules))
"""


def test_a_service_that_is_alone_loads_nothing_of_nodes(workspace: Workspace) -> None:
    ran = workspace.run(program=[sys.executable, "-c", LOADED])

    assert (ran.code, ran.out) == (0, "[]\n")


@pytest.mark.parametrize("word", ["run", "status"])
def test_who_lacks_what_postgresql_needs_is_told_what_to_install(workspace: Workspace, word: str) -> None:
    (workspace.folder / "psycopg.py").write_text("raise ModuleNotFoundError('no psycopg', name='psycopg')\n")
    words = [sys.executable, "-c", f"from watcher.cli import main; main(['{word}'])"]
    path = f"{workspace.folder}:{workspace.environment()['PYTHONPATH']}"

    ran = workspace.run(program=words, WATCHER_STORE_URL="postgresql://nowhere/x", PYTHONPATH=path)

    assert ran.code == 2
    assert "psycopg is not installed: install requirements-postgres.lock" in ran.err


def test_a_name_for_a_service_that_is_alone_is_a_mistake(workspace: Workspace) -> None:
    workspace.feeds()

    ran = workspace.run("run", "--node", "seoul")

    assert ran.code == 2
    assert "set `url` in [store]" in ran.err


def test_an_address_that_is_none_of_postgresql_is_not_shown(workspace: Workspace) -> None:
    ran = workspace.run("status", WATCHER_STORE_URL="mysql://me:secret@host/x")

    assert ran.code == 2
    assert "postgresql://user@host/database" in ran.err
    assert "secret" not in ran.err
