"""A product in, the costs of what it does out: one function for each row of the table, or for several."""

from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.cost import Cost
from benchmarks.news import write_archive, write_feeds_file
from benchmarks.product import Product
from benchmarks.server import change, serving

Stage = Callable[[Product, int], Iterator[tuple[str, Cost]]]
"""A product and how much there is to do (1 is the size of the table), the costs by the name of a row."""


def cycles(product: Product, share: int) -> Iterator[tuple[str, Cost]]:
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


def burst(product: Product, share: int) -> Iterator[tuple[str, Cost]]:
    """Poll feeds in which every fourth item or so hits."""
    feeds = 1_000 // share
    with serving(feeds, burst=True) as server:
        yield f"a burst of hits, {feeds} feeds", product.poll(_feeds_file(product, server, feeds))


def lists(product: Product, _: int) -> Iterator[tuple[str, Cost]]:
    """Load the shipped list, the second time, and check it."""
    product.run("explain", "Hello", *product.shipped)
    yield "load the shipped list", product.run("explain", "Hello", *product.shipped)
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


STAGES: dict[str, Stage] = {"lists": lists, "cycles": cycles, "burst": burst, "archives": archives}


def _feeds_file(product: Product, server: str, feeds: int) -> Path:
    path = product.folder / "feeds.yaml"
    write_feeds_file(path, server, feeds, feeds)
    return path
