"""kill -9 at any moment: what was published is alerted, once."""

from subprocess import TimeoutExpired

import pytest

from tests.desk import Desk
from tests.faults.press import moment, set_up, settle
from tests.faults.scale import Figure, size
from tests.loopback import LoopbackServer

ROUNDS = size(15, 1000)


@pytest.mark.slow
def test_no_alert_is_lost_doubled_or_torn(desk: Desk, server: LoopbackServer, figure: Figure) -> None:
    press = set_up(desk, server)

    with press:
        for number in range(ROUNDS):
            with desk.service() as service:
                if number % 3:
                    service.wait_for_output("started")
                with pytest.raises(TimeoutExpired):
                    service.process.wait(moment(number))
    account = settle(desk, server, press)

    figure(f"{ROUNDS} kills, {account}")
    assert (account.lost, account.doubled) == (0, 0)
    assert account.received
    assert account.intact
