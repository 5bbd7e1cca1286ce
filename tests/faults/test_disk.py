"""A disk that fills up: the watcher goes on, says so where it still can, and loses nothing."""

import json
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.faults.scale import Figure, size
from tests.loopback import LoopbackServer
from tests.workspace import PATIENCE, ROOT, Service, Workspace, news

POINTS = size(20, 60)
NAMESPACE = ("unshare", "--map-root-user", "--mount")


@pytest.fixture(scope="module", autouse=True)
def namespaces() -> None:
    """Skip where the system lets nobody mount a small disk of their own."""
    tried = subprocess.run(
        [*NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
    )
    if tried.returncode:
        pytest.skip("no mount namespace for a plain user here")


def test_a_disk_that_is_full_at_any_point_costs_no_alert_and_doubles_none(
    tmp_path: Path, figure: Figure
) -> None:
    (tmp_path / "disk").mkdir()
    command = [
        *NAMESPACE,
        sys.executable,
        "-m",
        "tests.faults.small_disk",
        str(tmp_path / "disk"),
        str(POINTS),
    ]
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=4 * PATIENCE, check=False, cwd=ROOT
    )
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)

    published = [title.strip() for point in found["points"] for title in point["titles"]]
    told = [item["title"] for line in found["log"] for item in line["items"]]
    failed = [point for point in found["points"] if point["said"]]
    assert Counter(told) == Counter(published)
    assert max(Counter(line["id"] for line in found["log"]).values()) == 1
    assert found["damage"] == []
    reasons = Counter(
        "alert log" if "alerts/" in said else "database" for point in failed for said in point["said"]
    )
    assert reasons["database"] >= 5
    assert reasons["alert log"] >= 2
    assert all("full" in said or "No space left" in said for point in failed for said in point["said"])
    figure(f"disk full at {len(failed)} of {POINTS} points, {len(told)} alerts, 0 lost, 0 doubled")


class ServiceOnSmallDisk(Service):
    """A service whose data folder is a tmpfs of some megabytes, which only its own processes see."""

    def __init__(self, workspace: Workspace) -> None:
        workspace.data.mkdir()
        super().__init__(workspace)

    @property
    def disk(self) -> Path:
        return Path(f"/proc/{self.process.pid}/root{self.workspace.data}")

    def fill(self) -> None:
        with (self.disk / "ballast").open("wb", buffering=0) as file, suppress(OSError):
            while file.write(b"\0" * 4096):
                pass


class SmallDesk(Workspace):
    """A desk whose service finds its data on a small disk."""

    def command(self, *words: str | Path) -> list[str]:
        mounted = f'mount -t tmpfs -o size=6m tmpfs "{self.data}" && exec "$0" "$@"'
        return [*NAMESPACE, "sh", "-c", mounted, *super().command(*words)]


@pytest.mark.slow
@pytest.mark.soak
def test_a_service_on_a_full_disk_stays_alive_says_so_and_goes_on_when_there_is_room(
    tmp_path: Path, server: LoopbackServer
) -> None:
    workspace = SmallDesk(tmp_path)
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    workspace.settings(desk=server.serve("/hook"))
    service = ServiceOnSmallDisk(workspace)

    def posted() -> list[str]:
        return [
            item["title"]
            for seen in server.requests
            if seen.path == "/hook"
            for item in json.loads(seen.body)["items"]
        ]

    try:
        service.wait_until(lambda: posted() == ["ICBM launched at dawn"], "the first alert arrives")
        service.fill()
        server.serve("/f", news("Second ICBM on a parade", "ICBM launched at dawn"))
        service.wait_until(lambda: "the disk is full" in service.output, "it says that the disk is full")
        (service.disk / "ballast").unlink()
        service.wait_until(lambda: "Second ICBM on a parade" in posted(), "the second alert arrives")
        lines = [
            line
            for file in sorted((service.disk / "alerts").glob("*.jsonl"))
            for line in file.read_text(encoding="utf-8").splitlines()
        ]
        titles = [item["title"] for line in lines for item in json.loads(line)["items"]]

        assert "store_unusable" in service.output
        assert Counter(posted()) == {"ICBM launched at dawn": 1, "Second ICBM on a parade": 1}
        assert [title for title in titles if "ICBM" in title] == [
            "ICBM launched at dawn",
            "Second ICBM on a parade",
        ]
    finally:
        service.kill()
