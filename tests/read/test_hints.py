"""What a feed asks of those who poll it."""

import pytest
from hypothesis import given
from hypothesis.strategies import text

from tests.builders import NOON
from watcher.model.news import Feed, FeedId, PollHints
from watcher.read.document import read
from watcher.read.hints import read_hints

FEED = Feed(id=FeedId("wire"), url="https://wire.example/feed.xml", owner="wire")
RSS = "<rss version='2.0'><channel><title>Wire</title>{asks}<item><title>News</title></item></channel></rss>"


def asked(asks: str) -> PollHints:
    return read(RSS.format(asks=asks).encode(), feed=FEED, seen=NOON).hints


def test_a_feed_asks_for_time_hours_and_days() -> None:
    asks = (
        "<ttl>60</ttl><skipHours><hour>23</hour><hour> 1 </hour><hour>24</hour><hour>1</hour></skipHours>"
        "<skipDays><day>Saturday</day>\n<day>sunday</day></skipDays>"
    )

    assert asked(asks) == PollHints(ttl=60, skip_hours=(0, 1, 23), skip_days=(5, 6))


@pytest.mark.parametrize(
    "asks",
    [
        *("", "<ttl/>", "<ttl>-1</ttl>", "<ttl>soon</ttl>", "<ttl>99999999999</ttl>", "<ttl>1.5</ttl>"),
        *(
            "<skipHours/>",
            "<skipHours><hour>25</hour><hour>x</hour></skipHours>",
            "<skipDays><day>Someday</day></skipDays>",
        ),
        *("<hour>3</hour>", "<skipHours></skipHours><hour>3</hour>"),
    ],
)
def test_what_cannot_be_read_asks_nothing(asks: str) -> None:
    assert asked(asks) == PollHints()


@given(text(), text())
def test_any_text_asks_something_possible(ttl: str, body: str) -> None:
    hints = read_hints(ttl, "<skipHours>" + body + "<skipDays>" + body)

    assert hints.ttl >= 0
    assert set(hints.skip_hours) <= set(range(24))
    assert set(hints.skip_days) <= set(range(7))
