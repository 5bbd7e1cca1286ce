"""A story that is told twice: over the fake, and over SQLite in memory."""

from collections.abc import Iterator

import pytest

from tests.fakes import BrokenStore
from tests.flow import desk
from tests.memory import MemoryStore


@pytest.fixture(scope="module", params=[BrokenStore, MemoryStore], ids=["fake", "sqlite"])
def each_store(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have every desk remember in one kind of store, then in the other."""
    before, desk.store_in_use = desk.store_in_use, request.param
    yield
    desk.store_in_use = before
