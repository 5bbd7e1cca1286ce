"""The rounds of a service that is alone: whom a tick polls, and when it looks at all feeds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOON
from tests.flow.harness import Harness, harness
from tests.memory import MemoryStore
from watcher.errors import FetchError
from watcher.model.alerts import Reason
from watcher.model.news import FeedId
from watcher.model.polling import Cycle, FeedState
from watcher.service.daemon import Alone, Plan

NO_NETWORK = FetchError("dns", "Could not resolve host")
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


class Service:
    """The rounds of a service, tick by tick."""

    def __init__(self, made: Harness) -> None:
        self.made, self.rounds = made, Alone(made.world)
        self.plan = Plan(feeds=made.feeds, rules=made.rules)

    def ticks(self, later: timedelta = timedelta()) -> list[Cycle]:
        """Let time pass and a tick come; return what it recorded."""
        self.made.clock.now += later
        return list(self.rounds.polled(self.plan))

    def asks(self, later: timedelta = timedelta()) -> list[str]:
        """Let time pass and a tick come; return whom it polled."""
        return [polled.feed for cycle in self.ticks(later) for polled in cycle.polls]

    def first_due(self) -> timedelta:
        first = self.rounds.first_due(self.plan)
        assert first
        return first - self.made.clock.now


@pytest.mark.usefixtures("each_store")
def test_each_feed_is_polled_when_it_is_due() -> None:
    made = harness("wire", "paper", "radio")
    soon = FeedState(feed=FeedId("paper"), next_due=NOON + MINUTE, seeded=True)
    made.store.record(Cycle(states=(soon,)), ())
    service = Service(made)

    assert service.asks() == ["wire", "radio"]
    assert service.first_due() == MINUTE
    assert service.asks(30 * SECOND) == []
    assert service.asks(30 * SECOND) == ["paper"]
    assert service.first_due() == 14 * MINUTE


@pytest.mark.usefixtures("each_store")
def test_a_call_for_a_feed_is_heard_at_the_next_tick() -> None:
    service = Service(harness("wire", "paper"))
    service.ticks()
    service.made.clock.now += 2 * MINUTE
    service.made.store.poll_soon(FeedId("paper"), service.made.clock.now)

    assert service.first_due() == timedelta()
    assert service.asks() == ["paper"]


@pytest.mark.usefixtures("each_store")
def test_a_feed_that_is_put_on_the_list_is_polled_at_the_next_tick() -> None:
    service = Service(harness("wire", "paper"))
    service.plan = replace(service.plan, feeds=service.made.feeds[:1])
    service.ticks()
    service.plan = replace(service.plan, feeds=service.made.feeds)

    assert service.asks(SECOND) == ["paper"]


@pytest.mark.usefixtures("each_store")
def test_failing_feeds_are_told_of_within_fifteen_seconds() -> None:
    service = Service(harness("wire", "paper"))
    service.ticks()
    service.made.news.fails("paper", NO_NETWORK)
    for _ in range(3):
        while "paper" not in service.asks(service.first_due()):
            service.asks(service.first_due() - SECOND)  # then a look at all is just over

    told = [cycle.alerts for cycle in service.ticks(14 * SECOND) if cycle.alerts]

    assert [alert.reason for (alert,) in told] == [Reason.FEED_FAILING]


def test_between_two_looks_at_all_feeds_a_tick_asks_for_no_others_than_are_due() -> None:
    made = harness("wire", "paper", "radio")
    asked = list[Sequence[FeedId] | None]()

    class Spied(MemoryStore):
        def states(self, feeds: Sequence[FeedId] | None = None) -> Mapping[FeedId, FeedState]:
            asked.append(feeds)
            return super().states(feeds)

    made.store = Spied()
    service = Service(made)
    service.ticks()
    asked.clear()

    made.store.poll_soon(FeedId("radio"), NOON + MINUTE)
    service.ticks(13 * SECOND)
    made.clock.now = NOON + MINUTE - SECOND
    service.ticks()

    assert service.asks(SECOND) == ["radio"]
    assert asked.count(None) == 1  # when fourteen seconds were over
