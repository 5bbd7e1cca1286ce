"""Batches of feeds in, each given to one worker of one node: a queue that all nodes share, on Procrastinate.

The queue decides nothing, and nothing is lost with it. What a node may poll is said by leases. A batch that
is worked on twice, late, or never, is a batch whose leases are over: its feeds are leased again. That is why
the job of a worker that died is removed and not tried again.

Each list version has a queue of its own, so that no worker gets a batch of feeds that it does not know. Each
release of Procrastinate has tables of its own, in a schema that is named after it, so that nodes with
different releases work side by side, each on the batches of its own.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from importlib.metadata import version
from threading import Event, Thread
from typing import Any, TypeVar

import psycopg
import psycopg_pool
from procrastinate import App, PsycopgConnector, exceptions
from procrastinate.jobs import Status
from psycopg import conninfo, sql

from watcher.errors import StoreError
from watcher.model.news import FeedId

Batch = Mapping[FeedId, int]
"""The feeds of a batch, each with the generation of its lease."""

_Found = TypeVar("_Found")

_TASK = "poll"
_SCHEMA = "procrastinate_" + "_".join(version("procrastinate").split(".")[:2])
_REST = 1.0
"""Seconds until the next try when the database cannot be reached."""
_PATIENCE = 10.0
_REACHED = 3.0
"""Seconds within which the database is reached, or not."""
_LOOK_EVERY = 1.0
"""Seconds after which a worker looks for batches by itself, should no notice have come."""
_BEAT = 5.0
_TROUBLE = (exceptions.ProcrastinateException, psycopg.Error, psycopg_pool.PoolTimeout, OSError)

_log = logging.getLogger(__name__)
for _talker in ("procrastinate", "psycopg.pool"):
    # a line for each job, and pages for a database that is away, which is one line here
    logging.getLogger(_talker).setLevel(logging.CRITICAL)


class BatchQueue:
    """The `Queue` port."""

    def __init__(self, url: str, workers: int) -> None:
        self._url, self._workers = url, workers
        self._queue: str | None = None
        self._ready, self._stopped = Event(), False
        self._thread = Thread(target=self._serve, name="batches", daemon=True)

    def start(self, run: Callable[[Batch], None]) -> None:
        """Begin to give batches to `run`, in threads of its own, as soon as there is a list version."""
        self._run = run
        self._thread.start()
        self._ready.wait(_PATIENCE)

    def stop(self, patience: float) -> None:
        """Take no batch any more, and let those under way end, at most `patience` seconds."""
        self._stopped = True
        self._wake()
        self._thread.join(patience)

    def go_by(self, lists: int | None) -> None:
        """Work on the batches of a list version from now on; None is on none."""
        if (queue := None if lists is None else _queue_of(lists)) != self._queue:
            self._queue = queue
            self._wake()

    def post(self, lists: int, batch: Batch) -> None:
        """Give a batch to the workers of a list version.

        Raises:
            StoreError: it could not be posted.
        """
        self._ask(
            self._app.configure_task(_TASK, queue=_queue_of(lists)).defer_async(
                batch={str(feed): generation for feed, generation in batch.items()}
            )
        )

    def waiting(self, lists: int) -> int:
        """Return how many batches of a list version wait for a worker.

        Raises:
            StoreError: the database cannot be reached.
        """
        queues = self._ask(self._app.job_manager.list_queues_async(queue=_queue_of(lists)))
        return sum(queue["todo"] for queue in queues)

    def drop_lost(self, silent: timedelta) -> int:
        """Remove the jobs of dead workers and of other list versions; return how many.

        A worker counts as dead that gave no sign for so long. Should it live all the same, its batch goes on,
        and ends as its leases say.

        Raises:
            StoreError: the database cannot be reached.
        """
        return self._ask(self._drop_lost(silent.total_seconds()))

    async def _drop_lost(self, seconds: float) -> int:
        manager = self._app.job_manager
        lost = list(await manager.get_stalled_jobs(seconds_since_heartbeat=seconds))
        for job in lost:
            with suppress(exceptions.ConnectorException):  # somebody else has removed it
                await manager.finish_job(job, Status.FAILED, delete_job=True)
        others = [
            job for job in await manager.list_jobs_async(status=Status.TODO.value) if job.queue != self._queue
        ]
        gone = [await manager.cancel_job_by_id_async(job.id, delete_job=True) for job in others if job.id]
        return len(lost) + sum(gone)

    def _ask(self, what: Coroutine[Any, Any, _Found]) -> _Found:
        """Have the thread of the queue do something, and return what came of it."""
        if not self._ready.is_set():
            what.close()
            raise StoreError("the queue of batches: the database cannot be reached; it is tried again")
        asked = asyncio.run_coroutine_threadsafe(what, self._loop)
        try:
            with _told():
                return asked.result(_PATIENCE)
        except (TimeoutError, CancelledError) as error:
            asked.cancel()
            raise StoreError(f"the queue of batches: no answer within {_PATIENCE:.0f} seconds") from error

    def _wake(self) -> None:
        if self._ready.is_set():
            with suppress(RuntimeError):  # it has ended meanwhile
                self._loop.call_soon_threadsafe(self._changed.set)

    # --- in the thread of the queue -------------------------------------------------------------------------

    def _serve(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop, self._changed = asyncio.get_running_loop(), asyncio.Event()
        # by itself asyncio has a few threads more than there are cores, and batches mostly wait;
        # one more looks up the name of the database's machine
        self._loop.set_default_executor(ThreadPoolExecutor(self._workers + 1, "batch"))
        while not self._stopped:
            self._app = self._opened()
            try:
                async with self._app.open_async():
                    self._ready.set()
                    while not self._stopped:
                        await self._work()
            except _TROUBLE as error:
                _log.warning("queue_unusable", extra={"error": _said(error)})
                await asyncio.sleep(_REST)
            except Exception:  # noqa: BLE001 - a bug must not end the queue of a node that lives; it is logged whole
                _log.exception("queue_stumbled")
                await asyncio.sleep(_REST)
            finally:
                self._ready.clear()

    async def _work(self) -> None:
        """Work on the batches of the present queue until another is to be worked on, or none."""
        self._changed.clear()
        changed = asyncio.ensure_future(self._changed.wait())
        if self._stopped or self._queue is None:
            if not self._stopped:
                await changed
            changed.cancel()
            return
        worker = asyncio.ensure_future(
            self._app.run_worker_async(
                queues=[self._queue],
                concurrency=self._workers,
                install_signal_handlers=False,
                delete_jobs="always",
                fetch_job_polling_interval=_LOOK_EVERY,
                update_heartbeat_interval=_BEAT,
                shutdown_graceful_timeout=_PATIENCE,
            )
        )
        await asyncio.wait((worker, changed), return_when=asyncio.FIRST_COMPLETED)
        changed.cancel()
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker

    def _opened(self) -> App:
        said = str(conninfo.conninfo_to_dict(self._url).get("options") or "")
        options = f"{said} -csearch_path={_SCHEMA}".strip()
        app = App(
            connector=PsycopgConnector(
                conninfo=self._url, min_size=1, max_size=4, kwargs={"options": options}, timeout=_REACHED
            )
        )

        @app.task(name=_TASK)
        def poll(batch: dict[str, int]) -> None:
            self._run({FeedId(feed): generation for feed, generation in batch.items()})

        return app


def make_queue(url: str) -> None:
    """Make the tables of this release of Procrastinate where there are none.

    Raises:
        StoreError: the database cannot be reached, or refuses it.
    """
    schema = sql.Identifier(_SCHEMA)
    with _told(), psycopg.connect(url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (_SCHEMA,))
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
        connection.execute(sql.SQL("SET LOCAL search_path = {}").format(schema))
        made = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
        if made == (None,):
            connection.execute(App(connector=PsycopgConnector()).schema_manager.get_schema())


@contextmanager
def _told() -> Iterator[None]:
    """Turn what Procrastinate and psycopg raise into a `StoreError`."""
    try:
        yield
    except _TROUBLE as error:
        raise StoreError(f"the queue of batches: {_said(error)}") from error


def _said(error: BaseException) -> str:
    if isinstance(error, exceptions.AppNotOpen):
        return "the database cannot be reached; it is tried again"
    return " ".join(str(error.__cause__ or error).split())


def _queue_of(lists: int) -> str:
    return f"lists-{lists}"
