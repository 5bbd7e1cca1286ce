"""A feeds file and feeds to add in, the same file with them at its end out; comments stay as they are.

The lines are appended as text and the result is read again before it takes the place of the old file: every
feed that was listed must be listed as before, and the new ones after them.
"""

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from watcher.config.feeds import read_feeds
from watcher.config.source import decode, read_bytes
from watcher.config.tree import parse
from watcher.errors import ConfigError, UsageError
from watcher.model.news import Feed
from watcher.replacing import replace_whole

EMPTY = b"version: 1\nfeeds:\n"
"""A feeds file that lists nothing yet, which is no valid one."""

_ENTRY = re.compile(r"(\s*)-\s")
_NO_ID = re.compile(r"[^a-z0-9]+")
_LONGEST_ID = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A feed to add; what is empty is left to the defaults of the file."""

    id: str
    url: str
    owner: str = ""
    grade: str = ""
    title: str = ""
    tags: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = ((name, getattr(self, name)) for name in ("url", "owner", "grade", "title", "tags"))
        rest = "".join(f", {name}: {json.dumps(value, ensure_ascii=False)}" for name, value in said if value)
        return f"{{id: {self.id}{rest}}}"


def free_id(title: str, url: str, taken: Collection[str]) -> str:
    """Make an id of a title, or of the host where the title has no letters for one."""
    name = _slug(title) or _slug((urlsplit(url).hostname or "").removeprefix("www.")) or "feed"
    numbered = (f"{name}-{number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(each for each in numbered if each not in taken)


def add_feeds(path: Path, before: bytes, entries: Sequence[Entry]) -> tuple[Feed, ...]:
    """Write a feeds file that lists entries after what it held `before`; return the feeds they are.

    Raises:
        ConfigError: the file is wrong as it is, or an entry is.
        UsageError: it is written in a way that nothing can be appended to, or cannot be written.
    """
    listed = read_feeds(before, str(path)) if before != EMPTY else ()
    read_feeds(_appended(EMPTY, "", entries), "to be added")
    after = _appended(before, str(path), entries)
    try:
        found = read_feeds(after, str(path))
    except ConfigError as error:
        raise _unfit(path, entries) from error
    if found[: len(listed)] != listed or len(found) != len(listed) + len(entries):
        raise _unfit(path, entries)
    try:
        replace_whole(path.resolve(), after)
    except OSError as error:
        raise UsageError(f"{path} could not be written: {error.strerror or error}") from error
    return found[len(listed) :]


def file_before(path: Path, shipped: Path | None) -> bytes:
    """Return what a feeds file holds; where there is none, the shipped list, or an empty one."""
    if path.exists():
        return read_bytes(path, if_missing="")
    return read_bytes(shipped, if_missing="") if shipped and shipped.exists() else EMPTY


def _slug(text: str) -> str:
    return _NO_ID.sub("-", text.lower()).strip("-")[:_LONGEST_ID].strip("-")


def _appended(before: bytes, name: str, entries: Sequence[Entry]) -> bytes:
    text = decode(before, name)
    indent, end = _indent(text, name), "\r\n" if "\r\n" in text else "\n"
    lines = "".join(f"{indent}- {entry}{end}" for entry in entries)
    return before + (b"" if before.endswith(b"\n") else end.encode()) + lines.encode()


def _unfit(path: Path, entries: Sequence[Entry]) -> UsageError:
    what = "has a form that nothing can be appended to; add this under its `feeds:` yourself"
    return UsageError("\n".join((f"{path} {what}", *(f"  - {entry}" for entry in entries))))


def _indent(text: str, name: str) -> str:
    """Return what stands before the dash of the last feed."""
    tree = parse(text, name)
    _, line, _ = tree.place(("feeds", len(tree.section("feeds")) - 1))
    found = _ENTRY.match(text.splitlines()[line - 1])
    return found[1] if found else "  "
