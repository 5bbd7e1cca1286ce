"""Many nodes on a virtual clock, with the product's own scheduling: who is polled when, and by whom."""

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, integers, sampled_from

from benchmarks.cluster import MEASURED, Cluster, Cost, Kind, Load, Polled, Setup
from benchmarks.nodes import death, figures
from watcher.model.news import FeedId
from watcher.nodes.leasing import Pace

PACE = Pace()
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
SOUND = Load(feeds=300, every=5 * MINUTE, silent=0, hung=0)


def simulated(load: Load, nodes: int, seconds: float = 900, **setup: object) -> Cluster:
    return Cluster(replace(Setup(load=load, nodes=nodes, seconds=seconds), **setup)).run()  # type: ignore[arg-type]


def by_feed(cluster: Cluster) -> dict[FeedId, list[Polled]]:
    found = defaultdict[FeedId, list[Polled]](list)
    for polled in cluster.polls:
        found[polled.feed].append(polled)
    return found


@given(integers(1, 6), sampled_from(["one", "two", "three"]))
@settings(max_examples=4, deadline=None)
def test_every_feed_is_polled_about_once_in_its_interval(nodes: int, seed: str) -> None:
    quiet = replace(SOUND, hits=0)

    polls = by_feed(simulated(quiet, nodes, 1500, seed=seed))

    assert len(polls) == quiet.feeds
    assert {len(each) for each in polls.values()} <= {4, 5}
    assert max(polled.asked - polled.due for each in polls.values() for polled in each) < 5


@given(integers(1, 5), floats(0, 400), sampled_from([0.0, 0.05]), sampled_from([0.001, 0.3]))
@settings(max_examples=6, deadline=None)
def test_nobody_polls_what_another_holds(nodes: int, died: float, hung: float, cost: float) -> None:
    """Also while a node dies, feeds hang and there is more work than time."""
    costs = replace(MEASURED, exchange=cost / 10, match=Cost(cost))

    cluster = simulated(
        replace(SOUND, hung=hung), nodes, 600, deaths=(died,) if nodes > 1 else (), costs=costs
    )

    for polls in by_feed(cluster).values():
        for one, other in pairwise(polls):
            assert one.recorded <= other.asked
    assert cluster.polls
    assert cluster.refused == 0


@pytest.mark.parametrize("seed", ["one", "two", "three"])
@pytest.mark.parametrize(("noticed", "free_after"), [(0, 2 * PACE.round_end), (1000, PACE.lease)])
def test_the_feeds_of_a_dead_node_are_polled_again_soon(
    seed: str, noticed: float, free_after: timedelta
) -> None:
    """The node in charge frees them, or their leases run out; nothing else of a dead node is missed."""
    latest = (free_after + 2 * PACE.rest + SECOND).total_seconds()
    costs = replace(MEASURED, noticed=noticed)
    load = replace(SOUND, feeds=1000, every=MINUTE, median=4, slowest=8)

    cluster = simulated(load, 3, 300, deaths=(120.0,), seed=seed, costs=costs)

    found = death(cluster, since=60)
    assert cluster.lost
    assert found.again is not None
    assert found.again < latest
    assert found.longest < latest + 10
    assert found.calm is not None
    assert found.calm < latest + 20


def test_the_same_setup_gives_the_same_polls() -> None:
    load = replace(SOUND, feeds=100, hung=0.01, silent=0.01)

    one, same, other = (simulated(load, 3, deaths=(300.0,), seed=seed).polls for seed in ("a", "a", "b"))

    assert one == same
    assert one != other


def test_what_is_too_much_is_seen_in_a_lag_that_grows() -> None:
    """A feed is due again only after it was polled, so that after the first interval lag grows no more."""
    load = replace(SOUND, feeds=3000, every=10 * MINUTE, hits=0)
    slow = replace(MEASURED, exchange=0.3)

    few, enough = (figures(simulated(load, nodes, 600, costs=slow), 60) for nodes in (1, 3))

    assert few.core > 0.95
    assert few.grows == pytest.approx(60 * (1 - few.polls / enough.polls), rel=0.2)
    assert enough.grows < 1
    assert enough.lag_99 < 10


def test_feeds_that_hang_hold_up_no_others() -> None:
    """Every fourth second a poll begins that waits for half a minute, on a node that is idle but for that."""
    load = replace(SOUND, feeds=2000, every=MINUTE, hits=0, hung=0.01)

    cluster = simulated(load, 1, 400)

    assert sum(polled.kind is Kind.FAILED for polled in cluster.polls) > 90
    assert figures(cluster, 60).lag_99 < 5


def test_an_outage_is_made_up_for_and_its_herd_spreads() -> None:
    cluster = simulated(replace(SOUND, feeds=1500, together=True), 2, 900)

    assert figures(cluster, 400).lag_99 < 10
