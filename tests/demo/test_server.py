"""The feed server of the demo, asked over loopback by the watcher's own fetcher."""

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network

import pytest

from tests.builders import NOON
from tests.demo.stories import WIRE, a_story, some_news
from watcher.demo.play import StoryClock
from watcher.demo.server import FeedServer
from watcher.demo.story import Trouble
from watcher.errors import FetchError
from watcher.fetch.curl import CurlFetcher
from watcher.fetch.limits import Limits
from watcher.model.news import Feed
from watcher.model.polling import Fetched, Request

STORY = a_story(
    some_news("One"),
    some_news("Two", minutes=30),
    troubles=(
        Trouble(outlet=WIRE, since=NOON + timedelta(hours=1), until=NOON + timedelta(hours=2), answer="page"),
        Trouble(outlet=WIRE, since=NOON + timedelta(hours=3), answer="gone"),
    ),
)


@pytest.fixture
def clock() -> StoryClock:
    return StoryClock(NOON)


@pytest.fixture
def server(clock: StoryClock) -> Iterator[FeedServer]:
    with FeedServer(STORY, clock) as server:
        yield server


def ask(server: FeedServer, etag: str = "") -> Fetched | FetchError:
    fetcher = CurlFetcher(Limits(allow_private=(ip_network("127.0.0.1/32"),)))
    feed = Feed(id=WIRE, url=server.url(WIRE), owner="wire")
    return next(answer for _, answer in fetcher.fetch([Request(feed=feed, etag=etag)]))


def fetched(server: FeedServer, etag: str = "") -> Fetched:
    answer = ask(server, etag)
    assert isinstance(answer, Fetched), answer
    return answer


def test_a_second_request_is_told_that_nothing_changed_until_there_is_news(
    server: FeedServer, clock: StoryClock
) -> None:
    first = fetched(server)
    again = fetched(server, first.etag)
    clock.put(NOON + timedelta(minutes=30))
    later = fetched(server, first.etag)

    assert (first.status, again.status, later.status) == (200, 304, 200)
    assert b"<title>Two</title>" not in (first.body or b"")
    assert b"<title>Two</title>" in (later.body or b"")


def test_a_server_in_trouble_answers_with_a_page_and_recovers(server: FeedServer, clock: StoryClock) -> None:
    clock.put(NOON + timedelta(hours=1))
    troubled = fetched(server)
    clock.put(NOON + timedelta(hours=2))
    recovered = fetched(server)

    assert troubled.content_type == "text/html"
    assert (troubled.body or b"").startswith(b"<!DOCTYPE html>")
    assert (recovered.body or b"").startswith(b"<?xml")


def test_a_server_that_is_taken_down_says_gone(server: FeedServer, clock: StoryClock) -> None:
    clock.put(NOON + timedelta(hours=3))
    answer = ask(server)

    assert isinstance(answer, FetchError)
    assert answer.cause == "gone"
