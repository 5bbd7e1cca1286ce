"""An engine in, what every part of the store works with out: answers, and transactions."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from watcher.store.engine import Connection, Engine, Values


class Connected:
    """What every part of the store works with."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def engine(self) -> Engine:
        """The database program, for what is done with all tables at once."""
        return self._engine

    def close(self) -> None:
        self._engine.close()

    def _rows(self, query: str, values: Values = ()) -> list[Any]:
        with self._engine.reading() as connection:
            return connection.execute(query, values).fetchall()

    def _row(self, query: str, values: Values = ()) -> Any:
        with self._engine.reading() as connection:
            return connection.execute(query, values).fetchone()

    def _write(self, statement: str, values: Values = ()) -> int:
        """Run one statement in a transaction; return how many rows it changed."""
        with self._engine.writing() as connection:
            return connection.execute(statement, values).rowcount

    def _reading(self) -> AbstractContextManager[Connection]:
        return self._engine.reading()

    def _writing(self, *, lasting: bool = True) -> AbstractContextManager[Connection]:
        return self._engine.writing(lasting=lasting)

    @contextmanager
    def _numbering(self) -> Iterator[Connection]:
        """Write rows that are numbered: who has seen a number has seen all that are lower."""
        with self._engine.writing() as connection:
            self._engine.in_turn(connection, "numbers")
            yield connection
