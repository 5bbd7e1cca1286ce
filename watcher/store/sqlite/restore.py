"""A backup and the alert log in, the database out: upgraded, and with every alert that was given."""

from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from watcher.errors import StoreError
from watcher.pipeline import Rules
from watcher.store import SqliteStore
from watcher.store.recalling import Recalled, recall
from watcher.store.sqlite.opening import adopt, replace_database


def restore(backup: Path, database: Path, log: Path, rules: Rules, now: datetime) -> Recalled:
    """Replace a database by a backup and the alerts given since; the caller holds the data folder's lock.

    The old database is kept beside the new one, which takes its place in one step, once it is whole and on
    the disk.

    Raises:
        StoreError: the backup is damaged, newer than this program, or not ours; nothing was changed.
    """
    fresh = database.with_name(f"{database.name}.restored")
    try:
        adopt(backup, fresh)
        with closing(SqliteStore.open(fresh)) as store:
            recalled = recall(store, log, rules)
            if damage := store.integrity():
                raise StoreError(f"{backup}: {damage[0]}")
        aside = replace_database(fresh, database, f"{now:%Y%m%dT%H%M%SZ}")
    finally:
        fresh.unlink(missing_ok=True)
    return replace(recalled, aside=aside)
