"""A ring from a signal handler or another thread in, the end of a thread's wait out."""

import os
import select
import signal
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Bell:
    """Wakes the one thread that waits for it, or will.

    A pipe, and neither an Event nor a queue: a signal may come while their locks are held. And a signal that
    comes while another thread starts a program may leave the main thread waiting for as long as it meant to,
    its handler not run (seen with CPython 3.11); a byte in a pipe is not missed.
    """

    def __init__(self) -> None:
        self._heard, self._rung = os.pipe()
        for end in (self._heard, self._rung):
            os.set_blocking(end, False)
            weakref.finalize(self, os.close, end)

    def ring(self) -> None:
        """End the wait, or the next one; safe in a signal handler."""
        with suppress(BlockingIOError):  # it is full of rings
            os.write(self._rung, b"\0")

    def wait(self, seconds: float) -> None:
        """Wait until it is rung, at most some seconds."""
        select.select([self._heard], [], [], seconds)
        with suppress(BlockingIOError):
            os.read(self._heard, 1 << 16)  # all that a pipe holds

    @contextmanager
    def rung_by_signals(self) -> Iterator[None]:
        """Let every signal that has a handler ring, if this is the thread that runs handlers."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.set_wakeup_fd(self._rung, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
