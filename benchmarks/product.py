"""A checkout of the watcher in, its public commands out, each with what it cost."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.cost import Cost, cost_of

ROOT = Path(__file__).parents[1]
_SETTINGS = '[fetch]\nallow_private = ["127.0.0.0/8"]\nper_host = 32\n'


@dataclass(frozen=True, slots=True)
class Product:
    """A checkout, with a folder for what it writes; `profiled` says to write a profile of each command."""

    name: str
    checkout: Path
    folder: Path
    profiled: bool = False

    @property
    def shipped(self) -> tuple[str, str]:
        """The list that ships with it, as an option."""
        return "--indicators", str(self.checkout / "indicators.yaml")

    def run(self, *arguments: str, accepted: Sequence[int] = (0,)) -> Cost:
        """Run a command of the checkout's watcher; what it ships is the checkout's too."""
        profile = self.folder / f"{arguments[0]}.profile"
        measured = ["-m", "cProfile", "-o", str(profile)] if self.profiled else []
        command = [sys.executable, *measured, "-m", "watcher", *arguments]
        variables = {"PYTHONPATH": str(self.checkout), "XDG_CACHE_HOME": str(self.folder / "cache")}
        log = self.folder / "log"
        # in a folder of its own: where a checkout is, Python would take the watcher from there
        return cost_of(command, log, folder=self.folder, variables=variables, accepted=accepted)

    def poll(self, feeds: Path) -> Cost:
        """Poll every feed of a file once."""
        settings = self.folder / "watcher.toml"
        settings.write_text(_SETTINGS, encoding="utf-8")
        files = ("--feeds", str(feeds), "--config", str(settings), *self.shipped)
        return self.run("poll", "--all", "--json", "--data", str(self.folder / "data"), *files)


@contextmanager
def here(*, profiled: bool = False) -> Iterator[Product]:
    """Give the product of this checkout."""
    with TemporaryDirectory(prefix="benchmark-") as folder:
        yield Product("here", ROOT, Path(folder), profiled)


@contextmanager
def at(revision: str) -> Iterator[Product]:
    """Give the product as it is at a revision, with the libraries that are installed here."""
    with TemporaryDirectory(prefix="benchmark-") as folder:
        checkout = Path(folder, "checkout")
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(checkout), revision], check=True)  # noqa: S603 - a revision that whoever runs it names
        try:
            yield Product(revision, checkout, Path(folder))
        finally:
            subprocess.run([*git, "remove", "--force", str(checkout)], check=True)  # noqa: S603 - as above
