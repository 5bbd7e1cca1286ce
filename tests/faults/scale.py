"""How large a test of the guarantees is: short in CI, long in `make soak`."""

import os
from collections.abc import Callable

Figure = Callable[[str], None]
"""The type of the fixture by which a test tells what it measured."""

SHARE = float(os.environ.get("SOAK", "0"))
"""The part of the long version that is run: 0 is the short version, 1 the whole long one."""

SOON = 10.0 if SHARE else 60.0
"""Seconds within which a service ends when it is asked to.

`make soak` has the machine to itself and measures the ten seconds that are promised. Beside other tests a
busy machine decides how long it takes; there the service must only end by itself.
"""


def size(short: int, long: int) -> int:
    """Return how often something is done."""
    return max(short, round(long * SHARE))


def stride(short: int) -> int:
    """Return of how many steps one is tried: every one in the long version."""
    return 1 if SHARE else short
