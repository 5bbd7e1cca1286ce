"""A list's path in, its values out as they were read last time, if no file that they came from has changed.

To read the shipped indicators takes half a second; to take them from the cache, a twentieth of that. Beside
the list, an entry has every question that reading it asked of the disk, with its answer: what files hold,
which match a pattern, what is a folder. It counts only while all the answers are the same, for this version
of the program. Feeds that may hold secrets (headers, a proxy, an address with a login) are not kept.

The entries are in the user's own cache folder, and only there: a folder, or an entry, that another user owns
or may write to is not used, and nothing but values of a list is unpickled. Without such a folder, nothing is
kept, and lists are read as ever.
"""

import copyreg
import io
import os
import pickle
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

import watcher
from watcher.model.language import IndicatorList
from watcher.model.news import Feed

_FOLDER = "provocation-watcher"
_DIGEST = 32
_MOST_BYTES = 64_000_000

_Answers = list[tuple[str, str, Any]]
_Kind = Literal["indicators", "feeds"]

_ALLOWED = {
    "datetime": {"date", "datetime", "timedelta", "timezone"},
    "builtins": {"frozenset", "set"},
    "ipaddress": {"IPv4Network", "IPv6Network", "IPv4Address", "IPv6Address"},
    "zoneinfo": {"ZoneInfo"},
}


def load_indicators_cached(path: Path) -> IndicatorList:
    """Return what `load_indicators` does, and raise what it raises; read only what has changed.

    Raises:
        ConfigError: the list cannot be read, or something in it is wrong.
    """
    if (kept := kept_indicators(path)) is not None:
        return kept
    from watcher.config.indicators import list_of, load_tree  # noqa: PLC0415 - whoever finds an entry needs no YAML and no pydantic

    asked = _Asked()
    listed = list_of(load_tree(path, asked))
    _keep(_name(path, "indicators"), asked.answers, listed)
    return listed


def load_feeds_cached(path: Path) -> tuple[Feed, ...]:
    """Return what `load_feeds` does, and raise what it raises; read only what has changed.

    Raises:
        ConfigError: the list cannot be read, or something in it is wrong.
    """
    if (kept := kept_feeds(path)) is not None:
        return kept
    from watcher.config.feeds import HOW_TO_MAKE_FEEDS, read_feeds  # noqa: PLC0415 - as above

    asked = _Asked()
    feeds = read_feeds(asked.read(path, if_missing=HOW_TO_MAKE_FEEDS), str(path))
    if not any(each.headers or each.proxy or "@" in each.url for each in feeds):
        _keep(_name(path, "feeds"), asked.answers, feeds)
    return feeds


def kept_indicators(path: Path) -> IndicatorList | None:
    """Return a list if it need not be read."""
    return cast("IndicatorList | None", _kept(_name(path, "indicators")))


def kept_feeds(path: Path) -> tuple[Feed, ...] | None:
    """Return a list of feeds if it need not be read."""
    return cast("tuple[Feed, ...] | None", _kept(_name(path, "feeds")))


def _name(path: Path, kind: _Kind) -> str:
    return f"{blake2b(os.fsencode(path), digest_size=16).hexdigest()}.{kind}"


class _Asked:
    """The files of this machine, as `watcher.config.source.Files`, with a note of every answer."""

    def __init__(self) -> None:
        from watcher.config.source import Disk  # noqa: PLC0415 - as above

        self._disk = Disk()
        self.answers: _Answers = []

    def read(self, path: Path, *, if_missing: str) -> bytes:
        """Return what a file holds."""
        content = self._disk.read(path, if_missing=if_missing)
        self.answers.append(("read", str(path), _digest(content)))
        return content

    def matching(self, pattern: str) -> list[Path]:
        """Return the files that match a pattern."""
        found = self._disk.matching(pattern)
        self.answers.append(("matching", pattern, [str(each) for each in found]))
        return found

    def is_folder(self, path: Path) -> bool:
        """Say whether a path is that of a folder."""
        found = self._disk.is_folder(path)
        self.answers.append(("is_folder", str(path), found))
        return found

    def name(self, path: Path) -> str:
        """Return what mistakes call a file."""
        return self._disk.name(path)


