"""Frozen values to JSON text and back, by their annotations; times to text that sorts.

Encoding is `json` with one fallback. Decoding compiles, once for each type, a function that rebuilds the
value: a field that the text lacks takes its default, a key that the type lacks is ignored, so rows outlive
additions to the model.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")

_SURROGATE = re.compile("[\ud800-\udfff]")
_NUL_ESCAPED = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def stamp(moment: datetime) -> str:
    """Return a moment as UTC text of fixed width, so that comparing texts compares moments."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {moment}")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def moment(text: str) -> datetime:
    """Return the moment a text of `stamp` stands for."""
    return datetime.fromisoformat(text)


def is_storable(text: str) -> bool:
    """Say, quickly, whether a text is as `storable` returns it; one with letters beyond ASCII may be, too."""
    return text.isascii() and "\0" not in text


def storable(text: str) -> str:
    """Join surrogate pairs and replace lone surrogates and NUL, which no database can hold in a text."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    if text.isascii() or not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def as_is(found: Any) -> Any:
    """Return what is given."""
    return found


def to_json(value: object) -> str:
    """Return frozen values as compact JSON; sets are sorted, so that equal values are equal texts."""
    return without_nul(storable(_ENCODER.encode(value)))


def without_nul(text: str) -> str:
    """Replace NUL in JSON, where it is written as an escape."""
    return _NUL_ESCAPED.sub("\\1\ufffd", text) if "\\u0000" in text else text


def from_json(kind: type[T], text: str) -> T:
    """Rebuild a value of a type from the text `to_json` made of it."""
    build: Callable[[Any], T] = _builder(cast("Any", kind))
    return build(json.loads(text))


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    kind: Any = type(value)
    if names := _names(kind):
        return {name: getattr(value, name) for name in names}
    raise TypeError(f"cannot be stored: {value!r}")


_ENCODER = json.JSONEncoder(default=_plain, ensure_ascii=False, separators=(",", ":"))


@cache
def _builder(kind: Any) -> Callable[[Any], Any]:
    origin = get_origin(kind)
    if isinstance(kind, NewType):
        return _builder(kind.__supertype__)
    if origin in (Union, UnionType):
        return _optional(kind)
    if origin in (tuple, frozenset):
        return _many(origin, get_args(kind)[0])
    if is_dataclass(kind):
        return _whole(kind)
    return moment if kind is datetime else _plainly(kind)


def _optional(kind: Any) -> Callable[[Any], Any]:
    (inner,) = (_builder(part) for part in get_args(kind) if part is not NoneType)
    return lambda found: None if found is None else inner(found)


def _many(collection: Any, member: Any) -> Callable[[Any], Any]:
    build = _builder(member)
    return collection if build is as_is else lambda found: collection(map(build, found))


def _whole(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    parts = [(field.name, _builder(hints[field.name])) for field in fields(kind)]
    return lambda found: kind(**{name: build(found[name]) for name, build in parts if name in found})


def _plainly(kind: Any) -> Callable[[Any], Any]:
    return kind if isinstance(kind, type) and issubclass(kind, Enum) else as_is
