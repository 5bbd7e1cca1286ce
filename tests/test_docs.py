"""The documents match the code and each other."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
PARTS = ["Problem", "Choice", "What we gave up"]

# `watcher/match/claims.py`, `docs/decisions/`, `Makefile`: words in backticks that can only be a path of this
# repository.
NAMED_PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|[\w.-]+\.(?:md|yaml|toml|in|lock)|LICENSE|Makefile)`")


def paths_named_in(document: Path) -> list[str]:
    return sorted(set(NAMED_PATH.findall(document.read_text(encoding="utf-8"))))


def test_every_path_that_contributing_names_exists() -> None:
    named = paths_named_in(ROOT / "CONTRIBUTING.md")

    assert "pyproject.toml" in named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_make_target_that_contributing_names_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^    make (\w+)|`make (\w+)`", text, flags=re.MULTILINE))
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))

    assert {"dev", "check"} <= {first or second for first, second in named} <= targets


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_a_problem_a_choice_and_a_price_on_one_page(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == PARTS
    assert text.startswith(f"# {page.name[:4]} ")
    assert 10 <= len(text.splitlines()) <= 30


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [page.name[:4] for page in DECISIONS] == [
        f"{number:04}" for number in range(1, len(DECISIONS) + 1)
    ]


def test_the_changelog_begins_with_the_version_being_made() -> None:
    version = re.search(
        r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert version
    assert newest
    assert version[1] == newest[1]


PICTURES = ROOT / "docs" / "pictures"


def test_every_picture_is_shown_is_small_and_loads_nothing() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = {
        (page.parent / name).resolve()
        for page in pages
        for name in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    }

    assert shown == {each.resolve() for each in PICTURES.iterdir()}
    for picture in shown:
        body = picture.read_bytes()
        assert len(body) < 150_000, picture
        assert b"@font-face" not in body, picture
        assert b"url(http" not in body, picture
