"""What is true of the feeds.yaml we ship."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from watcher.config import load_feeds
from watcher.model.news import Feed, FeedId, FeedKind

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


EVIDENCE = re.compile(r"(measured \d{4}-\d\d|listed(?: \d{4}(?:-\d\d)?)?|built): .+")


def test_every_feed_says_what_shows_that_its_address_works(feeds: Sequence[Feed]) -> None:
    assert [feed.id for feed in feeds if not EVIDENCE.fullmatch(feed.evidence)] == []


def test_what_is_built_is_a_search_and_every_search_is_built(feeds: Sequence[Feed]) -> None:
    built = {feed.id for feed in feeds if feed.evidence.startswith("built")}

    assert built == {feed.id for feed in feeds if feed.kind is FeedKind.AGGREGATOR}


def test_the_readme_counts_what_shows_that_the_addresses_work(feeds: Sequence[Feed]) -> None:
    measured = sum(feed.evidence.startswith("measured 2026-") for feed in feeds)
    built = sum(feed.evidence.startswith("built") for feed in feeds)
    total = len(feeds)
    readme = " ".join((FEEDS_FILE.parent / "README.md").read_text(encoding="utf-8").split())

    assert f"`feeds.yaml` lists {total} feeds" in readme
    assert f"{measured} of the {total} were measured in 2026:" in readme
    assert f"{total - measured - built} are in public lists, were measured before 2026," in readme
    assert f"{built} are news searches made for this list" in readme


def test_the_file_says_that_its_addresses_are_unverified_and_names_its_schema() -> None:
    text = FEEDS_FILE.read_text(encoding="utf-8")

    assert text.startswith("# yaml-language-server: $schema=schema/feeds.schema.json\n")
    assert "UNVERIFIED" in text
