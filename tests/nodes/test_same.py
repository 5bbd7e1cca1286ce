"""The same news through SQLite, one node and three: the same incidents and alerts."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from tests.builders import NOON, an_item
from tests.fakes import FakeClock
from tests.flow.harness import Harness, harness
from tests.nodes.fleet import Machine, SlowNews, feeds
from tests.workspace import wait_until
from watcher.model.alerts import AlertId, IncidentId, Reason
from watcher.ports import Store

FEEDS, HOURS = 9, 14
STORIES = {
    1: (0, "North Korea fires ballistic missile, Seoul military says"),
    2: (4, "North Korea launches missile, Japan coast guard says"),
    3: (7, "North Korea fired an ICBM, Seoul military says"),
    4: (2, "North Korea may fire projectile, Pentagon says"),
    11: (5, "North Korea fires missile from submarine, Seoul military says"),
    12: (1, "North Korea fires second missile, Japan coast guard says"),
    13: (8, "North Korea fires missile from submarine, Pentagon says"),
}
"""By the hour at which they are published: a feed, and a headline."""

Outcome = tuple[set[IncidentId], set[tuple[AlertId, Reason]]]


def outcome(store: Store) -> Outcome:
    incidents = {each.id for each in store.open_incidents(NOON - timedelta(days=9))}
    return incidents, {(alert.id, alert.reason) for alert in store.alerts(limit=1000)}


def published(hour: int) -> Iterator[tuple[str, list[str]]]:
    """Yield what each feed lists at an hour: all of its headlines until then."""
    for number in range(FEEDS):
        told = [title for at, (feed, title) in STORIES.items() if feed == number and at <= hour]
        yield f"feed-{number}", [*told, f"Harvest of feed {number}"]


def alone() -> Outcome:
    service: Harness = harness(*(f"feed-{number}" for number in range(FEEDS)))
    for hour in range(HOURS):
        service.clock.now = NOON + timedelta(hours=hour)
        for feed, titles in published(hour):
            service.news.publishes(feed, *map(an_item, titles))
        service.polls()
    return outcome(service.store)


def shared(url: str, names: Sequence[str]) -> Outcome:
    news, clock = SlowNews(), FakeClock(NOON)
    machines = [Machine(url, name, news, feeds(FEEDS), shown=clock, own=clock) for name in names]
    try:
        for hour in range(HOURS):
            clock.now = NOON + timedelta(hours=hour)
            for feed, titles in published(hour):
                news.publishes(feed, *map(an_item, titles))

            def all_polled(number: int = hour + 1) -> bool:
                for machine in machines:
                    machine.ticks()
                return sum(len(machine.polls) for machine in machines) >= number * FEEDS

            wait_until(all_polled, "every feed is polled")
            for machine in machines:
                machine.ticks()
        return outcome(machines[0].store)
    finally:
        for machine in machines:
            machine.stop()


@pytest.mark.parametrize("names", [["seoul"], ["seoul", "busan", "daegu"]], ids=["one node", "three nodes"])
def test_nodes_make_the_incidents_and_alerts_of_a_service_that_is_alone(
    postgres_url: str, names: list[str]
) -> None:
    incidents, alerts = shared(postgres_url, names)

    assert (incidents, alerts) == alone()
    assert {reason for _, reason in alerts} >= {Reason.NEW, Reason.CORROBORATED}
    assert len(incidents) >= 2
