"""A story that is told three times: over the fake, over SQLite in memory, and over PostgreSQL."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.fakes import BrokenStore
from tests.faults.scale import SHARE
from tests.flow import harness
from tests.flow.newsroom import Meanwhile, MeanwhileElsewhere, Opening
from tests.memory import MemoryStore
from tests.postgres import PostgresStores

LONG = ("test_month", "test_hours", "test_burst")
"""Stories of thousands of polls."""


@pytest.fixture(scope="module", params=["fake", "sqlite", "postgres"])
def each_store(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have every harness remember in one kind of store, then in the others."""
    before = harness.store_in_use
    if request.param == "postgres":
        stores: PostgresStores = request.getfixturevalue("postgres_stores")
        harness.store_in_use = stores.fresh
    else:
        harness.store_in_use = BrokenStore if request.param == "fake" else MemoryStore
    yield
    harness.store_in_use = before


@pytest.fixture(params=["sqlite", "postgres"])
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Opening:
    if request.param == "sqlite":
        return lambda: Meanwhile.open(tmp_path / "watcher.db", durable=False)
    return partial(MeanwhileElsewhere.open, request.getfixturevalue("postgres_url"), durable=False)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the longest stories over PostgreSQL to `make soak`."""
    long = [each for each in items if _is_long(each)]
    if long and not SHARE:
        config.hook.pytest_deselected(items=long)
        items[:] = [each for each in items if each not in long]


def _is_long(item: pytest.Item) -> bool:
    over = getattr(item, "callspec", None)
    return over is not None and over.params.get("each_store") == "postgres" and item.path.stem in LONG
