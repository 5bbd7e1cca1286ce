"""What the tables need of a database program, as protocols: SQLite and PostgreSQL are the two behind them.

The tables' statements are the same for both. They say values as `?` or `:name`. What only one program
understands is asked of its engine. A statement may hold three hints for SQLite's planner, which plans by rule
and not by what it has counted: `INDEXED BY`, `CROSS JOIN … ON` and `+column`. They mean nothing else, and
PostgreSQL's engine takes them out.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from watcher.model.news import ItemId

Values = Sequence[Any] | Mapping[str, Any]


class StoredRow(Protocol):
    """A row of an answer: its cells by name or by place, or all of them in order."""

    def __getitem__(self, place: Any, /) -> Any:
        """Return a cell."""

    def __iter__(self) -> Iterator[Any]:
        """Yield the cells."""
        ...


class Cursor(Protocol):
    """What a statement brought."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""

    @property
    def description(self) -> Any:
        """A sequence for each column, of which the first is its name."""

    def fetchone(self) -> Any:
        """Return the next row, None if there is none."""

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows that are left."""
        ...


class Connection(Protocol):
    """Where statements run."""

    def execute(self, statement: str, values: Values = ..., /) -> Cursor:
        """Run a statement."""

    def executemany(self, statement: str, values: Iterable[Values], /) -> Cursor:
        """Run a statement with each of some values; `rowcount` is of all of them."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens that stand one after the other; the last `begins` one, or is one."""

    tokens: tuple[str, ...]
    begins: bool


Question = Sequence[Sequence[Phrase]]
"""What the index is asked: each of these, one phrase of it at least."""


Seen = Callable[[Connection], object]


class Words(Protocol):
    """The index of what items say: `texts` has the number of each item, `words` is by that number.

    `of_hits` names the table like `words` that is asked for items with hits alone; it may hold others, too.
    """

    of_hits: str

    def take_out(self, connection: Connection, items: Iterable[ItemId]) -> Collection[ItemId]:
        """Remove items while they are still stored as indexed, and return them; others are passed over."""

    def put_in(self, connection: Connection, items: Iterable[ItemId]) -> None:
        """Add stored items, the newest of the index."""

    def put_in_hits(self, connection: Connection, items: Iterable[ItemId]) -> None:
        """Add those of some indexed items that have hits to `of_hits`."""

    def fill(self, connection: Connection) -> None:
        """Index all items that `texts` has a number of; the index is empty."""

    def condition(self, question: Question, table: str = "words") -> tuple[str, Mapping[str, object]]:
        """Return what must hold of a row of `words`, or of `of_hits`, and the values in that by name."""


class Engine(Protocol):
    """A database program, and how it is talked to: one call at a time, from any thread.

    Whatever goes wrong is a `StoreError` that says what to do.
    """

    name: str
    """How messages call the database."""
    words: Words
    seen: Seen | None
    """What is another value once another connection has written; None if nothing tells."""

    def reading(self) -> AbstractContextManager[Connection]:
        """Hold the connection; inside of `writing` too, for the same transaction."""

    def writing(self, *, lasting: bool = True) -> AbstractContextManager[Connection]:
        """Hold the connection in a transaction, which is written wholly or not at all.

        What need not be `lasting` may be undone when the machine (not the program) crashes.
        """

    def in_turn(self, connection: Connection, what: str) -> None:
        """Wait until no other transaction does the same; it is over with the transaction."""

    def numbers_given(self, connection: Connection) -> Mapping[str, int]:
        """Return the highest number that was ever given to a row, by table; alerts and closings have one."""

    def number_on(self, connection: Connection, given: Mapping[str, int]) -> None:
        """Number what comes from where another database has come to, and no number twice."""

    def snapshot(self) -> AbstractContextManager[Connection]:
        """Hold the connection for reading what was stored at one moment."""

    def each_row(self, connection: Connection, query: str) -> AbstractContextManager[Cursor]:
        """Answer a question row by row, however many there are; in a snapshot."""

    def close(self) -> None:
        """Let go of the database."""
