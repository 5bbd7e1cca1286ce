"""The shipped words for origins, occurrences and outlets (a YAML file each, beside this module) as values."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from operator import itemgetter
from typing import Annotated, TypeVar

from pydantic import PlainValidator

from watcher.config.check import check
from watcher.config.models.leaves import Count, Duration, Language, Version
from watcher.config.models.strict import Strict
from watcher.config.source import decode
from watcher.config.tree import parse
from watcher.model.vocabulary import Axis, Origin, Vocabulary
from watcher.read.outlets import owners_by_name

_ByLanguage = Mapping[str, tuple[str, ...]]


def _pattern(text: str) -> str:
    """Return a regular expression that compiles."""
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"`{text}` is no regular expression: {error}") from error
    return text


def _any_of(words: _ByLanguage) -> str:
    """Return one regular expression that finds any of the words of all languages."""
    return _pattern("|".join(word for each in words.values() for word in each))


def _agencies(agencies: Mapping[str, _ByLanguage]) -> str:
    return _pattern("|".join(f"(?P<{name}>{_any_of(words)})" for name, words in agencies.items()))


def _weekdays(days: Mapping[str, tuple[tuple[str, ...], ...]]) -> str:
    return _pattern(
        "|".join(
            f"({'|'.join(name for names in day for name in names)})"
            for day in zip(*days.values(), strict=True)
        )
    )


_Words = Annotated[str, PlainValidator(_any_of)]


class OriginModel(Strict):
    """Who news may come from."""

    name: str
    owners: frozenset[str] = frozenset()
    words: _Words


class OriginsModel(Strict):
    """origins.yaml: who the news comes from."""

    version: Version = 1
    origins: dict[str, OriginModel]
    unnamed: OriginModel
    not_a_source: _Words
    agencies: Annotated[str, PlainValidator(_agencies)]


class AxisModel(Strict):
    """Classes of one thing."""

    settled: Duration
    classes: dict[str, _Words]


class OccurrenceModel(Strict):
    """occurrence.yaml: what tells one occurrence from others of its kind."""

    version: Version = 1
    axes: dict[str, AxisModel]
    marks: _Words
    aside: _Words
    second_soon: _Words
    not_first: _Words
    not_first_anywhere: _Words
    own_account: _Words
    retold: _Words
    harm: dict[Count, _Words]
    not_its_day: _Words
    weekdays: Annotated[str, PlainValidator(_weekdays)]
    months: dict[Language, tuple[str, ...]]
    dates: dict[Language, str]
    bare_day: _Words


class OutletsModel(Strict):
    """outlets.yaml: the sites and names of outlets, by the owner that lists of feeds name."""

    version: Version = 1
    outlets: dict[str, tuple[str, ...]]


WordsModel = TypeVar("WordsModel", OriginsModel, OccurrenceModel, OutletsModel)


@cache
def load_outlets() -> Mapping[str, str]:
    """Return the owners of well-known outlets by their sites and names."""
    return owners_by_name(_shipped("outlets.yaml", OutletsModel).outlets)


@cache
def load_vocabulary() -> Vocabulary:
    """Return the shipped words for origins and occurrences."""
    origins, occurrence = _shipped("origins.yaml", OriginsModel), _shipped("occurrence.yaml", OccurrenceModel)
    numbered = [
        (month, number) for months in occurrence.months.values() for number, month in enumerate(months, 1)
    ]
    words = dict(origins) | dict(occurrence)
    words |= {
        "origins": {name: Origin(**dict(each)) for name, each in origins.origins.items()},
        "unnamed": Origin(**dict(origins.unnamed)),
        "axes": {name: Axis(**dict(each)) for name, each in occurrence.axes.items()},
        "harm": tuple(sorted(occurrence.harm.items(), key=itemgetter(0), reverse=True)),
        "months": dict(numbered),
        "dates": tuple(
            _pattern(pattern.replace("{months}", "|".join(occurrence.months[language])))
            for language, pattern in occurrence.dates.items()
        ),
    }
    del words["version"]
    return Vocabulary(**words)


def read_words(raw: bytes, name: str, model: type[WordsModel]) -> WordsModel:
    """Read a file of words.

    Raises:
        ConfigError: something in it is wrong.
    """
    return check(parse(decode(raw, name), name), model)


def _shipped(name: str, model: type[WordsModel]) -> WordsModel:
    return read_words(files("watcher.config").joinpath(name).read_bytes(), name, model)
