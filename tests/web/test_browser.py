"""In a real browser a headline does nothing, the style sheet applies, and the page requests nothing else."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.web.test_pages import serving, settings  # noqa: F401  a fixture
from watcher.model.settings import Settings

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
)

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]


def browse(address: str, home: Path, *wanted: str) -> str:
    """Open an address in the browser, wait until it rests, and return what was asked for."""
    command = [
        str(CHROMIUM),
        *FLAGS,
        f"--user-data-dir={home}",
        "--virtual-time-budget=3000",
        *wanted,
        address,
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.mark.parametrize("path", ["/", "/alerts/a1", "/incidents/i1"])
def test_a_headline_does_nothing_in_a_browser(settings: Settings, tmp_path: Path, path: str) -> None:  # noqa: F811
    with serving(settings) as port:
        page = browse(f"http://127.0.0.1:{port}{path}", tmp_path / "home", "--dump-dom")

    assert "&lt;script&gt;" in page
    assert re.findall(r"<(?:script|img|iframe|object|embed)\b|<[^>]*\son\w+=", page) == []


def test_the_page_can_be_looked_at(settings: Settings, tmp_path: Path) -> None:  # noqa: F811
    with serving(settings) as port:
        browse(
            f"http://127.0.0.1:{port}/",
            tmp_path / "home",
            f"--screenshot={tmp_path / 'page.png'}",
            "--window-size=800,600",
        )

    assert (tmp_path / "page.png").stat().st_size > 10_000
