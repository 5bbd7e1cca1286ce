"""Receivers that are down, slow or gone: the alert log has all at once, and they get all in the end."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.builders import NOON, an_alert, posted
from tests.faults.scale import SOON
from tests.loopback import LoopbackServer
from tests.workspace import Workspace, news
from watcher.channels import open_channel
from watcher.model.alerts import ChannelId
from watcher.model.polling import Cycle
from watcher.model.settings import ChannelSpec
from watcher.pipeline import deliver
from watcher.store import SqliteStore

DESK = ChannelId("desk")


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def down(server: LoopbackServer) -> str:
    return server.serve("/hook", status=503)


def breaks_off(server: LoopbackServer) -> str:
    return server.raw("/hook", b"")


@pytest.mark.parametrize("trouble", [down, breaks_off])
def test_a_receiver_that_comes_back_gets_all_it_missed_in_order_with_the_same_keys(
    workspace: Workspace, server: LoopbackServer, trouble: Callable[[LoopbackServer], str]
) -> None:
    clock = Clock()
    (channel,) = open_channel(ChannelSpec(id=DESK, type="webhook", urls=(trouble(server),)), clock)
    store = SqliteStore.open(workspace.data / "watcher.db")
    alerts = tuple(
        an_alert(f"ICBM number {number}", alert_id=f"a{number}", incident=f"{number}") for number in range(5)
    )
    store.record(Cycle(alerts=alerts), posted(alerts, DESK))

    while_down = []
    for _ in range(4):
        while_down.append(deliver(channel, store, clock))
        clock.now += timedelta(minutes=5)
    tried = [seen.headers["idempotency-key"] for seen in server.requests]
    server.serve("/hook")
    server.requests.clear()
    taken = deliver(channel, store, clock)
    store.close()

    assert while_down == [0, 0, 0, 0]
    assert tried == ["a0", "a1", "a2", "a3", "a4"] * 4
    assert taken == 5
    assert [seen.headers["idempotency-key"] for seen in server.requests] == ["a0", "a1", "a2", "a3", "a4"]


def test_a_receiver_that_hangs_delays_no_other_and_gets_its_alerts_after_the_next_start(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    workspace.settings(hung=server.hold("/hung"), quick=server.serve("/quick"))

    def posts(path: str) -> list[str]:
        return [seen.headers["idempotency-key"] for seen in server.requests if seen.path == path]

    with workspace.service() as service:
        service.wait_until(server.held.is_set, "a receiver hangs")
        service.wait_for_log("ICBM launched at dawn")
        server.serve("/f", news("Second ICBM seen on a parade"))
        service.wait_for_log("Second ICBM seen on a parade")
        service.wait_until(lambda: len(posts("/quick")) == 2, "the other receiver has both")

        assert not server.let_go.is_set()
    first = posts("/hung")
    server.let_go.set()
    server.serve("/hung")
    server.requests.clear()

    with workspace.service() as service:
        service.wait_until(lambda: len(posts("/hung")) == 2, "what was on its way when it was killed arrives")

        server.let_go.clear()
        server.held.clear()
        server.hold("/hung")
        server.serve("/f", news("Third ICBM seen on a train"))
        service.wait_for_log("Third ICBM seen on a train")
        service.wait_until(server.held.is_set, "the receiver hangs again")
        code, seconds = service.stop()

    assert posts("/hung")[0] == first[0]
    assert (code, seconds < SOON) == (0, True)


def test_a_receiver_that_refuses_for_good_is_a_problem_that_status_names(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    workspace.settings(gone=server.serve("/gone", status=404))

    workspace.call("poll", "--data", workspace.data)
    status = workspace.call("status", "--data", workspace.data)

    assert workspace.titles() == ["ICBM launched at dawn"]
    assert status.code == 1
    assert "! channel gone refused 1 alert for good" in status.out
