"""A list that has not changed is not read again, and nobody else can make us take another for it."""

import os
import pickle
from hashlib import blake2b
from pathlib import Path

import pytest

import watcher
from watcher.config import cached, indicators, load_feeds, load_indicators
from watcher.config.apart import load_feeds_apart, load_indicators_apart
from watcher.config.cached import kept_feeds, load_feeds_cached, load_indicators_cached
from watcher.config.shipped import shipped
from watcher.config.source import Files
from watcher.config.tree import Tree
from watcher.errors import ConfigError

LIST = """\
indicators:
  - {id: needle, category: provocation, match: [ICBM]}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "provocation-watcher"


@pytest.fixture
def path(tmp_path: Path, folder: Path) -> Path:
    path = tmp_path / "indicators.yaml"
    path.write_text(LIST)
    return path


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return what will hold the path of every list that is really read."""
    found, read = list[Path](), indicators.load_tree

    def noting(path: Path, files: Files | None = None) -> Tree:
        found.append(path)
        return read(path, files)

    monkeypatch.setattr(indicators, "load_tree", noting)
    return found


def ids(path: Path) -> list[str]:
    return [each.id for each in load_indicators_cached(path).indicators]


def test_the_shipped_list_is_the_same_from_the_cache(folder: Path, readings: list[Path]) -> None:
    path = shipped("indicators.yaml")
    expected = load_indicators(path)
    readings.clear()

    assert load_indicators_cached(path) == expected
    assert load_indicators_cached(path) == expected
    assert load_indicators_apart(path) == expected
    assert readings == [path]


FEEDS = """\
feeds:
  - id: wire
    url: https://wire.example/rss
    time_zone: Asia/Seoul
    allow_private: [10.0.0.0/8]
    basic_auth: {user: desk, password_file: secret}
  - {id: search, url: "https://news.google.com/rss/search?q=ICBM", every: 5m, tags: [Asia]}
"""


def test_the_feeds_are_the_same_from_the_cache_with_what_is_not_compared(path: Path) -> None:
    feeds = path.with_name("feeds.yaml")
    feeds.write_text(FEEDS)
    expected = load_feeds(feeds)
    assert kept_feeds(feeds) is None

    load_feeds_cached(feeds)

    kept = kept_feeds(feeds)
    assert kept == load_feeds_apart(feeds) == expected
    assert [each.outlets for each in kept] == [each.outlets for each in expected]
    feeds.write_text(FEEDS.replace("5m", "6m"))
    assert load_feeds_cached(feeds) == load_feeds(feeds) != expected


@pytest.mark.parametrize(
    "secret",
    [
        "headers: {Authorization: Bearer s3cret}",
        'proxy: "http://proxy.example:3128"',
    ],
)
def test_feeds_that_may_hold_secrets_are_kept_nowhere(path: Path, folder: Path, secret: str) -> None:
    feeds = path.with_name("feeds.yaml")
    feeds.write_text(f"feeds:\n  - id: wire\n    url: https://wire.example/rss\n    {secret}\n")

    assert load_feeds_cached(feeds) == load_feeds(feeds)
    assert kept_feeds(feeds) is None
    assert not list(folder.iterdir())


def test_a_changed_list_is_read_again(path: Path, readings: list[Path]) -> None:
    assert ids(path) == ids(path) == ["needle"]
    path.write_text(LIST.replace("needle", "thread"))

    assert ids(path) == ids(path) == ["thread"]
    assert len(readings) == 2


def test_a_changed_part_and_a_new_part_are_read(path: Path, readings: list[Path]) -> None:
    parts = path.parent / "parts"
    parts.mkdir()
    (parts / "a.yaml").write_text(LIST)
    path.write_text("include: [parts]\n")
    assert ids(path) == ids(path) == ["needle"]

    (parts / "a.yaml").write_text(LIST.replace("needle", "thread"))
    assert ids(path) == ids(path) == ["thread"]

    (parts / "b.yaml").write_text(LIST)
    assert ids(path) == ids(path) == ["thread", "needle"]
    assert len(readings) == 3


