"""What PostgreSQL adds: a server that goes away, several who write, several who upgrade, and any locale."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from tests.builders import NOON, an_alert, an_incident, an_item, posted
from tests.postgres import PostgresServer, running
from watcher.errors import ConflictError, StoreError
from watcher.model.alerts import ChannelId
from watcher.model.news import FeedId
from watcher.model.polling import Cycle, FeedState
from watcher.store.postgres import PostgresStore, schema
from watcher.store.postgres.engine import PostgresEngine
from watcher.store.postgres.schema import SchemaStep
from watcher.store.postgres.statements import translated
from watcher.store.postgres.trouble import without_secrets

DESK = ChannelId("desk")


@pytest.fixture
def both(postgres_url: str) -> Iterator[tuple[PostgresStore, PostgresStore]]:
    """Return two stores on one database."""
    with closing(PostgresStore.open(postgres_url)) as one, closing(PostgresStore.open(postgres_url)) as other:
        yield one, other


# --- the server goes away -----------------------------------------------------------------------------------


def test_a_call_fails_when_the_server_was_restarted_and_the_next_one_works(
    postgres: PostgresServer, postgres_url: str
) -> None:
    with closing(PostgresStore.open(postgres_url)) as store:
        store.record(Cycle(incidents=(an_incident("a"),)), ())
        postgres.stop()

        with pytest.raises(StoreError, match="it cannot be reached; start the server"):
            store.note("said", "once")
        with pytest.raises(StoreError, match="it cannot be reached; start the server"):
            store.open_incidents(NOON)
        postgres.start()

        store.note("said", "twice")
        assert store.noted("said") == "twice"
        assert [each.id for each in store.open_incidents(NOON)] == ["a"]


def test_what_was_recorded_is_there_after_a_crash_of_the_server() -> None:
    alert = an_alert()
    with running(durable=True) as server:
        with closing(PostgresStore.open(server.url())) as store:
            store.record(Cycle(alerts=(alert,)), posted([alert], DESK))
            server.stop("immediate")
        server.start()

        with closing(PostgresStore.open(server.url())) as store:
            assert store.alerts() == [alert]
            assert [each.alert.id for each in store.first_waiting()] == [alert.id]


def test_a_transaction_that_lost_its_connection_is_never_half_done(
    postgres: PostgresServer, postgres_url: str
) -> None:
    with closing(PostgresStore.open(postgres_url)) as store:
        with pytest.raises(StoreError, match="cannot be reached"):
            interrupted(store, postgres)

        assert (store.noted("half"), store.noted("whole")) == ("", "")


def interrupted(store: PostgresStore, postgres: PostgresServer) -> None:
    """Write in a transaction in whose middle the server is restarted."""
    with store.engine.writing() as connection:
        connection.execute("INSERT INTO notes (name, value) VALUES ('half', 'done')")
        postgres.stop()
        postgres.start()
        with pytest.raises(StoreError):
            store.noted("half")
        store.note("whole", "never")  # not on another connection, beside the transaction


def test_who_stops_in_the_middle_of_a_transaction_holds_up_nobody_for_long(postgres_url: str) -> None:
    """As a machine without power does, which the server waits for by itself for two hours."""
    impatient = f"{postgres_url}&options=-cidle_in_transaction_session_timeout%3D50"
    with closing(PostgresStore.open(impatient)) as one, closing(PostgresStore.open(postgres_url)) as other:
        assert other._row("SHOW idle_in_transaction_session_timeout")[0] == "30s"
        with pytest.raises(StoreError), one._numbering():
            other.record(Cycle(items=(an_item("news"),)), ())

        assert len(one.items()) == 1
        with other._engine.snapshot() as whole:  # whoever copies it may take its time
            assert whole.execute("SHOW idle_in_transaction_session_timeout").fetchone()[0] == "0"


def test_a_closed_store_stays_closed(postgres_url: str) -> None:
    store = PostgresStore.open(postgres_url)
    store.close()

    with pytest.raises(StoreError, match="closed"):
        store.states()


# --- several who write --------------------------------------------------------------------------------------


def test_what_another_has_changed_is_a_conflict_and_nothing_is_written(
    both: tuple[PostgresStore, PostgresStore],
) -> None:
    one, other = both
    one.record(Cycle(incidents=(an_incident("a"),), states=(FeedState(feed=FeedId("w"), next_due=NOON),)), ())
    (mine,), (theirs,) = one.open_incidents(NOON), other.open_incidents(NOON)
    other.record(Cycle(incidents=(replace(theirs, items=7),)), ())

    with pytest.raises(ConflictError, match="incident a"):
        one.record(Cycle(incidents=(replace(mine, items=8),), alerts=(an_alert(),)), ())

    assert ([each.items for each in one.open_incidents(NOON)], one.alerts()) == ([7], [])


def test_of_two_that_wait_for_each_other_one_is_told_to_judge_again(
    both: tuple[PostgresStore, PostgresStore],
) -> None:
    for name in "ab":
        both[0].note(name, "")
    each_holds_one = Barrier(2)

    def change(store: PostgresStore, names: str) -> bool:
        try:
            with store.engine.writing() as connection:
                for name in names:
                    connection.execute("UPDATE notes SET value = 'changed' WHERE name = ?", (name,))
                    if name == names[0]:
                        each_holds_one.wait()
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        changed = list(pool.map(change, both, ("ab", "ba")))

    assert sorted(changed) == [False, True]
    assert [both[0].noted(name) for name in "ab"] == ["changed", "changed"]


def test_who_has_seen_a_number_has_seen_all_that_are_lower(both: tuple[PostgresStore, PostgresStore]) -> None:
    one, other = both
    with other.engine.reading() as connection:
        connection.execute("SET lock_timeout = '50ms'")
    with one.engine.writing() as connection:
        one.engine.in_turn(connection, "numbers")
        one.record(Cycle(alerts=(an_alert(alert_id="first"),)), ())

        with pytest.raises(StoreError, match="lock timeout"):
            other.record(Cycle(alerts=(an_alert(alert_id="second"),)), ())
        other.record(Cycle(states=(FeedState(feed=FeedId("w"), next_due=NOON),)), ())  # is numbered nowhere

    other.record(Cycle(alerts=(an_alert(alert_id="second"),)), ())
    assert [alert.id for alert in one.alerts()] == ["second", "first"]


def test_a_delivery_is_leased_by_one_however_many_ask(both: tuple[PostgresStore, PostgresStore]) -> None:
    alerts = tuple(an_alert(alert_id=str(number)) for number in range(60))
    both[0].record(Cycle(alerts=alerts), posted(alerts, DESK))

    def leased(store: PostgresStore) -> list[str]:
        found: list[str] = []
        for _ in range(30):
            for each in store.lease(DESK, NOON, NOON + timedelta(minutes=5), 1):
                found.append(each.alert.id)
                store.settle(replace(each, state=each.state.DELIVERED), NOON)
        return found

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(leased, both)

    assert len(one + other) == len(set(one + other))


# --- several who upgrade ------------------------------------------------------------------------------------


def engine_of(store: PostgresStore) -> PostgresEngine:
    assert isinstance(store.engine, PostgresEngine)
    return store.engine


NEXT = SchemaStep(name="9998", statements=("CREATE TABLE more (id TEXT)",), compatible=True)
LAST = replace(NEXT, name="9999", statements=("ALTER TABLE more ADD COLUMN at TEXT",))


def test_four_that_start_at_once_make_the_tables_once(postgres_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(PostgresStore.open, [postgres_url] * 4))

    for store in stores:
        assert store.integrity() == []
        store.close()


@pytest.mark.parametrize(
    ("newer", "works"),
    [((NEXT,), True), ((replace(NEXT, compatible=False),), False), ((NEXT, LAST), False)],
    ids=["one that adds", "one that changes", "two"],
)
def test_a_program_works_on_a_schema_that_is_one_step_newer_if_that_step_only_adds(
    postgres_url: str, newer: tuple[SchemaStep, ...], *, works: bool
) -> None:
    with closing(PostgresStore.open(postgres_url)) as store:
        schema.bring_up_to_date(engine_of(store), (*schema.SCHEMA_STEPS, *newer))

    if works:
        for opened in (PostgresStore.open, PostgresStore.open_readonly, PostgresStore.open_beside):
            opened(postgres_url).close()
    else:
        with pytest.raises(StoreError, match=r"written by a newer watcher \(schema 999"):
            PostgresStore.open(postgres_url)


def test_a_step_that_fails_leaves_nothing(postgres_url: str) -> None:
    broken = replace(NEXT, statements=(*NEXT.statements, "CREATE TABLE more (id TEXT)"))
    with closing(PostgresStore.open(postgres_url)) as store:
        engine = engine_of(store)
        with pytest.raises(StoreError, match="already exists"):
            schema.bring_up_to_date(engine, (*schema.SCHEMA_STEPS, broken))

        schema.bring_up_to_date(engine, (*schema.SCHEMA_STEPS, NEXT))
        assert schema.steps_pending(engine, (*schema.SCHEMA_STEPS, NEXT)) == []


def test_the_tables_have_the_columns_that_sqlite_has(postgres_url: str, sqlite_columns: set[str]) -> None:
    with closing(PostgresStore.open(postgres_url)) as store, store.engine.reading() as connection:
        found = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'watcher'"
        )
        columns = {f"{table}.{column}" for table, column in found}

    assert sqlite_columns - columns == set()


@pytest.fixture
def sqlite_columns() -> set[str]:
    from tests.memory import MemoryStore  # noqa: PLC0415
    from watcher.store.tables import TABLES  # noqa: PLC0415

    with closing(MemoryStore()) as store, store.engine.reading() as connection:
        return {
            f"{table}.{row['name']}"
            for table in (*TABLES, "texts")
            for row in connection.execute(f"PRAGMA table_xinfo({table})")
        }


# --- any locale ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "locale",
    ["LOCALE 'C'", "LOCALE 'C.UTF-8'", "LOCALE_PROVIDER icu ICU_LOCALE 'ko-KR' LOCALE 'C'"],
    ids=["C", "C.UTF-8", "ko-KR of ICU"],
)
def test_two_syllables_are_found_and_ids_have_one_order_whatever_the_locale(
    postgres: PostgresServer, locale: str
) -> None:
    postgres.execute(f"CREATE DATABASE locally TEMPLATE template0 ENCODING 'UTF8' {locale}")
    items = [an_item("북한 탄도미사일 발사", guid=guid) for guid in ("B", "a", "_", "한", "é", "10", "9")]

    with closing(PostgresStore.open(postgres.url("locally"))) as store:
        store.record(Cycle(items=tuple(items)), ())

        assert [len(store.search(words)) for words in ("미사", "사일", "발", "미사일은")] == [7, 7, 7, 0]
        assert [item.id for item in store.items()] == sorted(item.id for item in items)

    postgres.drop("locally")


# --- small things -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("SELECT ?, :name", "SELECT %s, %(name)s"),
        ("SELECT ':no', '?', '5%' WHERE a % 2", "SELECT ':no', '?', '5%%' WHERE a %% 2"),
        ("FROM a INDEXED BY b WHERE c", "FROM a WHERE c"),
        ("FROM words CROSS JOIN hits INDEXED BY by_doc ON x", "FROM words JOIN hits ON x"),
        ("FROM a CROSS JOIN json_each(:b) AS c", "FROM a CROSS JOIN json_each(%(b)s) AS c"),
        ("WHERE +id IN (:a) AND CAST(b AS text)", "WHERE id IN (%(a)s) AND CAST(b AS text)"),
    ],
)
def test_a_statement_is_said_to_postgresql_without_hints_for_sqlite(ours: str, theirs: str) -> None:
    assert translated(ours) == theirs


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://me:s3cret@db.example:5433/watcher", "postgresql://me@db.example:5433/watcher"),
        ("postgresql://me@/watcher?host=/run/pg&password=s3cret", "postgresql://me@/watcher"),
    ],
)
def test_an_address_is_shown_without_its_password(url: str, said: str) -> None:
    assert without_secrets(url) == said


def test_an_address_that_is_none_is_not_shown() -> None:
    with pytest.raises(StoreError) as caught:
        without_secrets("postgresql://me:s3cret@[db/watcher")

    assert "s3cret" not in str(caught.value)
