"""What is true of naming another list: a file, or a git revision of this one."""

import subprocess
from pathlib import Path

import pytest

from tests.lab.news import LIST
from watcher.errors import ConfigError, UsageError
from watcher.lab.against import other_list


def git(folder: Path, *words: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(("git", *who, *words), cwd=folder, check=True, capture_output=True)


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    """Return a file of indicators with one committed version, changed since."""
    file = tmp_path / "lists" / "indicators.yaml"
    file.parent.mkdir()
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "nothing yet")
    file.write_text(LIST, encoding="utf-8")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "a list")
    file.write_text("no list any more", encoding="utf-8")
    return file


def test_a_revision_is_the_file_as_it_was_then(lists: Path) -> None:
    assert [indicator.id for indicator in other_list("HEAD", lists).indicators] == [
        "missile-launch",
        "parade",
    ]


def test_a_file_is_read_as_it_is(lists: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("indicators: [{id: icbm, category: trigger, match: ICBM}]", encoding="utf-8")

    assert [indicator.id for indicator in other_list(str(other), lists).indicators] == ["icbm"]


@pytest.mark.parametrize("name", ["nowhere", "HEAD~9", "--output=/tmp/x"])
def test_what_is_neither_file_nor_revision_is_refused(lists: Path, name: str) -> None:
    with pytest.raises(UsageError, match="neither a file nor a git revision"):
        other_list(name, lists)


def test_a_revision_without_the_file_is_refused(lists: Path) -> None:
    with pytest.raises(UsageError, match="revision HEAD~1 has no "):
        other_list("HEAD~1", lists)


def test_outside_a_repository_there_are_no_revisions(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nor a git revision"):
        other_list("HEAD", tmp_path / "indicators.yaml")


def test_a_mistake_in_an_older_list_is_placed_in_that_revision(lists: Path) -> None:
    lists.write_text("indicators: []", encoding="utf-8")
    git(lists.parent, "commit", "-q", "-a", "-m", "an empty list")

    with pytest.raises(ConfigError, match=r"^HEAD:indicators\.yaml:1:"):
        other_list("HEAD", lists)


def test_a_list_in_parts_is_that_of_the_revision_with_all_its_parts(lists: Path) -> None:
    folder = lists.parent
    (folder / "desk").mkdir()
    (folder / "mine.yaml").write_text(
        "indicators: [{id: a, category: trigger, match: alpha}]", encoding="utf-8"
    )
    (folder / "desk" / "b.yaml").write_text(
        "indicators: [{id: b, category: trigger, match: bravo}]", encoding="utf-8"
    )
    (folder / "desk" / "deep").mkdir()
    (folder / "desk" / "deep" / "c.yaml").write_text("no list", encoding="utf-8")
    lists.write_text("include: [mine.yaml, desk]", encoding="utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "a list in parts")
    (folder / "mine.yaml").unlink()
    (folder / "desk" / "b.yaml").write_text("indicators: []", encoding="utf-8")

    assert [(each.id, each.place) for each in other_list("HEAD", lists).indicators] == [
        ("a", "HEAD:mine.yaml:1:14"),
        ("b", "HEAD:desk/b.yaml:1:14"),
    ]


def test_a_part_that_a_revision_does_not_have_is_a_mistake_there(lists: Path) -> None:
    lists.write_text("include: [mine.yaml, shipped]", encoding="utf-8")
    git(lists.parent, "commit", "-q", "-a", "-m", "a list with a part that is missing")

    with pytest.raises(
        ConfigError, match=r"^HEAD:indicators\.yaml:1:11: `mine.yaml`: there was no such file"
    ):
        other_list("HEAD", lists)


def test_the_shipped_list_goes_by_its_name(lists: Path) -> None:
    assert "missile-launch" in [each.id for each in other_list("shipped", lists).indicators]
