"""Keys of pruned items, kept as numbers, so that a feed that lists them again brings nothing new."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b

from watcher.model.news import FeedId, ItemId, ItemKeys, KnownItem
from watcher.store.engine import Connection, StoredRow
from watcher.store.values import storable, to_json

_LEAVE_KEYS = """
    INSERT INTO forgotten (id, guid, link, title, text_hash, revision) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET guid = excluded.guid, link = excluded.link, title = excluded.title,
        text_hash = excluded.text_hash, revision = excluded.revision
"""
_FORGOTTEN = " UNION ".join(
    f"SELECT * FROM forgotten WHERE {key} IN (SELECT CAST(value AS BIGINT) FROM json_each(:{key}))"  # noqa: S608  our own words only
    for key in ("guid", "link", "title")
)


def find(connection: Connection, feed: FeedId, keys: Sequence[ItemKeys]) -> list[KnownItem]:
    """Return what is left of the items of a feed that share a non-empty key with any of `keys`."""
    if not connection.execute("SELECT EXISTS (SELECT 1 FROM forgotten)").fetchone()[0]:
        return []
    numbers = {_number(feed, key): key for each in keys for key in (each.guid, each.link, each.title) if key}
    wanted = to_json(sorted(numbers))
    found = connection.execute(_FORGOTTEN, {"guid": wanted, "link": wanted, "title": wanted})
    return [
        KnownItem(
            id=ItemId(row["id"]),
            keys=ItemKeys(**{name: _key(row[name], numbers) for name in ("guid", "link", "title")}),
            text_hash=row["text_hash"],
            revision=row["revision"],
        )
        for row in found
    ]


def remember(connection: Connection, items: Iterable[ItemId]) -> None:
    """Drop what is left of items that are about to be stored again, with new words."""
    names = to_json([storable(item) for item in items])
    connection.execute("DELETE FROM forgotten WHERE id IN (SELECT value FROM json_each(?))", (names,))


def leave(connection: Connection, items: Iterable[StoredRow]) -> None:
    """Keep what is needed of items that are about to be taken out."""
    for row in items:
        keys = (row["key_guid"], row["key_link"], row["key_title"])
        numbers = (_number(row["feed"], key) if key else None for key in keys)
        connection.execute(_LEAVE_KEYS, (row["id"], *numbers, row["text_hash"], row["revision"]))


def _number(feed: str, key: str) -> int:
    """Return the 63 bits that stand for a key of a feed."""
    return int.from_bytes(blake2b(storable(f"{feed}\n{key}").encode(), digest_size=8).digest()) >> 1


def _key(number: int | None, numbers: Mapping[int, str]) -> str:
    """Return the key that a number stands for; one that nobody asks for agrees with no other."""
    return "" if number is None else numbers.get(number, f"forgotten:{number}")
