"""The locks say all there is to install, so that they install the same on any day."""

import re

import pytest

from tests.locks import PYTHONS, ROOT, ROOTS, left_open, pinned

LOCKS = {lock: (ROOT / lock).read_text(encoding="utf-8") for lock in ROOTS}


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("lock", ROOTS)
def test_whatever_is_asked_for_is_locked_with_the_extras_that_are_asked_for(lock: str, python: str) -> None:
    assert left_open(ROOTS[lock], pinned(LOCKS[lock]), python) == []


def test_an_extra_that_was_stripped_from_a_lock_is_found() -> None:
    stripped = LOCKS["requirements-dev.lock"].replace("coverage[toml]==", "coverage==")

    assert left_open([], pinned(stripped), PYTHONS[0]) == ["pytest-cov asks for coverage[toml]>=7.10.6"]


def test_a_requirement_that_was_not_locked_is_found() -> None:
    assert left_open(["feedparser<6", "jinja2"], {}, PYTHONS[0]) == [
        "the project asks for feedparser<6",
        "the project asks for jinja2",
    ]


@pytest.mark.parametrize("lock", ROOTS)
def test_a_lock_names_no_index_and_no_path_of_a_machine_and_has_a_hash_for_each_pin(lock: str) -> None:
    lines = LOCKS[lock].splitlines()

    assert [line for line in lines if line.startswith("-") or "://" in line or " @ " in line] == []
    assert all(
        "--hash=sha256:" in "".join(lines[at : at + 2])
        for at, line in enumerate(lines)
        if re.match(r"\w\S*==", line)
    )


def test_what_two_locks_have_in_common_they_pin_alike() -> None:
    pins = [(name, pin.specifier) for lock in LOCKS.values() for name, pin in pinned(lock).items()]

    assert len({name for name, _ in pins}) == len(set(pins))


@pytest.mark.parametrize("document", ["README.md", "docs/operating.md"])
def test_every_install_that_is_shown_takes_what_is_locked_and_nothing_else(document: str) -> None:
    installs = re.findall(r"pip install ([^&`\n]+)", (ROOT / document).read_text(encoding="utf-8"))
    locked = re.compile(r"(?:(?:-q|--require-hashes|(?:-r|--requirement) requirements[\w-]*\.lock) *)+")
    ours = re.compile(r"(?:-q )?--no-deps --no-build-isolation (?:--force-reinstall )?(?:-e )?\. *")

    assert installs
    assert [
        install for install in installs if not locked.fullmatch(install) and not ours.fullmatch(install)
    ] == []
