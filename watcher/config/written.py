"""A group in, the YAML that makes it out: what a `query:` stands for, or a `match` in full."""

from collections.abc import Sequence
from typing import Any

import yaml

from watcher.model.language import (
    AllOf,
    AnyOf,
    AtLeast,
    Group,
    Names,
    Near,
    NoneOf,
    Regex,
    Sentence,
    Term,
    Title,
)

_WIDTH = 120


def as_yaml(group: Group) -> str:
    """Return the YAML of a group, as it may stand under `match`."""
    return yaml.dump(
        {"match": _plain(group)}, allow_unicode=True, sort_keys=False, width=_WIDTH, default_flow_style=None
    )


def _plain(group: Group) -> Any:  # noqa: C901 - one case for every kind of group, and nothing else
    match group:
        case Term(text):
            return text
        case Names(entity):
            return f"${entity}"
        case Regex(pattern):
            return {"regex": pattern}
        case AllOf(parts):
            return {"all": _all(parts)}
        case AnyOf(parts):
            return {"any": _all(parts)}
        case NoneOf(parts):
            return {"none": _all(parts)}
        case AtLeast(count, parts):
            return {"at_least": count, "of": _all(parts)}
        case Near(words, left, right, ordered):
            near = {"words": words, "any": _all(left), "with": _all(right)}
            return {"near": near | ({"ordered": True} if ordered else {})}
        case Sentence(parts):
            return {"sentence": _all(parts)}
        case Title(parts):
            return {"title": _all(parts)}


def _all(parts: Sequence[Group]) -> list[Any]:
    return [_plain(part) for part in parts]
