"""Kill -9 of one of three nodes at any moment, and of PostgreSQL: what was published is alerted, once."""

from collections import Counter
from contextlib import closing
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from socket import socket
from threading import Event
from time import monotonic

import pytest

from tests.faults.press import Press, moment
from tests.faults.scale import SHARE, Figure, size
from tests.loopback import LoopbackServer, Seen
from tests.nodes.machines import Machines, titles
from tests.postgres import running
from tests.workspace import news
from watcher.model.news import FeedId
from watcher.store.postgres import PostgresStore

NAMES = ("seoul", "busan", "daegu")
FEEDS, KILLS = size(30, 300), size(3, 50)
RESTARTS = size(1, 10)
EVERY = timedelta(seconds=20 if SHARE else 5)
LEASE = timedelta(seconds=30)
"""How long a node holds what it polls after its last sign; the short version polls more often than that."""


def gaps(store: PostgresStore) -> dict[FeedId, timedelta]:
    """Return the longest time between two polls of each feed."""
    found = {}
    for feed in store.states():
        times = sorted(poll.at for poll in store.polls(feed, limit=1000))
        found[feed] = max((after - before for before, after in pairwise(times)), default=timedelta())
    return found


@pytest.mark.slow
@pytest.mark.soak
def test_nodes_that_are_killed_and_a_database_that_restarts_lose_and_double_nothing(
    tmp_path: Path, server: LoopbackServer, figure: Figure
) -> None:
    press, began = Press(server, FEEDS), monotonic()
    with running(durable=True) as postgres:
        url = postgres.url(postgres.fresh())
        with Machines(tmp_path, url, NAMES, press.addresses, f"{EVERY.seconds}s") as nodes:
            nodes.wait(lambda: len(titles(nodes.log())) >= FEEDS, "all that was published first is alerted")
            with press:
                for number in range(KILLS):
                    if number % (KILLS // RESTARTS) == 0:
                        postgres.stop()
                        postgres.start()
                    _wait(moment(number, 6.0))
                    nodes.revive()
                    nodes.kill(NAMES[number % 3])
                    nodes.wait(nodes.all_started, "it is there again")
            nodes.wait(lambda: press.titles <= set(titles(nodes.log())), "all that was published is alerted")
            with closing(PostgresStore.open_readonly(url)) as store:
                seen = {feed: state.last_poll for feed, state in store.states().items()}
                nodes.wait(
                    lambda: all(state.last_poll != seen[feed] for feed, state in store.states().items()),
                    "every feed is polled again",
                )
                longest = max(gaps(store).values())
                stored = {alert.id for alert in store.alerts(limit=1_000_000)}
                nodes.wait(lambda: stored <= {line["id"] for line in nodes.log()}, "the log has every alert")
        lines = nodes.log()

    logged, stories = Counter(line["id"] for line in lines), Counter(titles(lines))
    lost = len(press.titles - set(stories)) + len(stored - set(logged))
    doubled = sum(count - 1 for counted in (logged, stories) for count in counted.values())
    figure(
        f"{len(NAMES)} nodes, {FEEDS} feeds, {KILLS} kills, {RESTARTS} restarts of PostgreSQL in "
        f"{monotonic() - began:.0f} s: {len(press.titles)} items, {len(lines)} alerts, {lost} lost, "
        f"{doubled} doubled; "
        f"a feed polled every {EVERY.seconds} s waited {longest.total_seconds():.0f} s at most"
    )
    assert (lost, doubled) == (0, 0)
    assert longest <= 3 * max(EVERY, LEASE) if not SHARE else longest <= 3 * EVERY


class SlowNetwork(LoopbackServer):
    """A server as far away as another continent."""

    def answer(self, connection: socket, seen: Seen) -> bool:
        _wait(0.2)
        return super().answer(connection, seen)


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.skipif(not SHARE, reason="it measures, and wants the machine for itself: `make soak`")
def test_three_nodes_poll_more_than_twice_as_much_as_one_on_a_slow_network(
    tmp_path: Path, figure: Figure
) -> None:
    rates = {}
    for names in (NAMES[:1], NAMES):
        folder = tmp_path / str(len(names))
        folder.mkdir()
        with running() as postgres, SlowNetwork() as far:
            addresses = {
                f"feed-{number}": far.serve(f"/{number}", news("Harvest"), headers={"ETag": '"1"'})
                for number in range(1500)
            }
            url = postgres.url(postgres.fresh())
            with Machines(folder, url, names, addresses, "1s", in_flight=1) as nodes:
                nodes.wait(lambda: len(far.requests) > 2200, "all feeds were read once")
                before, began = len(far.requests), monotonic()
                _wait(20)
                rates[len(names)] = (len(far.requests) - before) / (monotonic() - began)

    ratio = rates[3] / rates[1]
    figure(
        f"answers after 200 ms, a worker asks one at a time: one node {rates[1]:.0f} polls a second, "
        f"three {rates[3]:.0f}, {ratio:.2f} times as many"
    )
    assert ratio >= 2.2


def _wait(seconds: float) -> None:
    Event().wait(seconds)
