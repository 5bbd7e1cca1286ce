"""The trees of a list and its parts in, one tree out: later parts add to earlier ones, and change them by id.

Words (`names`, `besides`, `dates`, `cues`, `terminators`) and examples are added to. Everything else that a
later part writes again replaces what stood there, key by key.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from watcher.config.check import repeated
from watcher.config.tree import CONTROL, Data, Path, Place, Tree
from watcher.config.typed import shown
from watcher.errors import Mistake
from watcher.text.suggest import did_you_mean

INCLUDE, DISABLE = "include", "disable"

_OF_AN_INDICATOR = ("severity", "look_in", "repeat_after")
_DEFAULTS, _INDICATORS, _EXAMPLES = "defaults", "indicators", "examples"
_NAMED = ("entities", "calendars")
_KEYED = ("board", "budget")
_LISTS = (_INDICATORS, "cues", "terminators")
_ADDED_TO = frozenset({"names", "besides", "dates"})


@dataclass(frozen=True, slots=True)
class _Node:
    """A value that a file writes, or one that is `made` of those of several, with where it begins."""

    tree: Tree
    path: Path
    data: Data
    made: "dict[str, _Node] | list[_Node] | None" = None
    written: tuple[Place, ...] = ()
    """Where each file begins it, when several do."""

    @property
    def place(self) -> Place:
        return self.tree.place(self.path)

    @property
    def fields(self) -> "dict[str, _Node]":
        """Its values by key; none when it is no mapping."""
        if isinstance(self.made, dict):
            return self.made
        found = self.data if isinstance(self.data, dict) else {}
        return {key: _Node(self.tree, (*self.path, key), value) for key, value in found.items()}

    @property
    def items(self) -> "list[_Node]":
        """Its values in order; what is no list stands for a list of it."""
        if isinstance(self.made, list):
            return self.made
        if not isinstance(self.data, list):
            return [self]
        return [_Node(self.tree, (*self.path, index), value) for index, value in enumerate(self.data)]


def summed(trees: Sequence[Tree]) -> Tree:
    """Return the sum of some trees; what is wrong with it as a sum is among its mistakes."""
    total = _Sum()
    for tree in trees:
        total.add(tree)
    return total.tree(trees[-1])


def texts(tree: Tree, key: str) -> Iterator[tuple[Place, str]]:
    """Yield the text or texts under a key of a file, without control characters; note what is no text."""
    found = _Node(tree, (), tree.data).fields.get(key)
    for each in found.items if found else ():
        if isinstance(each.data, str) and each.data.strip():
            if not CONTROL.search(each.data):  # it is a mistake already
                yield each.place, each.data.strip()
        elif each.data is not None:  # nothing is a mistake already
            tree.mistakes.append(tree.mistake(each.place, f"expected text, found {shown(each.data)}"))


class _Sum:
    def __init__(self) -> None:
        self._sections: dict[str, _Node] = {}
        self._indicators: dict[object, _Node] = {}
        self._disabled: dict[str, Place] = {}
        self._mistakes: list[Mistake] = []

    def add(self, tree: Tree) -> None:
        """Add a part to those before it."""
        self._disable(tree)
        self._mistakes += [*tree.mistakes, *repeated(tree, _INDICATORS, "id")]
        root, before = _Node(tree, (), tree.data), {*self._indicators}
        if not isinstance(tree.data, dict):
            self._wrong(root, f"expected keys and values, found {shown(tree.data)}")
        for key, node in root.fields.items():
            if key in _LISTS and not isinstance(node.data, list):
                self._wrong(node, f"expected a list, found {shown(node.data)}")
            elif key in (*_NAMED, *_KEYED, _DEFAULTS) and not isinstance(node.data, dict):
                self._wrong(node, f"expected keys and values, found {shown(node.data)}")
            elif key == _INDICATORS:
                self._add_indicators(node, root.fields.get(_DEFAULTS))
            else:
                self._add_section(key, node)
        if _DEFAULTS in root.fields and before == {*self._indicators}:
            what = "`defaults` apply to the indicators that this file adds, and it adds none"
            self._wrong(root.fields[_DEFAULTS], what)

    def tree(self, top: Tree) -> Tree:
        """Return the sum as a tree with the name of `top`."""
        made = dict(self._sections)
        if listed := [*self._indicators.values()]:
            made[_INDICATORS] = _Node(listed[0].tree, (_INDICATORS,), None, made=listed)
        total = Tree(top.name, mistakes=self._mistakes, disabled=self._disabled)
        total.data = _built(_Node(top, (), None, made=made), total, ())
        return total

    def _disable(self, tree: Tree) -> None:
        own = [each.get("id") for each in tree.section(_INDICATORS) if isinstance(each, dict)]
        for place, name in texts(tree, DISABLE):
            if self._indicators.pop(name, None):
                self._disabled[name] = place
                continue
            what = f"no included file has the indicator {shown(name)}{did_you_mean(name, self._ids())}"
            if name in own:
                what = f"{shown(name)} is in this file; remove it there"
            elif name in self._disabled:
                what = f"{shown(name)} is already disabled"
            tree.mistakes.append(tree.mistake(place, what))

    def _add_section(self, key: str, node: _Node) -> None:
        before = self._sections.get(key)
        if key == _DEFAULTS:  # the indicators have those that exist; the model names the rest
            rest = node.fields.keys() - {*_OF_AN_INDICATOR}
            node = replace(node, made={key: node.fields[key] for key in sorted(rest)})
        if before and key in _LISTS:
            self._sections[key] = replace(node, made=[*before.items, *node.items])
        elif before and key in (*_KEYED, _DEFAULTS):
            self._sections[key] = replace(node, made={**before.fields, **node.fields})
        elif before and key in _NAMED:
            made = dict(before.fields)
            for name, each in node.fields.items():
                made[name] = _extended(made[name], each) if name in made else each
            self._sections[key] = replace(node, made=made)
        elif key not in (INCLUDE, DISABLE) and not (before and key == "version" and node.data == "1"):
            self._sections[key] = node

    def _add_indicators(self, listed: _Node, defaults: _Node | None) -> None:
        before, known = dict(self._indicators), self._ids()
        written = defaults.fields if defaults else {}
        own = {key: each for key, each in written.items() if key in _OF_AN_INDICATOR}
        for node in listed.items:
            name = node.fields["id"].data if "id" in node.fields else None
            if not isinstance(name, str):
                self._indicators[node.place] = node
            elif name in before:
                self._indicators[name] = _changed(before[name], node)
            else:
                self._indicators[name] = replace(node, made={**own, **node.fields})
                self._disabled.pop(name, None)
                if known and "category" not in node.fields:
                    near = did_you_mean(name, known) or "; a new one needs `category`"
                    self._wrong(node, f"no included file has the indicator {shown(name)}{near}")

    def _ids(self) -> list[str]:
        return [name for name in self._indicators if isinstance(name, str)]

    def _wrong(self, node: _Node, what: str) -> None:
        self._mistakes.append(node.tree.mistake(node.place, what))


def _extended(before: _Node, node: _Node) -> _Node:
    """Return an entity or a calendar with what a later part says of it."""
    if not before.fields or not node.fields:
        return node
    made = before.fields | node.fields
    for key in _ADDED_TO & before.fields.keys() & node.fields.keys():
        made[key] = replace(node.fields[key], made=[*before.fields[key].items, *node.fields[key].items])
    return replace(node, made=made)


def _changed(before: _Node, node: _Node) -> _Node:
    """Return an indicator with the fields that a later part writes anew, and the examples of both."""
    made, old, new = before.fields | node.fields, before.fields.get(_EXAMPLES), node.fields.get(_EXAMPLES)
    if old and new and old.fields and new.fields:
        said = {_text_of(each) for side in new.fields.values() for each in side.items} - {""}
        kept = {
            side: [each for each in found.items if _text_of(each) not in said]
            for side, found in old.fields.items()
        }
        sides = {
            side: replace(found, made=[*kept.get(side, ()), *found.items])
            for side, found in new.fields.items()
        }
        rest = {side: replace(old.fields[side], made=each) for side, each in kept.items() if each}
        made[_EXAMPLES] = replace(new, made=rest | sides)
    return replace(node, made=made, written=(*(before.written or (before.place,)), node.place))


def _text_of(example: _Node) -> object:
    """Return the text of an example, by which a later part may state it anew; empty is none."""
    text = example.data.get("text") if isinstance(example.data, dict) else example.data
    return text if isinstance(text, str) else ""


def _built(node: _Node, total: Tree, at: Path) -> Data:
    """Write a value into the sum, with its places, and return it."""
    total.values[at] = node.place
    if node.path in node.tree.keys:
        total.keys[at] = node.tree.keys[node.path]
    if node.path in node.tree.verbatim:
        total.verbatim[at] = node.tree.verbatim[node.path]
    if node.written:
        total.written[at] = node.written
    if isinstance(node.made, dict) or (node.made is None and isinstance(node.data, dict)):
        return {key: _built(each, total, (*at, key)) for key, each in node.fields.items()}
    if isinstance(node.made, list) or isinstance(node.data, list):
        return [_built(each, total, (*at, index)) for index, each in enumerate(node.items)]
    return node.data
