"""The name of another indicator list, a file or a git revision of this one, in; that list out."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from watcher.config import load_indicators
from watcher.config.indicators import list_of, load_tree
from watcher.config.shipped import shipped
from watcher.config.source import Disk
from watcher.errors import ConfigError, Mistake, UsageError
from watcher.model.language import IndicatorList
from watcher.model.settings import SHIPPED

_SECONDS = 30.0


def other_list(name: str, current: Path) -> IndicatorList:
    """Return the list in a file, the shipped one, or the current file as it was at a git revision.

    A file of that name wins. What the list includes is that of the revision, too, but for the shipped list.

    Raises:
        UsageError: there is no such file and no such revision, or the revision does not have the file.
        ConfigError: the list is wrong.
    """
    if Path(name).exists():
        return load_indicators(Path(name))
    if name == SHIPPED:
        return load_indicators(shipped("indicators.yaml"))
    folder, file = current.resolve().parent, current.name
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if commit is None:
        advice = "name a YAML file, or a revision such as HEAD or HEAD~3"
        raise UsageError(f"{name!r} is neither a file nor a git revision of {current}; {advice}")
    files = _Revision(name, commit.decode().strip(), folder)
    if files.text(Path(file)) is None:
        advice = f"`git log --oneline -- {current}` lists those that do"
        raise UsageError(f"revision {name} has no {current}; {advice}")
    return list_of(load_tree(Path(file), files))


@dataclass(frozen=True, slots=True)
class _Revision:
    """The files in and below a folder at a commit, as `Files`; those of absolute paths are the disk's."""

    revision: str
    commit: str
    folder: Path

    def text(self, path: Path) -> bytes | None:
        return _git(self.folder, "show", f"{self.commit}:./{path.as_posix()}")

    def read(self, path: Path, *, if_missing: str) -> bytes:
        """Return what a file held."""
        found = Disk().read(path, if_missing=if_missing) if path.is_absolute() else self.text(path)
        if found is None:
            raise ConfigError(
                [Mistake(file=self.name(path), line=1, column=1, what="there was no such file")]
            )
        return found

    def matching(self, pattern: str) -> list[Path]:
        """Return the files that matched a pattern."""
        if Path(pattern).is_absolute():
            return Disk().matching(pattern)
        listed = (_git(self.folder, "ls-tree", "-r", "-z", "--name-only", self.commit) or b"").split(b"\0")
        paths = sorted(Path(os.fsdecode(each)) for each in listed if each)
        depth = len(Path(pattern).parts)
        return [each for each in paths if len(each.parts) == depth and each.match(pattern)]

    def is_folder(self, path: Path) -> bool:
        """Say whether a path was that of a folder."""
        if path.is_absolute():
            return Disk().is_folder(path)
        kind = _git(self.folder, "cat-file", "-t", f"{self.commit}:./{path.as_posix()}")
        return kind is not None and kind.strip() == b"tree"

    def name(self, path: Path) -> str:
        """Return the path after the revision."""
        return str(path) if path.is_absolute() else f"{self.revision}:{path}"


def _git(folder: Path, *words: str) -> bytes | None:
    """Return what git prints, or None when it refuses."""
    try:
        # The words are ours, but for a revision after --end-of-options; git is wherever the person has it.
        done = subprocess.run(("git", *words), cwd=folder, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603, S607
    except FileNotFoundError as error:
        what = "comparing with a revision needs git, which is not installed; name a YAML file instead"
        raise UsageError(what) from error
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"git did not answer within {_SECONDS:g} seconds") from error
    return done.stdout if done.returncode == 0 else None
