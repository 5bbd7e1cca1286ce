"""The PostgreSQL that tests run on: started as another user than root, gone when they are over."""

import psycopg

from tests.postgres import PostgresServer


def test_each_test_has_an_empty_database_of_its_own(postgres: PostgresServer, postgres_url: str) -> None:
    other = postgres.fresh()

    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE mine (id text)")
    with psycopg.connect(postgres.url(other)) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE tablename = 'mine'").fetchone()

    postgres.drop(other)
    assert found == (0,)


def test_what_was_stored_is_there_after_the_server_was_killed(
    postgres: PostgresServer, postgres_url: str
) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE kept (id text)")

    postgres.stop()
    postgres.start()

    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
