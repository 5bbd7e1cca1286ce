"""The tables behind the `Store` port: cycles in, one transaction each; what was recorded out.

`sqlite` is the adapter, a lock round functions that each take a connection: `recording` writes a cycle,
`outbox` hands out deliveries, `reading` answers questions. `schema` says what is stored, `rows` and `values`
how, `opening` how a file is opened and copied, `trouble` what to tell people when the database fails.
sqlite_utils is imported when a database is made or upgraded and not before: it costs 14 MB and 70 ms, which
readers, `--help` and the service at its next start need not pay.
"""

from watcher.store.sqlite import SqliteStore

__all__ = ["SqliteStore"]