def _is_as_asked(answers: _Answers) -> bool:
    """Say whether the disk still gives the same answers."""
    from watcher.config.source import Disk  # noqa: PLC0415 - as above

    disk = Disk()
    for question, what, answer in answers:
        if question == "read":
            found: object = _digest(disk.read(Path(what), if_missing=""))
        elif question == "matching":
            found = [str(each) for each in disk.matching(what)]
        else:
            found = disk.is_folder(Path(what))
        if found != answer:
            return False
    return True


@contextmanager
def _own_folder() -> Iterator[int | None]:
    """Give a descriptor of the cache folder, made if need be; None if it is not ours alone."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - nobody's home is no error here
    folder = None
    if os.path.isabs(base):  # noqa: PTH117 - as the standard for this folder asks
        with suppress(OSError):
            path = Path(base, _FOLDER)
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield folder if folder is not None and _is_ours(folder) else None
    finally:
        if folder is not None:
            os.close(folder)


def _is_ours(file: int) -> bool:
    """Say whether an open file belongs to this user, and nobody else may write to it."""
    found = os.fstat(file)
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _kept(name: str) -> object:
    """Return the list of an entry that still counts."""
    with _own_folder() as folder:
        raw = _entry(folder, name) if folder is not None else b""
    digest, rest = raw[:_DIGEST], raw[_DIGEST:]
    if not rest or digest != _digest(rest):
        return None
    try:
        entry = io.BytesIO(rest)
        version, answers = _Values(entry).load()
        if version != _version() or not _is_as_asked(answers):
            return None
        return _Values(entry).load()
    # An entry is a copy: whatever is wrong with it, the list itself is read, and says what is wrong there.
    except Exception:  # noqa: BLE001
        return None


def _entry(folder: int, name: str) -> bytes:
    with suppress(OSError):
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        with os.fdopen(file, "rb") as entry:
            if stat.S_ISREG(os.fstat(file).st_mode) and _is_ours(file):
                return entry.read(_MOST_BYTES)
    return b""


def _keep(name: str, answers: _Answers, listed: object) -> None:
    """Write an entry, whole or not at all; a disk that does not take it costs time and nothing else."""
    content = io.BytesIO()
    for each in ((_version(), answers), listed):
        pickler = pickle.Pickler(content, protocol=5)
        # by itself a zone asks for `getattr`, which no entry gets
        pickler.dispatch_table = copyreg.dispatch_table | {ZoneInfo: lambda zone: (ZoneInfo, (zone.key,))}
        pickler.dump(each)
    raw, unfinished = content.getvalue(), f"{name}.{os.getpid()}"
    with _own_folder() as folder, suppress(OSError):
        if folder is None:
            return
        with suppress(FileNotFoundError):  # left by a process of the same number that was killed
            os.unlink(unfinished, dir_fd=folder)
        file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=folder)
        try:
            with os.fdopen(file, "wb") as entry:
                entry.write(_digest(raw) + raw)
            os.rename(unfinished, name, src_dir_fd=folder, dst_dir_fd=folder)
        except OSError:
            os.unlink(unfinished, dir_fd=folder)
            raise


def _version() -> tuple[object, ...]:
    """Return what the values of a list depend on beside its files: this program, and this Python.

    Of the program its words count: packages are made whose files all have the same time.
    """
    package = Path(watcher.__file__).parent
    modules: Iterable[Path] = (
        each for room in ("config", "model", "read", "text") for each in sorted((package / room).rglob("*.*"))
    )
    return (
        sys.version,
        *((str(each), _digest(each.read_bytes())) for each in modules if each.suffix in (".py", ".yaml")),
    )


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=_DIGEST).digest()


class _Values(pickle.Unpickler):
    """Unpickles the values of a list, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if name in _ALLOWED.get(module, ()):
            return super().find_class(module, name)
        if module.startswith("watcher.model.") and "." not in name:
            found = super().find_class(module, name)
            if isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a list")
