"""kill -9 at any moment: what was published is alerted, once."""

from collections import Counter
from subprocess import TimeoutExpired

import pytest

from tests.builders import an_item
from tests.faults.press import moment, set_up, settle
from tests.faults.scale import Figure, size
from tests.flow.harness import harness
from tests.loopback import LoopbackServer
from tests.workspace import Workspace
from watcher import pipeline
from watcher.polling.cadence import is_due

ROUNDS = size(8, 1000)


@pytest.mark.slow
@pytest.mark.soak
def test_no_alert_is_lost_doubled_or_torn(
    workspace: Workspace, server: LoopbackServer, figure: Figure
) -> None:
    press = set_up(workspace, server)

    with press:
        for number in range(ROUNDS):
            with workspace.service() as service:
                if number % 3:
                    service.wait_for_output("started")
                with pytest.raises(TimeoutExpired):
                    service.process.wait(moment(number))
    account = settle(workspace, server, press)

    figure(f"{ROUNDS} kills, {account}")
    assert (account.lost, account.doubled) == (0, 0)
    assert account.received
    assert account.intact


def test_rounds_that_are_cut_short_again_and_again_forget_no_feed() -> None:
    watching = harness("one", "two", "three", "four")
    polled: Counter[str] = Counter()

    for number in range(12):
        watching.clock.passes(1)
        for feed in watching.feeds:  # what hits is recorded by itself
            watching.news.publishes(feed.id, an_item(f"North Korea fires missile {number}", feed=feed.id))
        states = watching.store.states()
        due = [feed for feed in watching.feeds if is_due(states.get(feed.id), watching.clock())]
        first = next(pipeline.poll(due, watching.world, watching.rules))
        polled.update(each.feed for each in first.polls)

    assert polled == {feed.id: 3 for feed in watching.feeds}
