"""The systemd units start what they should, and let it do no more than it must."""

import re
import shutil
import subprocess

import pytest
import typer.main

from tests.deploy.units import DEPLOY, settings_of
from watcher.cli import application

UNITS = ["watcher.service", "watcher-web.service"]
MOST_EXPOSURE = 2.0

ON = [
    *(
        "DynamicUser",
        "NoNewPrivileges",
        "PrivateTmp",
        "PrivateDevices",
        "PrivateMounts",
        "PrivateUsers",
        "ProtectHome",
        "ProtectClock",
    ),
    *(
        "ProtectControlGroups",
        "ProtectHostname",
        "ProtectKernelLogs",
        "ProtectKernelModules",
        "ProtectKernelTunables",
        "RemoveIPC",
    ),
    *(
        "RestrictNamespaces",
        "RestrictRealtime",
        "RestrictSUIDSGID",
        "LockPersonality",
        "MemoryDenyWriteExecute",
    ),
]


def seconds(span: str) -> int:
    """Return a span as this unit writes them: 10s, 3min."""
    number, unit = re.fullmatch(r"(\d+)(s|min)", span).groups()  # type: ignore[union-attr]
    return int(number) * {"s": 1, "min": 60}[unit]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed here")
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_finds_the_unit_well_closed(unit: str) -> None:
    command = [
        "systemd-analyze",
        "security",
        "--offline=true",
        f"--threshold={int(MOST_EXPOSURE * 10)}",
        str(DEPLOY / unit),
    ]

    found = subprocess.run(command, capture_output=True, text=True, check=False)

    exposure = re.search(rf"exposure level for {unit}: ([\d.]+)", found.stdout)
    assert exposure, found.stderr
    assert float(exposure[1]) <= MOST_EXPOSURE
    assert found.returncode == 0


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("setting", ON)
def test_a_protection_is_on(setting: str, unit: str) -> None:
    assert settings_of(unit)[setting] == ["yes"]


def test_the_service_has_no_capability_sees_no_system_file_it_could_change_and_talks_only_ip_and_local() -> (
    None
):
    unit = settings_of("watcher.service")

    assert unit["CapabilityBoundingSet"] == unit["AmbientCapabilities"] == [""]
    assert unit["ProtectSystem"] == ["strict"]
    assert unit["RestrictAddressFamilies"] == ["AF_INET AF_INET6 AF_UNIX"]
    assert unit["StateDirectory"] == ["watcher"]
    assert unit["StateDirectoryMode"] == ["0700"]
    assert unit["UMask"] == ["0077"]


def test_system_calls_are_an_allow_list_in_which_workers_can_still_limit_themselves() -> None:
    assert settings_of("watcher.service")["SystemCallFilter"] == [
        "@system-service",
        "~@privileged @resources",
        "setrlimit prlimit64",
    ]
    assert settings_of("watcher.service")["SystemCallArchitectures"] == ["native"]


def test_memory_is_bounded_and_a_worker_that_is_killed_for_it_takes_nothing_with_it() -> None:
    unit = settings_of("watcher.service")

    assert unit["MemoryMax"] == ["1G"]
    assert unit["OOMPolicy"] == ["continue"]
    assert unit["LimitCORE"] == ["0"]  # what a crash leaves could hold a secret


def test_it_is_started_again_whatever_ended_it_and_how_ever_often() -> None:
    unit = settings_of("watcher.service")

    assert unit["Restart"] == ["always"]
    assert unit["StartLimitIntervalSec"] == ["0"]
    assert unit["Type"] == ["notify"]
    assert seconds(unit["WatchdogSec"][0]) == 180


def test_a_stop_reaches_the_service_alone_and_waits_longer_than_it_takes() -> None:
    unit = settings_of("watcher.service")

    assert unit["KillMode"] == ["mixed"]
    assert seconds(unit["TimeoutStopSec"][0]) > 10
    assert unit["ExecReload"] == ["/bin/kill -HUP $MAINPID"]


def test_the_command_it_starts_exists_with_its_options() -> None:
    program, verb, *words = settings_of("watcher.service")["ExecStart"][0].split()
    command = typer.main.get_command(application()).commands[verb]  # type: ignore[attr-defined]

    assert program == "/opt/watcher/bin/watcher"
    assert {word for word in words if word.startswith("--")} <= {
        option for given in command.params for option in given.opts
    }


def test_a_secret_is_a_credential_at_the_path_that_the_settings_name() -> None:
    drop_in = settings_of("secrets.conf")

    assert drop_in["BindReadOnlyPaths"] == ["%d:/etc/watcher/secrets"]
    for credential in drop_in["LoadCredential"]:
        name, path = credential.split(":")
        assert path == f"/etc/watcher/secrets/{name}"


def test_the_page_shares_the_user_and_the_data_of_the_service_and_connects_to_nothing() -> None:
    service, page = settings_of("watcher.service"), settings_of("watcher-web.service")

    shared = (
        "DynamicUser",
        "User",
        "StateDirectory",
        "StateDirectoryMode",
        "ConfigurationDirectory",
        "UMask",
    )
    assert {key: page[key] for key in shared} == {key: service[key] for key in shared}
    assert page["CapabilityBoundingSet"] == page["AmbientCapabilities"] == [""]
    assert (page["IPAddressDeny"], page["IPAddressAllow"]) == (["any"], ["localhost"])
    assert page["MemoryMax"] == ["256M"]
