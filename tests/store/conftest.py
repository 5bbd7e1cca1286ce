"""A store to test: in memory, and on a disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import FakeStore
from tests.memory import MemoryStore
from watcher.store import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "watcher.db"


@pytest.fixture
def sqlite_store(path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore.open(path, durable=False)
    yield opened
    opened.close()


@pytest.fixture(params=["fake", "sqlite"])
def store(request: pytest.FixtureRequest) -> FakeStore | SqliteStore:
    found: FakeStore | SqliteStore = FakeStore() if request.param == "fake" else MemoryStore()
    return found
