"""A folder with an analyst's files, and the real watcher in it, in this process or in one of its own."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from tests.builders import rss
from watcher.cli import main

ROOT = Path(__file__).parent.parent
PATIENCE = 60.0
"""Seconds until a wait fails: a loaded machine is slow, and a broken program would wait for ever."""

ONE_TERM = """\
version: 1
indicators:
  - {id: needle, title: Needle, category: provocation, severity: high, match: ICBM}
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class Workspace:
    """A folder with `indicators.yaml`, `feeds.yaml` and `watcher.toml`; the data go to `data` in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.write("indicators.yaml", ONE_TERM)
        self.settings()

    def write(self, name: str, text: str | bytes) -> Path:
        """Swap in a file, as an editor does."""
        path = self.folder / name
        new = path.with_name(f"{name}.new")
        new.write_bytes(text if isinstance(text, bytes) else text.encode())
        new.replace(path)
        return path

    def feeds(
        self,
        addresses: Mapping[str, str] | None = None,
        *,
        every: str = "1s",
        seed: bool = False,
        **more: str,
    ) -> None:
        """List feeds, by id and address."""
        listed = [
            f"  - {{id: {name}, url: '{url}', every: {every}, seed: {str(seed).lower()}}}"
            for name, url in {**(addresses or {}), **more}.items()
        ]
        self.write("feeds.yaml", "\n".join(["version: 1", "feeds:", *listed, ""]))

    def settings(self, *, timeout: str = "30s", store: str = "", more: str = "", **webhooks: str) -> None:
        """Allow loopback, and open webhooks by id and address; `store` is the address of a PostgreSQL."""
        channels = "".join(
            f'[channels.{name}]\ntype = "webhook"\nurl = "{url}"\n' for name, url in webhooks.items()
        )
        self.write(
            "watcher.toml",
            f'[fetch]\nallow_private = ["127.0.0.1/32"]\ntimeout = "{timeout}"\n'
            + f'[store]\nurl = "{store}"\n' * bool(store)
            + more
            + channels,
        )

    def call(self, *words: str | Path, program: Callable[[list[str]], None] = main) -> Ran:
        """Run a command in this process, in this folder."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                program([str(word) for word in words])
            except SystemExit as leaving:
                return Ran(int(leaving.code or 0), out.getvalue(), err.getvalue())
        raise AssertionError("a command leaves with an exit code")

    def run(
        self,
        *words: str | Path,
        stdin: str = "",
        program: Sequence[str] = (),
        stdout: Path | None = None,
        stderr: Path | None = None,
        **environment: str,
    ) -> Ran:
        """Run a command, or another program, as a process of its own; a file takes what it prints."""
        with contextlib.ExitStack() as files:
            out, err = (
                files.enter_context(path.open("w")) if path else subprocess.PIPE for path in (stdout, stderr)
            )
            ended = subprocess.run(
                program or self.command(*words),
                input=stdin,
                stdout=out,
                stderr=err,
                text=True,
                cwd=self.folder,
                env=self.environment() | environment,
                timeout=PATIENCE,
                check=False,
            )
        return Ran(ended.returncode, ended.stdout or "", ended.stderr or "")

    @contextmanager
    def service(self) -> Iterator["Service"]:
        """Run the service while this lasts."""
        service = Service(self)
        try:
            yield service
        finally:
            service.kill()

    def command(self, *words: str | Path) -> list[str]:
        return [sys.executable, "-m", "watcher", *map(str, words)]

    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("WATCHER_")}
        return clean | {"PYTHONPATH": str(ROOT), "WATCHER_DATA": str(self.data)}

    def log(self) -> list[dict[str, Any]]:
        """Return the lines of the alert log, in order of days, without a line that is being written."""
        days = sorted((self.data / "alerts").glob("*.jsonl"))
        text = "".join(day.read_text(encoding="utf-8") for day in days)
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]

    def titles(self) -> list[str]:
        """Return the titles of all items in the log, in its order."""
        return [item["title"] for line in self.log() for item in line["items"]]


class Service:
    """`watcher run` in a workspace; what it logs goes to `run.log` there."""

    def __init__(self, workspace: Workspace, *words: str, **environment: str) -> None:
        self.workspace = workspace
        with (workspace.folder / "run.log").open("ab") as log:
            self._began = log.tell()
            self.process = subprocess.Popen(
                workspace.command("run", *words),
                cwd=workspace.folder,
                env=workspace.environment() | environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """What it has logged since it was started."""
        return (self.workspace.folder / "run.log").read_bytes()[self._began :].decode()

    def wait_until(self, condition: Callable[[], object], what: str) -> None:
        """Wait until something is so, while the service runs."""
        wait_until(lambda: condition() or self.process.poll() is not None, f"{what}\n{self.output}")
        assert condition(), f"the service ended before {what}:\n{self.output}"

    def wait_for_log(self, *titles: str) -> None:
        """Wait until the alert log names items."""
        self.wait_until(lambda: set(titles) <= set(self.workspace.titles()), f"{titles} are in the alert log")

    def wait_for_output(self, words: str) -> None:
        self.wait_until(lambda: words in self.output, f"it logs {words!r}")

    def memory(self) -> dict[int, int]:
        """Return the maximum memory in megabytes of the service and each worker process, by process."""
        status = (
            path.with_name("status")
            for path in Path("/proc").glob("[0-9]*/stat")
            if _session(path) == self.process.pid
        )
        return {int(path.parent.name): most for path in status if (most := _most_memory(path))}

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self) -> tuple[int, float]:
        """Ask it to end; return its exit code and how many seconds that took."""
        began = time.monotonic()
        self.signal(signal.SIGTERM)
        return self.process.wait(PATIENCE), time.monotonic() - began

    def kill(self) -> None:
        """End it and its workers at once, as a power cut does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Wait until something is so, and fail when it does not come to be."""
    never, deadline = Event(), time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE:g} seconds in vain until {what}"
        never.wait(0.02)


def _session(stat: Path) -> int:
    with contextlib.suppress(OSError):
        return int(stat.read_text().rpartition(")")[2].split()[3])
    return 0


def _most_memory(status: Path) -> int:
    with contextlib.suppress(OSError):
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines.get("VmHWM", "0").split()[0]) >> 10
    return 0


def news(*titles: str) -> bytes:
    """Return a feed with one item for each title."""
    guids: Sequence[str] = [title.replace(" ", "-") for title in titles]
    items = (f"<title>{title}</title><guid>{guid}</guid>" for title, guid in zip(titles, guids, strict=True))
    return rss(*items).encode()
