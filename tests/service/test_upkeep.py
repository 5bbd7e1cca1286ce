"""The service takes out what is old once a day, in small steps, and never much at once."""

import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.builders import NOON, a_hit, an_incident, an_item
from watcher.model.alerts import IncidentId
from watcher.model.polling import Cycle
from watcher.model.retention import Retention
from watcher.service.upkeep import Upkeep, sweep, used
from watcher.store import SqliteStore

DAY = timedelta(days=1)
A_YEAR = Retention(keep=timedelta(days=365))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore.open(tmp_path / "watcher.db", durable=False)) as opened:
        yield opened


def news_of(store: SqliteStore, days: int, *, a_day: int = 1, text: str = "") -> None:
    """Record items of so many days up to noon."""
    for day in range(days, 0, -1):
        items = tuple(
            an_item(f"Story {day}.{number} {text}", minutes=-day * 24 * 60) for number in range(a_day)
        )
        store.record(Cycle(items=items), ())


def kept_days(store: SqliteStore) -> int:
    oldest = store.oldest()
    return (NOON - oldest).days if oldest else 0


def work(store: SqliteStore, retention: Retention, now: datetime, looks: int = 20) -> None:
    upkeep = Upkeep(store, retention, lambda: DAY, lambda: now)
    for _ in range(looks):
        list(upkeep.look())


def test_what_is_older_than_its_time_goes(store: SqliteStore) -> None:
    news_of(store, 100)

    list(sweep(store, Retention(keep=40 * DAY), DAY, NOON))

    assert kept_days(store) == 40


@pytest.mark.parametrize(("reach", "kept"), [(DAY, 30), (50 * DAY, 50)])
def test_what_could_still_be_joined_stays_whatever_is_asked_for(
    store: SqliteStore, reach: timedelta, kept: int
) -> None:
    news_of(store, 100)

    list(sweep(store, Retention(keep=DAY, max_size=1), reach, NOON))

    assert kept_days(store) == kept


def test_a_database_that_is_too_large_loses_its_oldest_until_it_fits(store: SqliteStore) -> None:
    news_of(store, 200, a_day=4, text="many words " * 100)
    full = used(store)

    list(sweep(store, Retention(max_size=full * 2 // 3), DAY, NOON))

    assert full / 3 < used(store) <= full * 2 // 3
    assert 30 < kept_days(store) < 200


def test_a_database_that_fits_loses_nothing(store: SqliteStore) -> None:
    news_of(store, 100)

    list(sweep(store, Retention(max_size=1 << 30), DAY, NOON))

    assert kept_days(store) == 100


def test_the_service_takes_out_ten_days_a_day_so_that_a_wrong_clock_cannot_empty_the_database(
    store: SqliteStore,
) -> None:
    news_of(store, 100)

    work(store, A_YEAR, NOON + 3650 * DAY)
    after_a_day = kept_days(store)
    work(store, A_YEAR, NOON + 3651 * DAY)

    assert (after_a_day, kept_days(store)) == (90, 80)


def test_nor_can_one_that_goes_wrong_after_years_of_work(store: SqliteStore) -> None:
    news_of(store, 400)
    for day in range(5):
        work(store, A_YEAR, NOON + day * DAY)
    before = kept_days(store)

    work(store, A_YEAR, NOON + 3650 * DAY)

    assert before == 361
    assert kept_days(store) == 351


def test_what_cannot_go_does_not_hold_up_the_days_after_it(store: SqliteStore) -> None:
    item = an_item("Missile launch", minutes=-120 * 24 * 60)
    hit = a_hit(item, incident=IncidentId("i1"))
    store.record(Cycle(items=(item,), hits=(hit,), incidents=(an_incident("i1", items=(item,)),)), ())
    news_of(store, 100)

    for day in range(8):
        work(store, Retention(keep=40 * DAY), NOON + day * DAY)

    assert [round((NOON - each.seen) / DAY) for each in store.items()][:2] == [120, 40]


def test_it_is_done_once_a_day_and_said_once(store: SqliteStore, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "watcher.service")
    news_of(store, 369, a_day=2)
    now = NOON
    upkeep = Upkeep(store, A_YEAR, lambda: DAY, lambda: now)

    for _ in range(50):
        list(upkeep.look())
    said = [(record.msg, record.__dict__["items"]) for record in caplog.records]
    now += DAY
    for _ in range(50):
        list(upkeep.look())

    assert said == [("pruned", 8)]
    assert [record.__dict__["items"] for record in caplog.records] == [8, 2]


def test_what_a_list_taken_since_the_start_looks_back_at_stays(store: SqliteStore) -> None:
    news_of(store, 100)
    reach, now = DAY, NOON
    upkeep = Upkeep(store, Retention(keep=40 * DAY), lambda: reach, lambda: now)

    for day in range(5):
        now = NOON + day * DAY
        list(upkeep.look())
        reach = 95 * DAY

    assert kept_days(store) == 90


def test_an_empty_database_is_left_alone(store: SqliteStore) -> None:
    work(store, A_YEAR, NOON)

    assert store.oldest() is None
