"""SIGTERM at any moment: the service ends soon, and what was published is alerted, once."""

from signal import SIGTERM
from subprocess import TimeoutExpired

import pytest

from tests.faults.press import moment, set_up, settle
from tests.faults.scale import SOON, Figure, size
from tests.loopback import LoopbackServer
from tests.workspace import Workspace

ROUNDS = size(5, 200)


@pytest.mark.slow
@pytest.mark.soak
def test_it_ends_soon_and_loses_nothing(workspace: Workspace, server: LoopbackServer, figure: Figure) -> None:
    press = set_up(workspace, server)
    took = []

    with press:
        for number in range(ROUNDS):
            with workspace.service() as service:
                if number % 3:
                    service.wait_for_output("started")
                with pytest.raises(TimeoutExpired):
                    service.process.wait(moment(number))
                code, seconds = service.stop()
                took.append(seconds)
                assert code in {0, -SIGTERM}, service.output  # it may not have begun to listen
    account = settle(workspace, server, press)

    figure(f"{ROUNDS} stops, the longest {max(took):.1f} s; {account}")
    assert max(took) < SOON
    assert (account.lost, account.doubled) == (0, 0)
    assert account.received
    assert account.intact
