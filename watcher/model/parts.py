"""A value in, a smaller one with some of its fields out."""

from dataclasses import fields
from typing import TypeVar

_Part = TypeVar("_Part")


def part_of(kind: type[_Part], whole: object) -> _Part:
    """Return a value of a dataclass whose fields are all fields of a larger value, by the same names."""
    return kind(**{each.name: getattr(whole, each.name) for each in fields(kind)})  # type: ignore[arg-type]
