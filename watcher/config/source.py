"""A path in, its text out; whatever keeps a file from being text is a mistake with its place."""

import codecs
import os
from glob import glob
from pathlib import Path
from typing import Protocol

from watcher.errors import ConfigError, Mistake

MAX_BYTES = 5_000_000

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_NAMES = {"utf-8": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}


class Files(Protocol):
    """Where a list and its parts are read from."""

    def read(self, path: Path, *, if_missing: str) -> bytes:
        """Return what a file holds; `if_missing` as in `read_bytes`."""

    def matching(self, pattern: str) -> list[Path]:
        """Return the files that match a pattern, in order of their paths; hidden ones do not."""

    def is_folder(self, path: Path) -> bool:
        """Say whether a path is that of a folder."""

    def name(self, path: Path) -> str:
        """Return what mistakes call a file."""


class Disk:
    """The files of this machine, as `Files`."""

    def read(self, path: Path, *, if_missing: str) -> bytes:
        """Return what a file holds."""
        return read_bytes(path, if_missing=if_missing)

    def matching(self, pattern: str) -> list[Path]:
        """Return the files that match a pattern."""
        return [Path(each) for each in sorted(glob(pattern)) if Path(each).is_file()]  # noqa: PTH207 - Path.glob finds hidden files too

    def is_folder(self, path: Path) -> bool:
        """Say whether a path is that of a folder."""
        return os.path.isdir(path)  # noqa: PTH112 - a name that is too long is none

    def name(self, path: Path) -> str:
        """Return the path."""
        return str(path)


def read_bytes(path: Path, *, if_missing: str) -> bytes:
    """Return what a file holds, up to one byte more than is allowed; `if_missing` says how to make one."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise _whole(str(path), f"there is no such file; {if_missing}") from error
    except IsADirectoryError as error:
        raise _whole(str(path), "this is a folder; name a file in it") from error
    except OSError as error:
        raise _whole(str(path), f"cannot be read: {error.strerror or error}") from error


def decode(raw: bytes, name: str) -> str:
    """Return the text of a file: UTF-8 with or without a mark, or UTF-16 with one."""
    if len(raw) > MAX_BYTES:
        raise _whole(name, f"the file is over {MAX_BYTES // 1_000_000} MB")
    mark, encoding = next(
        ((mark, encoding) for mark, encoding in _BOMS if raw.startswith(mark)), (b"", "utf-8")
    )
    body = raw.removeprefix(mark)
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        before = body[: error.start].decode(encoding, errors="replace")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        place = len(mark) + error.start
        what = f"byte 0x{body[error.start]:02X} at offset {place} is not {_NAMES[encoding]}"
        advised = f"{what}; save the file as UTF-8"
        raise ConfigError([Mistake(file=name, line=line, column=column, what=advised)]) from error


def _whole(name: str, what: str) -> ConfigError:
    return ConfigError([Mistake(file=name, line=1, column=1, what=what)])
