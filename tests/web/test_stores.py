"""A store that is open serves the next request, as long as it is the right one and nothing went wrong."""

from pathlib import Path

import pytest

from tests.postgres import PostgresServer
from watcher.model.settings import Settings
from watcher.store import SqliteStore
from watcher.store.postgres import PostgresStore
from watcher.web.stores import Stores


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    SqliteStore.open(tmp_path / "watcher.db").close()
    return Stores(Settings(data=str(tmp_path)))


def test_who_comes_next_gets_the_store_that_is_open_and_who_comes_meanwhile_another(stores: Stores) -> None:
    with stores.lent() as first, stores.lent() as meanwhile:
        pass
    with stores.lent() as then:
        pass

    assert meanwhile is not first
    assert then in (first, meanwhile)


def test_a_store_in_whose_use_something_went_wrong_is_not_lent_again(stores: Stores) -> None:
    with pytest.raises(ZeroDivisionError), stores.lent() as first:
        raise ZeroDivisionError
    with stores.lent() as then:
        assert then.noted("said") == ""

    assert then is not first


def test_a_connection_that_was_lost_meanwhile_is_not_lent(
    postgres: PostgresServer, postgres_url: str
) -> None:
    PostgresStore.open(postgres_url).close()
    stores = Stores(Settings(store_url=postgres_url))
    with stores.lent() as first:
        assert first.is_current()

    postgres.stop()
    postgres.start()

    with stores.lent() as then:
        assert then.noted("said") == ""
