"""What a test of the store may be given."""

from tests.fakes import FakeStore
from watcher.store import SqliteStore
from watcher.store.postgres import PostgresStore

Real = SqliteStore | PostgresStore
"""On a database program."""

Either = FakeStore | Real
