"""The service works where the kernel denies what the unit denies: writable code and new privileges."""

import subprocess
import sys

import pytest

from tests.loopback import LoopbackServer
from tests.workspace import PATIENCE, Workspace, news

CLOSE = """
import ctypes, os, sys
prctl = ctypes.CDLL(None, use_errno=True).prctl
NO_NEW_PRIVILEGES, MEMORY_DENY_WRITE_EXECUTE = 38, 65
if prctl(MEMORY_DENY_WRITE_EXECUTE, 1, 0, 0, 0) or prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0):
    sys.exit(77)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Gives up what MemoryDenyWriteExecute= and NoNewPrivileges= deny, and runs a program; 77 if it cannot."""

NEEDS_ONE = "import mmap; mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)"


def closed(workspace: Workspace, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a Python program without what the unit takes away."""
    command = [sys.executable, "-c", CLOSE, *words]
    ended = subprocess.run(
        command,
        cwd=workspace.folder,
        env=workspace.environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if ended.returncode == 77:
        pytest.skip("this kernel cannot refuse memory that is written and run (before Linux 6.3)")
    return ended


def test_what_is_taken_away_is_missed_by_who_needs_it(workspace: Workspace) -> None:
    assert "PermissionError" in closed(workspace, "-c", NEEDS_ONE).stderr


def test_a_whole_poll_needs_nothing_of_it(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    workspace.settings(desk=server.serve("/hook"))

    ended = closed(workspace, "-m", "watcher", "poll", "--json")

    assert ended.returncode == 0, ended.stderr
    assert workspace.titles() == ["ICBM launched at dawn"]
