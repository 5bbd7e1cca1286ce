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


def test_an_answer_that_took_long_moves_a_clock_no_further_than_it_proves() -> None:
    """The question waits while another thread has the connection: then the answer says little."""
    second = timedelta(seconds=1)
    own, shown = [NOW] * 4, [NOW] * 2
    clock = SharedClock(lambda: shown.pop(0), lambda: own.pop(0))
    clock.compare()
    assert clock.ahead == timedelta()

    own[:] = [NOW, NOW + 8 * second] * 2
    shown[:] = [NOW + 8 * second] * 2
    clock.compare()
    assert clock.ahead == timedelta()

    own[:] = [NOW, NOW + 8 * second] * 2
    shown[:] = [NOW + 9 * second] * 2
    clock.compare()
    assert clock.ahead == -second
