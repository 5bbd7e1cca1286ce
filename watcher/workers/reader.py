"""Answers in, answers with their documents out: the `Reader` port over a few worker processes.

A thread of its own takes the answers from the first with a body on, so that fetching goes on while documents
are read; a pool of threads, one for each process, waits for the workers. One process reads usual feeds faster
than they are matched and stored, and to start another costs as much as to read twenty of them. So another is
started only when a document has waited for a while: then no document holds up the others.

`_ROOM` bounds the bytes under way from the fetcher to the consumer. It is wide, because who does not take
answers stops the fetcher: while a consumer is busy, exchanges under way would run into their deadlines.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from itertools import chain
from queue import Empty, LifoQueue, SimpleQueue
from threading import Condition, Lock, Thread

from watcher.errors import FetchError, ReadError
from watcher.model.news import Document, Feed
from watcher.model.polling import Fetched
from watcher.ports import Answer, Reading
from watcher.workers.wire import ReadRequest
from watcher.workers.worker import Worker

_ROOM = 64 << 20
"""Bytes of bodies under way: hundreds of feeds, or a few of the largest."""


_PATIENCE = 0.3
"""So many seconds a document waits for a process that is busy before another one starts."""


class WorkerReader:
    """Reads documents in warm processes, each started when first needed and replaced when it hits a limit."""

    def __init__(
        self,
        processes: int = 2,
        seconds: float = 10.0,
        memory_mb: int = 512,
        *,
        patience: float = _PATIENCE,
        child: str = "watcher.workers.child",
    ) -> None:
        self._processes, self._patience = processes, patience
        self._start = partial(Worker, child, seconds, memory_mb)
        self._taking = Lock()
        self._places: LifoQueue[Worker | None] = LifoQueue()
        self._places.put(None)
        self._spare = processes - 1

    def read(
        self, answers: Iterable[Answer], seen: datetime, meanwhile: Callable[[], object] = lambda: None
    ) -> Iterator[Reading]:
        """Yield every answer once with its document, as it is done; what `answers` raises is raised last.

        Until one has a body there is nothing to read, and this thread takes them itself.
        """
        coming = iter(answers)
        for feed, answer in coming:
            if isinstance(answer, Fetched) and answer.body is not None:
                yield from self._read_beside(chain([(feed, answer)], coming), seen, meanwhile)
            else:
                yield feed, answer, None

    def _read_beside(
        self, answers: Iterable[Answer], seen: datetime, meanwhile: Callable[[], object]
    ) -> Iterator[Reading]:
        """Read what another thread takes."""
        run = _Run(self, self._processes, seen)
        thread = Thread(target=run.feed, args=(answers,), name="watcher-read", daemon=True)
        thread.start()
        try:
            meanwhile()  # the first answer has a body, which is being read
            yield from run.readings()
        finally:
            run.abandon()
            thread.join()

    def close(self) -> None:
        """End every worker process; one that is at work ends its document first."""
        with self._taking:
            workers = [self._places.get() for _ in range(self._processes - self._spare)]
            self._places.put(None)
            self._spare = self._processes - 1
        for worker in filter(None, workers):
            worker.end()

    def document(self, feed: Feed, fetched: Fetched, body: bytes, seen: datetime) -> Document | ReadError:
        """Read one body in the next free worker."""
        worker = None
        try:
            worker = self._free_or_new()
            return worker.read(
                ReadRequest(
                    body=body, feed=feed, seen=seen, content_type=fetched.content_type, url=fetched.url
                )
            )
        except ReadError as error:
            return error
        finally:
            if worker and worker.spent:
                worker.end()
                worker = None
            self._places.put(worker)

    def _free_or_new(self) -> Worker:
        """Return a worker that is at no document; one after the other, so that nobody starts two at once.

        Raises:
            ReadError: it does not start.
        """
        with self._taking:
            try:
                worker = self._places.get(timeout=self._patience)
            except Empty:
                if self._spare:
                    self._spare -= 1
                    worker = None
                else:
                    worker = self._places.get()
            return worker or self._start()


class _Run:
    """One call of `read`: what its thread, the pool and the consumer share."""

    def __init__(self, reader: WorkerReader, processes: int, seen: datetime) -> None:
        self._reader, self._processes, self._seen = reader, processes, seen
        self._done: SimpleQueue[Reading | BaseException | None] = SimpleQueue()
        self._changed = Condition()
        self._taken, self._abandoned = 0, False

    def feed(self, answers: Iterable[Answer]) -> None:
        """Take answers while there is room, and hand those with a body to the pool."""
        end: BaseException | None = None
        try:
            with ThreadPoolExecutor(self._processes, "watcher-read") as pool:
                for feed, answer in answers:
                    if not self._has_room_for(_size(answer)):
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
            if size := _size(done[1]):
                with self._changed:
                    self._taken -= size
                    self._changed.notify_all()

    def abandon(self) -> None:
        """Let the thread end although nobody takes what is done."""
        with self._changed:
            self._abandoned = True
            self._changed.notify_all()

    def _has_room_for(self, size: int) -> bool:
        """Wait for room and take it; return False when nobody takes what is done any more.

        What is larger than all the room gets in when it is alone.
        """
        if not size:
            return not self._abandoned
        with self._changed:
            self._changed.wait_for(lambda: self._abandoned or not self._taken or self._taken + size <= _ROOM)
            self._taken += size
            return not self._abandoned

    def _read(self, feed: Feed, fetched: Fetched, body: bytes) -> None:
        if self._abandoned:
            return
        try:
            self._done.put((feed, fetched, self._reader.document(feed, fetched, body, self._seen)))
        except BaseException as error:  # noqa: BLE001 - the same
            self._done.put(error)


def _size(answer: Fetched | FetchError) -> int:
    return len(answer.body) if isinstance(answer, Fetched) and answer.body is not None else 0
