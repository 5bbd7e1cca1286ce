"""Lock files in, their pins and gaps out; as a program (`make locks`), whether they install on any day.

The program installs every lock with old pips and the newest, and runs README's two commands, against an index
on which every locked package has a newer release: a folder of empty wheels of version 9999. Whatever a lock
leaves open, pip takes from there.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import distribution
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ON_POSTGRES = [
    *PROJECT["project"]["dependencies"],
    *PROJECT["project"]["optional-dependencies"]["postgres"],
]
ROOTS = {
    "requirements.lock": PROJECT["project"]["dependencies"],
    "requirements-postgres.lock": ON_POSTGRES,
    "requirements-build.lock": PROJECT["build-system"]["requires"],
    "requirements-dev.lock": [
        *ON_POSTGRES,
        *re.findall(r"^\w\S*", (ROOT / "requirements-dev.in").read_text(encoding="utf-8"), re.MULTILINE),
    ],
}
"""What each lock is for, as requirements."""
PYTHONS = re.findall(r"Python :: (3\.\d+)", " ".join(PROJECT["project"]["classifiers"]))
"""The versions of Python that are supported."""

Pins = Mapping[str, Requirement]
PIPS = ("22.3", "23.2.1", "newest")


def pinned(lock: str) -> Pins:
    """Return the pins of a lock file's text by package, each with its extras."""
    pins = (Requirement(pin) for pin in re.findall(r"^\w\S*", lock, re.MULTILINE))
    return {canonicalize_name(pin.name): pin for pin in pins}


def left_open(roots: Iterable[str], pins: Pins, python: str) -> list[str]:
    """Return the requirements of roots and locked packages that no pin meets, on a version of Python."""
    asked = [("the project", Requirement(root)) for root in roots]
    asked += [(name, need) for name, pin in pins.items() for need in _needs(pin, python)]
    return [f"{who} asks for {what}" for who, what in asked if not _is_met(what, pins)]


def _needs(pin: Requirement, python: str) -> Iterator[Requirement]:
    """Return what a package, with the extras that are locked, needs; it has to be installed."""
    for extra in ("", *pin.extras):
        here = {"python_version": python, "python_full_version": f"{python}.0", "extra": extra}
        for need in map(Requirement, distribution(pin.name).requires or ()):
            if need.marker is None or need.marker.evaluate(here):
                yield need


def _is_met(need: Requirement, pins: Pins) -> bool:
    pin = pins.get(canonicalize_name(need.name))
    (version,) = (spec.version for spec in pin.specifier) if pin else ("",)
    return (
        pin is not None and need.extras <= pin.extras and need.specifier.contains(version, prereleases=True)
    )


def main() -> int:
    """Print a row for each lock and pip, and for README's commands; return 1 when an install failed."""
    with TemporaryDirectory() as folder:
        newer = Path(folder) / "newer"
        newer.mkdir()
        for pins in (pinned((ROOT / lock).read_text(encoding="utf-8")) for lock in ROOTS):
            for pin in pins.values():
                _empty_wheel(newer, pin)
        good = [_goes_well(what, steps, Path(folder) / "project", newer) for what, steps in _trials()]
    print(f"{sum(good)} of {len(good)} went well")  # noqa: T201
    return 0 if all(good) else 1


def _trials() -> Iterator[tuple[str, list[str]]]:
    """Return what is tried, each as its commands."""
    newer = ".venv/bin/pip list | grep 9999"
    yield (
        "without a lock the newer releases are taken",
        ["python3 -m venv .venv", ".venv/bin/pip install -q --no-deps feedparser", newer],
    )
    for pip in PIPS:
        own = "--upgrade pip" if pip == "newest" else f"pip=={pip}"
        for lock in ROOTS:
            own_pip = f"PIP_FIND_LINKS= .venv/bin/python -m pip install -q {own}"
            yield (
                f"{lock}, pip {pip}",
                [
                    "python3 -m venv .venv",
                    own_pip,
                    f".venv/bin/pip install -q -r {lock}",
                    ".venv/bin/pip check -q",
                ],
            )
    demo, tests = re.findall(
        r"^(python3 -m venv .*)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    yield "README's demo", [demo]
    yield "README's tests (found, not run)", [f"{tests} --collect-only -q"]


def _goes_well(what: str, steps: list[str], project: Path, newer: Path) -> bool:
    """Run commands in a fresh copy of the project, print how it went, and return whether it went well."""
    _copy(project)
    env = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_FIND_LINKS": f"{os.environ.get('PIP_FIND_LINKS', '')} {newer}".strip(),
    }
    shell = ["bash", "-euo", "pipefail", "-c", " && ".join(steps)]
    began = monotonic()
    ran = subprocess.run(shell, check=False, cwd=project, env=env, capture_output=True, text=True)
    print(f"{'FAILED' if ran.returncode else 'ok':<7} {monotonic() - began:5.0f} s  {what}", flush=True)  # noqa: T201
    if ran.returncode:
        print(ran.stdout[-2000:], ran.stderr[-2000:], sep="\n")  # noqa: T201
    return ran.returncode == 0


def _copy(project: Path) -> None:
    shutil.rmtree(project, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    for name in filter(None, listed.split("\0")):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, project / name)


def _empty_wheel(folder: Path, pin: Requirement) -> None:
    name = f"{canonicalize_name(pin.name).replace('-', '_')}-9999"
    extras = "".join(f"Provides-Extra: {extra}\n" for extra in sorted(pin.extras))
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(
            f"{name}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {pin.name}\nVersion: 9999\n{extras}"
        )
        wheel.writestr(
            f"{name}.dist-info/WHEEL",
            "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr(f"{name}.dist-info/RECORD", "")


if __name__ == "__main__":
    sys.exit(main())
