"""What goes between the service and a worker, and how the service unpickles it without trusting the worker.

A worker spends its life on hostile bytes in C libraries. If one is ever taken over, its replies must still be
no more than values: only the nouns of news can be unpickled from it.
"""

import pickle
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import IO, Any, Final, NamedTuple

from watcher.model.news import Document, Feed, Item, ItemKeys

WORKER_READY: Final = "ready"

_NOUNS = {
    "datetime": {"datetime", "timezone", "timedelta"},
    "watcher.model.news": {"Document", "Grade", "Hub", "Item", "ItemKeys", "PollHints", "Point"},
    "watcher.workers.wire": {"Failure", "received_item", "received_keys"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """A body to read."""

    body: bytes
    feed: Feed
    seen: datetime
    content_type: str
    url: str


class Failure(NamedTuple):
    """Why a body could not be read: what a `ReadError` is made of."""

    cause: str
    detail: str


Reply = Document | Failure | str


def received_item(*values: Any) -> Item:
    """Return the item with these values, in the order of its fields."""
    return Item(**dict(zip(_FIELDS, values, strict=True)))


def received_keys(*values: str) -> ItemKeys:
    """Return the keys with these values, in the order of their fields."""
    return ItemKeys(**dict(zip(_KEYS, values, strict=True)))


_FIELDS, _KEYS = (tuple(each.name for each in fields(kind)) for kind in (Item, ItemKeys))
_VALUES, _VALUES_OF_KEYS = attrgetter(*_FIELDS), attrgetter(*_KEYS)
_SHORT = {
    Item: lambda item: (received_item, _VALUES(item)),
    ItemKeys: lambda keys: (received_keys, _VALUES_OF_KEYS(keys)),
}
"""Items as calls with their values: half as much work as what dataclasses do for each field."""


def send(reply: Reply, replies: IO[bytes]) -> None:
    """Send a reply."""
    pickler = pickle.Pickler(replies)
    pickler.dispatch_table = _SHORT
    pickler.dump(reply)
    replies.flush()


def receive(replies: IO[bytes]) -> Any:
    """Return the next reply.

    Raises:
        EOFError: the worker has ended.
        pickle.UnpicklingError: it sent something else than news.
    """
    return _News(replies).load()


class _News(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if name not in _NOUNS.get(module, ()):
            raise pickle.UnpicklingError(f"{module}.{name} is not expected from a worker")
        return super().find_class(module, name)
