"""The name of a part and a size in, what that part costs out: what no public command does alone.

`python inside.py PART SIZE`, with the watcher to measure on the path, prints CPU seconds as its last line.
What has to be there before is not counted.
"""

import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.news import BEGINS, story
from benchmarks.unchanged import Unchanged
from watcher.config import read_indicators
from watcher.config.cached import load_indicators_cached
from watcher.config.shipped import shipped
from watcher.model.alerts import Alert, AlertId, ChannelId, Delivery, DeliveryState, Incident, IncidentId
from watcher.model.news import Feed, FeedId, Item
from watcher.model.polling import Cycle, FeedState
from watcher.pipeline import Rules, World, new_items, process, rules_of
from watcher.read.identity import item_id, keys, text_hash
from watcher.service.daemon import Alone, Plan
from watcher.store import SqliteStore
from watcher.store.search import searchable
from watcher.text.fold import fold

_A_POLL = 30
"""Items of one cycle."""
_MEASURED = 3_000
"""Items that are recorded, or matched, and counted."""
_HITS = 30
_TICKS = 90
_HOOK = ChannelId("hook")


def ingest(store: SqliteStore, size: int) -> float:
    """Record items in cycles of a poll, synced to the disk each; their texts were folded to match them."""
    items = list(_items(0, size))
    taken = 0.0
    for begin in range(0, size, _A_POLL):
        cycle = Cycle(items=tuple(items[begin : begin + _A_POLL]))
        for item in cycle.items:
            fold(item.title)
            fold(item.summary)
        taken += _cost(partial(store.record, cycle, ()))
    return taken


def raw_ingest(store: SqliteStore, size: int) -> float:
    """Write the same rows into the same tables and indexes, in as many transactions, with sqlite3 alone.

    It is given the rows and the words of the index ready made.
    """
    _record(store, _items(0, size))
    with closing(sqlite3.connect(store.path)) as reading:
        items = reading.execute("SELECT * FROM items ORDER BY rowid").fetchall()
        titles = reading.execute("SELECT id, title, summary FROM items ORDER BY rowid").fetchall()
    texts = [(number, name) for number, (name, _, _) in enumerate(titles, 1)]
    words = [(number, searchable(*text)) for number, (_, *text) in enumerate(titles, 1)]
    other = store.path.with_name("raw.db")
    SqliteStore.open(other).close()
    with closing(sqlite3.connect(other, isolation_level=None)) as writing:
        writing.execute("PRAGMA synchronous = FULL")

        def write() -> None:
            for begin in range(0, size, _A_POLL):
                part = slice(begin, begin + _A_POLL)
                writing.execute("BEGIN IMMEDIATE")
                places = ", ".join("?" * len(items[0]))
                writing.executemany(f"INSERT INTO items VALUES ({places})", items[part])  # noqa: S608 - question marks
                writing.executemany("INSERT INTO texts (doc, item) VALUES (?, ?)", texts[part])
                writing.executemany("INSERT INTO words (rowid, text) VALUES (?, ?)", words[part])
                writing.execute("COMMIT")

        return _cost(write)


def stored(store: SqliteStore, size: int) -> float:
    """Tell new items from known ones and record them, beside so many."""
    _record(store, _items(0, size))
    return _cost(lambda: _record(store, _items(size, _MEASURED)))


def incidents(store: SqliteStore, size: int) -> float:
    """Judge and record items that hit, one by one, beside so many open incidents."""
    rules = rules_of(load_indicators_cached(shipped("indicators.yaml")))
    known, _ = _of_one_hit(rules, store)
    more = (
        replace(known, id=IncidentId(f"{known.id}-{number}"), title=f"{known.title} {number}")
        for number in range(size)
    )
    store.record(Cycle(incidents=tuple(more)), ())

    def judge() -> None:
        for number in range(_HITS):
            now = BEGINS + timedelta(seconds=number)
            hitting = _an_item(1, number, "North Korea fires ballistic missile, Seoul says")
            store.record(process([hitting], rules, store, now), ())

    return _cost(judge)


def backlog(store: SqliteStore, size: int) -> float:
    """Take and settle deliveries, one message each, from so many that wait."""
    rules = rules_of(load_indicators_cached(shipped("indicators.yaml")))
    _, alert = _of_one_hit(rules, store)
    alerts = tuple(replace(alert, id=AlertId(f"{alert.id}-{number}")) for number in range(max(size, _HITS)))
    waiting = tuple(Delivery(alert=each, channel=_HOOK, next_try=BEGINS) for each in alerts)
    store.record(Cycle(alerts=alerts), waiting)

    def deliver() -> None:
        for _ in range(_HITS):
            (taken,) = store.lease(_HOOK, BEGINS, BEGINS + timedelta(minutes=1), 1)
            store.settle(replace(taken, state=DeliveryState.DELIVERED), BEGINS)

    return _cost(deliver)


