"""The container image is built from what is locked, and runs with as little as it needs.

Nothing here builds it: that takes Docker.
"""

import re
import tomllib
from typing import Any

import pytest
import yaml

from tests.deploy.units import DEPLOY, ROOT
from watcher.config.durations import duration

LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-build.lock"]
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
INSTRUCTIONS = [
    line for line in DOCKERFILE.replace("\\\n", " ").splitlines() if line and not line.startswith("#")
]  # one a line, whatever it is written on
FINAL = INSTRUCTIONS[[number for number, line in enumerate(INSTRUCTIONS) if line.startswith("FROM ")][-1] :]


def compose(name: str = "watcher", file_name: str = "compose.yaml") -> dict[str, Any]:
    """Return a service of a compose file."""
    file = yaml.safe_load((DEPLOY / file_name).read_text(encoding="utf-8"))
    service: dict[str, Any] = file["services"][name]
    return service


def locked(name: str) -> dict[str, str]:
    """Return the packages of a lock with their versions."""
    return dict(
        re.findall(r"^([\w.-]+)==(\S+)", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    )


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_of_a_lock_has_hashes_and_no_place_of_its_own(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()

    assert locked(name)
    assert [line for line in lines if line.startswith("-") or "://" in line or " @ " in line] == []
    assert all(
        "--hash=sha256:" in lines[at + 1] for at, line in enumerate(lines) if re.match(r"\w\S*==", line)
    )


def test_every_dependency_is_locked_for_the_image() -> None:
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]

    assert {re.split(r"[<>=\[; ]", each)[0] for each in needed} <= set(locked("requirements.lock"))
    assert "hatchling" in locked("requirements-build.lock")


def test_tests_run_with_the_versions_that_the_image_has() -> None:
    assert locked("requirements.lock").items() <= locked("requirements-dev.lock").items()


def test_nothing_gets_into_the_image_without_a_hash() -> None:
    installs = re.findall(r"pip install (.+?)(?: &&|$)", " ".join(INSTRUCTIONS))

    assert len(installs) == 3
    assert all("--require-hashes" in install or "--no-index" in install for install in installs)
    assert "--no-build-isolation" in DOCKERFILE


def test_what_runs_is_not_root_and_has_no_tools_to_build_with() -> None:
    assert "USER 10001:10001" in FINAL
    assert any("pip uninstall" in line for line in FINAL)
    assert not any(word in line for line in FINAL for word in ("pip install", "apt-get", "gcc"))
    assert [line for line in FINAL if line.startswith("COPY ")] == [
        "COPY --from=build /opt/watcher /opt/watcher"
    ]


def test_the_image_starts_the_service_and_looks_at_its_health() -> None:
    assert 'ENTRYPOINT ["watcher"]' in FINAL
    assert 'CMD ["run", "--json"]' in FINAL
    assert any(
        line.startswith("HEALTHCHECK ") and line.endswith('CMD ["watcher", "status"]') for line in FINAL
    )


def test_everything_the_image_copies_exists_and_is_not_ignored() -> None:
    kept = {
        line[1:]
        for line in (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    copied = {
        word
        for line in INSTRUCTIONS
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    }

    assert copied == kept
    assert [name for name in copied if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("name", ["watcher", "web"])
def test_the_container_can_change_nothing_but_its_data(name: str) -> None:
    service = compose(name)

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"] == "10001:10001"
    assert not {"privileged", "network_mode", "pid"} & set(service)
    assert [volume for volume in service["volumes"] if not volume.endswith(":ro")] == [
        "data:/var/lib/watcher"
    ]
    assert all("noexec" in mount for mount in service["tmpfs"])


def test_the_container_has_time_to_stop_and_bounds_on_what_it_uses() -> None:
    service = compose()

    assert duration(service["stop_grace_period"]).total_seconds() > 10
    assert service["mem_limit"] == service["memswap_limit"] == "1g"
    assert service["pids_limit"] == 256
    assert service["healthcheck"]["test"] == ["CMD", "watcher", "status"]


def test_the_page_can_be_reached_from_the_host_alone() -> None:
    assert compose("web")["command"] == ["serve", "--listen", "0.0.0.0:8750"]
    assert compose("web")["ports"] == ["127.0.0.1:8750:8750"]
    assert "ports" not in compose()


NODES = ["node-1", "node-2", "node-3"]


@pytest.mark.parametrize("name", [*NODES, "web", "postgres"])
def test_the_containers_of_nodes_can_change_nothing_but_their_data(name: str) -> None:
    service = compose(name, "compose-nodes.yaml")

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service["user"].startswith(("0", "root"))
    assert not {"privileged", "network_mode", "pid"} & set(service)
    assert all("noexec" in mount for mount in service["tmpfs"] if mount.startswith("/tmp"))
    assert service["mem_limit"] == service["memswap_limit"]
    if name in NODES:
        assert service["command"] == ["run", "--json", "--node", name]
        assert [volume for volume in service["volumes"] if not volume.endswith(":ro")] == [
            f"data-{name[-1]}:/var/lib/watcher",
            "alerts:/var/lib/watcher/alerts",
        ]


def test_nodes_wait_for_their_database_and_nobody_outside_reaches_it() -> None:
    for name in NODES:
        node = compose(name, "compose-nodes.yaml")
        assert node["depends_on"] == {"postgres": {"condition": "service_healthy"}}
        assert node["environment"] == {"WATCHER_STORE_URL_FILE": "/etc/watcher/database.url"}
        assert "ports" not in node
    assert "ports" not in compose("postgres", "compose-nodes.yaml")
    assert compose("web", "compose-nodes.yaml")["ports"] == ["127.0.0.1:8750:8750"]


def test_the_image_of_nodes_has_what_postgresql_needs() -> None:
    arguments = compose("node-1", "compose-nodes.yaml")["build"]["args"]

    assert arguments == {"LOCK": "requirements-postgres.lock"}
    assert {"procrastinate", "psycopg-binary"} <= set(locked("requirements-postgres.lock"))
    assert locked("requirements.lock").items() <= locked("requirements-postgres.lock").items()
