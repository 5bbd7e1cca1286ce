"""YAML text in, plain data out: texts, lists and mappings, and the place of every one of them.

A scalar stays the text that was typed, so `no`, `on` and `12:30` are words. What YAML can do beyond that is
refused: anchors, aliases, tags, several documents. The parser is read event by event, so that depth and size
are bounded before anything is built. JSON is YAML and comes through here too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from watcher.errors import ConfigError, Mistake

MAX_DEPTH = 50
MAX_VALUES = 100_000

Path = tuple[str | int, ...]
Place = tuple[str, int, int]
"""A file, a line and a column."""
Data = str | list["Data"] | dict[str, "Data"] | None


class SlowLoader(yaml.SafeLoader):
    """The reader of a PyYAML without libyaml, which takes what libyaml takes.

    By itself it ends a word inside brackets at a question mark, so that it would refuse `[Hwasong-1?]`, and
    takes no tab between a key and its value.
    """

    _in_word = False

    def scan_plain(self) -> Any:
        """Read a text without quotation marks."""
        self._in_word = True
        try:
            return super().scan_plain()
        finally:
            self._in_word = False

    def scan_to_next_token(self) -> None:
        """Pass over what stands between two words."""
        super().scan_to_next_token()
        while self.peek() == "\t" and (self.flow_level or not self.allow_simple_key):
            self.forward()
            super().scan_to_next_token()

    def peek(self, index: int = 0) -> Any:
        """Return a character ahead; inside a word a question mark is like any other letter."""
        found = super().peek(index)
        return "x" if self._in_word and found == "?" else found


_LOADER = getattr(yaml, "CSafeLoader", SlowLoader)  # libyaml is twenty times faster
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_IN_PLAIN_WORDS = {
    "parsing a block collection": "this fits nowhere in the list that begins on line {line}; "
    "begin an entry with `- `, as far in as the other entries",
    "parsing a block mapping": "this fits nowhere under the keys that begin on line {line}; "
    "indent it as they are, and put quotation marks around the whole text or nowhere",
    "sequence entries are not allowed": "a list cannot begin here; put each `- ` on a line of its own, "
    "or write [a, b]",
    "mapping values are not allowed": "a colon cannot stand here; put a text with a colon in quotation "
    "marks, and indent keys alike",
    "',' or ']'": "what begins with `[` on line {line} has no `]`, or a comma is missing before this",
    "',' or '}'": "what begins with `{` on line {line} has no `}`, or a comma is missing before this",
    "cannot start any token": "a text cannot begin with this character; put it in quotation marks",
    "scanning a quoted scalar": "the quotation mark on line {line} is never closed",
    "could not find expected ':'": "the word on line {line} is no key and no entry; "
    "add a colon, or begin with `- `",
}
"""What the parser of YAML says, with and without libyaml, and what that means."""
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(slots=True)
class Tree:
    """A file, or the sum of several, as plain data; `values` and `keys` are the places of values and keys.

    `verbatim` are the texts that stand on one line just as they are read, with the number of quotation marks
    before them. Of a sum, `written` has each place of a value that several files write, and `disabled` the
    place where an indicator is disabled.
    """

    name: str
    data: Data = None
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    verbatim: dict[Path, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    written: dict[Path, tuple[Place, ...]] = field(default_factory=dict)
    disabled: dict[str, Place] = field(default_factory=dict)

    @property
    def start(self) -> Place:
        """Where the file begins."""
        return (self.name, 1, 1)

    def section(self, key: str) -> list[Data] | dict[str, Data]:
        """Return what stands under a key of the file: nothing when that is no list and no mapping."""
        found = self.data.get(key) if isinstance(self.data, dict) else None
        return found if isinstance(found, list | dict) else []

    def place(self, path: Path) -> Place:
        """Return where a value begins; steps that are not in the data are passed over."""
        return self.values.get(self._known(path), self.start)

    def where(self, path: Path) -> str:
        """Return where a value begins, as people read it."""
        return shown_place(self.place(path))

    def key_place(self, path: Path) -> Place:
        """Return where the last key of a path begins."""
        return self.keys.get(self._known(path), self.place(path))

    def place_inside(self, path: Path, offset: int) -> Place:
        """Return where a character of a text stands; where the text begins when it is folded or escaped."""
        file, line, column = self.place(path)
        quotes = self.verbatim.get(self._known(path))
        return (file, line, column if quotes is None else column + quotes + offset)

    def mistake(self, place: Place, what: str) -> Mistake:
        """Make a mistake at a place."""
        file, line, column = place
        return Mistake(file=file, line=line, column=column, what=what)

    def _known(self, path: Path) -> Path:
        known: Path = ()
        for step in path:
            if (*known, step) in self.values:
                known = (*known, step)
        return known


def shown_place(place: Place) -> str:
    """Return a place as people read it: `file:line:column`."""
    return ":".join(map(str, place))


def parse(text: str, name: str) -> Tree:
    """Read a YAML text.

    Raises:
        ConfigError: it is no YAML. Mistakes that leave its shape intact are kept in the tree instead.
    """
    _refuse_control_characters(text, name)
    tree = Tree(name)
    try:
        _Builder(tree, yaml.parse(text, Loader=_LOADER)).build()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        place = _place(name, mark)
        what = f"{_problem(error)}; the file is no YAML from here on"
        if any(
            line.startswith("\t", place[2] - 1) for line in _LINE_END.split(text)[place[1] - 1 : place[1]]
        ):
            what = "a tab; indent with blanks"
        tree.mistakes.append(tree.mistake(place, what))
        raise ConfigError(tree.mistakes) from error
    except _TooMuch as error:
        raise ConfigError([*tree.mistakes, tree.mistake(error.place, error.what)]) from error
    return tree


class _TooMuch(Exception):  # noqa: N818 - not an error of its own: parse() turns it into a mistake
    def __init__(self, place: Place, what: str) -> None:
        self.place, self.what = place, what
        super().__init__(what)


class _Builder:
    """Turns parser events into the data and places of a tree."""

    def __init__(self, tree: Tree, events: Iterator[yaml.Event]) -> None:
        self._tree, self._name, self._events = tree, tree.name, events

    def build(self) -> None:
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents == 2:
                    raise _TooMuch(
                        _place(self._name, event.start_mark),
                        "a second document begins here; a file holds one",
                    )
                self._tree.data = self._value(next(self._events), ())
        if not documents or (self._tree.data is None and not self._tree.mistakes):
            raise _TooMuch(self._tree.start, "the file is empty")

    def _value(self, event: yaml.Event, path: Path) -> Data:
        place = _place(self._name, event.start_mark)
        self._tree.values[path] = place
        if len(path) > MAX_DEPTH:
            raise _TooMuch(place, f"nested more than {MAX_DEPTH} deep")
        if len(self._tree.values) > MAX_VALUES:
            raise _TooMuch(place, f"more than {MAX_VALUES:,} values in one file")
        self._refuse_extras(event, place)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        return self._text(event, path) if isinstance(event, yaml.ScalarEvent) else None

    def _list(self, path: Path) -> list[Data]:
        items: list[Data] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, (*path, len(items))))
        return items

    def _mapping(self, path: Path) -> dict[str, Data]:
        found: dict[str, Data] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            place = _place(self._name, event.start_mark)
            key = self._key(event, path)
            if key in found:
                self._note(
                    place, f"duplicate key `{key}`; it is already on line {self._tree.keys[*path, key][1]}"
                )
                self._value(next(self._events), (*path, f"{key} (again, {place[1:]})"))
                continue
            self._tree.keys[*path, key] = place
            found[key] = self._value(next(self._events), (*path, key))
        return found

    def _key(self, event: yaml.Event, path: Path) -> str:
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_extras(event, _place(self._name, event.start_mark))
            return event.value
        self._note(_place(self._name, event.start_mark), "a key must be a word")
        self._value(event, (*path, f"(key at {_place(self._name, event.start_mark)[1:]})"))
        return f"(key at {_place(self._name, event.start_mark)[1:]})"

    def _text(self, event: yaml.ScalarEvent, path: Path) -> str | None:
        value: str = event.value
        start, end, quotes = (
            _place(self._name, event.start_mark),
            _place(self._name, event.end_mark),
            1 if event.style in ("'", '"') else 0,
        )
        if start[1] == end[1] and end[2] - start[2] == len(value) + 2 * quotes:
            self._tree.verbatim[path] = quotes
        if CONTROL.search(value):
            self._note(
                _place(self._name, event.start_mark), "a control character is hidden here; type the text anew"
            )
        if value == "" and event.implicit[0] and path:
            self._note(
                _place(self._name, event.start_mark), "nothing is written here; write a value or remove it"
            )
        return None if value == "" and event.implicit[0] else value

    def _refuse_extras(self, event: yaml.Event, place: Place) -> None:
        if isinstance(event, yaml.AliasEvent):
            advice = "write the value itself, or name an entity and use `$name`"
            self._note(place, f"alias `*{event.anchor}` is not allowed; {advice}")
        elif getattr(event, "anchor", None):
            self._note(place, f"anchor `&{event.anchor}` is not allowed; remove it")  # type: ignore[attr-defined]
        if getattr(event, "tag", None):
            self._note(place, f"tag `{event.tag}` is not allowed; remove it, or put the text in quotes")  # type: ignore[attr-defined]

    def _note(self, place: Place, what: str) -> None:
        self._tree.mistakes.append(self._tree.mistake(place, what))


def _refuse_control_characters(text: str, name: str) -> None:
    mistakes = []
    for number, line in enumerate(_LINE_END.split(text) if CONTROL.search(text) else (), start=1):
        if found := CONTROL.search(line):
            what = f"control character U+{ord(found[0]):04X}; remove it"
            mistakes.append(Mistake(file=name, line=number, column=found.start() + 1, what=what))
    if mistakes:
        raise ConfigError(mistakes)


def _place(name: str, mark: Any) -> Place:
    return (name, mark.line + 1, mark.column + 1) if mark else (name, 1, 1)


def _problem(error: yaml.YAMLError) -> str:
    """Return what is wrong in words for people who have not read the specification of YAML."""
    problem = getattr(error, "problem", None) or "cannot be read"
    context, begun = getattr(error, "context", None), getattr(error, "context_mark", None)
    said = f"{problem} {context} that begins on line {{line}}" if context and begun else str(problem)
    plain = next((words for part, words in _IN_PLAIN_WORDS.items() if part in said), None)
    return (plain or said).replace("{line}", str(begun.line + 1) if begun else "1")
