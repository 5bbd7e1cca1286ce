"""A product in, the costs of what it does out: one function for each row of the table, or for several."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.cost import Cost
from benchmarks.news import write_archive, write_feeds_file
from benchmarks.peers import Peer
from benchmarks.product import Product
from benchmarks.server import change, serving
from benchmarks.service import first_request, idle, one_by_one, to_webhook

Stage = Callable[[Product, int], Iterator[tuple[str, Cost]]]
"""A product and how much there is to do (1 is the size of the table), the costs by the name of a row."""


def cycles(product: Product | Peer, share: int) -> Iterator[tuple[str, Cost]]:
    """Poll feeds of 30 items whose news is all new, unchanged, a tenth changed, and the same in full."""
    feeds = 1_000 // share
    with serving(feeds) as server:
        listed = _feeds_file(product, server, feeds)
        yield f"cold, {feeds} feeds of 30 items", product.poll(listed)
        yield f"nothing changed, {feeds} feeds", product.poll(listed)
        change(server, "tenth")
        yield f"a tenth changed, {feeds} feeds", product.poll(listed)
        change(server, "plain")
        yield f"the same bodies in full, {feeds} feeds", product.poll(listed)


def warm(product: Product | Peer, share: int) -> Iterator[tuple[str, Cost]]:
    """Poll unchanged feeds of one item: many, and a tenth of them, so that the difference has no start-up."""
    feeds = 5_000 // share
    few = feeds // 10
    with serving(few, items=1) as server:
        listed = _feeds_file(product, server, feeds, documents=few)
        product.poll(listed)
        most = product.poll(listed)
        least = product.poll(_feeds_file(product, server, few))
    beyond = Cost(most.cpu - least.cpu, most.peak, most.wall - least.wall)
    yield (
        f"{feeds - few} more feeds, all unchanged",
        replace(beyond, note=f"{1e6 * beyond.cpu / (feeds - few):.0f} us a feed"),
    )


def burst(product: Product, share: int) -> Iterator[tuple[str, Cost]]:
    """Poll feeds in which every fourth item or so hits."""
    feeds = 1_000 // share
    with serving(feeds, burst=True) as server:
        yield f"a burst of hits, {feeds} feeds", product.poll(_feeds_file(product, server, feeds))


def lists(product: Product, _: int) -> Iterator[tuple[str, Cost]]:
    """Load the shipped list, the second time, explain a text by it, and check it."""
    product.run("explain", "Hello", *product.shipped)
    yield "load the shipped list, and match a text", product.load()
    yield "explain a text", product.run("explain", "Hello", *product.shipped)
    yield "check the shipped list", product.run("check", product.shipped[1])
    yield "say what there is to ask for", product.run("--help")


def archives(product: Product, share: int) -> Iterator[tuple[str, Cost]]:
    """Match and replay an archive."""
    items = 50_000 // share
    archive = product.folder / "archive.jsonl"
    write_archive(archive, items)
    yield f"match {items} items", product.run("match", str(archive), *product.shipped)
    data = str(product.folder / "replayed")
    yield f"replay {items} items", product.run("replay", str(archive), "--data", data, *product.shipped)
    # a backtest without labels has nothing to lose
    yield (
        f"backtest {items} stored items",
        product.run("backtest", "--data", data, *product.shipped, accepted=(0, 1)),
    )


def service(product: Product, share: int) -> Iterator[tuple[str, Cost]]:
    """Start the service, let it wait, and give it an item to tell of."""
    yield "from the start to the first request", first_request(product)
    yield from to_webhook(product)
    feeds, polls = max(2, 100 // share), max(2, 40 // share)
    with serving(feeds, items=1) as server:
        seconds = max(2, 60 // share)
        yield f"{seconds} s with nothing due, {feeds} feeds", idle(product, server, feeds, seconds)
        yield f"{polls} unchanged feeds, one each second", one_by_one(product, server, polls)


def parts(product: Product, share: int) -> Iterator[tuple[str, Cost]]:
    """Match and record, in one process and without anything around it."""
    items = 30_000 // share
    matched = product.part("matching", items)
    yield f"match {items} everyday items in one process", _each(matched, items)
    yield f"record {items} items", _each(product.part("ingest", items), items)
    yield f"the same rows by sqlite3 alone, {items} items", _each(product.part("raw_ingest", items), items)


def growth(product: Product, share: int) -> Iterator[tuple[str, Cost]]:
    """Do the same beside more and more of what there may be."""
    for part, what, sizes in _GROWTH:
        for size in sizes:
            yield f"{what}, {size // share or 1}", product.part(part, size // share or 1)


_GROWTH = (
    ("feeds", "90 ticks, each with one unchanged feed: feeds", (100, 1_000, 10_000, 100_000)),
    ("terms", "match 3000 items: terms", (100, 1_000, 10_000)),
    ("indicators", "match 3000 items: indicators", (10, 100, 1_000)),
    ("stored", "record 3000 items: stored items before", (3_000, 30_000, 300_000)),
    ("incidents", "judge 30 hits: open incidents", (100, 1_000, 10_000)),
    ("backlog", "deliver 30 alerts: waiting deliveries", (100, 1_000, 10_000)),
)
STAGES: dict[str, Stage] = {
    "lists": lists,
    "cycles": cycles,
    "warm": warm,
    "burst": burst,
    "archives": archives,
    "service": service,
    "parts": parts,
    "growth": growth,
}
PEERS: dict[str, Callable[[Peer, int], Iterator[tuple[str, Cost]]]] = {"cycles": cycles, "warm": warm}
"""The stages that every program which polls feeds can run."""


def _each(cost: Cost, items: int) -> Cost:
    return replace(cost, note=f"{items / cost.cpu:,.0f} a second")


def _feeds_file(product: Product | Peer, server: str, feeds: int, documents: int = 0) -> Path:
    path = product.folder / "feeds.yaml"
    write_feeds_file(path, server, feeds, documents or feeds)
    return path
