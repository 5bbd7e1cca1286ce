"""What a hub's call does to the polling of its feed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from tests.builders import an_item
from tests.fakes import FakeNews
from tests.flow.harness import Harness, a_feed
from watcher.errors import FetchError
from watcher.model.news import FeedId
from watcher.model.polling import Request
from watcher.ports import Answer

pytestmark = pytest.mark.usefixtures("each_store")

WIRE = FeedId("wire")
STOPPED = FetchError("stopped", "the service stops")


@dataclass
class Interrupted(FakeNews):
    """The world's feeds, with something that happens while one is fetched."""

    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    def fetch(self, requests: Sequence[Request]) -> Iterator[Answer]:
        for answer in super().fetch(requests):
            if self.meanwhile:
                self.meanwhile.pop()()
            yield answer


def polled_once() -> tuple[Harness, Interrupted]:
    news = Interrupted()
    watching = Harness((a_feed("wire"),), news=news)
    news.publishes("wire")
    watching.polls()
    watching.clock.passes(hours=0.25)
    return watching, news


def called_while_it_is_fetched() -> Harness:
    watching, news = polled_once()
    news.meanwhile.append(lambda: watching.store.poll_soon(WIRE, watching.clock()))
    news.publishes("wire", an_item("Farm wins prize"))
    assert len(watching.polls()) == 1
    return watching


def test_a_call_while_the_feed_is_fetched_is_not_lost() -> None:
    watching = called_while_it_is_fetched()

    assert watching.polls() == []
    watching.clock.passes(hours=1 / 60)
    assert len(watching.polls()) == 1


def test_a_call_is_answered_by_one_poll() -> None:
    watching = called_while_it_is_fetched()
    watching.clock.passes(hours=1 / 60)
    watching.polls()

    watching.clock.passes(hours=1 / 60)

    assert watching.polls() == []


def test_a_call_outlasts_a_stop_of_the_service_while_its_feed_is_fetched() -> None:
    watching, news = polled_once()
    watching.polls()
    watching.clock.passes(hours=0.1)
    watching.store.poll_soon(WIRE, watching.clock())
    news.fails("wire", STOPPED)
    watching.polls()

    watching.clock.passes(hours=0.1)
    news.publishes("wire")

    assert len(watching.polls()) == 1


def test_a_feed_that_fails_keeps_its_back_off_whatever_its_hub_says() -> None:
    watching, news = polled_once()
    news.fails("wire", FetchError("timeout", "no answer within 30 s"))
    watching.polls()

    watching.clock.passes(timedelta(minutes=2) / timedelta(hours=1))
    watching.store.poll_soon(WIRE, watching.clock())

    assert watching.polls() == []
