"""What the doctor says of the machine: supported is what the tests run on."""

import os
from pathlib import Path

import pytest

from tests.locks import PROJECT, PYTHONS, ROOT
from watcher.clock import utc_now
from watcher.model.settings import Settings
from watcher.service.doctor import TESTED_PYTHONS, examine, supported_platform, supported_python


@pytest.mark.parametrize("version", ["3.11.0", "3.12.1", "3.13.11"])
def test_a_python_that_the_tests_run_on_is_supported(version: str) -> None:
    assert supported_python("CPython", version) == version


@pytest.mark.parametrize(
    ("implementation", "version"), [("CPython", "3.14.0"), ("CPython", "3.1.1"), ("PyPy", "3.11.13")]
)
def test_another_python_is_not_supported_and_the_finding_says_which_are(
    implementation: str, version: str
) -> None:
    with pytest.raises(
        OSError, match=rf"{implementation} {version} is not supported: .* CPython 3\.11, 3\.12, 3\.13$"
    ):
        supported_python(implementation, version)


def test_linux_with_glibc_is_supported() -> None:
    assert supported_platform("Linux", "aarch64", "glibc", "2.36") == "Linux aarch64, glibc 2.36"


@pytest.mark.parametrize(
    ("system", "libc", "says"),
    [
        ("Darwin", "", "Darwin is not supported: the watcher is tested on Linux with glibc"),
        ("Linux", "musl", "Linux with musl is not supported: some libraries have to be compiled for it"),
        (
            "Linux",
            "",
            "Linux with another libc than glibc is not supported: some libraries have to be compiled for it",
        ),
    ],
)
def test_another_platform_is_not_supported(system: str, libc: str, says: str) -> None:
    with pytest.raises(OSError, match=says):
        supported_platform(system, "arm64", libc, "")


@pytest.mark.parametrize("name", ["alerts", f"alerts/{utc_now():%Y-%m-%d}.jsonl"])
def test_an_alert_log_that_cannot_be_written_is_a_finding(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "alerts").mkdir()
    if name != "alerts":
        (tmp_path / name).touch()
    # the superuser, who may write anywhere, runs tests too
    monkeypatch.setattr(os, "access", lambda path, _: Path(path) != tmp_path / name)

    (found,) = [each for each in examine(Settings(data=str(tmp_path))) if each.what == "alert log"]

    assert not found.good
    assert f"{name} cannot be written" in found.says


def test_a_file_in_the_place_of_the_alert_log_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "alerts").touch()

    (found,) = [each for each in examine(Settings(data=str(tmp_path))) if each.what == "alert log"]

    assert "is no folder" in found.says


def test_the_package_and_readme_name_the_same_versions() -> None:
    *others, last = TESTED_PYTHONS

    assert PROJECT["project"]["requires-python"] == f">={TESTED_PYTHONS[0]}"
    assert list(TESTED_PYTHONS) == PYTHONS
    assert f"CPython {', '.join(others)} and {last}" in (ROOT / "README.md").read_text(encoding="utf-8")
