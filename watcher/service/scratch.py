"""A data folder in, a temporary folder in it out; the next start removes those that a kill left behind.

Whoever uses such a folder holds its lock, which the kernel lets go of when its holder dies: a dry run may be
under way beside a service that starts.
"""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory


class Purpose(StrEnum):
    """What a folder is for, which begins its name."""

    CANARY = "canary"
    PRUNING = "pruning"


_OURS = re.compile(rf"({'|'.join(Purpose)})-[a-z0-9_]{{8}}")


@contextmanager
def scratch(data: Path, purpose: Purpose) -> Iterator[Path]:
    """Make a folder that is gone afterwards."""
    with (
        TemporaryDirectory(dir=data, prefix=f"{purpose}-") as folder,
        _descriptor_of(Path(folder)) as descriptor,
    ):
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield Path(folder)


def clear(data: Path) -> None:
    """Remove the folders whose users were killed."""
    for folder in data.iterdir():
        if (
            _OURS.fullmatch(folder.name)
            and folder.is_dir()
            and not folder.is_symlink()
            and not _is_used(folder)
        ):
            rmtree(folder, ignore_errors=True)


def _is_used(folder: Path) -> bool:
    try:
        with _descriptor_of(folder) as descriptor:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    return False


@contextmanager
def _descriptor_of(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
