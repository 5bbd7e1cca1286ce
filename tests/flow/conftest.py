"""A story that is told twice: over the fake, and over SQLite in memory."""

from collections.abc import Iterator

import pytest

from tests.fakes import BrokenStore
from tests.flow import harness
from tests.memory import MemoryStore


@pytest.fixture(scope="module", params=[BrokenStore, MemoryStore], ids=["fake", "sqlite"])
def each_store(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have every harness remember in one kind of store, then in the other."""
    before, harness.store_in_use = harness.store_in_use, request.param
    yield
    harness.store_in_use = before
