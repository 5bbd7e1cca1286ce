"""An engine in, everything that is asked of the tables out: each part in a module of its own."""

from watcher.store.archive import ArchiveTables
from watcher.store.listing import ListingTables
from watcher.store.outbox import OutboxTables
from watcher.store.pruning import PruningTables
from watcher.store.recording import Recording


class Tables(Recording, OutboxTables, ArchiveTables, ListingTables, PruningTables):
    """All that is the same whatever database program holds the tables."""
