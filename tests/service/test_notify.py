"""What systemd hears of the service, over real datagram sockets."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from watcher.service.systemd import Notifier, watchdog_interval


@pytest.fixture(params=["a path", "an abstract name"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """A socket as systemd binds it, and what it puts into NOTIFY_SOCKET."""
    place = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.settimeout(5)
        listening.bind(place if request.param == "a path" else f"\0{place}")
        yield listening, place if request.param == "a path" else f"@{place}"


def test_systemd_hears_the_life_of_a_service(systemd: tuple[socket.socket, str]) -> None:
    listening, named = systemd
    notifier = Notifier({"NOTIFY_SOCKET": named}, monotonic_ns=lambda: 12_345_678)

    notifier.ready()
    notifier.alive()
    notifier.reloading()
    notifier.ready()
    notifier.status("35 feeds, 2 failing")
    notifier.stopping()

    assert [listening.recv(4096).decode() for _ in range(6)] == [
        "READY=1",
        "WATCHDOG=1",
        "RELOADING=1\nMONOTONIC_USEC=12345",
        "READY=1",
        "STATUS=35 feeds, 2 failing",
        "STOPPING=1",
    ]


def test_a_status_stays_one_line_so_that_it_can_set_nothing_else(systemd: tuple[socket.socket, str]) -> None:
    listening, named = systemd

    Notifier({"NOTIFY_SOCKET": named}).status("feed failed: no\nMAINPID=1\r\nREADY=1 \ud800")

    assert listening.recv(4096).decode() == "STATUS=feed failed: no MAINPID=1 READY=1 ?"


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2:1234"}])
def test_without_a_socket_nothing_is_said(environ: dict[str, str]) -> None:
    Notifier(environ).ready()


@pytest.mark.parametrize("named", ["/nowhere/at/all", "@nobody-is-bound-here", f"/{'long' * 99}"])
def test_a_systemd_that_cannot_be_told_is_no_trouble_of_ours(named: str) -> None:
    Notifier({"NOTIFY_SOCKET": named}).alive()


def test_signs_of_life_come_twice_as_often_as_systemd_waits() -> None:
    assert watchdog_interval({"WATCHDOG_USEC": "180000000"}) == 90
    assert watchdog_interval({"WATCHDOG_USEC": "180000000", "WATCHDOG_PID": "77"}, process=77) == 90


@pytest.mark.parametrize(
    "environ", [{}, {"WATCHDOG_USEC": ""}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "soon"}]
)
def test_nobody_waits_for_signs_of_life_where_no_watchdog_is_set(environ: dict[str, str]) -> None:
    assert watchdog_interval(environ) is None


def test_a_watchdog_set_on_another_process_is_not_ours() -> None:
    assert watchdog_interval({"WATCHDOG_USEC": "180000000", "WATCHDOG_PID": "77"}, process=78) is None
