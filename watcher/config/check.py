"""A tree and a model in, the filled model out, or every mistake at its place."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from watcher.config.models.strict import Known
from watcher.config.query import QueryError
from watcher.config.tree import Place, Tree
from watcher.config.typed import shown
from watcher.errors import ConfigError, Mistake

MAX_MISTAKES = 200

_Model = TypeVar("_Model", bound=BaseModel)

_EXPECTED = {
    "model_type": "keys and values",
    "model_attributes_type": "keys and values",
    "dict_type": "keys and values",
    "tuple_type": "a list",
    "frozen_set_type": "a list",
}


def check(
    tree: Tree, model: type[_Model], known: Known | None = None, also: Iterable[Mistake] = ()
) -> _Model:
    """Fill a model from a tree.

    Raises:
        ConfigError: something is wrong; it has every mistake, the tree's own and those of `also` too.
    """
    mistakes = [*tree.mistakes, *also]
    try:
        filled = model.model_validate(tree.data, context=known or Known())
    except ValidationError as error:
        taken = {(mistake.file, mistake.line, mistake.column) for mistake in mistakes}
        # A list is also called short when the things in it are wrong themselves.
        told = (
            each
            for each in error.errors(include_url=False)
            if each["type"] != "too_short" or not each["input"]
        )
        found = (_mistake(tree, each) for each in told)
        mistakes += [each for each in found if (each.file, each.line, each.column) not in taken]
        raise ConfigError(_bounded(mistakes)) from error
    if mistakes:
        raise ConfigError(_bounded(mistakes))
    return filled


def repeated(tree: Tree, section: str, key: str) -> list[Mistake]:
    """Return a mistake for every entry of a list that has the same value of `key` as one before it."""
    first: dict[str, Place] = {}
    mistakes = []
    for index, entry in enumerate(tree.section(section)):
        if isinstance(entry, dict) and isinstance(value := entry.get(key), str):
            place = tree.place((section, index, key))
            if value in first:
                what = f"duplicate {key} {shown(value)}; it is already on line {first[value][1]}"
                mistakes.append(tree.mistake(place, what))
            first.setdefault(value, place)
    return mistakes


def _mistake(tree: Tree, error: ErrorDetails) -> Mistake:
    path, kind = error["loc"], error["type"]
    if path and (path[-1] == "[key]" or kind == "unknown_key"):
        return tree.mistake(tree.key_place(path), _what(error))
    if isinstance(reason := error.get("ctx", {}).get("error"), QueryError):
        return tree.mistake(tree.place_inside(path, reason.offset), _what(error))
    return tree.mistake(tree.place(path), _what(error))


def _what(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return f"missing key `{error['loc'][-1]}`"
    if kind == "too_short":
        return "an empty list; write at least one thing in it"
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, found {shown(error['input'])}"
    return str(context.get("what") or context.get("error") or error["msg"])


def _bounded(mistakes: Sequence[Mistake]) -> list[Mistake]:
    found = sorted(set(mistakes))
    if len(found) <= MAX_MISTAKES:
        return found
    last, more = found[MAX_MISTAKES - 1], f"and {len(found) - MAX_MISTAKES + 1} more mistakes from here on"
    return [*found[: MAX_MISTAKES - 1], replace(last, column=last.column + 1, what=more)]
