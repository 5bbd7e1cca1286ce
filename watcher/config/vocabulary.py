"""The shipped words for origins and occurrences (`origins.yaml`, `occurrence.yaml`) as a value."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, TypeVar

from pydantic import PlainValidator

from watcher.config.check import check
from watcher.config.models.leaves import Duration, Language, Version
from watcher.config.models.strict import Strict
from watcher.config.source import decode
from watcher.config.tree import parse
from watcher.model.vocabulary import Axis, Origin, Vocabulary

_ByLanguage = Mapping[str, tuple[str, ...]]


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"`{text}` is no regular expression: {error}") from error


def _any_of(words: _ByLanguage) -> re.Pattern[str]:
    """Compile the words of all languages into one pattern that finds any of them."""
    return _pattern("|".join(word for each in words.values() for word in each))


def _agencies(agencies: Mapping[str, _ByLanguage]) -> re.Pattern[str]:
    return _pattern("|".join(f"(?P<{name}>{_any_of(words).pattern})" for name, words in agencies.items()))


def _weekdays(days: Mapping[str, tuple[tuple[str, ...], ...]]) -> re.Pattern[str]:
    return _pattern(
        "|".join(
            f"({'|'.join(name for names in day for name in names)})"
            for day in zip(*days.values(), strict=True)
        )
    )


Words = Annotated[re.Pattern[str], PlainValidator(_any_of)]


class OriginModel(Strict):
    """Who news may come from."""

    name: str
    owners: frozenset[str] = frozenset()
    words: Words


class OriginsModel(Strict):
    """origins.yaml: who the news comes from."""

    version: Version = 1
    origins: dict[str, OriginModel]
    unnamed: OriginModel
    not_a_source: Words
    agencies: Annotated[re.Pattern[str], PlainValidator(_agencies)]


class AxisModel(Strict):
    """Classes of one thing."""

    settled: Duration
    classes: dict[str, Words]


class OccurrenceModel(Strict):
    """occurrence.yaml: what tells one occurrence from others of its kind."""

    version: Version = 1
    axes: dict[str, AxisModel]
    marks: Words
    aside: Words
    second_soon: Words
    not_first: Words
    not_first_anywhere: Words
    own_account: Words
    retold: Words
    not_its_day: Words
    weekdays: Annotated[re.Pattern[str], PlainValidator(_weekdays)]
    months: dict[Language, tuple[str, ...]]
    dates: dict[Language, str]
    bare_day: Words


M = TypeVar("M", OriginsModel, OccurrenceModel)


@cache
def load_vocabulary() -> Vocabulary:
    """Return the shipped words for origins and occurrences."""
    origins, occurrence = _read("origins.yaml", OriginsModel), _read("occurrence.yaml", OccurrenceModel)
    numbered = [
        (month, number) for months in occurrence.months.values() for number, month in enumerate(months, 1)
    ]
    words = dict(origins) | dict(occurrence)
    words |= {
        "origins": {name: Origin(**dict(each)) for name, each in origins.origins.items()},
        "unnamed": Origin(**dict(origins.unnamed)),
        "axes": {name: Axis(**dict(each)) for name, each in occurrence.axes.items()},
        "months": dict(numbered),
        "dates": tuple(
            _pattern(pattern.replace("{months}", "|".join(occurrence.months[language])))
            for language, pattern in occurrence.dates.items()
        ),
    }
    del words["version"]
    return Vocabulary(**words)


def _read(name: str, model: type[M]) -> M:
    raw = files("watcher.config").joinpath(name).read_bytes()
    return check(parse(decode(raw, name), name), model)
