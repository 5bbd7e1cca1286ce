"""The page that the service keeps running: it comes back when it dies, and never outlives the service."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.loopback import LoopbackServer, free_port
from tests.workspace import Workspace, news, wait_until
from watcher.service.page import PageProcess

SLEEPER = [sys.executable, "-c", "import sys; sys.stdin.read()"]
ENDER = [sys.executable, "-c", "import sys; sys.exit(3)"]


class Seconds:
    """A clock of seconds that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def running(page: PageProcess) -> subprocess.Popen[bytes] | None:
    return page._process


@pytest.fixture
def page(seconds: Seconds) -> Iterator[PageProcess]:
    page = PageProcess(SLEEPER, seconds)
    yield page
    page.stop()


def test_a_page_that_died_is_started_again_but_not_at_once(page: PageProcess, seconds: Seconds) -> None:
    page.look()
    first = running(page)
    assert first is not None
    first.kill()
    first.wait()
    seconds.now = 9
    page.look()
    soon = running(page)
    seconds.now = 10
    page.look()
    then = running(page)

    assert soon is None
    assert then is not None
    assert then.pid != first.pid


def test_a_page_that_cannot_run_is_tried_every_ten_seconds(seconds: Seconds) -> None:
    page = PageProcess(ENDER, seconds)
    started = set()
    for now in range(0, 31, 5):
        seconds.now = now
        page.look()
        if process := running(page):
            started.add(process.pid)
            process.wait()
    page.stop()

    assert len(started) == 4


def test_a_program_that_is_not_there_is_no_error_of_the_service(seconds: Seconds) -> None:
    page = PageProcess(["/nothing/here"], seconds)

    assert page.look() == ()
    page.stop()


def test_the_page_ends_with_the_service(page: PageProcess) -> None:
    page.look()
    process = running(page)
    page.stop()

    assert process is not None
    assert process.poll() is not None


@pytest.mark.slow
def test_the_service_serves_the_page_and_outlives_it(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    port = free_port()
    log = workspace.folder / "run.log"
    with log.open("wb") as output:
        service = subprocess.Popen(
            workspace.command("run", "--serve"),
            cwd=workspace.folder,
            env=workspace.environment() | {"WATCHER_WEB_LISTEN": f"127.0.0.1:{port}"},
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_until(lambda: answers(port), "the page answers")
        (child,) = pages_of(service.pid)
        os.kill(child, signal.SIGKILL)
        wait_until(lambda: pages_of(service.pid) not in ([], [child]), "the page is started again")
        wait_until(lambda: answers(port), "the page answers again")
        assert service.poll() is None
        (child,) = pages_of(service.pid)
        service.kill()
        service.wait()
        wait_until(lambda: not answers(port), "the page is gone with a service that was killed")
    finally:
        if service.poll() is None:
            os.killpg(service.pid, signal.SIGKILL)
            service.wait()
        sys.stderr.write(log.read_text())  # pytest shows it when something failed


@pytest.mark.slow
def test_a_client_that_never_finishes_keeps_no_page_alive(workspace: Workspace) -> None:
    port = free_port()
    page = subprocess.Popen(
        [sys.executable, "-P", "-m", "watcher.web", "--attached", "--listen", f"127.0.0.1:{port}"],
        cwd=workspace.folder,
        env=workspace.environment(),
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert page.stdin is not None
    try:
        wait_until(lambda: is_open(port), "the page listens")
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"POST /act HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n")
            page.stdin.close()
            assert page.wait(30) == -signal.SIGTERM
    finally:
        page.kill()
        page.wait()


def is_open(port: int) -> bool:
    """Say whether somebody listens."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def answers(port: int) -> bool:
    """Say whether the page answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/help", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def pages_of(service: int) -> list[int]:
    """Return the pages that a service has started."""
    found = subprocess.run(
        ["pgrep", "--parent", str(service), "--full", "watcher.web"],
        capture_output=True,
        text=True,
        check=False,
    )
    return [int(each) for each in found.stdout.split()]
