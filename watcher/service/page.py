"""The command of the review page in, the page kept running out, beside the service: `watcher run --serve`.

The page is a process of its own, whose death never touches the service: it is started again, not sooner than
ten seconds after its last start. It ends when its standard input does, so it never outlives the service.
"""

import logging
import subprocess
from collections.abc import Callable, Iterable, Sequence
from time import monotonic

from watcher.model.polling import Cycle

_log = logging.getLogger(__name__)
_SECONDS_BETWEEN_STARTS = 10.0
_PATIENCE = 5.0


class PageProcess:
    """Keeps the page running; one of the tasks of the service."""

    def __init__(self, command: Sequence[str], seconds: Callable[[], float] = monotonic) -> None:
        self._command, self._seconds = command, seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._started: float | None = None

    def look(self) -> Iterable[Cycle]:
        """Start the page if it does not run; it never brings anything to record."""
        if self._process is not None and (code := self._process.poll()) is not None:
            _log.warning("page_ended", extra={"code": code})
            self._let_go()
        waits = self._started is not None and self._seconds() - self._started < _SECONDS_BETWEEN_STARTS
        if self._process is None and not waits:
            self._start()
        return ()

    def stop(self) -> None:
        """End the page."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._let_go()

    def _let_go(self) -> None:
        if self._process and self._process.stdin:
            self._process.stdin.close()
        self._process = None

    def _start(self) -> None:
        self._started = self._seconds()
        try:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE)  # noqa: S603 - our own program
        except OSError as error:
            _log.warning("page_not_started", extra={"error": str(error)})
