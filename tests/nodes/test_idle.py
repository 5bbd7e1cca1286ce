"""With nothing due, the processes that read are ended; not while batches are polled outside of ticks."""

import pytest

from tests.flow.harness import harness
from watcher.service.daemon import Alone, Daemon, Plan


class Busy(Alone):
    """Rounds of which a batch is under way, whose feeds are due when its leases are over."""

    under_way = 1


@pytest.mark.parametrize(("kind", "ends"), [(Alone, 1), (Busy, 0)])
def test_a_reader_that_is_in_use_is_not_closed(
    kind: type[Alone], ends: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = harness("wire")
    plan, closed = Plan(feeds=made.feeds, rules=made.rules), list[None]()
    monkeypatch.setattr(type(made.news), "close", lambda _: closed.append(None))

    Daemon(made.world, plan, lambda: plan, lambda: None, rounds=kind(made.world))._tick()

    assert len(closed) == ends
