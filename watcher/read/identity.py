"""Entries in, what they are recognised by out; and of the items of a document, those not yet known.

Feeds change guids, links and titles alone or two at a time, reuse one guid for every story, and repeat a
story under several links. Two items are the same story when two of three agree: guid, link, title. Every pair
of keys is a sign; two items that share a sign are the same. An item with nothing but a title has its title as
a sign. A site that moves to another host keeps the paths of its pages, so a title and a path are a sign too.
One that moves to another system keeps neither: what has the title and the time of a known item is that item,
unless the document has that one as well.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import combinations

from watcher.model.news import FeedId, Item, ItemId, ItemKeys, KnownItem, Point
from watcher.read.caps import MAX_KEY
from watcher.read.links import page, query
from watcher.text.fold import fold

UNKNOWN_TEXT = ""
"""The hash of a text that nobody has any more: of an item known by its keys alone no change is noticed."""

_SCHEME = re.compile(r"^https?://(?:www\.)?", re.IGNORECASE)

_HOSTED = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?(/?[/?].*)", re.DOTALL)

_Sign = tuple[str, ...]


def item_id(feed: FeedId, guid: str, link: str, title: str) -> ItemId:
    """Return the same id for the same entry of a feed, today and in a replay."""
    return ItemId(_digest(feed, guid, link, title))


def text_hash(title: str, summary: str, point: Point | None = None) -> str:
    """Return what changes when the words of an item do, or the place, depth or size of its quake."""
    if point is None:
        return _digest(title, summary)
    place = f"{point.latitude:.2f} {point.longitude:.2f}"
    return _digest(title, summary, place, f"{point.depth} {point.magnitude}")


def keys(guid: str, url: str, title: str, crowded: frozenset[str]) -> ItemKeys:
    """Return what an item is recognised by.

    `crowded` are the pages on which only the query tells items apart.
    """
    link = page_key(url, crowded)
    return ItemKeys(guid=_short(fold(_SCHEME.sub("", guid))), link=_short(link), title=_short(fold(title)))


def keys_passed_on(owner: str, article: str, title: str, published: datetime | None) -> ItemKeys:
    """Return what an item of an aggregator is recognised by: its article, else outlet and title within a day.

    Every date is in two of the spans of two days that follow each other a day apart, and two dates within a
    day of each other share at least one.
    """
    if article:
        return ItemKeys(guid=_short(article), link=_short(article), title=_short(fold(title)))
    told = f"{owner} {fold(title)}"
    days = published.timestamp() / timedelta(days=2).total_seconds() if published else 0.0
    return ItemKeys(
        guid=_short(f"{told} {int(days)}"), link=_short(f"{told} {int(days + 0.5)} later"), title=_short(told)
    )


def page_key(url: str, crowded: frozenset[str]) -> str:
    """Return an address as far as it tells one page from another."""
    link = page(url) if url else ""
    return f"{link}?{query(url)}" if link in crowded else link


def crowded_pages(urls: Iterable[str]) -> frozenset[str]:
    """Return the pages that one document links to with several queries (`view?id=1`, `view?id=2`)."""
    queries: defaultdict[str, set[str]] = defaultdict(set)
    for url in filter(None, urls):
        queries[page(url)].add(query(url))
    return frozenset(link for link, found in queries.items() if len(found) > 1)


def distinct(items: Sequence[Item]) -> tuple[Item, ...]:
    """Drop all but the newest of several items under one id: the same guid, link and title."""
    best = {item.id: item for item in sorted(items, key=_newest_first, reverse=True)}
    return tuple(item for item in items if best[item.id] is item)


def unseen(items: Sequence[Item], known: Sequence[KnownItem]) -> tuple[Item, ...]:
    """Return the new items, and the changed ones as the next revision of their known id, in document order.

    Neither the order of the items nor repeats among them matter: of several that are one story, the newest by
    its own date is kept.
    """
    kept = _without_repeats(items)
    before = _recognise(kept, known) if known else {}
    new = []
    for item in (item for item in items if kept.get(item.id) is item):
        if (known_as := before.get(item.id)) is None:
            new.append(item)
        elif known_as.text_hash not in (item.text_hash, UNKNOWN_TEXT):
            new.append(replace(item, id=known_as.id, revision=known_as.revision + 1))
    return tuple(new)


def _without_repeats(items: Sequence[Item]) -> Mapping[ItemId, Item]:
    told_apart = (
        {item.id: item for item in items},
        {item.keys.guid for item in items},
        {item.keys.title for item in items},
    )
    if all(len(each) == len(items) for each in told_apart):
        return told_apart[0]  # as mostly: there is no sign without one of these
    kept: dict[ItemId, Item] = {}
    taken: set[_Sign] = set()
    for item in sorted(items, key=_newest_first):
        signs = set(_signs(item))
        if taken.isdisjoint(signs):
            kept[item.id] = item
            taken |= signs
    return kept


def _newest_first(item: Item) -> tuple[float, str, str]:
    return (-item.published.timestamp() if item.published else 0.0, item.text_hash, item.id)


def _recognise(kept: Mapping[ItemId, Item], known: Sequence[KnownItem]) -> Mapping[ItemId, KnownItem]:
    """Pair items with known ones, each at most once, the best agreement first."""
    same = {one.id: one for one in known if one.id in kept and kept[one.id].keys == one.keys}
    if len(same) == len(known):
        return same  # as mostly: nothing agrees better
    owners = {sign: item for item in kept.values() for sign in (*_signs(item), *_moved(item))}
    pairs: list[tuple[int, bool, ItemId, ItemId, KnownItem]] = []
    for one in known:
        shared = Counter(owners[sign].id for sign in (*_signs(one), *_moved(one)) if sign in owners)
        pairs.extend(
            (-count, kept[item].text_hash != one.text_hash, one.id, item, one)
            for item, count in shared.items()
        )
    found: dict[ItemId, KnownItem] = {}
    used: set[ItemId] = set()
    for _, _, _, item, one in sorted(pairs, key=lambda pair: pair[:4]):
        if item not in found and one.id not in used:
            found[item] = one
            used.add(one.id)
    return found


def _signs(item: Item | KnownItem) -> Iterator[_Sign]:
    """Yield what an item shares with every other item that is the same story."""
    yield ("id", item.id)
    present = [(name, key) for name in ("guid", "link", "title") if (key := getattr(item.keys, name))]
    for (name, key), (other, value) in combinations(present, 2):
        yield (name, key, other, value)
    for path in filter(None, map(_path, (item.keys.link, item.keys.guid) if item.keys.title else ())):
        yield ("path", path, "title", item.keys.title)
    if len(present) == 1 and item.keys.title:
        yield ("title", item.keys.title)


def _moved(item: Item | KnownItem) -> Iterator[_Sign]:
    """Yield what an item keeps when its feed moves to another system: title and time, to the minute."""
    if item.keys.title and item.published:
        yield ("title", item.keys.title, "published", f"{item.published:%Y-%m-%d %H:%M}")


def _path(link: str) -> str:
    """Return the part of an address's key that stays the same when a site moves to another host."""
    found = _HOSTED.fullmatch(link)
    return found[1].rstrip("/") if found else ""


def _short(key: str) -> str:
    return key if len(key) <= MAX_KEY else f"sha256:{sha256(key.encode('utf-8', 'replace')).hexdigest()}"


def _digest(*parts: str) -> str:
    return sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:16]
