"""One worker process: a request in, a document out, within a deadline."""

import pickle
import subprocess
import sys
from threading import Event, Timer
from typing import Any

from watcher.errors import ReadError
from watcher.model.news import Document
from watcher.program import own_environment
from watcher.workers.wire import WORKER_READY, Failure, ReadRequest, receive

_START_SECONDS = 60.0
_DOCUMENTS = 500
"""After so many documents a worker is replaced, so that whatever the libraries leak stays small."""


class Worker:
    """A warm process that reads documents one at a time. A spent one must be ended and replaced."""

    def __init__(self, module: str, seconds: float, memory_mb: int) -> None:
        """Start the process and wait until it is ready.

        Raises:
            ReadError: it does not start.
        """
        self._seconds = seconds
        self._left = _DOCUMENTS
        self._process = _launch(module, seconds, memory_mb)
        try:
            if self._exchange(None, _START_SECONDS) != WORKER_READY:
                raise ReadError("unreadable", "the worker process is not one of ours")
        except ReadError:
            self.end()
            raise

    @property
    def spent(self) -> bool:
        """Whether it has ended, hit a limit, or read as much as one process should."""
        return self._left <= 0

    def read(self, request: ReadRequest) -> Document:
        """Read one body.

        Raises:
            ReadError: the bytes are no feed, or reading them hit a limit.
        """
        self._left -= 1
        reply = self._exchange(request, self._seconds)
        if isinstance(reply, Document):
            return reply
        if not isinstance(reply, Failure):
            self._left = 0
            raise ReadError("unreadable", "the worker process did not send a document")
        if reply.cause == "limit":
            self._left = 0
        raise ReadError(reply.cause, reply.detail)

    def end(self) -> None:
        """End the process, whatever it is doing, and wait for it."""
        self._left = 0
        self._process.kill()
        self._process.communicate()

    def _exchange(self, request: ReadRequest | None, seconds: float) -> Any:
        """Send a request and wait for the reply; at the deadline the process is killed, and the wait ends."""
        assert self._process.stdin
        assert self._process.stdout
        late = Event()

        def kill() -> None:
            late.set()
            self._process.kill()

        deadline = Timer(seconds, kill)
        deadline.start()
        try:
            if request is not None:
                pickle.dump(request, self._process.stdin)
                self._process.stdin.flush()
            return receive(self._process.stdout)
        except Exception as error:
            self._left = 0
            if late.is_set():
                why = f"reading it takes longer than {seconds:g} seconds"
            elif isinstance(error, OSError | EOFError):
                self._process.kill()  # it closed its end, and may yet linger
                code = self._process.wait()
                how = f"signal {-code}" if code < 0 else f"exit code {code}"
                why = f"the worker process ended while reading it ({how})"
            else:  # a pickle that is broken may raise anything
                why = f"the worker process did not send a document ({error})"
            raise ReadError("limit", why) from error
        finally:
            deadline.cancel()
            if late.is_set():
                self._left = 0


def _launch(module: str, seconds: float, memory_mb: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", module, str(seconds), str(memory_mb)]
    environment = own_environment()
    try:
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)  # noqa: S603 - our own interpreter
    except OSError as error:
        raise ReadError("limit", f"no worker process can be started: {error}") from error
