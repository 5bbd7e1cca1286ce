"""New items of many polls in, one transaction out for those of which nothing follows.

A batch is some items that are played one poll after the other. What the store knows of them is asked once,
at the beginning; what comes of them is added to that.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

from watcher import pipeline
from watcher.match import NOTHING_FOUND, Found
from watcher.model.news import FeedId, Item, ItemId, ItemKeys, KnownItem
from watcher.model.polling import Cycle
from watcher.ports import Feeds, RoundStore


class Waiting:
    """The items of a batch that wait to be recorded, and what is known of the others."""

    def __init__(self, items: Iterable[Item], sink: pipeline.Sink, rules: pipeline.Rules) -> None:
        self._sink, self._rules = sink, rules
        self._known = _Known(items, sink.store)
        self._waiting: dict[ItemId, Item] = {}

    def play(self, items: Sequence[Item]) -> tuple[int, Cycle]:
        """Play the items of a poll; return how many are new, and what was recorded of them at once."""
        new = pipeline.new_items(items, self._known)
        readings = [pipeline.reading_of(item, self._rules) for item in new]
        is_quiet = not any(reading.hits or reading.heard for reading in readings)
        if not is_quiet or any(item.id in self._waiting for item in new):
            self.record()
        for item in new:
            self._known.add(item.feed, _as_known(item))
        if not is_quiet:
            return len(new), self._recorded(new, readings)
        self._waiting |= {item.id: item for item in new}
        return len(new), Cycle()

    def record(self) -> None:
        """Record what waits."""
        if self._waiting:
            self._recorded(tuple(self._waiting.values()), [NOTHING_FOUND] * len(self._waiting))
            self._waiting.clear()

    def _recorded(self, items: Sequence[Item], readings: Sequence[Found]) -> Cycle:
        return pipeline.run_step(partial(_processed, items, readings, self._rules), self._sink)


class _Known:
    """What is known of feeds, as far as some items go: what a store has of them, and what was added since."""

    def __init__(self, items: Iterable[Item], store: Feeds) -> None:
        self._items: dict[ItemId, tuple[FeedId, KnownItem]] = {}
        self._by_key = defaultdict[tuple[FeedId, str, str], set[ItemId]](set)
        asked = defaultdict[FeedId, list[ItemKeys]](list)
        for item in items:
            asked[item.feed].append(item.keys)
        for feed, keys in asked.items():
            for known in store.known(feed, keys):
                self.add(feed, known)

    def known(self, feed: FeedId, keys: Sequence[ItemKeys]) -> Sequence[KnownItem]:
        """Return the items of a feed that share at least one non-empty key with any of `keys`."""
        found = {name for each in keys for key in _named(feed, each) for name in self._by_key.get(key, ())}
        return [self._items[name][1] for name in found]

    def add(self, feed: FeedId, known: KnownItem) -> None:
        """Know an item in place of an earlier revision."""
        if known.id in self._items:
            before, item = self._items[known.id]
            if item.revision > known.revision:
                return
            for key in _named(before, item.keys):
                self._by_key[key].discard(item.id)
        self._items[known.id] = feed, known
        for key in _named(feed, known.keys):
            self._by_key[key].add(known.id)


def _named(feed: FeedId, keys: ItemKeys) -> Iterator[tuple[FeedId, str, str]]:
    for name, key in (("guid", keys.guid), ("link", keys.link), ("title", keys.title)):
        if key:
            yield feed, name, key


def _as_known(item: Item) -> KnownItem:
    return KnownItem(
        id=item.id,
        keys=item.keys,
        text_hash=item.text_hash,
        revision=item.revision,
        published=item.published,
    )


def _processed(
    items: Sequence[Item], readings: Sequence[Found], rules: pipeline.Rules, store: RoundStore, now: datetime
) -> Cycle:
    return pipeline.process(items, rules, store, now, readings=readings)
