"""The queue of batches, on a PostgreSQL: each batch gets to one worker, and a dead worker holds up nobody."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from queue import SimpleQueue
from threading import Event

import psycopg
import pytest

from tests.postgres import PostgresServer
from tests.workspace import wait_until
from watcher.errors import StoreError
from watcher.jobs import Batch, BatchQueue, make_queue
from watcher.model.news import FeedId

PATIENCE = 20.0


def batch(number: int) -> Batch:
    return {FeedId(f"feed-{number}"): number}


@contextmanager
def a_queue(
    url: str, took: SimpleQueue[Batch], hold: Event | None = None, workers: int = 2
) -> Iterator[BatchQueue]:
    def run(given: Batch) -> None:
        took.put(given)
        if hold:
            hold.wait(PATIENCE)

    queue = BatchQueue(url, workers=workers)
    queue.start(run)
    try:
        yield queue
    finally:
        if hold:
            hold.set()
        queue.stop(PATIENCE)


@pytest.fixture
def url(postgres_url: str) -> str:
    make_queue(postgres_url)
    make_queue(postgres_url)
    return postgres_url


def test_each_batch_gets_to_one_worker_of_one_node(url: str) -> None:
    took: SimpleQueue[Batch] = SimpleQueue()
    with a_queue(url, took) as one, a_queue(url, took) as other:
        one.go_by(1)
        other.go_by(1)
        for number in range(20):
            one.post(1, batch(number))
        got = [took.get(timeout=PATIENCE) for _ in range(20)]
        wait_until(lambda: one.waiting(1) == 0, "no batch waits")

    assert sorted(each for given in got for each in given.values()) == list(range(20))
    assert took.empty()


def test_a_node_has_as_many_workers_as_it_says(url: str) -> None:
    """More than asyncio gives threads by itself: batches that wait for feeds are to hold up no others."""
    took: SimpleQueue[Batch] = SimpleQueue()
    with a_queue(url, took, Event(), workers=40) as queue:
        queue.go_by(1)
        for number in range(40):
            queue.post(1, batch(number))

        assert len([took.get(timeout=PATIENCE / 2) for _ in range(40)]) == 40


def test_a_worker_takes_no_batch_of_other_lists(url: str) -> None:
    took: SimpleQueue[Batch] = SimpleQueue()
    with a_queue(url, took) as queue:
        queue.go_by(2)
        queue.post(1, batch(1))
        queue.post(2, batch(2))

        assert took.get(timeout=PATIENCE) == batch(2)
        assert queue.waiting(1) == 1
        assert queue.drop_lost(timedelta(minutes=1)) == 1
        assert queue.waiting(1) == 0
        queue.post(1, batch(3))
        queue.go_by(1)
        assert took.get(timeout=PATIENCE) == batch(3)


def test_the_job_of_a_dead_worker_is_removed_and_not_run_again(url: str) -> None:
    took: SimpleQueue[Batch] = SimpleQueue()
    hold = Event()
    with a_queue(url, took, hold) as queue:
        queue.go_by(1)
        queue.post(1, batch(1))
        took.get(timeout=PATIENCE)

        assert queue.drop_lost(timedelta(minutes=1)) == 0
        assert queue.drop_lost(timedelta(seconds=-60)) == 1
        assert queue.drop_lost(timedelta(seconds=-60)) == 0

        # it lives all the same, and what it does next is not disturbed
        hold.set()
        queue.post(1, batch(2))
        assert took.get(timeout=PATIENCE) == batch(2)
    assert took.empty()


def test_the_queue_goes_on_when_the_database_was_restarted(postgres: PostgresServer, url: str) -> None:
    took: SimpleQueue[Batch] = SimpleQueue()

    def posted() -> bool:
        try:
            queue.post(1, batch(2))
        except StoreError:
            return False
        return True

    with a_queue(url, took) as queue:
        queue.go_by(1)
        queue.post(1, batch(1))
        took.get(timeout=PATIENCE)
        postgres.stop()
        with pytest.raises(StoreError, match="queue of batches"):
            queue.post(1, batch(2))
        postgres.start()
        wait_until(posted, "a batch is posted again")

        assert took.get(timeout=PATIENCE) == batch(2)


def test_the_queue_goes_by_the_options_of_the_address(url: str) -> None:
    with (
        a_queue(f"{url}&options=-cdefault_transaction_read_only%3Don", SimpleQueue()) as queue,
        pytest.raises(StoreError, match="read-only"),
    ):
        queue.post(1, batch(1))


def test_the_queue_goes_on_after_a_bug(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    took: SimpleQueue[Batch] = SimpleQueue()
    serve, bugs = BatchQueue._work, [RuntimeError("a bug")]

    async def stumbles(queue: BatchQueue) -> None:
        if bugs:
            raise bugs.pop()
        await serve(queue)

    monkeypatch.setattr(BatchQueue, "_work", stumbles)
    with a_queue(url, took) as queue:
        queue.go_by(1)
        wait_until(lambda: posted(queue, batch(1)), "the batch is posted")

        assert took.get(timeout=PATIENCE) == batch(1)


def posted(queue: BatchQueue, given: Batch) -> bool:
    try:
        queue.post(1, given)
    except StoreError:
        return False
    return True


def test_what_is_done_leaves_nothing_behind(url: str) -> None:
    took: SimpleQueue[Batch] = SimpleQueue()
    with a_queue(url, took) as queue:
        queue.go_by(1)
        queue.post(1, batch(1))
        took.get(timeout=PATIENCE)

    with psycopg.connect(url) as connection:
        schemas = connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'procrastinate%'"
        ).fetchall()
        assert len(schemas) == 1
        connection.execute(f"SET search_path = {schemas[0][0]}")
        assert connection.execute("SELECT count(*) FROM procrastinate_jobs").fetchone() == (0,)
