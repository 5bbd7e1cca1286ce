"""Files in, a value out that changes when they do."""

from collections.abc import Callable, Iterable
from glob import escape, glob
from hashlib import blake2b
from pathlib import Path


class ListFiles:
    """The files of the lists in use, with what they include.

    `parts_of` returns patterns for what a list includes; it is asked only when a file has changed.
    """

    def __init__(self, parts_of: Callable[[Path], tuple[str, ...]]) -> None:
        self._parts_of = parts_of
        self._known: tuple[str, ...] = ()
        self._parts: tuple[str, ...] = ()

    def fingerprint(self, indicators: Path, feeds: Path) -> tuple[str, ...]:
        """Return what tells one state of the files from another."""
        files = (escape(str(indicators)), escape(str(feeds)))
        if (found := fingerprint((*files, *self._parts))) != self._known:
            self._parts = self._parts_of(indicators)
            self._known = found = fingerprint((*files, *self._parts))
        return found


def fingerprint(patterns: Iterable[str]) -> tuple[str, ...]:
    """Return what tells one state of the files that match from another, also of those that cannot be read."""
    found = ((each, sorted(glob(each))) for each in patterns)  # noqa: PTH207 - Path.glob finds hidden files too
    return tuple(_state(path) for pattern, paths in found for path in paths or [pattern])


def _state(path: str) -> str:
    try:
        state = blake2b(Path(path).read_bytes(), digest_size=16).hexdigest()
    except OSError as error:
        state = f"unreadable: {error.errno}"
    return f"{path} {state}"
