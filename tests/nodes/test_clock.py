"""One clock for all nodes: each machine's own, corrected."""

from datetime import UTC, datetime, timedelta

from watcher.clock import SharedClock

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_two_machines_a_minute_apart_show_one_time() -> None:
    minute = timedelta(minutes=1)
    early, late = (
        SharedClock(lambda: NOW, lambda: NOW - minute),
        SharedClock(lambda: NOW, lambda: NOW + minute),
    )
    for clock in (early, late):
        clock.compare()

    assert early() == late() == NOW
    assert (early.ahead, late.ahead) == (-minute, minute)
