"""An empty PostgreSQL database in, what cycles of unchanged feeds cost on it and on SQLite out.

    python -m benchmarks.engines postgresql://watcher@/empty?host=/run/postgresql

Each of 1,000 feeds answers 304 and has had the 200 polls that are remembered. Nothing goes over a network:
only what the line and the store do is measured, in CPU of this process, in that of the server's process for
it, and in time. The server must be on this machine.
"""

import json
import os
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.unchanged import Unchanged
from watcher.config import read_indicators
from watcher.model.news import Feed, FeedId
from watcher.pipeline import Rules, World, poll, rules_of
from watcher.store import SqliteStore
from watcher.store.postgres import PostgresStore
from watcher.store.recording import POLLS_KEPT

_FEEDS, _CYCLES = 1_000, 10
_BEGIN = datetime(2026, 10, 10, 12, tzinfo=UTC)
_NONE = "indicators: [{id: none, title: None, category: rhetoric, severity: low, match: [unheard-of]}]"
_POLLED = """
    INSERT INTO polls (feed, at, status, error, items, new, notes)
    SELECT feed, before.value, status, error, items, new, notes FROM polls CROSS JOIN json_each(?) AS before
"""


def cycles(store: SqliteStore | PostgresStore, rules: Rules) -> list[float]:
    """Return the medians of a cycle: CPU here, CPU of the server, time."""
    server = 0
    if isinstance(store, PostgresStore):
        with store.engine.reading() as connection:
            (server,) = connection.execute("SELECT pg_backend_pid()").fetchone()
    now, measured = _BEGIN, list[tuple[float, float, float]]()
    feeds = [
        Feed(
            id=FeedId(f"feed{number}"), url=f"https://{number}.example/f", owner="o", every=timedelta(hours=1)
        )
        for number in range(_FEEDS)
    ]
    for number in range(_CYCLES + 2):
        now += timedelta(hours=2)
        before = time.process_time(), _cpu_of(server), time.perf_counter()
        news = Unchanged()
        world = World(fetcher=news, reader=news, store=store, channels=(), clock=lambda now=now: now)
        list(poll(feeds, world, rules))
        after = time.process_time(), _cpu_of(server), time.perf_counter()
        if number > 1:
            measured.append(tuple(end - begin for begin, end in zip(before, after, strict=True)))  # type: ignore[arg-type]
        elif not number:
            _fill(store)
    return [median(each) for each in zip(*measured, strict=True)]


def _fill(store: SqliteStore | PostgresStore) -> None:
    """Give each feed the polls that a store remembers."""
    with store.engine.writing() as connection:
        connection.execute(
            _POLLED, (json.dumps([f"2026-01-01T{number:06}" for number in range(POLLS_KEPT)]),)
        )
    if isinstance(store, PostgresStore):
        with store.engine.reading() as connection:
            connection.execute("VACUUM ANALYZE")  # as the server does by itself now and then


def _cpu_of(process: int) -> float:
    if not process:
        return 0.0
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print the figures of both."""
    rules = rules_of(read_indicators(_NONE.encode(), "none.yaml"))
    with TemporaryDirectory() as folder:
        with closing(SqliteStore.open(Path(folder) / "watcher.db")) as store:
            sqlite = cycles(store, rules)
        with closing(PostgresStore.open(sys.argv[1])) as store:
            postgres = cycles(store, rules)
    for what, lite, server in zip(("CPU here", "CPU of the server", "time"), sqlite, postgres, strict=True):
        print(f"{what}: SQLite {lite:.3f} s, PostgreSQL {server:.3f} s")
    print(f"CPU in all: {(postgres[0] + postgres[1]) / sqlite[0]:.2f} times SQLite's")


if __name__ == "__main__":
    main()
