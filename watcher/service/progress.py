"""Signs of life in, what has stopped out: the proof that the service works, kept outside of its work."""

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Lock

from watcher.text.durations import in_words

ROUND = "polling"
DUE_FEEDS = "feeds being asked when they are due"
ASKED = "any feed that is due being asked"

PATIENCE = {ROUND: 90.0, DUE_FEEDS: 180.0, ASKED: 300.0}
"""Seconds without a sign after which a part counts as stuck."""

_COURIER_PATIENCE = 300.0
"""One alert may take a courier as long as its channel has patience."""


class Progress:
    """Remembers when each part last gave a sign of life, on the monotonic clock; any thread may give one."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic, self._lock = monotonic, Lock()
        self._signs: dict[str, float] = {}
        self._steady_since: float | None = None

    def sign(self, part: str) -> None:
        """Say that a part got on; from its first sign on it is waited for."""
        with self._lock:
            self._signs[part] = self._monotonic()

    def stuck(self) -> tuple[str, ...]:
        """Say which parts have not got on for too long."""
        waits = self._long_waits()
        self._steady_since = (
            None if waits else self._steady_since if self._steady_since is not None else self._monotonic()
        )
        return tuple(
            f"no sign of {part} for {in_words(timedelta(seconds=wait))}"
            for part, wait in sorted(waits.items())
        )

    def hangs(self) -> bool:
        """Say whether something is stuck that a restart may get going.

        A round that is only long would be as long again.
        """
        return any(part != DUE_FEEDS for part in self._long_waits())

    def steady(self) -> timedelta | None:
        """Return for how long nothing has been found stuck, None while something is."""
        return (
            None if self._steady_since is None else timedelta(seconds=self._monotonic() - self._steady_since)
        )

    def _long_waits(self) -> dict[str, float]:
        """Return for how long the parts have been waited for that have not got on for too long."""
        with self._lock:
            now = self._monotonic()
            waits = {part: now - at for part, at in self._signs.items()}
        return {part: wait for part, wait in waits.items() if wait > PATIENCE.get(part, _COURIER_PATIENCE)}