def feeds(store: SqliteStore, size: int) -> float:
    """Let a service have ticks at which a feed is due that has not changed, beside so many feeds."""
    every, now = timedelta(minutes=15), BEGINS
    listed = [Feed(id=FeedId(f"feed-{n}"), url=f"https://{n}.example/", owner="o") for n in range(size)]
    last = BEGINS - every
    states = (
        FeedState(feed=feed.id, next_due=BEGINS + every * n / size, seeded=True, last_poll=last, last_ok=last)
        for n, feed in enumerate(listed)
    )
    store.record(Cycle(states=tuple(states)), ())
    news = Unchanged()
    world = World(fetcher=news, reader=news, store=store, channels=(), clock=lambda: now)
    rules = rules_of(load_indicators_cached(shipped("indicators.yaml")))
    rounds, plan = Alone(world), Plan(feeds=tuple(listed), rules=rules)
    list(rounds.polled(plan))

    def tick() -> None:
        nonlocal now
        for _ in range(_TICKS):
            now = rounds.first_due(plan) or now
            list(rounds.polled(plan))

    return _cost(tick)


def terms(_: SqliteStore, size: int) -> float:
    """Match everyday news against so many terms, all of one indicator."""
    return _matching(_list_of([[f"term{number} word{number}" for number in range(size)]]), _MEASURED)


def indicators(_: SqliteStore, size: int) -> float:
    """Match everyday news against so many indicators of ten terms each."""
    asked = [[f"term{number} word{part}" for part in range(10)] for number in range(size)]
    return _matching(_list_of(asked), _MEASURED)


def matching(_: SqliteStore, size: int) -> float:
    """Match so many items of everyday news against the shipped list."""
    return _matching(rules_of(load_indicators_cached(shipped("indicators.yaml"))), size)


PARTS: dict[str, Callable[[SqliteStore, int], float]] = {
    each.__name__: each
    for each in (ingest, raw_ingest, feeds, stored, incidents, backlog, terms, indicators, matching)
}


def _cost(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _items(begin: int, count: int) -> Iterator[Item]:
    for number in range(begin, begin + count):
        each = story(number // 1000, number)
        yield _an_item(number // 1000, number, each.title, each.summary)


def _an_item(feed: int, number: int, title: str, summary: str = "") -> Item:
    name, url = FeedId(f"feed-{feed}"), f"https://news.example/{feed}/{number}"
    return Item(
        id=item_id(name, url, url, title),
        feed=name,
        owner=f"owner-{feed}",
        title=title,
        summary=summary,
        url=url,
        seen=BEGINS + timedelta(seconds=number),
        keys=keys(url, url, title, frozenset()),
        text_hash=text_hash(title, summary),
        language="en",
    )


def _record(store: SqliteStore, items: Iterator[Item]) -> None:
    polled = list[Item]()
    for item in items:
        polled.append(item)
        if len(polled) == _A_POLL:
            store.record(Cycle(items=new_items(polled, store)), ())
            polled.clear()
    store.record(Cycle(items=new_items(polled, store)), ())


def _of_one_hit(rules: Rules, store: SqliteStore) -> tuple[Incident, Alert]:
    cycle = process([_an_item(0, 0, "North Korea fires ICBM toward Japan")], rules, store, BEGINS)
    return cycle.incidents[0], cycle.alerts[0]


def _list_of(asked: Sequence[Sequence[str]]) -> Rules:
    written = [
        f"  - {{id: i{number}, category: provocation, match: [{', '.join(each)}]}}"
        for number, each in enumerate(asked)
    ]
    return rules_of(read_indicators("\n".join(("indicators:", *written)).encode(), "made.yaml"))


def _matching(rules: Rules, size: int) -> float:
    items = list(_items(0, size))
    rules.matcher.match(items[0])
    return _cost(lambda: [rules.matcher.match(item) for item in items])


if __name__ == "__main__":
    with (
        TemporaryDirectory(prefix="benchmark-") as made,
        closing(SqliteStore.open(Path(made, "watcher.db"))) as opened,
    ):
        print(PARTS[sys.argv[1]](opened, int(sys.argv[2])))
