"""Real nodes: processes on one PostgreSQL, each with a folder of its own and a common alert log."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL, SIGTERM
from subprocess import TimeoutExpired
from types import TracebackType
from typing import Any, Self

from tests.workspace import PATIENCE, Ran, Service, Workspace, wait_until


class Machines:
    """Nodes that are started, killed, and started again by whoever runs them, as systemd does."""

    def __init__(
        self,
        folder: Path,
        url: str,
        names: tuple[str, ...],
        addresses: Mapping[str, str],
        every: str,
        *,
        in_flight: int = 32,
    ) -> None:
        self.url, self._folder, self._in_flight = url, folder, in_flight
        (folder / "alerts").mkdir()
        self.workspaces = {name: self._workspace(name, addresses, every) for name in names}
        self.services: dict[str, Service] = {}

    def __enter__(self) -> Self:
        for name in self.workspaces:
            self.start(name)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for service in self.services.values():
            service.process.send_signal(SIGTERM)
        for service in self.services.values():
            with suppress(TimeoutExpired):
                service.process.wait(PATIENCE)
            service.kill()

    def start(self, name: str) -> None:
        """Start a node."""
        workspace = self.workspaces[name]
        self.services[name] = Service(workspace, "--node", name, WATCHER_STORE_URL=self.url)

    def kill(self, name: str) -> None:
        """Kill a node as nothing in it can prevent."""
        self.services[name].process.send_signal(SIGKILL)
        self.services[name].process.wait(PATIENCE)
        self.services[name].kill()

    def revive(self) -> None:
        """Start every node that has ended."""
        for name, service in self.services.items():
            if service.process.poll() is not None:
                self.start(name)

    def all_started(self) -> bool:
        """Say whether every node polls."""
        return all("event=started" in service.output for service in self.services.values())

    def wait(self, condition: Callable[[], object], what: str) -> None:
        """Wait until something is so, while nodes that end are started again."""

        def looked() -> object:
            self.revive()
            return condition()

        wait_until(looked, f"{what}\n{self.output()}")

    def call(self, *words: str) -> Ran:
        """Run a command beside the first node."""
        workspace = next(iter(self.workspaces.values()))
        return workspace.run(*words, WATCHER_STORE_URL=self.url)

    def log(self) -> list[dict[str, Any]]:
        """Return the lines of the alert log."""
        return next(iter(self.workspaces.values())).log()

    def output(self) -> str:
        """Return what the nodes logged last."""
        logs = (workspace.folder / "run.log" for workspace in self.workspaces.values())
        return "\n".join(log.read_text(encoding="utf-8")[-2000:] for log in logs if log.exists())

    def _workspace(self, name: str, addresses: Mapping[str, str], every: str) -> Workspace:
        folder = self._folder / name
        folder.mkdir()
        workspace = Workspace(folder)
        workspace.feeds(addresses, every=every)
        fetch = '[fetch]\nallow_private = ["127.0.0.1/32"]\nper_host = 100\n'
        workspace.write("watcher.toml", f"{fetch}in_flight = {self._in_flight}\n")
        workspace.data.mkdir()
        (workspace.data / "alerts").symlink_to(self._folder / "alerts")
        return workspace


def titles(lines: list[dict[str, Any]]) -> list[str]:
    """Return the title of every item in the lines about incidents."""
    return [item["title"] for line in lines if line["kind"] == "incident" for item in line["items"]]


def figures(service: Ran) -> dict[str, Any]:
    """Return what `status --json` says of each node, by name."""
    return {node["name"]: node for node in json.loads(service.out)["nodes"]}
