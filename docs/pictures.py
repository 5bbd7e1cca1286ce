"""The demo's data in, the pictures of README and of these pages out: `make pictures`.

They are what the program shows, never drawn by hand: the page in headless Chromium (`pip install
playwright`, and fonts for Korean and Japanese), at the moment when the demo's news ends, and a command in a
terminal.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import sync_playwright
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from tests.web.test_browser import CHROMIUM, FLAGS
from tests.web.test_pages import serving_at
from watcher import bootstrap
from watcher.model.settings import Settings
from watcher.service.lock import only_instance
from watcher.web.access import NAME

PICTURES = Path(__file__).parent / "pictures"
_COLUMNS, _WIDTH = 100, 1100
_INCIDENT = "North Korea fires unidentified ballistic missile"
_TO_THE_EDIT = """() => {
    const yaml = document.querySelector("#yaml");
    const above = yaml.value.split("- unveil*")[0].split("\\n").length;
    yaml.blur();
    yaml.scrollTop = (above - 8) * parseFloat(getComputedStyle(yaml).lineHeight);
    document.querySelector("#try").scrollIntoView();
}"""
_FONTS = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)
"""Rich's SVG loads a font from elsewhere; ours loads nothing."""


def main() -> None:
    """Play the demo, and write every picture."""
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="pictures-") as made:
        folder = Path(made) / "demo"
        printed = _printed("watcher demo --data demo", folder.parent)
        _write_terminal(PICTURES / "terminal.svg", printed.partition("Try next")[0])
        with only_instance(folder), _opened(folder) as page:
            page.goto("/")
            _shoot(page, "board")
            page.goto("/incidents")
            page.get_by_role("link", name=_INCIDENT).first.click()
            _shoot(page, "incident", height=960)
            page.goto("/indicators/parade")
            yaml = page.input_value("#yaml")
            page.fill("#yaml", yaml.replace("      none:\n", "      none:\n        - unveil*\n"))
            page.locator("#tried .trial").wait_for()
            page.evaluate(_TO_THE_EDIT)
            _shoot(page, "try-it")


@contextmanager
def _opened(folder: Path) -> Iterator[Any]:
    """Serve the page of a data folder at the moment when its news ends; give a browser's page of it."""
    settings = bootstrap.read_settings(None, {}, {"data": str(folder)})
    ended = _ended(settings)
    with serving_at(settings, lambda: ended) as port, sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = chromium.new_page(base_url=f"http://127.0.0.1:{port}", timezone_id="Asia/Seoul")
        page.clock.set_fixed_time(ended)
        page.context.add_cookies([{"name": NAME, "value": "lee", "url": f"http://127.0.0.1:{port}"}])
        yield page
        chromium.close()


def _ended(settings: Settings) -> datetime:
    with closing(bootstrap.read_store(settings)) as store:
        newest = store.newest()
        assert newest
        return newest.seen + timedelta(minutes=4)


def _shoot(page: Any, name: str, height: int = 760) -> None:
    page.set_viewport_size({"width": _WIDTH, "height": height})
    page.screenshot(path=PICTURES / f"{name}.png")


def _printed(command: str, folder: Path) -> str:
    """Run a command as in a terminal of 100 columns; return it and what it prints."""
    terminal = {"COLUMNS": str(_COLUMNS), "FORCE_COLOR": "1", "TERM": "xterm-256color"}
    words = [sys.executable, "-m", *command.split()]
    done = subprocess.run(  # noqa: S603 - the product
        words, cwd=folder, stdout=subprocess.PIPE, text=True, check=True, env=os.environ | terminal
    )
    return f"$ {command}\n{done.stdout}"


def _write_terminal(path: Path, printed: str) -> None:
    with Path(os.devnull).open("w") as nowhere:
        console = Console(record=True, width=_COLUMNS, file=nowhere, force_terminal=True)
        console.print(Text.from_ansi(printed.rstrip()))
    plain = _FONTS.sub("", CONSOLE_SVG_FORMAT)
    path.write_text(console.export_svg(title="watcher", code_format=plain), encoding="utf-8")


if __name__ == "__main__":
    main()
