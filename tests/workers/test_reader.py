import os
import pickle
import select
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from threading import Event, current_thread

import pytest

from tests.builders import NOON, a_feed, an_item, rss
from watcher.errors import FetchError, ReadError
from watcher.model.news import Document, Grade, Point
from watcher.model.polling import Fetched
from watcher.ports import Answer, Reading
from watcher.workers.reader import WorkerReader
from watcher.workers.wire import receive, send

SLOW = f"<rss {' '.join(f'a{number}=' + chr(34) * 2 for number in range(60_000))}><channel/></rss>".encode()
"""Reading so many attributes takes half a minute."""


@pytest.fixture
def reader() -> Iterator[WorkerReader]:
    reader = WorkerReader(2)
    yield reader
    reader.close()


def test_a_worker_starts_without_what_only_the_service_needs() -> None:
    program = (
        "import sys; import watcher.workers.child; print([name for name in ('watcher.model.language', "
        "'watcher.model.polling', 'pydantic', 'yaml', 'sqlite3') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def an_answer(name: str, body: bytes | None = None, *, status: int = 200) -> Answer:
    feed = a_feed(name)
    text = rss(f"<title>News of {name}</title>").encode() if body is None and status == 200 else body
    return feed, Fetched(feed=feed.id, status=status, body=text, url=feed.url)


def read(reader: WorkerReader, answers: Iterable[Answer]) -> dict[str, Document | ReadError | None]:
    readings = list(reader.read(answers, NOON))
    found: dict[str, Document | ReadError | None] = {feed.id: document for feed, _, document in readings}
    assert len(found) == len(readings)
    return found


def titles(reading: Reading) -> list[str]:
    document = reading[2]
    assert isinstance(document, Document)
    return [item.title for item in document.items]


def children() -> set[int]:
    """Return the processes we have started and not ended."""
    status = (path for path in Path("/proc").glob("[0-9]*/stat"))
    ours = set()
    for path in status:
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[1] == str(os.getpid()):
            ours.add(int(path.parent.name))
    return ours


def test_every_answer_comes_back_once_with_its_document(reader: WorkerReader) -> None:
    names = [f"feed-{number}" for number in range(40)]

    found = read(reader, (an_answer(name) for name in names))

    assert {
        name: document.items[0].title for name, document in found.items() if isinstance(document, Document)
    } == {name: f"News of {name}" for name in names}


def test_fetching_goes_on_while_the_consumer_is_busy(reader: WorkerReader) -> None:
    all_taken = Event()

    def answers() -> Iterator[Answer]:
        for number in range(100):
            yield an_answer(f"feed-{number}")
        all_taken.set()

    readings = reader.read(answers(), NOON)
    next(readings)

    assert all_taken.wait(30)
    assert len(list(readings)) == 99


def test_documents_that_need_not_wait_are_read_by_one_process() -> None:
    before = children()
    reader = WorkerReader(2, patience=60.0)
    read(reader, [an_answer(f"feed-{number}") for number in range(20)])
    working = children() - before
    reader.close()

    assert len(working) == 1


def test_what_has_no_body_passes_through_and_starts_no_process() -> None:
    before = children()
    reader = WorkerReader(2)
    failure = (a_feed("gone"), FetchError("refused", "connection refused"))

    readings = list(reader.read([an_answer("same", status=304), failure], NOON))

    assert [(feed.id, document) for feed, _, document in readings] == [("same", None), ("gone", None)]
    assert children() == before


def test_what_comes_before_the_first_body_needs_no_thread(reader: WorkerReader) -> None:
    takers = list[bool]()

    def answers() -> Iterator[Answer]:
        for number in range(4):
            takers.append(current_thread() is consumer)
            yield an_answer(f"feed-{number}") if number == 1 else an_answer(f"feed-{number}", status=304)

    consumer = current_thread()
    found = read(reader, answers())

    assert takers == [True, True, False, False]
    assert [bool(found[f"feed-{number}"]) for number in range(4)] == [False, True, False, False]


def test_what_is_to_be_done_meanwhile_is_done_once_by_who_takes_the_readings(reader: WorkerReader) -> None:
    done = list[str]()

    def meanwhile() -> None:
        done.append(current_thread().name)

    list(reader.read([an_answer("same", status=304)], NOON, meanwhile))
    assert done == []

    list(reader.read([an_answer("one"), an_answer("other")], NOON, meanwhile))
    assert done == [current_thread().name]


def test_what_is_no_feed_is_an_error_of_that_feed_alone(reader: WorkerReader) -> None:
    found = read(reader, [an_answer("login", b"<html>please log in</html>"), an_answer("good")])

    assert isinstance(found["login"], ReadError)
    assert found["login"].cause == "not_a_feed"
    assert isinstance(found["good"], Document)


@pytest.mark.parametrize("protocol", {pickle.DEFAULT_PROTOCOL, pickle.HIGHEST_PROTOCOL})
def test_a_worker_sends_items_as_every_python_pickles_them(protocol: int) -> None:
    item = replace(an_item("ICBM launched"), grade=Grade.B)
    sent = pickle.dumps(item, protocol)

    assert b"getattr" not in sent
    assert receive(BytesIO(sent)) == item


def test_what_a_worker_sends_is_what_it_read() -> None:
    item = replace(
        an_item("ICBM launched"), grade=Grade.B, published=NOON, point=Point(latitude=41.3, longitude=129.1)
    )
    document = Document(format="rss20", title="Wire", items=(item, an_item("Second")))
    wire = BytesIO()
    send(document, wire)

    assert receive(BytesIO(wire.getvalue())) == document


def test_a_document_over_its_time_is_ended_and_holds_up_no_other() -> None:
    reader = WorkerReader(2, seconds=3)

    found = list(
        reader.read([an_answer("slow", SLOW), *(an_answer(f"feed-{number}") for number in range(30))], NOON)
    )
    again = read(reader, [an_answer("good")])
    reader.close()

    assert [feed.id for feed, _, _ in found][-1] == "slow"
    assert str(found[-1][2]) == "limit: reading it takes longer than 3 seconds"
    assert isinstance(again["good"], Document)


def test_a_document_over_its_memory_is_an_error_and_the_next_is_read() -> None:
    reader = WorkerReader(1, memory_mb=150)
    big = rss(f"<description>{'x' * 60_000_000}</description>").encode()

    found = read(reader, [an_answer("big", big), an_answer("good")])
    reader.close()

    assert isinstance(found["big"], ReadError)
    assert found["big"].cause == "limit"
    assert isinstance(found["good"], Document)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"die", "the worker process ended while reading it (exit code 3)"),
        (b"hang", "reading it takes longer than 1 seconds"),
        (b"trap", "the worker process did not send a document (posix.system is not expected from a worker)"),
    ],
)
def test_a_worker_that_fails_is_replaced_and_never_trusted(body: bytes, detail: str) -> None:
    reader = WorkerReader(1, seconds=1, child="tests.workers.children")

    found = read(reader, [an_answer("first", body), an_answer("second", body)])
    reader.close()

    assert [str(error) for error in found.values()] == [f"limit: {detail}"] * 2


