"""What a test of the store may be given."""

from collections.abc import Callable

import pytest

from tests.fakes import FakeStore
from tests.memory import MemoryStore
from tests.postgres import PostgresStores
from watcher.store import SqliteStore
from watcher.store.postgres import PostgresStore

Real = SqliteStore | PostgresStore
"""On a database program."""

Either = FakeStore | Real


def maker(request: pytest.FixtureRequest) -> Callable[[], Real]:
    """Return what makes an empty store on the database program that a fixture is asked for."""
    if request.param == "sqlite":
        return MemoryStore
    stores: PostgresStores = request.getfixturevalue("postgres_stores")
    return stores.fresh
