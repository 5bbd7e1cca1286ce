"""The feed file, as a feed reader sees it."""

import os
import threading
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import feedparser
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.builders import NOON, an_alert, an_alert_item
from watcher.channels.atom import AtomChannel
from watcher.delivery.render import html, one_line, subject
from watcher.errors import DeliveryError
from watcher.model.alerts import ChannelId, Context

FEED = ChannelId("feed")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "www" / "alerts.atom"


def read(path: Path) -> feedparser.FeedParserDict:
    parsed = feedparser.parse(path.read_bytes(), sanitize_html=False)
    assert not parsed.bozo, parsed.bozo_exception
    assert parsed.version == "atom10"
    return parsed


def test_an_alert_is_an_entry_with_its_page_and_its_whole_text(path: Path) -> None:
    alert = an_alert("북한, ICBM 발사", context=Context(link="https://watcher.example/a1"))

    AtomChannel(FEED, path).send(alert)

    parsed = read(path)
    (entry,) = parsed.entries
    assert (parsed.feed.id, parsed.feed.author) == (
        "tag:provocation-watcher.invalid,2026:feed/feed",
        "provocation-watcher",
    )
    assert entry.id == "tag:provocation-watcher.invalid,2026:alert/a1"
    assert (entry.title, entry.link) == (subject(alert), "https://watcher.example/a1")
    assert entry.published == entry.updated == parsed.feed.updated == "2026-10-10T12:00:00Z"
    assert [tag.term for tag in entry.tags] == ["incident", "critical", "provocation", "icbm-launch"]
    assert entry.content[0].type == "text/html"
    assert entry.content[0].value.replace("<br />", "<br>").strip() == html(alert).strip()


def test_without_a_page_an_entry_leads_to_the_first_item(path: Path) -> None:
    unsafe, safe = (
        an_alert_item("A", url="javascript:alert(1)"),
        an_alert_item("B", url="https://wire.example/b"),
    )

    AtomChannel(FEED, path).send(an_alert(items=(unsafe, safe)))

    assert read(path).entries[0].link == "https://wire.example/b"


def test_the_same_alert_twice_is_one_entry(path: Path) -> None:
    AtomChannel(FEED, path).send(an_alert())
    written = path.stat()

    AtomChannel(FEED, path).send(an_alert())

    assert len(read(path).entries) == 1
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (written.st_ino, written.st_mtime_ns)


def test_the_newest_200_are_kept_and_stand_first(path: Path) -> None:
    channel = AtomChannel(FEED, path)

    for number in range(203):
        channel.send(an_alert(alert_id=f"a{number}", at=NOON + timedelta(seconds=number / 2)))

    ids = [entry.id.rpartition("/")[2] for entry in read(path).entries]
    assert ids == [f"a{number}" for number in range(202, 2, -1)]


def test_an_alert_that_comes_late_takes_its_place(path: Path) -> None:
    channel = AtomChannel(FEED, path)
    channel.send(an_alert(alert_id="new"))

    channel.send(an_alert(alert_id="old", at=NOON - timedelta(hours=1)))

    assert [entry.id.rpartition("/")[2] for entry in read(path).entries] == ["new", "old"]


@pytest.mark.parametrize(
    "found",
    [
        b"",
        b"<feed",
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="klingon"?><a/>',
        b"feeds:\n  - id: wire\n",
    ],
)
def test_what_is_no_feed_is_moved_aside_and_the_feed_begins_anew(path: Path, found: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(found)

    AtomChannel(FEED, path).send(an_alert())

    assert len(read(path).entries) == 1
    assert path.with_name("alerts.atom.damaged").read_bytes() == found


def test_the_feed_of_another_channel_is_not_written_over(path: Path) -> None:
    AtomChannel(ChannelId("other"), path).send(an_alert(alert_id="theirs"))

    AtomChannel(FEED, path).send(an_alert(alert_id="ours"))

    assert [entry.id.rpartition("/")[2] for entry in read(path).entries] == ["ours"]
    assert [entry.id.rpartition("/")[2] for entry in read(path.with_name("alerts.atom.damaged")).entries] == [
        "theirs"
    ]


def test_a_reader_sees_a_whole_file_and_no_other_is_left(path: Path) -> None:
    channel = AtomChannel(FEED, path)
    channel.send(an_alert(alert_id="a1"))

    with path.open("rb") as held:
        channel.send(an_alert(alert_id="a2"))
        old = held.read()

    assert len(feedparser.parse(old).entries) == 1
    assert len(read(path).entries) == 2
    assert [file.name for file in path.parent.iterdir()] == ["alerts.atom"]
    assert path.stat().st_mode & 0o777 == 0o644


def test_two_that_write_at_once_lose_nothing(path: Path) -> None:
    def send(name: str) -> None:
        for number in range(10):
            AtomChannel(FEED, path).send(an_alert(alert_id=f"{name}{number}"))

    writers = [threading.Thread(target=send, args=(name,)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert len(read(path).entries) == 20


def test_a_folder_that_cannot_be_written_is_a_delivery_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(DeliveryError, match=r"feed: .*alerts\.atom could not be written") as caught:
        AtomChannel(FEED, tmp_path / "file" / "alerts.atom").send(an_alert())

    assert not caught.value.permanent


def test_a_write_that_fails_leaves_the_old_feed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    AtomChannel(FEED, path).send(an_alert(alert_id="a1"))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)  # a full disk cannot be had on demand
        with pytest.raises(DeliveryError, match="No space left"):
            AtomChannel(FEED, path).send(an_alert(alert_id="a2"))

    assert len(read(path).entries) == 1
    assert [file.name for file in path.parent.iterdir()] == ["alerts.atom"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=300))
@example("\ud800")
@example("Â¡")
def test_whatever_a_headline_says_the_feed_can_be_read_and_shows_it(path: Path, title: str) -> None:
    path.unlink(missing_ok=True)

    AtomChannel(FEED, path).send(an_alert(title, alert_id=title))

    assert len(read(path).entries) == 1
    shown = ET.parse(path).findtext(
        "{*}entry/{*}title"
    )  # feedparser decodes a second time what looks encoded twice
    assert shown == one_line(subject(an_alert(title)).replace("\ufffe", "").replace("\uffff", ""), 500)
