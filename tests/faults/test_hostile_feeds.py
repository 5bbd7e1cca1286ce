"""Hostile feeds, each beside a good one: the good one is alerted in the same round, and nothing blocks."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

import pytest

from tests.builders import a_list
from tests.faults.hostile import ALL, ERROR, ITEMS, Hostile
from tests.faults.scale import SHARE, Figure, size
from tests.loopback import LoopbackServer
from tests.workspace import ONE_TERM, Workspace, news
from watcher.clock import utc_now
from watcher.fetch.curl import CurlFetcher
from watcher.fetch.limits import Limits
from watcher.model.alerts import Kind
from watcher.model.news import Feed, FeedId
from watcher.model.polling import Cycle, Poll, PollStatus
from watcher.pipeline import World, poll, rules_of
from watcher.store import SqliteStore
from watcher.workers.reader import WorkerReader

TIMEOUT, READING = 2.0, 6.0
GRACE = 1.0 if SHARE else 20.0
"""Seconds by which a round may outlast its deadlines; the machines of CI are not measured."""

HOSTILE, WELL, PRIVATE = "127.0.0.1", "127.0.0.3", "127.0.0.2"
ROUNDS = size(3, 20)
LIGHT = 300
"""Megabytes that the service stays under."""

WELL_TITLE = "ICBM seen by a feed that is well"
RULES = rules_of(a_list(ONE_TERM))


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkerReader]:
    reader = WorkerReader(seconds=READING)
    yield reader
    reader.close()


@dataclass
class Round:
    """What came of a round of polls."""

    cycles: list[Cycle]
    seconds: float

    @property
    def titles(self) -> str:
        return "\n".join(
            item.title
            for cycle in self.cycles
            for alert in cycle.alerts
            if alert.kind is Kind.INCIDENT
            for item in alert.items
        )

    @property
    def hostile(self) -> Poll:
        return next(polled for cycle in self.cycles for polled in cycle.polls if polled.feed == "hostile")


def rounds(folder: Path, reader: WorkerReader, case: Hostile) -> tuple[list[Round], int]:
    """Poll a hostile feed and a good one; return the rounds and the number of hits on the private server."""
    fetcher = CurlFetcher(Limits(timeout=TIMEOUT, allow_private=(ip_network(HOSTILE), ip_network(WELL))))
    store = SqliteStore.open(folder / "watcher.db", durable=False)
    world = World(fetcher=fetcher, reader=reader, store=store, channels=(), clock=utc_now)
    with LoopbackServer(HOSTILE) as server, LoopbackServer(WELL) as well, LoopbackServer(PRIVATE) as canary:
        urls = {"hostile": case.answer(server, canary.url("/secret", PRIVATE)), "well": well.url("/f", WELL)}
        feeds = [Feed(id=FeedId(name), url=url, owner=name, seed=False) for name, url in urls.items()]
        found = []
        for number in range(case.times):
            well.serve("/f", news(f"{WELL_TITLE}, number {number}"))
            began = time.monotonic()
            found.append(Round(list(poll(feeds, world, RULES)), time.monotonic() - began))
        store.close()
        return found, canary.connections


def polled_in(workspace: Workspace) -> set[str]:
    """Return the feeds that a service in a workspace has polled."""
    with closing(SqliteStore.open_readonly(workspace.data / "watcher.db")) as store:
        return set(store.latest_polls())


@pytest.mark.slow
@pytest.mark.soak
@pytest.mark.parametrize("name", ALL)
def test_a_hostile_feed_harms_nobody(tmp_path: Path, reader: WorkerReader, name: str) -> None:
    case = ALL[name]

    found, reached = rounds(tmp_path, reader, case)

    polls = [each.hostile for each in found]
    said = [polled.error or f"{polled.items} items" for polled in polls]
    for number, each in enumerate(found):
        assert f"{WELL_TITLE}, number {number}" in each.titles
    if case.outcome == ITEMS:
        assert "ICBM seen by a hostile feed" in found[0].titles, said
        assert not any(polled.error for polled in polls), said
    if case.outcome == ERROR:
        assert all(polled.status is PollStatus.ERROR for polled in polls), said
    assert reached == 0
    assert all(polled.error.isprintable() for polled in polls), said
    over = max(each.seconds for each in found) - (
        TIMEOUT if polls[0].error.startswith("timeout") else READING
    )
    assert over < GRACE


@pytest.mark.slow
@pytest.mark.soak
def test_a_service_with_all_of_them_goes_on_and_stays_small(workspace: Workspace, figure: Figure) -> None:
    workspace.write("watcher.toml", '[fetch]\nallow_private = ["127.0.1.0/24"]\ntimeout = "2s"\n')
    with ExitStack() as stack, LoopbackServer(PRIVATE) as canary, LoopbackServer("127.0.1.250") as well:
        servers = [
            stack.enter_context(LoopbackServer(f"127.0.1.{number}")) for number in range(1, len(ALL) + 1)
        ]
        hostile = [
            case.answer(server, canary.url("/secret"))
            for case, server in zip(ALL.values(), servers, strict=True)
        ]
        workspace.feeds(
            {f"hostile-{number}": url for number, url in enumerate(hostile)},
            well=well.serve("/f", news(f"{WELL_TITLE}, number 0")),
        )

        with workspace.service() as service:
            most: dict[int, int] = {}
            for number in range(ROUNDS):
                well.serve("/f", news(f"{WELL_TITLE}, number {number}"))
                service.wait_for_log(f"{WELL_TITLE}, number {number}")
                most |= service.memory()
            service.stop()
        polled = polled_in(workspace)
        reached = canary.connections

    own, workers = most.pop(service.process.pid), most.values()
    figure(
        f"{len(ALL)} at once: the service at most {own} MB, a worker {max(workers)} MB; "
        f"{reached} connections to a private server"
    )
    assert {f"hostile-{number}" for number in range(len(ALL))} <= polled
    assert own < LIGHT
    assert reached == 0
