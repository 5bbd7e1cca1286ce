"""The tutorial in a real browser: its steps are read from the document, and each shows what it says.

A step says what to do: open an <address>, click **a link or button**, press a `key`, write a line below
another, search for words. What stands in *italics* must then be on the page.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.test_browser import CHROMIUM, FLAGS, WIDE, playwright, pytestmark
from tests.web.test_pages import serving_at
from watcher import bootstrap
from watcher.clock import utc_now

__all__ = ["pytestmark"]
TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial.md"
_WORDS = re.compile(
    r"Open <http://127\.0\.0\.1:8750(?P<open>/[^>]*)>|[Cc]lick \*\*(?P<click>[^*]+)\*\*"
    r"|[Pp]ress `(?P<press>[^`]+)`"
    r"|[Bb]elow `(?P<below>[^`]+)` write `(?P<write>[^`]+)`|[Ss]earch for `(?P<search>[^`]+)`"
    r"|(?<!\*)\*(?P<see>[^*]+)\*(?!\*)"
)


def steps() -> list[tuple[str, list[re.Match[str]]]]:
    """Return the numbered steps, each with what it has one do and see, in order."""
    numbered = re.split(r"\n(?=\d+\. )", TUTORIAL.read_text(encoding="utf-8"))[1:]
    texts = [" ".join(re.split(r"\n\n|\n#", each)[0].split()) for each in numbered]
    return [(text, list(_WORDS.finditer(text))) for text in texts]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a page of the demo's data."""
    folder = tmp_path_factory.mktemp("tutorial") / "demo"
    command = [sys.executable, "-m", "watcher", "demo", "--data", str(folder)]
    subprocess.run(command, capture_output=True, check=True, timeout=300)
    settings = bootstrap.read_settings(None, {}, {"data": str(folder)})
    with serving_at(settings, utc_now) as port:
        yield f"http://127.0.0.1:{port}"


def test_every_step_of_the_tutorial_shows_what_it_says(base: str) -> None:
    found = steps()
    done = set[str]()
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = chromium.new_page(viewport=WIDE, base_url=base)
        for text, words in found:
            for each in words:
                take(page, each, text)
                done.add(str(each.lastgroup))
        chromium.close()

    assert [text.partition(".")[0] for text, _ in found] == [str(number + 1) for number in range(11)]
    assert done == {"open", "click", "press", "write", "search", "see"}


def take(page: Any, words: re.Match[str], step: str) -> None:
    """Do what a step says, or look for what it says that one sees."""
    given = words.groupdict()
    if address := given["open"]:
        page.goto(address)
    elif name := given["click"]:
        exact = page.get_by_role("link", name=name, exact=True).or_(
            page.get_by_role("button", name=name, exact=True)
        )
        (exact if exact.count() else page.get_by_role("link", name=name)).first.click()
    elif key := given["press"]:
        page.keyboard.press(key)
    elif line := given["below"]:
        before, after = page.input_value("#yaml").split(f"{line}\n", 1)
        margin = re.match(" *", after)
        assert margin
        page.fill("#yaml", f"{before}{line}\n{margin[0]}{given['write']}\n{after}")
    elif asked := given["search"]:
        page.fill("input[type=search]", asked)
        page.keyboard.press("Enter")
    else:
        seen = page.get_by_text(given["see"], exact=False).locator("visible=true").first
        seen.wait_for(timeout=20_000)
        assert seen.is_visible(), step
