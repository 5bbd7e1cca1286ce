"""Fixtures that more than one folder of tests sets the table with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.faults.scale import Figure
from tests.loopback import LoopbackServer
from tests.postgres import PostgresServer, PostgresStores, running
from tests.workspace import Workspace

settings.register_profile("watcher", deadline=None, print_blob=True)
settings.register_profile("brief", settings.get_profile("watcher"), max_examples=25)
settings.load_profile("watcher")  # a slow machine is no failure


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what is cached apart from what the user has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as server:
        yield server


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Figure:
    """Return what takes the figures of a test, which `tests.faults.soak` prints."""
    return lambda words: request.node.user_properties.append(("figure", words))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Run a PostgreSQL of our own for all tests that need one; without it they are skipped."""
    with running() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """Return the address of an empty database."""
    database = postgres.fresh()
    yield postgres.url(database)
    postgres.drop(database)


@pytest.fixture(scope="session")
def postgres_stores(postgres: PostgresServer) -> Iterator[PostgresStores]:
    """Return what makes stores on PostgreSQL."""
    stores = PostgresStores(postgres)
    yield stores
    stores.close()
