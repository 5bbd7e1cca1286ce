"""What is true of the feeds.yaml we ship."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from watcher.config import load_feeds
from watcher.model.news import Feed, FeedId

FEEDS_FILE = Path(__file__).parent.parent / "feeds.yaml"


@pytest.fixture(scope="module")
def feeds() -> Sequence[Feed]:
    return tuple(load_feeds(FEEDS_FILE))


def repeated(values: Sequence[str]) -> list[str]:
    return [value for value, times in Counter(values).items() if times > 1]


def test_at_least_forty_feeds_are_shipped(feeds: Sequence[Feed]) -> None:
    assert len(feeds) >= 40


def test_no_two_feeds_share_an_id_or_an_address(feeds: Sequence[Feed]) -> None:
    assert repeated([feed.id for feed in feeds]) == []
    assert repeated([feed.url for feed in feeds]) == []


def test_every_feed_says_who_publishes_it_in_which_language_and_under_what_name(
    feeds: Sequence[Feed],
) -> None:
    assert [feed.id for feed in feeds if not (feed.owner and feed.language and feed.title)] == []


def test_every_address_is_one_the_fetcher_may_dial(feeds: Sequence[Feed]) -> None:
    assert [feed.url for feed in feeds if not feed.url.startswith(("https://", "http://"))] == []


@pytest.mark.parametrize("language", ["en", "ko", "ja", "zh", "ru"])
def test_every_language_of_the_problem_has_several_voices(feeds: Sequence[Feed], language: str) -> None:
    owners = {feed.owner for feed in feeds if feed.language.split("-")[0] == language}

    assert len(owners) >= 3


def test_incidents_can_be_corroborated_because_owners_are_many(feeds: Sequence[Feed]) -> None:
    assert len({feed.owner for feed in feeds}) >= 30


def test_state_media_are_never_graded_as_reliable(feeds: Sequence[Feed]) -> None:
    graded = {feed.id: feed.grade for feed in feeds if feed.owner == "kcna"}

    assert graded
    assert set(graded.values()) <= {"D", "E", "F"}


def test_wires_are_asked_often_and_nobody_is_hammered(feeds: Sequence[Feed]) -> None:
    cadence = {feed.id: feed.every for feed in feeds}

    assert cadence[FeedId("yonhap-en-nk")] == timedelta(minutes=5)
    assert min(cadence.values()) >= timedelta(minutes=5)


def test_the_file_says_that_its_addresses_are_unverified_and_names_its_schema() -> None:
    text = FEEDS_FILE.read_text(encoding="utf-8")

    assert text.startswith("# yaml-language-server: $schema=schema/feeds.schema.json\n")
    assert "UNVERIFIED" in text