def test_reading_begins_before_fetching_ends(reader: WorkerReader) -> None:
    taken = Event()

    def answers() -> Iterator[Answer]:
        yield an_answer("first")
        assert taken.wait(20)
        yield an_answer("second")

    readings = reader.read(answers(), NOON)
    first = next(readings)
    taken.set()

    assert titles(first) == ["News of first"]
    assert titles(next(readings)) == ["News of second"]


def test_fetching_goes_on_while_a_document_is_read() -> None:
    reader = WorkerReader(2, seconds=3)
    went_on = Event()

    def answers() -> Iterator[Answer]:
        yield an_answer("slow", SLOW)
        went_on.set()
        yield an_answer("quick")

    readings = reader.read(answers(), NOON)
    first = next(readings)
    del readings
    reader.close()

    assert went_on.is_set()
    assert titles(first) == ["News of quick"]


def test_what_the_fetcher_throws_reaches_the_consumer_after_what_was_read(reader: WorkerReader) -> None:
    def answers() -> Iterator[Answer]:
        yield an_answer("first")
        raise RuntimeError("the fetcher broke")

    readings = reader.read(answers(), NOON)

    assert titles(next(readings)) == ["News of first"]
    with pytest.raises(RuntimeError, match="the fetcher broke"):
        next(readings)


def test_no_process_is_left_when_the_reader_is_closed() -> None:
    before = children()
    reader = WorkerReader(2, patience=0.0)
    read(reader, [an_answer(f"feed-{number}") for number in range(4)])
    working = children() - before

    reader.close()

    assert len(working) == 2
    assert children() == before


def test_a_worker_ends_when_the_service_is_killed() -> None:
    service = subprocess.Popen(
        [sys.executable, "-c", SERVICE],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path or os.curdir for path in sys.path)},
    )
    assert service.stdout
    worker = os.pidfd_open(int(service.stdout.readline()))

    os.kill(service.pid, signal.SIGKILL)
    service.communicate()

    assert select.select([worker], [], [], 20)[0] == [worker]
    os.close(worker)


SERVICE = """
from tests.workers.test_reader import an_answer, children, read
from watcher.workers.reader import WorkerReader
from watcher.workers.wire import receive

reader = WorkerReader(1)
read(reader, [an_answer("first")])
print(*children(), flush=True)
input()
"""


def test_the_service_itself_never_loads_a_feed_parser() -> None:
    rooms = "watcher.workers.reader, watcher.read.identity, watcher.read.dates"
    script = f"import sys, {rooms}; print({{'feedparser', 'selectolax'}} & set(sys.modules))"

    printed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout

    assert printed == "set()\n"
