"""A statement of the tables in, the same as PostgreSQL and psycopg take it out; rows by name and by place."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, ClassVar

from psycopg import Cursor
from psycopg.adapt import Dumper

_PART = re.compile(
    r"""'[^']*'                                 # a text
    | \sINDEXED\ BY\ \w+                        # hints for SQLite's planner
    | CROSS\ JOIN\ (?P<joined>\w+)(?:\ INDEXED\ BY\ \w+)?(?=\ ON)
    | (?P<plus>\+)(?=\w+\ IN)
    | \? | (?<!:):(?P<name>\w+) | %""",
    re.VERBOSE,
)


@cache
def translated(statement: str) -> str:
    """Return a statement without hints for SQLite, with its values as psycopg takes them."""
    return _PART.sub(_part, statement)


def _part(found: re.Match[str]) -> str:
    words = found[0]
    if words.startswith("'"):
        return words.replace("%", "%%")
    if found["joined"]:
        return f"JOIN {found['joined']}"
    if found["name"]:
        return f"%({found['name']})s"
    return {"?": "%s", "%": "%%"}.get(words, "")


class _Row(tuple[Any, ...]):
    """Cells by name or by place; of two with one name the first."""

    __slots__ = ()
    places: ClassVar[dict[str, int]]

    def __getitem__(self, place: Any) -> Any:
        return tuple.__getitem__(self, self.places[place] if isinstance(place, str) else place)


@cache
def _kind_of_row(names: tuple[str, ...]) -> type[_Row]:
    places = {name: place for place, name in reversed(list(enumerate(names)))}
    return type("Row", (_Row,), {"__slots__": (), "places": places})


def row_maker(cursor: Cursor[Any]) -> Callable[[Sequence[Any]], _Row]:
    """Return what makes the rows of an answer, for psycopg."""
    return _kind_of_row(tuple(column.name for column in cursor.description or ()))


class BoolAsNumber(Dumper):
    """Writes what is true as 1, as SQLite does."""

    oid = 21  # int2

    def dump(self, obj: bool) -> bytes:  # noqa: FBT001 - psycopg's signature
        """Return what is sent."""
        return b"1" if obj else b"0"
