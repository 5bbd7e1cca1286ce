"""A bell ends the wait of one thread, whoever rings and whenever."""

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from tests.workspace import PATIENCE
from watcher.service.bell import Bell


@pytest.fixture
def handled() -> Iterator[list[int]]:
    """Return the signals that were handled, SIGUSR1 among them."""
    numbers = list[int]()
    before = signal.signal(signal.SIGUSR1, lambda number, _: numbers.append(number))
    yield numbers
    signal.signal(signal.SIGUSR1, before)


def waits(bell: Bell) -> bool:
    """Say whether a wait ends because of a ring."""
    began = time.monotonic()
    bell.wait(PATIENCE)
    return time.monotonic() - began < PATIENCE


def test_a_ring_before_the_wait_counts_and_many_are_one() -> None:
    bell = Bell()
    for _ in range(100_000):  # more than a pipe holds
        bell.ring()

    assert waits(bell)
    assert waited_out(bell)


def waited_out(bell: Bell) -> bool:
    """Say whether nobody has rung any more."""
    began = time.monotonic()
    bell.wait(0.01)
    return time.monotonic() - began >= 0.01


def test_another_thread_ends_the_wait() -> None:
    bell = Bell()
    threading.Timer(0.01, bell.ring).start()

    assert waits(bell)


def test_a_signal_that_another_thread_gets_ends_the_wait_and_is_handled(handled: list[int]) -> None:
    """A wait for a queue goes on here until its end, and the handler with it."""
    bell, kept = Bell(), threading.Event()
    other = threading.Thread(target=kept.wait)
    other.start()
    assert other.ident is not None
    signal_other = threading.Timer(0.01, signal.pthread_kill, (other.ident, signal.SIGUSR1))

    with bell.rung_by_signals():
        signal_other.start()
        assert waits(bell)

    assert handled == [signal.SIGUSR1]
    kept.set()
    other.join()


def test_when_the_wait_is_over_signals_ring_no_more(handled: list[int]) -> None:
    bell = Bell()
    with bell.rung_by_signals():
        pass
    os.kill(os.getpid(), signal.SIGUSR1)

    assert handled == [signal.SIGUSR1]
    assert waited_out(bell)
