"""Values of frozen types to rows of tables and back, by the annotations of their fields.

A field is a column of its own name: a text, a number, a time of `values.stamp`, or, if it has parts, JSON.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from functools import lru_cache, partial
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Generic, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

from watcher.model.alerts import Alert, Decision, Delivery, Hit, Incident
from watcher.model.board import LevelChange
from watcher.model.news import Item, KnownItem
from watcher.model.polling import FeedState, Poll
from watcher.model.review import Action
from watcher.model.subscription import Subscription
from watcher.store.engine import StoredRow
from watcher.store.values import as_is, from_json, is_storable, moment, stamp, storable, to_json

_Stored = TypeVar("_Stored")

Cell = str | int | float | None
Row = tuple[Cell, ...]
Cells = Mapping[str, Cell]
"""Cells by the names of their columns."""
_Code = tuple[Callable[[Any], Any], Callable[[Any], Any]]


class Table(Generic[_Stored]):
    """How values of a type are rows of a table.

    `only` names the fields that are columns, by default all; the others are given when a row is read.
    `unwritten` are fields that are only read, as another statement writes them. `parts` are fields whose own
    fields are columns, each with the prefix of these columns. `more` are columns made of the whole value.
    """

    def __init__(
        self,
        name: str,
        kind: type[_Stored],
        *,
        only: Sequence[str] = (),
        unwritten: Sequence[str] = (),
        parts: Mapping[str, str] | None = None,
        more: Mapping[str, Callable[[_Stored], Cell]] | None = None,
    ) -> None:
        hints, columns, readers = get_type_hints(kind), dict[str, Callable[[_Stored], Cell]](), {}
        texts = dict[str, str]()
        for field in only or [each.name for each in fields(kind)]:  # type: ignore[arg-type]
            if parts and field in parts:
                more_columns, readers[field] = _part(field, hints[field], parts[field])
                columns |= more_columns
                texts |= _texts(hints[field], parts[field], f"{field}.")
            else:
                encode, decode = _code(hints[field])
                if field not in unwritten:
                    columns[field] = _cell_of(attrgetter(field), encode)
                    texts |= {field: field} if _is_text(hints[field]) else {}
                readers[field] = partial(_field, field, decode)
        self.name, self._kind, self._readers = name, kind, readers
        others = {name: cell for name, cell in columns.items() if name not in texts} | dict(more or {})
        self._columns = {name: columns[name] for name in texts} | others
        self._texts, self._others = _all_of(tuple(texts.values())), tuple(others.values())

    @property
    def columns(self) -> str:
        """The names of the columns, as SQL lists them."""
        return ", ".join(self._columns)

    def row(self, value: _Stored) -> Row:
        """Return a value as a row, in the order of the columns."""
        texts = self._texts(value)
        if not is_storable("".join(texts)):
            texts = tuple(map(storable, texts))
        return (*texts, *[cell(value) for cell in self._others])

    def cells(self, row: Row) -> Cells:
        """Return the cells of a row by the names of the columns."""
        return dict(zip(self._columns, row, strict=True))

    def as_stored(self, value: _Stored, cells: Cells) -> _Stored:
        """Return a value of which these cells were written, as it is read; every column must be a field."""
        return replace(value, **{name: self._readers[name](cells) for name in cells})  # type: ignore[type-var]

    def changes(self, before: _Stored, after: _Stored) -> Cells:
        """Return the cells of the columns that differ; every column must be a field."""
        fields = attrgetter(*self._columns)
        told = zip(self._columns.items(), fields(before), fields(after), strict=True)
        return {name: cell(after) for (name, cell), old, new in told if old is not new and old != new}

    def value(self, row: StoredRow, **given: object) -> _Stored:
        """Return a row as a value; `given` are the fields that are no columns."""
        return self._kind(**given, **{field: read(row) for field, read in self._readers.items()})

    def insert(self, on_conflict: str) -> str:
        """Return the statement that inserts a row."""
        places = ", ".join("?" * len(self._columns))
        return f"INSERT INTO {self.name} ({self.columns}) VALUES ({places}) ON CONFLICT {on_conflict}"  # noqa: S608  our own words only

    def upsert(self, key: str, guard: str = "") -> str:
        """Return the statement that inserts a row, or replaces the one with the same key if `guard` holds."""
        keys = key.split(", ")
        changes = ", ".join(f"{name} = excluded.{name}" for name in self._columns if name not in keys)
        return self.insert(f"({key}) DO UPDATE SET {changes} {guard}")

    def update(self, columns: Iterable[str], condition: str) -> str:
        """Return the statement that changes some columns of the rows for which a condition holds."""
        return _update(self.name, tuple(columns), condition)


@lru_cache(maxsize=64)  # most states of a round change in the same columns
def _update(table: str, columns: tuple[str, ...], condition: str) -> str:
    changes = ", ".join(f"{name} = ?" for name in columns)
    return f"UPDATE {table} SET {changes} WHERE {condition}"  # noqa: S608  our own words only


def _all_of(paths: Sequence[str]) -> Callable[[Any], tuple[str, ...]]:
    """Return what gets the values of some fields at once."""
    if len(paths) > 1:
        return attrgetter(*paths)
    return lambda value: tuple(attrgetter(path)(value) for path in paths)


def _texts(part: Any, prefix: str, path: str) -> dict[str, str]:
    """Return the columns of a part that are texts, each with its path; none if the part may be absent."""
    if not is_dataclass(part):
        return {}
    hints = get_type_hints(part)
    return {prefix + name: path + name for name, hint in hints.items() if _is_text(hint)}


def _is_text(hint: Any) -> bool:
    return _is_text(hint.__supertype__) if isinstance(hint, NewType) else hint is str


def _part(
    field: str, hint: Any, begins: str
) -> tuple[dict[str, Callable[[Any], Cell]], Callable[[Any], Any]]:
    """Return the columns of a field that is a value with fields of its own, and what reads it from a row."""
    kind = next((each for each in get_args(hint) if each is not NoneType), hint)
    codes = {name: _code(each) for name, each in get_type_hints(kind).items()}
    columns: dict[str, Callable[[Any], Cell]] = {
        begins + name: partial(_cell_of_part, attrgetter(field), attrgetter(name), encode)
        for name, (encode, _) in codes.items()
    }

    def read(row: StoredRow) -> Any:
        found = {name: decode(row[begins + name]) for name, (_, decode) in codes.items()}
        return None if kind is not hint and next(iter(found.values())) is None else kind(**found)

    return columns, read


def _code(hint: Any) -> _Code:
    """Return what makes a cell of a value of a type, and the value of the cell."""
    if isinstance(hint, NewType):
        return _code(hint.__supertype__)
    if get_origin(hint) in (Union, UnionType):
        (inner,) = (each for each in get_args(hint) if each is not NoneType)
        encode, decode = _code(inner)
        return partial(_unless_none, encode), partial(_unless_none, decode)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return as_is, hint
    plain: Mapping[Any, _Code] = {
        str: (storable, as_is),
        int: (as_is, as_is),
        float: (as_is, as_is),
        bool: (as_is, bool),
        datetime: (stamp, moment),
    }
    if is_dataclass(hint) or get_origin(hint) is tuple:
        # what a server asks for, the hub it names, what is noted: the same poll after poll, mostly nothing
        return lru_cache(maxsize=256)(to_json), lru_cache(maxsize=256)(partial(from_json, hint))
    return plain.get(hint) or (to_json, partial(from_json, hint))


def _cell_of(get: Callable[[Any], Any], encode: Callable[[Any], Cell]) -> Callable[[Any], Cell]:
    return get if encode is as_is else partial(_cell, get, encode)


def _cell(get: Callable[[Any], Any], encode: Callable[[Any], Cell], value: Any) -> Cell:
    return encode(get(value))


def _cell_of_part(
    part: Callable[[Any], Any], get: Callable[[Any], Any], encode: Callable[[Any], Cell], value: Any
) -> Cell:
    held = part(value)
    found = None if held is None else get(held)
    return None if found is None else encode(found)


def _field(column: str, decode: Callable[[Any], Any], row: StoredRow) -> Any:
    return decode(row[column])


def _unless_none(convert: Callable[[Any], Any], found: Any) -> Any:
    return None if found is None else convert(found)


def _of_item(name: str, hit: Hit) -> Cell:
    return storable(getattr(hit.item, name))


FEED = Table("feeds", FeedState, unwritten=("called",))
SUBSCRIPTION = Table("subscriptions", Subscription)
POLL = Table("polls", Poll)
ITEM = Table("items", Item, parts={"keys": "key_", "point": ""})
KNOWN = Table("items", KnownItem, parts={"keys": "key_"})
HIT = Table(
    "hits",
    Hit,
    only=[each.name for each in fields(Hit) if each.name != "item"],
    more={"item": lambda hit: storable(hit.item.id), "revision": lambda hit: hit.item.revision}
    | {name: partial(_of_item, name) for name in ("feed", "owner", "language")},
)
INCIDENT = Table(
    "incidents",
    Incident,
    only=("id", "opened", "updated", "closed", "version"),
    more={"held": lambda incident: incident.held.reason if incident.held else None, "body": to_json},
)
DECISION = Table("decisions", Decision)
ALERT = Table(
    "alerts",
    Alert,
    only=("id", "at", "kind", "reason", "severity", "indicator", "incident"),
    more={"body": to_json},
)
DELIVERY = Table(
    "deliveries", Delivery, only=("channel", "state", "attempts", "next_try", "error", "told_with", "holder")
)
ACTION = Table("actions", Action)
LEVEL = Table(
    "levels",
    LevelChange,
    only=("since", "level"),
    more={"subject": lambda change: storable(str(change.subject)), "body": to_json},
)


def delivery(row: StoredRow) -> Delivery:
    """Return a row of a delivery, joined with its alert, as a delivery."""
    return DELIVERY.value(row, alert=from_json(Alert, row["body"]))


def hit(row: StoredRow) -> Hit:
    """Return a row of a hit, joined with the item it is about, as a hit."""
    return HIT.value(row, item=ITEM.value(row))
