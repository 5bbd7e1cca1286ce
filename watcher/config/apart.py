"""A list's path in, its values out, read in a process of its own.

Reading takes pydantic and YAML, 13 MB that an idle service would hold for months to use them for a moment.
The values come back pickled, from our own program.
"""

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

from watcher.config.cached import kept_feeds, kept_indicators, load_feeds_cached, load_indicators_cached
from watcher.errors import ConfigError, Mistake
from watcher.model.language import IndicatorList
from watcher.model.news import Feed
from watcher.program import CACHES, own_environment

_SECONDS = 60


def load_indicators_apart(path: Path) -> IndicatorList:
    """Return what `load_indicators` does, and raise what it raises, without its memory."""
    return kept_indicators(path) or cast("IndicatorList", _load("indicators", path))


def load_feeds_apart(path: Path) -> tuple[Feed, ...]:
    """Return what `load_feeds` does, and raise what it raises, without its memory."""
    kept = kept_feeds(path)
    return cast("tuple[Feed, ...]", _load("feeds", path)) if kept is None else kept


def parts_apart(path: Path) -> tuple[str, ...]:
    """Return what `parts_of` does, without its memory; a list that includes nothing costs no process."""
    try:
        plain = b"include" not in path.read_bytes().replace(b"\0", b"")  # UTF-16 has a NUL in each letter
    except OSError:
        plain = True
    return () if plain else cast("tuple[str, ...]", _load("parts", path))


def answer() -> None:
    """Be that process: read the list named on the command line and write it, or its mistakes, to stdout."""
    from watcher.config import parts_of  # noqa: PLC0415 - only the process of its own pays for it

    kind, path = sys.argv[1:]
    found: object
    try:
        read = {"feeds": load_feeds_cached, "indicators": load_indicators_cached, "parts": parts_of}
        found = read[kind](Path(path))
    except ConfigError as error:
        found = list(error.mistakes)
    pickle.dump(found, sys.stdout.buffer)


def _load(kind: str, path: Path) -> Any:
    command = [
        sys.executable,
        "-P",
        "-c",
        "from watcher.config.apart import answer; answer()",
        kind,
        str(path),
    ]
    environment = own_environment(CACHES)
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=True, env=environment)  # noqa: S603 - our own program
    except (OSError, subprocess.SubprocessError) as error:
        what = f"cannot be read in a process of its own: {error}"
        raise ConfigError([Mistake(file=str(path), line=1, column=1, what=what)]) from error
    found = pickle.loads(done.stdout)  # noqa: S301 - written by the lines above
    if isinstance(found, list):
        raise ConfigError(found)
    return found
