"""The name of another indicator list, a file or a git revision of this one, in; that list out."""

import subprocess
from pathlib import Path

from watcher.config import load_indicators, read_indicators
from watcher.errors import UsageError
from watcher.model.language import IndicatorList

_SECONDS = 30.0


def other_list(name: str, current: Path) -> IndicatorList:
    """Return the list in a file, or the current file as it was at a git revision; a file of that name wins.

    Raises:
        UsageError: there is no such file and no such revision, or the revision does not have the file.
        ConfigError: the list is wrong.
    """
    if Path(name).exists():
        return load_indicators(Path(name))
    folder, file = current.resolve().parent, current.name
    commit = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if commit is None:
        advice = "name a YAML file, or a revision such as HEAD or HEAD~3"
        raise UsageError(f"{name!r} is no file, and no git revision of {current}; {advice}")
    text = _git(folder, "show", f"{commit.decode().strip()}:./{file}")
    if text is None:
        advice = f"`git log --oneline -- {current}` lists those that do"
        raise UsageError(f"revision {name} has no {current}; {advice}")
    return read_indicators(text, f"{name}:{file}")


def _git(folder: Path, *words: str) -> bytes | None:
    """Return what git prints, or None when it refuses."""
    try:
        # The words are ours, but for a revision after --end-of-options; git is wherever the person has it.
        done = subprocess.run(("git", *words), cwd=folder, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603, S607
    except FileNotFoundError as error:
        what = "comparing with a revision needs git, which is not installed; name a YAML file instead"
        raise UsageError(what) from error
    except subprocess.TimeoutExpired as error:
        raise UsageError(f"git gave no answer within {_SECONDS:g} seconds") from error
    return done.stdout if done.returncode == 0 else None
