"""Signs and the time in, how hard they press on each indicator, on each category and on the problem out, with the reasons.

A sign presses by its severity, by what is claimed, by whether origins agree, and by its age. What presses
together is the strongest whole, a quarter of the next, a sixteenth of the one after: ten guesses are not a
launch. A sign counts for every indicator that hit in it, with at most that indicator's own severity; for a
category, and so for the problem, it counts once, with the indicator that leads it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    """What presses, how hard, and the incidents it is. One that pulls down has a negative value."""

    value: float
    what: str
    incidents: tuple[IncidentId, ...] = ()


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
        named = (
            incident for each in self.weights if abs(each.value) >= _LEAST for incident in each.incidents
        )
        return tuple(dict.fromkeys(named))


NONE = Pressure(0.0)


def lookback(rules: BoardRules) -> timedelta:
    """Return how far back a sign still counts."""
    return rules.half_life * _HALVINGS


def weigh(
    signs: Iterable[Sign], indicators: Mapping[IndicatorId, Indicator], rules: BoardRules, now: datetime
) -> Mapping[Subject, Pressure]:
    """Return the pressure on every subject that anything presses on."""
    scales = _Scales(indicators, rules, now)
    for sign in signs:
        scales.take(sign)
    categories = {category: _together(weights) for category, weights in scales.by_category.items()}
    pressures = {
        Subject(kind=SubjectKind.INDICATOR, name=name): _together(weights)
        for name, weights in scales.by_indicator.items()
    }
    pressures |= {
        Subject(kind=SubjectKind.CATEGORY, name=category): pressure
        for category, pressure in categories.items()
    }
    return pressures | {PROBLEM: _problem(categories, scales.denials, scales.floor, rules)}


def combined(values: Iterable[float]) -> float:
    """Return what several pressures come to: the strongest whole, and each next a quarter as much as the one before would."""
    return sum(value * NEXT**place for place, value in enumerate(sorted(values, reverse=True)))


@dataclass(slots=True)
class _Scales:
    """Where signs are laid: what they weigh, by indicator and by category, what denies, and the least that presses on the problem."""

    indicators: Mapping[IndicatorId, Indicator]
    rules: BoardRules
    now: datetime
    by_indicator: defaultdict[IndicatorId, list[Weight]] = field(default_factory=lambda: defaultdict(list))
    by_category: defaultdict[Category, list[Weight]] = field(default_factory=lambda: defaultdict(list))
    denials: list[Weight] = field(default_factory=list)
    floor: float = 0.0

    def take(self, sign: Sign) -> None:
        """Lay a sign on the scales, unless it is too old or its indicator has left the list."""
        leading, fresh = self.indicators.get(sign.indicator), _freshness(sign, self.rules, self.now)
        if leading is None or not fresh:
            return
        if sign.claim is Claim.DENIED:
            self.denials.append(_weight(sign, SEVERITIES[sign.severity] * fresh, self.now))
            return
        weight = _weight(sign, SEVERITIES[sign.severity] * _credit(sign, leading) * fresh, self.now)
        self.by_category[leading.category].append(weight)
        self.by_indicator[leading.id].append(weight)
        for also in (
            self.indicators[name] for name in sign.indicators - {leading.id} if name in self.indicators
        ):
            own = SEVERITIES[min(sign.severity, also.severity)] * _credit(sign, also) * fresh
            self.by_indicator[also.id].append(replace(weight, value=own))
        if _is_grave(sign) and leading.category not in self.rules.counter:
            self.floor = max(self.floor, weight.value)


def _freshness(sign: Sign, rules: BoardRules, now: datetime) -> float:
    """Return what its age leaves of a sign; one that a clock has left in the future fades the further away it is."""
    age = abs(now - sign.updated)
    return 0.5 ** (age / rules.half_life) if age < lookback(rules) else 0.0


def _is_grave(sign: Sign) -> bool:
    return sign.severity is Severity.CRITICAL and sign.claim is Claim.OCCURRED and not sign.denied


def _credit(sign: Sign, indicator: Indicator) -> float:
    credit = CLAIMS[sign.claim]
    if indicator.corroborate and sign.confidence is Confidence.UNCONFIRMED:
        credit *= UNCONFIRMED
    return credit * DISPUTED if sign.denied else credit


def _weight(sign: Sign, value: float, now: datetime) -> Weight:
    disputed = ", denied by some" if sign.denied and sign.claim is not Claim.DENIED else ""
    age = in_words(abs(now - sign.updated))
    return Weight(
        value,
        f"{sign.indicator}: {sign.title} ({sign.severity.word}, {sign.claim}{disputed}, {age} ago)",
        (sign.id,),
    )


def _together(weights: Iterable[Weight]) -> Pressure:
    ranked = _ranked(weights)
    return Pressure(combined(weight.value for weight in ranked), _counted(ranked)[:_NAMED])


def _ranked(weights: Iterable[Weight]) -> list[Weight]:
    return sorted(weights, key=lambda weight: (-weight.value, weight.what, weight.incidents))


def _counted(ranked: Sequence[Weight]) -> tuple[Weight, ...]:
    """Return ranked weights with what is left of each beside the stronger ones, so that they add up."""
    return tuple(replace(weight, value=weight.value * NEXT**place) for place, weight in enumerate(ranked))


def _problem(
    categories: Mapping[Category, Pressure], denials: Iterable[Weight], floor: float, rules: BoardRules
) -> Pressure:
    """Return the pressure of the categories, less what counters it; a grave thing that has happened is never talked away."""
    pressing = _ranked(
        _category(name, each) for name, each in categories.items() if name not in rules.counter
    )
    relief = _together(
        [*denials, *(_category(name, each) for name, each in categories.items() if name in rules.counter)]
    )
    value = max(combined(each.value for each in pressing) - relief.value, floor, 0.0)
    return Pressure(
        value, (*_counted(pressing), *(replace(each, value=-each.value) for each in relief.weights))
    )


def _category(name: Category, pressure: Pressure) -> Weight:
    """Return a category as a weight on the problem, named by its strongest sign."""
    strongest = pressure.weights[0]
    return Weight(pressure.value, f"{name}, above all {strongest.what}", strongest.incidents)
