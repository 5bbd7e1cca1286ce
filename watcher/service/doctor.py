"""Settings in, findings out: does everything the watcher stands on hold?"""

import os
import platform
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from watcher import bootstrap
from watcher.clock import utc_now
from watcher.errors import ConfigError, UsageError, WatcherError
from watcher.model.settings import Settings
from watcher.pipeline.naming import former_and_present, unmatched_routes

TESTED_PYTHONS = ("3.11", "3.12", "3.13")
"""The versions of Python that are supported; pyproject.toml and README say the same."""

_LEAST_SPACE = 200 << 20
_SAFE_SQLITE = (3, 51, 3)
"""SQLite before this can corrupt a WAL database when two connections write at the same moment.

We have one writer.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at: whether it is good, and what was found."""

    what: str
    good: bool
    says: str

    @property
    def mark(self) -> str:
        """A sign for a table."""
        return "ok" if self.good else "!!"

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        return {"what": self.what, "good": self.good, "finding": self.says}


def examine(settings: Settings) -> list[Finding]:
    """Look at everything; a check that fails is a finding, never an error."""
    checks: dict[str, Callable[[], str]] = {
        "python": lambda: supported_python(platform.python_implementation(), platform.python_version()),
        "platform": lambda: supported_platform(platform.system(), platform.machine(), *platform.libc_ver()),
        "libcurl": _libcurl,
        "sqlite": _sqlite,
        "data folder": lambda: _folder(Path(settings.data)),
        "alert log": lambda: _alert_log(Path(settings.data) / bootstrap.ALERTS_FOLDER),
        "disk": lambda: _space(Path(settings.data)),
        "indicators": lambda: _indicators(settings),
        "feeds": lambda: f"{len(bootstrap.feeds_in_use(settings))} feeds in {bootstrap.feeds_file(settings)}",
        "channels": lambda: _channels(settings),
        "database": lambda: _database(settings),
    }
    return list(_run(checks))


def _run(checks: dict[str, Callable[[], str]]) -> Iterator[Finding]:
    for what, check in checks.items():
        try:
            yield Finding(what=what, good=True, says=check())
        except (WatcherError, OSError, ImportError) as error:
            yield Finding(what=what, good=False, says=str(error))


def supported_python(implementation: str, version: str) -> str:
    """Return what runs us.

    Raises:
        OSError: we are not tested with it.
    """
    if implementation != "CPython" or version.rpartition(".")[0] not in TESTED_PYTHONS:
        raise OSError(
            f"{implementation} {version} is not supported: "
            f"the watcher is tested with CPython {', '.join(TESTED_PYTHONS)}"
        )
    return version


def supported_platform(system: str, machine: str, libc: str, libc_version: str) -> str:
    """Return what we run on.

    Raises:
        OSError: we are not tested on it.
    """
    if system != "Linux":
        raise OSError(f"{system} is not supported: the watcher is tested on Linux with glibc")
    if libc != "glibc":
        raise OSError(
            f"Linux with {libc or 'another libc than glibc'} is not supported: "
            "some libraries have to be compiled for it"
        )
    return f"{system} {machine}, {libc} {libc_version}"


def _libcurl() -> str:
    import pycurl

    return str(pycurl.version)


def _sqlite() -> str:
    version = sqlite3.sqlite_version
    return (
        version
        if sqlite3.sqlite_version_info >= _SAFE_SQLITE
        else f"{version}; safe with one writer, and the lock allows no second"
    )


def _folder(folder: Path) -> str:
    if folder.exists() and not os.access(folder, os.W_OK):
        raise PermissionError(f"{folder} cannot be written")
    return f"{folder.resolve()} can be written" if folder.exists() else f"{folder.resolve()} will be made"


def _alert_log(folder: Path) -> str:
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(f"{folder} is no folder; move it away, the alert log is written there")
    today = folder / f"{utc_now():%Y-%m-%d}.jsonl"
    for path, may in ((folder, os.R_OK | os.W_OK | os.X_OK), (today, os.R_OK | os.W_OK)):
        try:
            path.stat()
        except FileNotFoundError:
            continue
        if not os.access(path, may):
            raise PermissionError(f"{path} cannot be written; no alert reaches the log until it can be")
    return f"{folder.resolve()} can be written" if folder.exists() else f"{folder.resolve()} will be made"


def _space(folder: Path) -> str:
    free = shutil.disk_usage(folder if folder.exists() else Path()).free
    if free < _LEAST_SPACE:
        raise OSError(f"only {free >> 20} MiB free; on a full disk the watcher cannot record anything")
    return f"{free >> 30} GiB free"


def _indicators(settings: Settings) -> str:
    rules = bootstrap.load_rules(settings)
    return f"{len(rules.indicators)} indicators in {bootstrap.indicators_file(settings)}"


def _channels(settings: Settings) -> str:
    names = ", ".join(channel.id for channel in bootstrap.open_channels(settings))
    try:
        known = former_and_present(bootstrap.load_rules(settings).matcher.listed)
    except ConfigError:
        return names  # the check of the indicators says what is wrong
    if unmatched := unmatched_routes(settings.routes, known):
        raise UsageError("; ".join(unmatched))
    return names


def _database(settings: Settings) -> str:
    name = bootstrap.name_of_database(settings)
    if not bootstrap.has_database(settings):
        return f"none yet; {name} is made at the first poll"
    with closing(bootstrap.read_store(settings)) as store:
        damage = store.integrity()
        about = store.about()
    if damage:
        raise OSError(f"{name} is damaged: {damage[0]}")
    return f"{name} is whole{about and '; '}{about}"
