"""A terminal of some width, and what it is sent."""

import os
import pty
import termios
from collections.abc import Callable
from select import select

import pytest


def sent_to_a_terminal(
    columns: int, monkeypatch: pytest.MonkeyPatch, show: Callable[[], None], **environment: str
) -> str:
    """Return what a terminal of so many columns is sent."""
    for name, value in {"TERM": "xterm", "COLUMNS": str(columns), **environment}.items():
        monkeypatch.setenv(name, value)
    (ours, theirs), sent = pty.openpty(), b""
    termios.tcsetwinsize(theirs, (24, columns))
    with os.fdopen(theirs, "w", encoding="utf-8") as screen, monkeypatch.context() as patched:
        patched.setattr("sys.stdout", screen)
        show()
        screen.flush()
        while not sent.endswith(b"\n") or select([ours], [], [], 0)[0]:
            sent += os.read(ours, 100_000)  # a terminal may give it in pieces
    os.close(ours)
    return sent.decode()
