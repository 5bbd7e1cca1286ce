"""A product in, what its service costs out: to start, to wait, and from an item to its webhook."""

import socket
import sqlite3
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread

from benchmarks.cost import Cost, FailedError, cost_now, of_status
from benchmarks.product import Product

_PATIENCE = 120.0
_SETTLES = 1.0
"""Seconds after which a service is done with what it has told of."""

_STEP, _AT_REST = 4, 0.05
"""A service that takes less CPU than this in so many seconds has done what there was to do."""

_AHEAD = 20
"""In so many seconds a service notices what others have written."""

_HEADLINES = (
    "North Korea fires ICBM toward Japan, Seoul says",
    "Pyongyang conducts nuclear test at Punggye-ri, Seoul's military says",
    "North Korea launches satellite from Sohae, Tokyo says",
    "Kim Yo Jong warns of retaliation over joint drills",
    "North Korea fires artillery shells near Yeonpyeong island, Seoul says",
)
"""Each is about something else, and told of at once."""


@contextmanager
def serving_product(product: Product, feeds: str, settings: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """Run the service of a product with a list of feeds, and kill it in the end."""
    with (product.folder / "log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - the product
            product.service(feeds, settings),
            cwd=product.folder,
            env=product.variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def first_request(product: Product) -> Cost:
    """Start a service whose lists are known; return its cost until a feed is asked for the first time."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        server.settimeout(_PATIENCE)
        feeds = f"feeds:\n  - {{id: one, url: http://127.0.0.1:{server.getsockname()[1]}/, owner: one}}\n"
        with serving_product(product, feeds):
            server.accept()[0].close()
        began = time.perf_counter()
        with serving_product(product, feeds) as process, server.accept()[0]:  # unanswered, it waits
            waited = time.perf_counter() - began
            cost = cost_now(process.pid, waited)
    return Cost(cost.cpu, cost.peak, cost.wall, f"after {waited:.2f} s by the clock")


def idle(product: Product, server: str, feeds: int, seconds: int) -> Cost:
    """Run a service with no feed due for an hour; return its cost of some seconds."""
    with _at_rest(product, server, feeds) as process:
        cost, woken = _cost_of(process, seconds)
        memory = int(of_status(Path(f"/proc/{process.pid}/status"), "VmRSS")) / 1024
    return replace(cost, note=f"{woken / seconds:.1f} wake-ups a second, {memory:.0f} MB then")


def one_by_one(product: Product, server: str, seconds: int) -> Cost:
    """Run a service of which a feed that has not changed is due each second; return its cost of that."""
    with _at_rest(product, server, seconds) as process:
        command = Path(f"/proc/{process.pid}/cmdline").read_text(encoding="utf-8").split("\0")
        _spread(Path(command[command.index("--data") + 1], "watcher.db"))
        _let_run(process, _AHEAD - 1)
        cost, woken = _cost_of(process, seconds)
    each = f"{woken / seconds:.1f} wake-ups and {1000 * cost.cpu / seconds:.1f} ms a poll"
    return replace(cost, note=each)


@contextmanager
def _at_rest(product: Product, server: str, feeds: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a service with no feed due for an hour that has done what there was to do."""
    listed = [f"  - {{id: f{number}, url: {server}/{number}/x.xml, every: 1h}}" for number in range(feeds)]
    with serving_product(product, "\n".join(("feeds:", *listed, ""))) as process:
        before = cost_now(process.pid, 0)
        for _ in range(100):
            _let_run(process, _STEP)
            now = cost_now(process.pid, 0)
            if now.cpu - before.cpu < _AT_REST:
                break
            before = now
        yield process


def _spread(database: Path) -> None:
    """Let the feeds of a service be due one by one, soon, a second apart."""
    soon = datetime.now(UTC) + timedelta(seconds=_AHEAD)  # noqa: TID251 - the service goes by it
    with closing(sqlite3.connect(database)) as connection, connection:
        for number, (feed,) in enumerate(connection.execute("SELECT feed FROM feeds").fetchall()):
            due = (soon + timedelta(seconds=number)).isoformat(timespec="microseconds")[:26] + "Z"
            connection.execute(
                "UPDATE feeds SET next_due = ?, version = version + 1 WHERE feed = ?", (due, feed)
            )


def to_webhook(product: Product) -> Iterator[tuple[str, Cost]]:
    """Give a service items that hit, one a poll; return how long a webhook waits for each, and the floor.

    At the first, nothing has been read or matched yet. The floor is the exchange, a transaction synced to the
    disk, and the webhook, each once.
    """
    asked, told = Queue[float](), Queue[float]()
    shown = list[str]()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(_feed_of(shown))
            asked.put(time.perf_counter())

        def do_POST(self) -> None:
            told.put(time.perf_counter())
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(b"")

        def log_message(self, *_: object) -> None: ...

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        feeds = f"feeds:\n  - {{id: one, url: {address}/feed, owner: one, seed: false, every: 10s}}\n"
        hook = f'[channels.hook]\ntype = "webhook"\nurl = "{address}/hook"\n'
        costs = list[Cost]()
        shown.append(_HEADLINES[0])
        with serving_product(product, feeds, hook) as process:
            for headline in _HEADLINES[1:]:
                costs.append(_told_of(process, asked, told))
                shown.append(headline)
            costs.append(_told_of(process, asked, told))
        first, *later = costs
        yield "from the first item to its webhook", _by_the_clock(first)
        cpu = sum(each.cpu for each in later) / len(later)
        quickest = min(later, key=lambda cost: cost.wall)
        yield "from a later item to its webhook", _by_the_clock(replace(quickest, cpu=cpu))
        waited = min(_floor(address, product.folder / "floor.db") for _ in range(20))
        yield "the floor of that", _by_the_clock(Cost(0.001, 1, waited))
        server.shutdown()


def _cost_of(process: subprocess.Popen[bytes], seconds: int) -> tuple[Cost, int]:
    """Return the cost of some seconds, and how often a thread woke up in them."""
    before, woken = cost_now(process.pid, 0), _wake_ups(process.pid)
    _let_run(process, seconds)
    after, more = cost_now(process.pid, 0), _wake_ups(process.pid)
    return Cost(after.cpu - before.cpu, after.peak, seconds), more - woken


def _told_of(process: subprocess.Popen[bytes], asked: "Queue[float]", told: "Queue[float]") -> Cost:
    """Wait until a service asks for a feed and a webhook is told; return what it cost until all is done."""
    while not asked.empty():
        asked.get()
    began = asked.get(timeout=_PATIENCE)
    before = cost_now(process.pid, 0)
    waited = told.get(timeout=_PATIENCE) - began
    _let_run(process, _SETTLES)
    while not told.empty():
        told.get()
    after = cost_now(process.pid, waited)
    return replace(after, cpu=after.cpu - before.cpu)


def _by_the_clock(cost: Cost) -> Cost:
    return replace(cost, note=f"{1000 * cost.wall:.1f} ms by the clock")


def _feed_of(headlines: Sequence[str]) -> bytes:
    items = "".join(
        f"<item><title>{each}</title><link>https://wire.example/{number}</link></item>"
        for number, each in enumerate(headlines)
    )
    head = "<title>Wire</title><link>https://wire.example/</link>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{items}</channel></rss>'.encode()


def _let_run(process: subprocess.Popen[bytes], seconds: float) -> None:
    with suppress(subprocess.TimeoutExpired):
        raise FailedError(f"the service has ended with {process.wait(seconds)}")


def _wake_ups(process: int) -> int:
    threads = Path(f"/proc/{process}/task").iterdir()
    return sum(int(of_status(thread / "status", "voluntary_ctxt_switches")) for thread in threads)


def _floor(address: str, database: Path) -> float:
    """Return the seconds of an exchange, a transaction synced to the disk, and a webhook."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS items (body BLOB)")
        began = time.perf_counter()
        with urllib.request.urlopen(f"{address}/feed", timeout=60) as answer:  # noqa: S310 - our own server
            body = answer.read()
        connection.execute("INSERT INTO items VALUES (?)", (body,))
        with urllib.request.urlopen(f"{address}/hook", data=body, timeout=60):  # noqa: S310 - as above
            return time.perf_counter() - began
