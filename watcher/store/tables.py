"""An engine in, everything that is asked of the tables out: each part in a module of its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from watcher.model.nodes import NodeSign
from watcher.ports import Fleets
from watcher.store.archive import ArchiveTables
from watcher.store.listing import ListingTables
from watcher.store.outbox import OutboxTables
from watcher.store.pruning import PruningTables
from watcher.store.recording import Recording

TABLES = (
    "feeds",
    "polls",
    "items",
    "revisions",
    "hits",
    "incidents",
    "parts",
    "decisions",
    "alerts",
    "deliveries",
    "notes",
    "actions",
    "levels",
    "forgotten",
    "subscriptions",
    "heard",
    "digests",
    "closings",
)
"""What counts as a table of ours, for people and for copies; the index of words is made of them."""


class Tables(Recording, OutboxTables, ArchiveTables, ListingTables, PruningTables, Fleets):
    """All that is the same whatever database program holds the tables, and for a service that is alone."""

    def shared_now(self) -> datetime | None:
        return None

    def nodes(self) -> Sequence[NodeSign]:
        return ()

    def first_due(self) -> datetime | None:
        return None

    def counts(self) -> Mapping[str, int]:
        query = "SELECT count(*) FROM {}"
        with self._reading() as connection:
            return {table: connection.execute(query.format(table)).fetchone()[0] for table in TABLES}
