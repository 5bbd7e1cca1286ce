"""A signal that comes while the service writes to its log ends it all the same."""

import os
import pty
import signal
import subprocess
import sys

from tests.loopback import LoopbackServer
from tests.workspace import Workspace, news

TOLD_WHILE_WRITING = """
import io, os, signal, sys
from watcher.service.__main__ import leave_at_once

class Told(io.RawIOBase):
    def writable(self):
        return True

    def write(self, piece):
        os.kill(os.getpid(), signal.SIGTERM)
        return len(piece)

signal.signal(signal.SIGTERM, leave_at_once)
sys.stderr = io.TextIOWrapper(io.BufferedWriter(Told()), write_through=True)
try:
    print("lists", file=sys.stderr, flush=True)
except RuntimeError:
    pass  # as logging does with whatever a handler raises
os._exit(3)
"""


def test_a_signal_in_the_middle_of_a_log_line_is_not_lost() -> None:
    ended = subprocess.run([sys.executable, "-c", TOLD_WHILE_WRITING], timeout=60, check=False)

    assert ended.returncode == 0


def test_who_starts_the_service_on_a_terminal_is_told_how_to_stop_it_and_where_to_look(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(wire=server.serve("/f", news("Weather fine")))
    ours, theirs = pty.openpty()
    started = subprocess.Popen(
        workspace.command("run"), cwd=workspace.folder, env=workspace.environment(), stderr=theirs
    )
    os.close(theirs)
    shown = b""
    while b"event=lists" not in shown:
        shown += os.read(ours, 10_000)
    os.close(ours)
    started.send_signal(signal.SIGINT)

    assert started.wait(60) == 0
    told = shown.decode().replace("\r\n", "\n")
    assert told.startswith("The service is running. Ctrl-C stops it.\n")
    assert f"Alerts:      {workspace.data}/alerts, and" in told
    assert "Review page: `watcher serve`" in told


def test_a_service_that_cannot_start_does_not_say_that_it_runs(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(wire=server.serve("/f", news("Weather fine")))
    workspace.data.mkdir()
    (workspace.data / "watcher.db").write_bytes(b"no database" * 1000)
    ours, theirs = pty.openpty()
    started = subprocess.run(
        workspace.command("run"),
        cwd=workspace.folder,
        env=workspace.environment(),
        stderr=theirs,
        check=False,
    )
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)

    assert started.returncode == 3
    assert "watcher.db" in shown
    assert "is running" not in shown


def test_a_log_for_a_file_or_a_program_has_no_greeting(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.feeds(wire=server.serve("/f", news("Weather fine")))

    with workspace.service() as service:
        service.wait_for_output("event=lists")
        service.stop()

    assert "Ctrl-C" not in service.output
