"""Feeds that hang, beside feeds that are well, through the real service."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from itertools import pairwise

import pytest

from tests.faults.scale import SHARE, Figure, size
from tests.loopback import LoopbackServer
from tests.workspace import Workspace, news, wait_until
from watcher.model.news import FeedId
from watcher.model.polling import PollStatus
from watcher.store import SqliteStore

EVERY = timedelta(seconds=3)
GOOD, HANGING, TURNS = 80, 20, size(5, 15)
LATEST = EVERY if SHARE else 5 * EVERY
"""How late a poll may be; the machines of CI are not measured."""


@pytest.fixture(params=[1, HANGING], ids=["one host", "twenty hosts"])
def hanging(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Return the addresses of feeds that never answer, on so many hosts."""
    hosts = [f"127.0.1.{1 + number % request.param}" for number in range(HANGING)]
    with ExitStack() as stack:
        servers = {host: stack.enter_context(LoopbackServer(host)) for host in set(hosts)}
        for running in servers.values():
            running.hold("/f")
        yield {
            f"hangs-{number}": servers[host].url(f"/f?{number}", host) for number, host in enumerate(hosts)
        }


def late(workspace: Workspace, names: list[str]) -> list[timedelta]:
    """Return how much later than due each feed was polled, each time but the first."""
    with closing(SqliteStore.open_readonly(workspace.data / "watcher.db")) as store:
        moments = [
            sorted(poll.at for poll in store.polls(FeedId(name)) if poll.status is not PollStatus.ERROR)
            for name in names
        ]
    return sorted(after - before - EVERY for polled in moments for before, after in pairwise(polled))


@pytest.mark.slow
@pytest.mark.soak
def test_hanging_feeds_make_no_good_one_late_by_an_interval(
    workspace: Workspace, server: LoopbackServer, hanging: dict[str, str], figure: Figure
) -> None:
    good = {f"good-{number}": server.serve(f"/{number}", news(f"Weather {number}")) for number in range(GOOD)}
    workspace.write("watcher.toml", '[fetch]\nallow_private = ["127.0.0.0/8"]\ntimeout = "1s"\n')
    workspace.feeds({**hanging, **good}, every=f"{EVERY.seconds}s")

    with workspace.service() as service:
        wait_until(lambda: len(server.requests) >= GOOD * TURNS, "the good feeds had some turns")
        service.stop()

    lags = late(workspace, list(good))
    slow = lags[int(len(lags) * 0.99)]
    hosts = len({url.split(":")[1] for url in hanging.values()})
    figure(
        f"{GOOD} good feeds beside {HANGING} hanging on {hosts} hosts, every {EVERY.seconds} s: "
        f"p99 {slow.total_seconds():.1f} s late"
    )
    assert len(lags) >= GOOD * (TURNS - 2)
    assert slow < LATEST
