"""The commands in README and docs/: each marked block is run, started or looked up as its mark says.

`runs` commands are run as written: without a terminal or `$USER`, 60 columns wide, in a folder like a clone
with the data of README's own demo in it. Those that need a network get feeds, pages and a receiver on
loopback.
"""

import html
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer.main

from tests.loopback import LoopbackServer, free_port
from tests.workspace import PATIENCE, news
from watcher.cli import application

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]

RUNS, SESSION, NETWORK, STOPPED, ROOT_OR_DOCKER = KINDS = (
    "runs",
    "runs: worked session",  # with its output, by tests/test_docs_examples.py
    "needs a network",
    "runs until stopped",
    "needs root or docker",
)
BLOCK = re.compile(r"((?:^<!-- [^\n]+ -->\n)*)^```(sh|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED_FILE = re.compile(r"^```\w+\n(# ([\w.]+\.(?:yaml|toml))\n.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE_COMMAND = re.compile(r"`(watcher [^`\n]+)`")
FINDS_TROUBLE = ("status", "doctor")
"""Commands that leave with 1 when they have something to say, which is no failure of theirs."""


class Command(NamedTuple):
    """One line of a marked block."""

    page: str
    kind: str
    line: str


def commands(page: Path, *kinds: str) -> Iterator[Command]:
    """Yield the lines of a page's blocks of some kinds, without remarks."""
    for marks, language, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        kind = next((kind for kind in KINDS if f"<!-- {kind} -->" in marks), "")
        lines = [
            line.removeprefix("$ ") for line in text.splitlines() if language == "sh" or line.startswith("$ ")
        ]
        yield from (
            Command(page.name, kind, re.sub(r"\s+# .*", "", line))
            for line in lines
            if not kinds or kind in kinds
        )


def with_commands(*kinds: str) -> list[Path]:
    return [page for page in PAGES if any(commands(page, *kinds))]


@pytest.mark.parametrize("page", with_commands(), ids=lambda page: page.name)
def test_every_command_stands_in_a_block_that_says_what_it_needs(page: Path) -> None:
    assert [command.line for command in commands(page) if not command.kind] == []


def test_there_are_commands_of_every_kind(capsys: pytest.CaptureFixture[str]) -> None:
    counts = {kind: sum(1 for page in PAGES for _ in commands(page, kind)) for kind in KINDS}

    with capsys.disabled():
        sys.stdout.write(
            "\ncommands in README and docs: "
            f"{', '.join(f'{count} {kind}' for kind, count in counts.items())}\n"
        )
    assert all(counts.values())


# --- runs ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Return a folder in which README's commands were run, the demo first, and what went wrong with them."""
    folder = tmp_path_factory.mktemp("clone")
    for name in ("feeds.yaml", "indicators.yaml"):
        shutil.copy(ROOT / name, folder)
    (folder / "tests").symlink_to(ROOT / "tests")
    return folder, run_all(README, folder, RUNS)


@pytest.fixture
def folder(clone: tuple[Path, list[str]], tmp_path: Path) -> Path:
    """Return a copy of the clone that a test may change."""
    return Path(shutil.copytree(clone[0], tmp_path / "clone", symlinks=True))


@pytest.mark.slow
def test_readmes_commands_run_as_written(clone: tuple[Path, list[str]]) -> None:
    assert clone[1] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [page for page in with_commands(RUNS) if page != README], ids=lambda page: page.name
)
def test_the_commands_of_a_page_run_as_written(page: Path, folder: Path) -> None:
    assert run_all(page, folder, RUNS) == []


# --- needs a network, runs until stopped --------------------------------------------------------------------


@pytest.fixture
def network(folder: Path, server: LoopbackServer) -> dict[str, str]:
    """Put the folder's feed, a page and the channel `desk` on loopback; return the environment for that."""
    for address in (wire := "http://wire.example/f", "http://paper.example/"):
        server.serve(address, news("ICBM launched at dawn"))  # asked for as of a proxy
    server.serve("/hook")
    channel = f'[channels.desk]\ntype = "webhook"\nurl = "{server.url("/hook")}"\n'
    (folder / "watcher.toml").write_text(
        f'[fetch]\nallow_private = ["127.0.0.1/32"]\n{channel}', encoding="utf-8"
    )
    (folder / "feeds.yaml").write_text(
        f'version: 1\nfeeds:\n  - {{id: wire, url: "{wire}"}}\n', encoding="utf-8"
    )
    return {
        "WATCHER_FETCH_PROXY": f"http://127.0.0.1:{server.port}",
        "WATCHER_WEB_LISTEN": f"127.0.0.1:{free_port()}",
    }


@pytest.mark.slow
def test_readmes_indicator_gains_on_the_news_of_the_demo_what_readme_shows(folder: Path) -> None:
    command = next(each.line for each in commands(README, RUNS) if "backtest" in each.line)
    shown = re.search(
        r"^```text\n(indicator +hits.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )

    ran = subprocess.run(
        shlex.split(command),
        executable=str(Path(sys.executable).with_name("watcher")),
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=True,
    )

    assert shown
    printed = {line.rstrip() for line in ran.stdout.splitlines()} | {"..."}
    assert [line for line in shown[1].splitlines() if line not in printed] == []


@pytest.mark.slow
@pytest.mark.parametrize("page", with_commands(NETWORK), ids=lambda page: page.name)
def test_the_commands_that_need_a_network_run_with_one_of_loopback(
    page: Path, folder: Path, network: dict[str, str]
) -> None:
    assert run_all(page, folder, NETWORK, network) == []


@pytest.mark.slow
@pytest.mark.parametrize("page", with_commands(STOPPED), ids=lambda page: page.name)
def test_the_commands_that_run_until_stopped_start_and_stop(
    page: Path, folder: Path, network: dict[str, str]
) -> None:
    for command in commands(page, STOPPED):
        started = subprocess.Popen(
            shlex.split(command.line),
            executable=str(Path(sys.executable).with_name("watcher")),
            cwd=folder,
            env=environment(folder) | network,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        with started:
            assert started.stdout
            first = started.stdout.readline()
            started.send_signal(signal.SIGTERM)
            rest = started.communicate(timeout=PATIENCE)[0]

        assert first, command.line
        assert started.returncode in (0, -signal.SIGTERM), f"{command.line}\n{first}{rest}"


# --- needs root or docker, and what is only named -----------------------------------------------------------


@pytest.mark.parametrize("page", with_commands(ROOT_OR_DOCKER, NETWORK), ids=lambda page: page.name)
def test_the_programs_of_this_machine_know_the_options_of_commands_that_are_not_run(page: Path) -> None:
    calls = [call for command in commands(page, ROOT_OR_DOCKER, NETWORK) for call in calls_of(command.line)]

    assert [
        call for call in calls if not program_of(call).endswith("watcher") and unknown_options(call)
    ] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_call_of_the_watcher_exists_with_its_options(page: Path) -> None:
    shown = [html.unescape(call) for call in INLINE_COMMAND.findall(page.read_text(encoding="utf-8"))]
    calls = [
        call for line in [*shown, *(command.line for command in commands(page))] for call in calls_of(line)
    ]

    assert [call for call in calls if program_of(call).endswith("watcher") and not is_known(call)] == []


# --- helpers ------------------------------------------------------------------------------------------------


def environment(folder: Path) -> dict[str, str]:
    """Return the bare environment of a container or cron job."""
    return {
        "PATH": f"{Path(sys.executable).parent}:{os.defpath}",
        "HOME": str(folder),
        "COLUMNS": "60",
        "LANG": "C.UTF-8",
    }


def run_all(page: Path, folder: Path, kind: str, more: Mapping[str, str] | None = None) -> list[str]:
    """Run a page's commands of a kind in order, except installs; return the failures, with their output."""
    for text, name in NAMED_FILE.findall(page.read_text(encoding="utf-8")):
        if not (folder / name).exists():
            (folder / name).write_text(text, encoding="utf-8")
    failed = []
    for command in commands(page, kind):
        if "pip install" in command.line:
            continue
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command.line],
            cwd=folder,
            env={**environment(folder), **(more or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        fine = (0, 1) if command.line.split()[1] in FINDS_TROUBLE else (0,)
        if ran.returncode not in fine or "Traceback" in ran.stderr:
            failed.append(f"{command.line}\nexit {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return failed


def calls_of(line: str) -> list[str]:
    """Return the single calls of a line of the shell."""
    return [call.strip() for call in re.split(r"&&|\|(?![^']*'$)", line) if call.strip()]


def program_of(call: str) -> str:
    return next(word for word in shlex.split(call, comments=True) if not re.match(r"\w+=", word))


def unknown_options(call: str) -> list[str]:
    """Return the long options of a call that the help of its program, if installed, does not name."""
    words = [word for word in shlex.split(call, comments=True) if not re.match(r"\w+=", word)]
    if "-m" in words or not shutil.which(Path(words[0]).name):
        return []
    program = Path(words[0]).name
    known = help_of(program)
    if program == "pip":
        known += help_of("pip", words[1])
    if program == "docker":
        compose = [
            help_of("docker", "compose", *which) for which in ((), ("up",), ("exec",)) if {*which} <= {*words}
        ]
        known = "".join([known, *compose]) if "docker compose" in compose[0] else ""
    return (
        [option for word in words if word.startswith("--") if (option := word.partition("=")[0]) not in known]
        if known
        else []
    )


@cache
def help_of(*words: str) -> str:
    """Return what a program says of its options; nothing when it cannot."""
    if not words or not shutil.which(words[0]):
        return ""
    plain = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "SYSTEMD_PAGER": "",
        "LC_ALL": "C",
    }
    said = subprocess.run(
        [*words, "--help"], capture_output=True, text=True, env=plain, timeout=PATIENCE, check=False
    )
    return said.stdout + said.stderr


def is_known(call: str) -> bool:
    """Say whether a call of the watcher names a command, with options that it has."""
    words = shlex.split(call, comments=True)
    words = words[next(at for at, word in enumerate(words) if word.endswith("watcher")) + 1 :]
    found: Any = typer.main.get_command(application())
    while words and words[0] in getattr(found, "commands", {}):
        found = found.commands[words.pop(0)]
    known = {option for parameter in found.params for option in parameter.opts} | {"--help", "-h"}
    alone = getattr(found, "invoke_without_command", False) and all(
        word.startswith("-") for word in words[:1]
    )
    return (alone or not hasattr(found, "commands")) and all(
        word in known for word in words if word.startswith("--")
    )
