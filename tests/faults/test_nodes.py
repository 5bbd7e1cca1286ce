"""Kill -9 of one of three nodes at any moment, and of PostgreSQL: what was published is alerted, once."""

from collections import Counter
from contextlib import closing
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from time import monotonic

import pytest

from tests.faults.press import Press, moment
from tests.faults.scale import SHARE, Figure, size
from tests.loopback import LoopbackServer
from tests.nodes.machines import Machines, titles
from tests.postgres import running
from tests.workspace import wait_until
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
                    nodes.revive()
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


def _wait(seconds: float) -> None:
    until = monotonic() + seconds
    wait_until(lambda: monotonic() >= until, "a while is over")
