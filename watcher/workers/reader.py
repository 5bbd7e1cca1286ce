"""Answers in, answers with their documents out: the `Reader` port over a few worker processes.

A thread of its own takes the answers, so that fetching goes on while documents are read; a pool of threads, one for each
process, waits for the workers. `room` bounds what is under way from the fetcher to the consumer, and with it the memory.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from queue import LifoQueue, SimpleQueue
from threading import Event, Semaphore, Thread

from watcher.errors import ReadError
from watcher.model.news import Document, Feed
from watcher.model.polling import Fetched
from watcher.ports import Answer, Reading
from watcher.workers.wire import Request
from watcher.workers.worker import Worker

_UNDER_WAY = 8
"""Answers under way for each process."""


class WorkerReader:
    """Reads documents in warm worker processes, each started when first needed and replaced when it hits a limit."""

    def __init__(self, processes: int = 2, seconds: float = 10.0, memory_mb: int = 512, *, child: str = "watcher.workers.child") -> None:
        self._processes = processes
        self._start = partial(Worker, child, seconds, memory_mb)
        self._places: LifoQueue[Worker | None] = LifoQueue()
        for _ in range(processes):
            self._places.put(None)

    def read(self, answers: Iterable[Answer], seen: datetime) -> Iterator[Reading]:
        """Yield every answer once with its document, in the order they are done; what `answers` raises is raised last."""
        run = _Run(self, self._processes, seen)
        thread = Thread(target=run.feed, args=(answers,), name="watcher-read", daemon=True)
        thread.start()
        try:
            yield from run.readings()
        finally:
            run.abandon()
            thread.join()

    def close(self) -> None:
        """End every worker process; one that is at work ends its document first."""
        workers = [self._places.get() for _ in range(self._processes)]
        for worker in workers:
            if worker:
                worker.end()
            self._places.put(None)

    def document(self, feed: Feed, fetched: Fetched, body: bytes, seen: datetime) -> Document | ReadError:
        """Read one body in the next free worker."""
        worker = self._places.get()
        try:
            worker = worker or self._start()
            return worker.read(Request(body=body, feed=feed, seen=seen, content_type=fetched.content_type, url=fetched.url))
        except ReadError as error:
            return error
        finally:
            if worker and worker.spent:
                worker.end()
                worker = None
            self._places.put(worker)


class _Run:
    """One call of `read`: what its thread, the pool and the consumer share."""

    def __init__(self, reader: WorkerReader, processes: int, seen: datetime) -> None:
        self._reader, self._processes, self._seen = reader, processes, seen
        self._done: SimpleQueue[Reading | BaseException | None] = SimpleQueue()
        self._room = Semaphore(processes * _UNDER_WAY)
        self._abandoned = Event()

    def feed(self, answers: Iterable[Answer]) -> None:
        """Take answers while there is room, and hand those with a body to the pool."""
        end: BaseException | None = None
        try:
            with ThreadPoolExecutor(self._processes, "watcher-read") as pool:
                for feed, answer in answers:
                    self._room.acquire()
                    if self._abandoned.is_set():
                        break
                    if isinstance(answer, Fetched) and answer.body is not None:
                        pool.submit(self._read, feed, answer, answer.body)
                    else:
                        self._done.put((feed, answer, None))
        except BaseException as error:  # noqa: BLE001 - it is the consumer's, who is in another thread
            end = error
        self._done.put(end)

    def readings(self) -> Iterator[Reading]:
        """Yield what is done until all is."""
        while (done := self._done.get()) is not None:
            if isinstance(done, BaseException):
                raise done
            yield done
            self._room.release()

    def abandon(self) -> None:
        """Let the thread end although nobody takes what is done."""
        self._abandoned.set()
        self._room.release()

    def _read(self, feed: Feed, fetched: Fetched, body: bytes) -> None:
        if self._abandoned.is_set():
            return
        try:
            self._done.put((feed, fetched, self._reader.document(feed, fetched, body, self._seen)))
        except BaseException as error:  # noqa: BLE001 - the same
            self._done.put(error)
