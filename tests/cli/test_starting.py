"""What a command loads before it does anything: its own module, and nothing heavy that it does not use."""

import subprocess
import sys
from typing import Any

import pytest
import typer

from tests.loopback import LoopbackServer
from tests.workspace import Workspace, news
from watcher import cli

HEAVY = {
    "apprise",
    "apscheduler",
    "asyncio",
    "feedparser",
    "jinja2",
    "prometheus_client",
    "pycurl",
    "pydantic",
    "re2",
    "rich",
    "sqlite3",
    "sqlite_utils",
    "ssl",
    "starlette",
    "uvicorn",
    "yaml",
}


def loaded_by(program: str) -> set[str]:
    ran = subprocess.run(
        [sys.executable, "-c", f"import sys\n{program}\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ran.stdout.split())


def test_every_command_is_found_in_the_module_that_is_loaded_for_it() -> None:
    commands: dict[str, Any] = typer.main.get_command(cli.application()).commands  # type: ignore[attr-defined]

    def home(command: Any) -> str:
        inside = getattr(command, "commands", {})
        return home(next(iter(inside.values()))) if inside else str(command.callback.__module__)

    found = {name: home(command).removeprefix("watcher.cli.") for name, command in commands.items()}
    assert found == {name: module for module, names in cli._COMMANDS.items() for name in names}


def test_a_command_loads_its_own_module_and_not_those_of_others() -> None:
    loaded = loaded_by("import watcher.cli\nwatcher.cli.application('run')")

    assert "watcher.cli.service" in loaded
    assert {name for name in loaded if name.startswith(("watcher.cli.tuning", "watcher.model"))} == set()


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["no-such-command"]])
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    loaded = loaded_by(f"import watcher.cli\ntry: watcher.cli.main({words})\nexcept SystemExit: pass")

    assert HEAVY & loaded == set()


def test_a_service_loads_nothing_of_the_command_line_the_page_and_what_reads_lists() -> None:
    loaded = loaded_by("import watcher.service.__main__")

    assert HEAVY & loaded == set(), "the scheduler is loaded when the first feeds have been asked"
    assert {name for name in loaded if name.startswith(("typer", "watcher.cli", "watcher.web"))} == set()


def test_a_poll_that_brings_no_news_loads_no_more_than_it_needs(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(every="1h", wire=server.serve("/f", news("ICBM launched at dawn")))
    assert workspace.run("poll").code == 0

    polled = [sys.executable, "-X", "importtime", "-m", "watcher", "poll", "--all", "--json"]
    ran = workspace.run(program=polled)

    loaded = {line.rpartition("|")[2].strip() for line in ran.err.splitlines()}
    assert ran.json["feeds"][0]["new"] == 0
    assert HEAVY & loaded == {"pycurl", "sqlite3"}