def test_another_version_of_the_program_reads_anew(
    path: Path, readings: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    load_indicators_cached(path)
    monkeypatch.setattr(cached, "_version", lambda: ("another",))
    load_indicators_cached(path)

    assert len(readings) == 2


def test_a_program_whose_files_keep_their_size_and_time_is_another_version_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "watcher" / "config" / "cues.yaml"
    module.parent.mkdir(parents=True)
    monkeypatch.setattr(watcher, "__file__", str(tmp_path / "watcher" / "__init__.py"))
    versions = []
    for words in ("may", "can"):
        module.write_text(words)
        os.utime(module, ns=(0, 0))
        versions.append(cached._version())

    assert versions[0] != versions[1]


def test_what_a_killed_process_has_left_unfinished_is_in_nobodys_way(
    path: Path, folder: Path, readings: list[Path]
) -> None:
    ids(path)
    (entry,) = folder.iterdir()
    entry.rename(f"{entry}.{os.getpid()}")

    assert ids(path) == ids(path) == ["needle"]
    assert len(readings) == 2


def test_a_wrong_list_is_wrong_every_time(path: Path) -> None:
    path.write_text("indicators: [{id: needle}]\n")
    for _ in range(2):
        with pytest.raises(ConfigError, match="category"):
            load_indicators_cached(path)


@pytest.mark.parametrize("mode", [0o777, 0o770])
def test_a_folder_that_others_may_write_to_is_not_used(
    path: Path, folder: Path, readings: list[Path], mode: int
) -> None:
    ids(path)
    folder.chmod(mode)

    assert ids(path) == ["needle"]
    assert len(readings) == 2


def test_an_entry_that_others_may_write_to_is_not_used(
    path: Path, folder: Path, readings: list[Path]
) -> None:
    ids(path)
    (entry,) = folder.iterdir()
    entry.chmod(0o666)

    assert ids(path) == ["needle"]
    assert len(readings) == 2
    assert entry.stat().st_mode & 0o777 == 0o600


def test_a_link_is_no_entry_and_no_folder(path: Path, folder: Path, readings: list[Path]) -> None:
    ids(path)
    (entry,) = folder.iterdir()
    entry.symlink_to(entry.rename(folder.parent / "elsewhere"))
    assert ids(path) == ["needle"]
    elsewhere = folder.rename(folder.parent / "another")
    folder.symlink_to(elsewhere)

    assert ids(path) == ["needle"]
    assert len(readings) == 3


@pytest.mark.parametrize("content", [b"", b"x", b"x" * 100])
def test_a_damaged_entry_is_replaced(path: Path, folder: Path, readings: list[Path], content: bytes) -> None:
    ids(path)
    (entry,) = folder.iterdir()
    entry.write_bytes(content)

    assert ids(path) == ids(path) == ["needle"]
    assert len(readings) == 2


class Evil:
    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, ("evil",)


def test_nothing_but_values_comes_out_of_an_entry(
    path: Path, folder: Path, readings: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)
    ids(path)
    (entry,) = folder.iterdir()
    for evil in (pickle.dumps(Evil()), pickle.dumps((cached._version(), [])) + pickle.dumps(Evil())):
        entry.write_bytes(blake2b(evil, digest_size=32).digest() + evil)
        assert ids(path) == ["needle"]

    assert not Path("evil").exists()
    assert len(readings) == 3


@pytest.mark.parametrize("base", ["/proc/nowhere", "relative", "/dev/null/x"])
def test_where_nothing_can_be_kept_lists_are_read_as_ever(
    path: Path, readings: list[Path], monkeypatch: pytest.MonkeyPatch, base: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", base)

    assert ids(path) == ids(path) == ["needle"]
    assert len(readings) == 2
