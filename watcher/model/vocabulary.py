"""The words that tell origins, and one occurrence from another, as patterns over folded text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

NOTHING = re.compile(r"(?!)")
"""A pattern that finds nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who news may come from: its name in a sentence, words that name it, and owners that it is itself."""

    name: str
    words: re.Pattern[str] = NOTHING
    owners: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Classes of one thing, by the words that name them; reports may name another class until `settled`."""

    settled: timedelta
    classes: Mapping[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vocabulary:
    """The shipped words, compiled; `origins.yaml` and `occurrence.yaml` say what each field is.

    An empty one finds nothing. A group of `agencies` is named after its agency. `weekdays` has a group
    for each day, Monday first. `dates` have the groups `day`, `month` and `year`, or `day2` and `month2`;
    `months` are numbers. `harm` has the words for each rank of harm, the worst first.
    """

    origins: Mapping[str, Origin] = field(default_factory=dict)
    unnamed: Origin = Origin(name="")
    not_a_source: re.Pattern[str] = NOTHING
    agencies: re.Pattern[str] = NOTHING
    axes: Mapping[str, Axis] = field(default_factory=dict)
    marks: re.Pattern[str] = NOTHING
    aside: re.Pattern[str] = NOTHING
    second_soon: re.Pattern[str] = NOTHING
    not_first: re.Pattern[str] = NOTHING
    not_first_anywhere: re.Pattern[str] = NOTHING
    own_account: re.Pattern[str] = NOTHING
    retold: re.Pattern[str] = NOTHING
    harm: tuple[tuple[int, re.Pattern[str]], ...] = ()
    not_its_day: re.Pattern[str] = NOTHING
    weekdays: re.Pattern[str] = NOTHING
    months: Mapping[str, int] = field(default_factory=dict)
    dates: tuple[re.Pattern[str], ...] = ()
    bare_day: re.Pattern[str] = NOTHING


NO_WORDS = Vocabulary()
