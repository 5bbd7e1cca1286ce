"""indicators.yaml in, an `IndicatorList` out, or every mistake in it."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from watcher.config.check import check, repeated
from watcher.config.cues import load_cues, to_cues
from watcher.config.models.indicators import DefaultsModel, ExampleModel, IndicatorModel, IndicatorsModel
from watcher.config.models.strict import Known
from watcher.config.parts import read_tree
from watcher.config.roles import load_roles
from watcher.config.source import Disk, Files
from watcher.config.tree import Place, Tree, shown_place
from watcher.config.typed import shown
from watcher.config.vocabulary import load_vocabulary
from watcher.errors import Mistake
from watcher.model.language import (
    KINDS,
    Calendar,
    CalendarId,
    Category,
    Entity,
    EntityId,
    Example,
    Expected,
    Indicator,
    IndicatorList,
)

HOW_TO_MAKE_INDICATORS = (
    "begin with a line `indicators: [{id: icbm, category: provocation, match: [ICBM*]}]`,"
    " or name another file with --indicators"
)

_READ_NEWS = {kind.key for kind in KINDS.values() if kind.reads.is_news}

_ACTS = dict.fromkeys((Category.PROVOCATION, Category.PRECURSOR, Category.RHETORIC), Expected.NORTH)
"""Whose act an indicator of a category is about, when it does not say."""


def load_indicators(path: Path) -> IndicatorList:
    """Read the analyst's file.

    Raises:
        ConfigError: it cannot be read, or something in it is wrong; every mistake is in it.
    """
    return list_of(load_tree(path))


def load_tree(path: Path, files: Files | None = None) -> Tree:
    """Read a file of indicators with all that it includes, as a tree; `files` is the disk by default.

    Raises:
        ConfigError: it, or a part of it, cannot be read.
    """
    raw = (files or Disk()).read(path, if_missing=HOW_TO_MAKE_INDICATORS)
    return read_tree(raw, path, files)


def read_indicators(raw: bytes, name: str) -> IndicatorList:
    """Read the bytes of an indicators file; `name` is its path in mistakes and places, and for its parts.

    Raises:
        ConfigError: something in it is wrong.
    """
    return list_of(read_tree(raw, Path(name)))


def list_of(tree: Tree) -> IndicatorList:
    """Return the list that a tree holds; only the tree knows which file a value stands in.

    Raises:
        ConfigError: something in it is wrong.
    """
    wrong = [*repeated(tree, "indicators", "id"), *_taken_names(tree)]
    model = check(tree, IndicatorsModel, _known(tree), also=wrong)
    cues, terminators = load_cues()
    return IndicatorList(
        title=model.title or tree.name,
        indicators=tuple(
            _indicator(each, model.defaults, tree, index) for index, each in enumerate(model.indicators)
        ),
        entities={
            EntityId(name): Entity(id=EntityId(name), **each.values())
            for name, each in model.entities.items()
        },
        calendars={
            CalendarId(name): Calendar(id=CalendarId(name), **each.values())
            for name, each in model.calendars.items()
        },
        cues=(*cues, *to_cues(model.cues)),
        board=model.board,
        budget=dict(model.budget),
        terminators=(*terminators, *model.terminators),
        vocabulary=load_vocabulary(),
        roles=load_roles(),
    )


def _taken_names(tree: Tree) -> Iterator[Mistake]:
    """Yield a mistake for every former name that an indicator has now, or another had before."""
    taken: dict[str, Place] = {}
    named = [(index, each) for index, each in enumerate(tree.section("indicators")) if isinstance(each, dict)]
    for index, each in named:
        if isinstance(name := each.get("id"), str):
            taken[name] = tree.place(("indicators", index, "id"))
    for index, each in named:
        former = each.get("was") or ()
        for nth, name in enumerate([former] if isinstance(former, str) else former):
            place = ("indicators", index, "was", *(() if isinstance(former, str) else (nth,)))
            if isinstance(name, str) and name in taken:
                what = f"{shown(name)} is or was the name of another indicator, at {shown_place(taken[name])}"
                yield tree.mistake(tree.place(place), what)
            elif isinstance(name, str):
                taken[name] = tree.place(place)


def _known(tree: Tree) -> Known:
    """Take the names as typed, so that a wrong entity is not also unknown wherever it is used."""
    indicators = (each for each in tree.section("indicators") if isinstance(each, dict))
    return Known(
        entities=frozenset(map(str, tree.section("entities"))),
        calendars=frozenset(map(str, tree.section("calendars"))),
        indicators=frozenset(
            str(each.get("id")) for each in indicators if "id" in each and _READ_NEWS & each.keys()
        ),
        disabled={name: shown_place(place) for name, place in tree.disabled.items()},
    )


def _indicator(model: IndicatorModel, defaults: DefaultsModel, tree: Tree, index: int) -> Indicator:
    place = ("indicators", index)
    examples = (
        *_examples(model.examples.match, tree, (*place, "examples", "match")),
        *_examples(model.examples.no_match, tree, (*place, "examples", "no_match")),
    )
    whose = {"actor": _ACTS.get(model.category, Expected.ANY)}
    first, *changed = tree.written.get(place) or (tree.place(place),)
    return Indicator(
        **dict(defaults) | whose | model.values(),
        examples=examples,
        place=shown_place(first),
        changed=tuple(map(shown_place, changed)),
    )


def _examples(models: Iterable[ExampleModel], tree: Tree, path: tuple[str | int, ...]) -> Iterator[Example]:
    for index, model in enumerate(models):
        yield Example(hits=path[-1] == "match", place=tree.where((*path, index)), **model.values())
