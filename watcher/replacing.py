"""A file and its new content in, the file replaced out: whole or not at all, and synced to the disk."""

import os
from pathlib import Path
from stat import S_IMODE
from tempfile import NamedTemporaryFile

_READABLE = 0o644


def replace_whole(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Put content in the place of a file, or where there is none yet.

    It has the rights `mode`; None is the rights and the owner of the file it replaces, else readable by all.

    Raises:
        OSError: it cannot be written; what was there is as before.
    """
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as new:
        try:
            new.write(content)
            new.flush()
            if mode is None and path.exists():
                own_as(new.fileno(), path)
            else:
                os.fchmod(new.fileno(), _READABLE if mode is None else mode)
            os.fsync(new.fileno())
            Path(new.name).replace(path)
        except BaseException:
            Path(new.name).unlink(missing_ok=True)
            raise


def own_as(file: int | Path, other: Path) -> None:
    """Give a file the owner and the rights of another: who replaces it may be root, who uses it is not."""
    old, new = other.stat(), os.stat(file)  # noqa: PTH116 - the file may be a descriptor
    os.chmod(file, S_IMODE(old.st_mode))  # noqa: PTH101 - the same
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        os.chown(file, old.st_uid, old.st_gid)
