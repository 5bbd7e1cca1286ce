"""Adding to a list of feeds."""

import errno
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis.strategies import lists, sampled_from, text

from watcher.config import read_feeds
from watcher.config.listing import EMPTY, Entry, add_feeds, free_id
from watcher.errors import ConfigError, UsageError
from watcher.model.news import Feed
from watcher.read.plain import plain

LISTS = (
    EMPTY,
    b"feeds:\n- {id: a, url: http://a}",
    b"\xef\xbb\xbffeeds:\r\n   - id: a\r\n     url: http://a\r\n",
    "feeds:\n  - {id: a, url: http://a} # 북한\n\n\n# end".encode(),
)


def added(before: bytes, *entries: Entry) -> tuple[tuple[Feed, ...], bytes]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "feeds.yaml"
        return add_feeds(path, before, entries), path.read_bytes()


@given(sampled_from(LISTS), lists(text(), min_size=1, max_size=3))
def test_whatever_a_feed_is_called_the_list_says_just_that(before: bytes, titles: list[str]) -> None:
    entries = [
        Entry(id=f"n{at}", url=f"http://h/{at}", title=plain(title)) for at, title in enumerate(titles)
    ]

    feeds, after = added(before, *entries)

    assert after.startswith(before)
    assert [(feed.id, feed.url, feed.title) for feed in feeds] == [
        (entry.id, entry.url, entry.title) for entry in entries
    ]
    assert read_feeds(after, "f")[-len(feeds) :] == feeds


@given(
    text(),
    sampled_from(["https://www.paper.example/rss", "http://[::1]/", "https://북한.example/"]),
    lists(text()),
)
def test_an_id_can_be_used_and_is_free(title: str, url: str, taken: list[str]) -> None:
    first = free_id(title, url, taken)
    second = free_id(title, url, [*taken, first])

    feeds, _ = added(EMPTY, Entry(id=first, url="http://a"), Entry(id=second, url="http://b"))

    assert first not in taken
    assert [feed.id for feed in feeds] == [first, second]


@pytest.mark.parametrize(
    "entry",
    [Entry(id="a/b", url="http://h"), Entry(id="b", url="ftp://h"), Entry(id="b", url="http://h", owner=" ")],
)
def test_what_cannot_be_listed_is_a_mistake_and_nothing_is_written(entry: Entry, tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        add_feeds(tmp_path / "feeds.yaml", LISTS[1], [entry])

    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_who_owned_the_list_owns_it_still(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_bytes(LISTS[1])
    os.chown(path, 12345, 54321)

    add_feeds(path, LISTS[1], [Entry(id="b", url="http://b")])

    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 54321)


def test_a_list_in_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file or directory"):
        add_feeds(tmp_path / "nowhere" / "feeds.yaml", EMPTY, [Entry(id="b", url="http://b")])


def test_a_list_that_cannot_be_replaced_is_said_so_and_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_bytes(LISTS[1])

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(UsageError, match="No space left on device"):
        add_feeds(path, LISTS[1], [Entry(id="b", url="http://b")])

    assert [each.read_bytes() for each in tmp_path.iterdir()] == [LISTS[1]]
