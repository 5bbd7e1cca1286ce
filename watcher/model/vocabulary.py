"""The words that tell origins, and one occurrence from another, as regular expressions over folded text.

They are texts: `re` compiles each when it is first asked for, and keeps it. Many a poll asks for none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

NOTHING = r"(?!)"
"""A regular expression that finds nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who news may come from: its name in a sentence, words that name it, and owners that it is itself."""

    name: str
    words: str = NOTHING
    owners: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Classes of one thing, by the words that name them; reports may name another class until `settled`."""

    settled: timedelta
    classes: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vocabulary:
    """The shipped words; `origins.yaml` and `occurrence.yaml` say what each field is.

    An empty one finds nothing. A group of `agencies` is named after its agency. `weekdays` has a group
    for each day, Monday first. `dates` have the groups `day`, `month` and `year`, or `day2` and `month2`;
    `months` are numbers. `harm` has the words for each rank of harm, the worst first.
    """

    origins: Mapping[str, Origin] = field(default_factory=dict)
    unnamed: Origin = Origin(name="")
    not_a_source: str = NOTHING
    agencies: str = NOTHING
    axes: Mapping[str, Axis] = field(default_factory=dict)
    marks: str = NOTHING
    aside: str = NOTHING
    second_soon: str = NOTHING
    not_first: str = NOTHING
    not_first_anywhere: str = NOTHING
    own_account: str = NOTHING
    retold: str = NOTHING
    harm: tuple[tuple[int, str], ...] = ()
    not_its_day: str = NOTHING
    weekdays: str = NOTHING
    months: Mapping[str, int] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    bare_day: str = NOTHING


NO_WORDS = Vocabulary()
