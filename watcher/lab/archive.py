"""Archives in, items out: JSON Lines, also .gz and .xz, or stdin.

A line has `title` and may have `id`, `summary`, `url`, `source` (the feed), `lang`, `grade` (A to F),
`published` (or `date`) and `seen` (or `first_seen`). A bare day is 00:00 UTC; `seen` defaults to `published`.
Unknown keys are ignored.
"""

import gzip
import json
import lzma
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from watcher.errors import UsageError
from watcher.model.news import FeedId, Grade, Item, ItemId
from watcher.read.caps import MAX_MARKUP, MAX_SUMMARY, MAX_TITLE
from watcher.read.dates import parse_date
from watcher.read.identity import item_id, keys, text_hash
from watcher.read.plain import beginning, plain

_OPENERS = {".gz": gzip.open, ".xz": lzma.open}
_NO_FEED = "archive"


def merge_archives(paths: Sequence[Path], now: datetime) -> list[Item]:
    """Return the items of several archives in the order in which they were seen."""
    items = (item for path in paths for item in read_archive(path, now))
    return sorted(items, key=lambda item: (item.seen, item.id))


def read_archive(path: Path, now: datetime) -> Iterator[Item]:
    """Yield the items of an archive in the order of its lines; one without any time is seen now.

    Raises:
        UsageError: there is no such archive, or a line is no item; the message names the line.
    """
    return (item_of(line, place, now) for place, line in read_lines(path))


def read_lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the objects of a JSON Lines file, each with its place, `file:line`.

    Raises:
        UsageError: there is no such file, or a line is no object; the message names the line.
    """
    try:
        with _opened(path) as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield (place := f"{path}:{number}"), _parsed(line, place)
    except (OSError, EOFError, zlib.error, lzma.LZMAError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as JSON Lines: {error}") from error


def item_of(line: dict[str, Any], place: str, now: datetime) -> Item:
    """Return the item of an archive's line.

    Raises:
        UsageError: it has no title, or a grade that does not exist.
    """
    if not isinstance(line.get("title"), str):
        raise UsageError(f"{place}: an archived item is an object with at least a `title`")
    title, summary = _text(line["title"], MAX_TITLE), _text(line.get("summary") or "", MAX_SUMMARY)
    url, source = str(line.get("url") or ""), str(line.get("source") or _NO_FEED)
    published = _time(line, "published", "date")
    feed = FeedId(source)
    return Item(
        id=ItemId(str(line.get("id") or item_id(feed, "", url, title))),
        feed=feed,
        owner=_host(source) or source,
        grade=_grade(line, place),
        title=title,
        summary=summary,
        url=url,
        seen=_time(line, "seen", "first_seen") or published or now,
        published=published,
        language=str(line.get("lang") or ""),
        keys=keys("", url, title, frozenset()),
        text_hash=text_hash(title, summary),
    )


def _grade(line: dict[str, Any], place: str) -> Grade:
    grade = line.get("grade") or Grade.C
    try:
        return Grade(grade)
    except ValueError as error:
        raise UsageError(f"{place}: unknown grade `{grade}`; use {', '.join(Grade)}") from error


@lru_cache(maxsize=1024)
def _host(source: str) -> str | None:
    return urlsplit(source).hostname


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    if str(path) == "-":
        yield sys.stdin
        return
    opener: Any = _OPENERS.get(path.suffix, open)
    with opener(path, "rt", encoding="utf-8") as lines:
        yield lines


def _parsed(line: str, place: str) -> dict[str, Any]:
    try:
        parsed = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{place}: not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise UsageError(f"{place}: not an object with keys and values")
    return parsed


def _text(markup: object, limit: int) -> str:
    return plain(beginning(str(markup), MAX_MARKUP), keep_code=True)[:limit]


def _time(line: dict[str, Any], *names: str) -> datetime | None:
    moments = (parse_date(str(line[name])) for name in names if line.get(name))
    return next(filter(None, moments), None)
