"""A list of indicators and what it includes in, one tree out that knows in which file each value stands."""

import os
from collections.abc import Iterator
from glob import escape, has_magic
from pathlib import Path

from watcher.config.shipped import shipped
from watcher.config.source import Disk, Files, decode
from watcher.config.summed import DISABLE, INCLUDE, summed, texts
from watcher.config.tree import Place, Tree, parse, shown_place
from watcher.config.typed import shown
from watcher.errors import ConfigError, Mistake
from watcher.model.settings import SHIPPED
from watcher.text.suggest import did_you_mean

_LISTS = "*.yaml"
"""What is read of a folder."""


def read_tree(raw: bytes, path: Path, files: Files | None = None) -> Tree:
    """Return a list with all that it includes; `raw` is what the file of that path holds.

    Raises:
        ConfigError: a file is no YAML, or a part cannot be read; every such mistake of all files is in it.
    """
    reading = _Reading(files or Disk())
    trees = [*reading.read(raw, path)]
    if reading.mistakes:
        raise ConfigError([*reading.mistakes, *(each for tree in trees for each in tree.mistakes)])
    (top,) = trees[-1:]
    keys = top.data if isinstance(top.data, dict) else {}
    return summed(trees) if len(trees) > 1 or {INCLUDE, DISABLE} & keys.keys() else top


def parts_of(path: Path) -> tuple[str, ...]:
    """Return patterns for the files that a list includes, those that are missing or wrong too."""
    reading = _Reading(Disk())
    try:
        raw = reading.files.read(path, if_missing="")
    except ConfigError:
        return ()
    for _ in reading.read(raw, path):
        pass
    return tuple(reading.patterns)


class _Reading:
    """Reads a file and its parts; `mistakes` are of unreadable parts, `patterns` are the files of parts."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.mistakes: list[Mistake] = []
        self.patterns: list[str] = []
        self._chain: list[Path] = []
        self._included: dict[str, Place] = {}

    def read(self, raw: bytes, path: Path) -> Iterator[Tree]:
        """Yield the trees of the parts of a file, in their order, and then its own."""
        try:
            tree = parse(decode(raw, self.files.name(path)), self.files.name(path))
        except ConfigError as error:
            self.mistakes += error.mistakes
            return
        self._chain.append(path)
        for place, text in texts(tree, INCLUDE):
            for part in self._paths(tree, place, text):
                yield from self._part(tree, place, text, part)
        self._chain.pop()
        yield tree

    def _paths(self, tree: Tree, place: Place, text: str) -> list[Path]:
        """Return the files that a word under `include` means."""
        if text == SHIPPED:
            path = shipped("indicators.yaml")
            self.patterns.append(escape(str(path)))
            return [path]
        folder, is_pattern = self._chain[-1].parent, has_magic(text)
        pattern = str(Path(escape(str(folder))) / text) if is_pattern else escape(str(folder / text))
        if is_folder := not is_pattern and self.files.is_folder(folder / text):
            pattern = str(Path(pattern) / _LISTS)
        self.patterns.append(pattern)
        if not is_pattern and not is_folder:
            return [folder / text]
        here = _real(self._chain[-1])
        found = [each for each in self.files.matching(pattern) if _real(each) not in {here, *self._included}]
        if not found:
            what = f"no {_LISTS} in the folder" if is_folder else "no file matches"
            self.mistakes.append(tree.mistake(place, f"{what} {shown(text)}{self._suggestion(text)}"))
        return found

    def _part(self, tree: Tree, place: Place, text: str, path: Path) -> Iterator[Tree]:
        real = _real(path)
        if real in map(_real, self._chain):
            chain = " -> ".join(self.files.name(each) for each in (*self._chain, path))
            self.mistakes.append(tree.mistake(place, f"{shown(text)} includes itself: {chain}"))
        elif real in self._included:
            first = shown_place(self._included[real])
            what = f"{shown(text)} is already included at {first}; include it once"
            self.mistakes.append(tree.mistake(place, what))
        else:
            self._included[real] = place
            try:
                raw = self.files.read(path, if_missing="")
            except ConfigError as error:
                what = error.mistakes[0].what.rstrip("; ")
                self.mistakes.append(tree.mistake(place, f"{shown(text)}: {what}{self._suggestion(text)}"))
                return
            yield from self.read(raw, path)

    def _suggestion(self, text: str) -> str:
        """Say what may have been meant: a file or a folder beside this file, or one folder below."""
        here = self._chain[-1].parent
        beside = Path(escape(str(here)))
        near = (*self.files.matching(str(beside / "*")), *self.files.matching(str(beside / "*/*")))
        files = [each.relative_to(here) for each in near]
        folders = {each.parent / Path(text).name if has_magic(text) else each.parent for each in files}
        return did_you_mean(text, [SHIPPED, *map(str, files), *map(str, folders)])


def _real(path: Path) -> str:
    return os.path.realpath(path)
