"""kill -9 at any moment: what was published is alerted, once.

`ROUNDS=300 python -m pytest -m slow tests/faults/test_kill9.py` is the long version; it takes about six minutes.
"""

import os
from collections import Counter
from hashlib import blake2b
from subprocess import TimeoutExpired

import pytest

from tests.desk import Desk, news
from tests.loopback import LoopbackServer

ROUNDS = int(os.environ.get("ROUNDS", "15"))
A_ROUND, FEEDS = 3, 4
"""Items that each feed publishes in a round; feeds."""


def moment(number: int) -> float:
    """Return the seconds after which a round ends: any of 0 to 1.2, the same in every run."""
    return 1.2 * int.from_bytes(blake2b(str(number).encode(), digest_size=4).digest()) / 0xFFFF_FFFF


def title(feed: int, item: int) -> str:
    """Name an item by one number: what differs in its number is another story."""
    return f"ICBM number {item * FEEDS + feed}"


def publish(server: LoopbackServer, feed: int, number: int) -> str:
    """List all items of a feed so far, with validators: one that is remembered without its items would lose them for good."""
    titles = [title(feed, item) for item in range((number + 1) * A_ROUND)]
    return server.serve(f"/{feed}", news(*titles), headers={"ETag": f'"{number}"', "Last-Modified": f"day {number}"})


@pytest.mark.slow
def test_no_alert_is_lost_doubled_or_torn(desk: Desk, server: LoopbackServer) -> None:
    desk.settings(desk=server.serve("/hook"))
    desk.feeds({f"feed-{feed}": publish(server, feed, 0) for feed in range(FEEDS)})

    for number in range(ROUNDS):
        for feed in range(FEEDS):
            publish(server, feed, number)
        with desk.service() as service:
            if number % 3:
                service.wait_for_output("started")
            with pytest.raises(TimeoutExpired):
                service.process.wait(moment(number))
    ran = desk.call("poll", "--all", "--data", desk.data)

    published = {title(feed, item) for feed in range(FEEDS) for item in range(ROUNDS * A_ROUND)}
    alerts = desk.call("alerts", "list", "--json", "--limit", "100000", "--data", desk.data).json
    logged = Counter(line["id"] for line in desk.log())
    keys = [seen.headers["idempotency-key"] for seen in server.requests if seen.path == "/hook"]
    assert ran.code == 0
    assert published <= set(desk.titles())
    assert logged == Counter(alert["id"] for alert in alerts)
    assert set(logged.values()) == {1}
    assert list(dict.fromkeys(keys)) == [line["id"] for line in desk.log()]
    assert desk.call("db", "check", "--data", desk.data).code == 0
