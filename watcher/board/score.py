"""Signs and the time in, the pressure on indicators, categories and the problem out, with the reasons.

A sign counts by its severity, by what is claimed, by whether origins agree, and by its age. Several add
up to the strongest whole, a quarter of the next, a sixteenth of the one after: ten guesses are not a
launch. A sign counts for every indicator that hit in it, with at most that indicator's own severity; for a
category, and so for the problem, it counts once, with the indicator that leads it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from watcher.model.alerts import Confidence, IncidentId
from watcher.model.board import PROBLEM, Sign, Subject
from watcher.model.language import BoardRules, Category, Claim, Indicator, IndicatorId, Severity, SubjectKind
from watcher.text.durations import in_words

SEVERITIES = {
    Severity.INFO: 0.25,
    Severity.LOW: 0.5,
    Severity.MEDIUM: 1.0,
    Severity.HIGH: 2.0,
    Severity.CRITICAL: 4.0,
}
CLAIMS = {
    Claim.OCCURRED: 1.0,
    Claim.IMMINENT: 0.8,
    Claim.THREATENED: 0.6,
    Claim.SPECULATED: 0.4,
    Claim.DENIED: 0.0,
    Claim.HISTORICAL: 0.0,
}
UNCONFIRMED = 0.8
"""What a sign counts for while the origins that its indicator asks for do not agree yet."""

DISPUTED = 0.5
"""What a sign counts for when somebody denies it and others do not."""

NEXT = 0.25
"""What the next strongest counts for beside the stronger one."""

_HALVINGS = 7
"""After so many half-lives a sign counts for nothing: a critical one would press with 0.03."""

_NAMED = 3
_LEAST = 0.05


@dataclass(frozen=True, slots=True)
class Weight:
    """A sign of some age, or the category that it leads, and how much that adds to a level.

    One that pulls down has a negative value. It is put into words when somebody asks: few rounds change a
    level.
    """

    value: float
    sign: Sign
    age: timedelta
    category: Category | None = None

    @property
    def what(self) -> str:
        """What it is, for people."""
        sign = self.sign
        mainly = f"{self.category}, mainly " if self.category else ""
        disputed = ", denied by some" if sign.denied and sign.claim is not Claim.DENIED else ""
        told = f"{sign.severity.word}, {sign.claim}{disputed}, {in_words(self.age)} ago"
        return f"{mainly}{sign.indicator}: {sign.title} ({told})"

    def worth(self, value: float) -> "Weight":
        """Return the same with another value."""
        return Weight(value, self.sign, self.age, self.category)

    def __lt__(self, other: "Weight") -> bool:
        """Say whether it stands ahead of another: the stronger does."""
        if self.value != other.value:
            return self.value > other.value
        return (self.what, self.sign.id) < (other.what, other.sign.id)


@dataclass(frozen=True, slots=True)
class Pressure:
    """How hard a subject is pressed, and the weights that make it so, the strongest first."""

    value: float
    weights: tuple[Weight, ...] = ()

    @property
    def because(self) -> tuple[str, ...]:
        """The weights that matter, each as a line for people."""
        return tuple(f"{each.value:+.2f} {each.what}" for each in self.weights if abs(each.value) >= _LEAST)

    @property
    def incidents(self) -> tuple[IncidentId, ...]:
        """The incidents that matter."""
        named = (each.sign.id for each in self.weights if abs(each.value) >= _LEAST)
        return tuple(dict.fromkeys(named))


NONE = Pressure(0.0)


def lookback(rules: BoardRules) -> timedelta:
    """Return how far back a sign still counts."""
    return rules.half_life * _HALVINGS


def weigh(
    signs: Iterable[Sign], indicators: Mapping[IndicatorId, Indicator], rules: BoardRules, now: datetime
) -> Mapping[Subject, Pressure]:
    """Return the pressure on every subject that has any.

    A sign that is too old, or whose indicators have all left the list, counts for nothing.
    """
    by_indicator: defaultdict[IndicatorId, list[Weight]] = defaultdict(list)
    by_category: defaultdict[Category, list[Weight]] = defaultdict(list)
    denials: list[Weight] = []
    least = 0.0  # what has happened and is grave is never outweighed
    oldest = lookback(rules)
    for sign in signs:
        leading, age = _leading(sign, indicators), abs(now - sign.updated)
        if leading is None or age >= oldest:
            continue
        fresh = 0.5 ** (age / rules.half_life)  # one dated in the future by a wrong clock fades too
        value = SEVERITIES[sign.severity] * fresh
        if sign.claim is Claim.DENIED:
            denials.append(Weight(value, sign, age))
            continue
        weight = Weight(value * _credit(sign, leading), sign, age)
        by_category[leading.category].append(weight)
        by_indicator[leading.id].append(weight)
        for name in sign.indicators - {leading.id} & indicators.keys():
            also = indicators[name]
            own = SEVERITIES[min(sign.severity, also.severity)] * _credit(sign, also) * fresh
            by_indicator[name].append(Weight(own, sign, age))
        is_grave = sign.severity is Severity.CRITICAL and sign.claim is Claim.OCCURRED and not sign.denied
        if is_grave and leading.category not in rules.counter:
            least = max(least, weight.value)
    categories = {category: _together(weights) for category, weights in by_category.items()}
    return {
        **{
            Subject(kind=SubjectKind.INDICATOR, name=name): _together(on) for name, on in by_indicator.items()
        },
        **{Subject(kind=SubjectKind.CATEGORY, name=name): pressure for name, pressure in categories.items()},
        PROBLEM: _problem(categories, denials, least, rules),
    }


def combined(values: Iterable[float]) -> float:
    """Return the sum of pressures: the strongest in full, each next at a quarter of the previous weight."""
    return sum(value * NEXT**place for place, value in enumerate(sorted(values, reverse=True)))


def _leading(sign: Sign, indicators: Mapping[IndicatorId, Indicator]) -> Indicator | None:
    """Return the indicator that leads a sign, or the gravest of its others when that has left the list."""
    if leading := indicators.get(sign.indicator):
        return leading
    others = [indicators[name] for name in sorted(sign.indicators & indicators.keys())]
    return max(others, key=lambda each: each.severity, default=None)


def _credit(sign: Sign, indicator: Indicator) -> float:
    credit = CLAIMS[sign.claim]
    if indicator.corroborate and sign.confidence is Confidence.UNCONFIRMED:
        credit *= UNCONFIRMED
    return credit * DISPUTED if sign.denied else credit


def _together(weights: Iterable[Weight]) -> Pressure:
    ranked = sorted(weights)
    return Pressure(combined(weight.value for weight in ranked), _counted(ranked[:_NAMED]))


def _counted(ranked: Sequence[Weight]) -> tuple[Weight, ...]:
    """Return ranked weights with what is left of each beside the stronger ones, so that they add up."""
    return tuple(weight.worth(weight.value * NEXT**place) for place, weight in enumerate(ranked))


def _problem(
    categories: Mapping[Category, Pressure], denials: Iterable[Weight], least: float, rules: BoardRules
) -> Pressure:
    """Return the pressure of the categories, less what counters it.

    A grave thing that has happened is never talked away.
    """
    pressing = sorted(_category(name, each) for name, each in categories.items() if name not in rules.counter)
    relief = _together(
        [*denials, *(_category(name, each) for name, each in categories.items() if name in rules.counter)]
    )
    value = max(combined(each.value for each in pressing) - relief.value, least, 0.0)
    return Pressure(
        value,
        (*_counted(pressing), *(each.worth(-each.value) for each in relief.weights)),
    )


def _category(name: Category, pressure: Pressure) -> Weight:
    """Return a category as a weight on the problem, named by its strongest sign."""
    strongest = pressure.weights[0]
    return Weight(pressure.value, strongest.sign, strongest.age, name)
