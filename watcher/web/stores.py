"""Settings in, the database to read from out: opened for one request, and used again by the next.

An open store knows what it has read: how the feeds are doing, what the board goes by, the schema.
"""

import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from watcher import bootstrap
from watcher.errors import StoreError
from watcher.model.settings import Settings
from watcher.ports import Database

_KEPT = 2
"""Stores that stay open; who asks for one while all are lent gets one of his own."""


class Stores:
    """Stores that can only read, each lent to one request at a time. Any thread may borrow one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._free = deque[Database]()
        weakref.finalize(self, _close, self._free)

    @contextmanager
    def lent(self) -> Iterator[Database]:
        """Lend a store; one in whose use something went wrong is not lent again.

        Raises:
            StoreError: there is no database, or it is not one that this program knows.
        """
        store = self._used() or bootstrap.read_store(self._settings)
        try:
            yield store
        except BaseException:
            store.close()
            raise
        if len(self._free) < _KEPT:
            self._free.append(store)
        else:
            store.close()

    def _used(self) -> Database | None:
        """Return a store that was lent before, unless another database is in the place of its own."""
        try:
            store = self._free.pop()
        except IndexError:
            return None
        with suppress(StoreError):
            if store.is_current():
                return store
        store.close()
        return None


def _close(stores: deque[Database]) -> None:
    while stores:
        stores.pop().close()
