"""A question in, the answer of the workbench out: a process that is there for as long as somebody tunes."""

import json
import subprocess
import sys
from threading import Lock, Semaphore, Timer
from typing import Any

from watcher import bootstrap
from watcher.errors import WatcherError
from watcher.model.settings import Settings
from watcher.program import own_environment

_IDLE, _LONGEST = 120.0, 30.0
"""Seconds without a question after which the process ends, and within which an answer must come."""

_MOST_ASKING = 4
"""How many may ask or wait; each takes one of the threads that answer for all pages."""


class Bench:
    """Asks `watcher.lab.workbench`, and starts it when needed. Any thread may ask, one question at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock, self._places = Lock(), Semaphore(_MOST_ASKING)
        self._process: subprocess.Popen[str] | None = None
        self._timer: Timer | None = None

    def ask(self, **question: str) -> dict[str, Any]:
        """Return the answer; `error` says why there is none, and `failed` that the workbench gave none."""
        if not self._places.acquire(blocking=False):
            return {"error": "the workbench is busy; try again in a moment", "failed": True}
        try:
            with self._lock:
                return self._asked(question)
        finally:
            self._places.release()

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _asked(self, question: dict[str, str]) -> dict[str, Any]:
        if self._timer:
            self._timer.cancel()
        try:
            return self._answer(question)
        except (OSError, ValueError, WatcherError) as error:
            self._end()
            return {"error": f"the workbench gave no answer ({error}); try again", "failed": True}
        finally:
            self._timer = Timer(_IDLE, self.close)
            self._timer.daemon = True
            self._timer.start()

    def _answer(self, question: dict[str, str]) -> dict[str, Any]:
        process = self._process
        if process is None or process.poll() is not None:
            process = self._process = self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        late = Timer(_LONGEST, process.kill)
        late.start()
        try:
            process.stdin.write(f"{json.dumps(question)}\n")
            process.stdin.flush()
            line = process.stdout.readline()
            if not line:
                raise OSError(f"it ended, or took longer than {_LONGEST:.0f} seconds")
            found: dict[str, Any] = json.loads(line)
            return found
        finally:
            late.cancel()

    def _started(self) -> subprocess.Popen[str]:
        indicators = str(bootstrap.indicators_file(self._settings))
        command = [sys.executable, "-P", "-m", "watcher.lab.workbench", self._settings.data, indicators]
        return subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=own_environment(),
            text=True,
            encoding="utf-8",
        )

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.communicate()
