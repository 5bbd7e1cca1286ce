"""A checkout of the watcher in, its public commands out, each with what it cost."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from compileall import compile_dir
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

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
        return self._cost_of(command, accepted)

    def poll(self, feeds: Path) -> Cost:
        """Poll every feed of a file once."""
        return self.run("poll", "--all", "--json", *self._files(feeds, ""))

    def part(self, name: str, size: int) -> Cost:
        """Return the cost of a part of `benchmarks.inside`, without what it prepares."""
        return self._told("inside", name, str(size))

    def load(self) -> Cost:
        """Return the cost of loading the shipped list until a text is matched, without the start."""
        return self._told("loading", self.shipped[1])

    def _told(self, program: str, *arguments: str) -> Cost:
        """Return the cost that a program of ours tells."""
        path = str(ROOT / "benchmarks" / f"{program}.py")
        whole = self._cost_of([sys.executable, path, *arguments], (0,))
        lines = (self.folder / "log").read_text(encoding="utf-8").split()
        return replace(whole, cpu=float(lines[-1]))

    def service(self, feeds: str, settings: str = "") -> list[str]:
        """Return the command that runs the service in a new data folder."""
        data, listed = Path(mkdtemp(dir=self.folder)), self.folder / "served.yaml"
        listed.write_text(feeds, encoding="utf-8")
        return [sys.executable, "-m", "watcher", "run", *self._files(listed, settings, data)]

    @property
    def variables(self) -> dict[str, str]:
        """What the environment of its processes says."""
        ours = f"{self.checkout}{os.pathsep}{ROOT}"  # the benchmarks are those of here
        every = os.environ | {"PYTHONPATH": ours, "XDG_CACHE_HOME": str(self.folder / "cache")}
        # byte-code is kept, as `pip install` leaves it for those who use the product
        return {name: value for name, value in every.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def _cost_of(self, command: Sequence[str], accepted: Sequence[int]) -> Cost:
        # in a folder of its own: where a checkout is, Python would take the watcher from there
        log = self.folder / "log"
        return cost_of(command, log, folder=self.folder, variables=self.variables, accepted=accepted)

    def _files(self, feeds: Path, more: str, data: Path | None = None) -> tuple[str, ...]:
        settings = self.folder / "watcher.toml"
        settings.write_text(_SETTINGS + more, encoding="utf-8")
        folder = str(data or self.folder / "data")
        return ("--feeds", str(feeds), "--config", str(settings), "--data", folder, *self.shipped)


@contextmanager
def here(*, profiled: bool = False) -> Iterator[Product]:
    """Give the product of this checkout."""
    with TemporaryDirectory(prefix="benchmark-") as folder:
        compile_dir(ROOT / "watcher", quiet=1)
        yield Product("here", ROOT, Path(folder), profiled)


@contextmanager
def at(revision: str) -> Iterator[Product]:
    """Give the product as it is at a revision, with the libraries that are installed here."""
    with TemporaryDirectory(prefix="benchmark-") as folder:
        checkout = Path(folder, "checkout")
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(checkout), revision], check=True)  # noqa: S603 - a revision that whoever runs it names
        compile_dir(checkout / "watcher", quiet=1)
        try:
            yield Product(revision, checkout, Path(folder))
        finally:
            subprocess.run([*git, "remove", "--force", str(checkout)], check=True)  # noqa: S603 - as above
