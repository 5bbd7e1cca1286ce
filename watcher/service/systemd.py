"""The state of the service in, datagrams to systemd out (sd_notify(3)); nothing happens without systemd."""

import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

READY = "READY=1"
ALIVE = "WATCHDOG=1"
STOPPING = "STOPPING=1"

_PATIENCE = 1.0
"""Seconds to wait for a systemd that is busy; the service has other work than to tell how it is."""


class Notifier:
    """Tells the service manager that named its socket in `NOTIFY_SOCKET`; what cannot be told is dropped."""

    def __init__(
        self, environ: Mapping[str, str], monotonic_ns: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self._monotonic_ns = monotonic_ns

    def ready(self) -> None:
        """Say that the service is up, or done with reading its files again."""
        self._tell(READY)

    def reloading(self) -> None:
        """Say that the files are being read again; `ready` ends it."""
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={self._monotonic_ns() // 1000}")

    def alive(self) -> None:
        """Give the sign of life that is expected every `watchdog_interval`."""
        self._tell(ALIVE)

    def stopping(self) -> None:
        """Say that the service is on its way out."""
        self._tell(STOPPING)

    def status(self, text: str) -> None:
        """Say in one line how the service is doing, for `systemctl status`."""
        self._tell(f"STATUS={' '.join(text.split())}")

    def _tell(self, message: str) -> None:
        if self._address is None:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.settimeout(_PATIENCE)
            line.sendto(message.encode("utf-8", "replace"), self._address)


def watchdog_interval(environ: Mapping[str, str], process: int | None = None) -> float | None:
    """Return how many seconds may lie between two signs of life: half of what systemd waits for.

    None when it does not watch us.
    """
    wait, watched = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
    if not (wait.isascii() and wait.isdigit() and int(wait)):
        return None
    if watched and watched != str(process or os.getpid()):
        return None
    return int(wait) / 2_000_000


def _address(named: str) -> str | None:
    """Return the address for a socket: a path, or a name in the abstract namespace, which begins with `@`."""
    if named.startswith("@"):
        return f"\0{named[1:]}"
    return named if named.startswith("/") else None
