"""A store to test: in memory, and on a disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import FakeStore
from tests.store.kinds import Either, Real, real
from watcher.store import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "watcher.db"


@pytest.fixture
def sqlite_store(path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore.open(path, durable=False)
    yield opened
    opened.close()


@pytest.fixture(params=["fake", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> Either:
    return FakeStore() if request.param == "fake" else real(request)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Real:
    """Return a store that is one, for what the fake does not do."""
    return real(request)
