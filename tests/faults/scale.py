"""How large a test of the guarantees is: short in CI, long in `make soak`."""

import os
from collections.abc import Callable

Figure = Callable[[str], None]
"""The type of the fixture by which a test tells what it measured."""

SHARE = float(os.environ.get("SOAK", "0"))
"""The part of the long version that is run: 0 is the short version, 1 the whole long one."""


def size(short: int, long: int) -> int:
    """Return how often something is done."""
    return max(short, round(long * SHARE))
