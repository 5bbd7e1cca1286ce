"""Log records in, one line each out: `key=value` for people, JSON for machines.

An event is a word and its facts come as `extra`. Whatever a feed or a server said stays on its line: control
characters are escaped.
"""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TextIO

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every record has; the rest are the facts of the event."""


class LogFormatter(logging.Formatter):
    """Writes a record as one line."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        at = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _PLAIN}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return (
            json.dumps(line, default=str)
            if self._as_json
            else " ".join(_pair(*fact) for fact in line.items())
        )


@contextmanager
def logging_to(stream: TextIO = sys.stderr, *, as_json: bool = False) -> Iterator[None]:
    """Send the watcher's log to a stream for as long as this lasts."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LogFormatter(as_json=as_json))
    ours = logging.getLogger("watcher")
    before = ours.level
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    ours.propagate = False
    try:
        yield
    finally:
        ours.removeHandler(handler)
        ours.setLevel(before)
        ours.propagate = True


def _pair(name: str, value: object) -> str:
    text = str(value)
    bare = text.isprintable() and text and not any(character in text for character in ' ="')
    return f"{name}={text if bare else json.dumps(text, ensure_ascii=not text.isprintable())}"
