"""A store to test: in memory, and on a disk."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes import FakeStore
from tests.store.kinds import Either, Real, maker
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
    return FakeStore() if request.param == "fake" else maker(request)()


@pytest.fixture(params=["sqlite", "postgres"], scope="session")
def fresh(request: pytest.FixtureRequest) -> Callable[[], Real]:
    """Return what makes a store on a database program, for what the fake does not do."""
    return maker(request)


@pytest.fixture
def database(fresh: Callable[[], Real]) -> Real:
    return fresh()
