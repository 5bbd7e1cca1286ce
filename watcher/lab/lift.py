"""The days on which indicators fired and calendar windows in, observed over expected firings out.

    days     = days with news            n        = separate stretches of them inside the window
    expected = fired x (days inside / days)        lift = fired inside / expected

A lift of 1 says that the window makes no difference. It is a measurement only where at least five firings
were expected and the window opened at least five times; else it is called `too few`. `chance` is how likely a
result at least this far from the expected one is when the window means nothing (each firing falls inside with
probability days inside / days, a binomial tail); above one in twenty it is called `could be chance`. Firings
come in volleys, and an archive whose outlets grow in number rises by itself: even `clear` is a hint to look
closer, not a proof.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from math import exp, lgamma, log, log1p

from watcher.incidents.calendar import windows
from watcher.model.language import CalendarId, IndicatorId, IndicatorList, Then, Timing

BEFORE, AFTER = timedelta(days=30), timedelta(days=3)
"""The window a calendar is tried with where the list gives it none."""

ENOUGH = 5
LIKELY = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """How often an indicator fired inside a window, and how often it would have by its base rate.

    `attached` says that the list has this window; else it is a calendar tried with the default window.
    """

    indicator: IndicatorId
    calendars: tuple[CalendarId, ...]
    before: int
    after: int
    attached: bool
    observed: int
    expected: float
    days: int
    windows: int
    chance: float

    @property
    def lift(self) -> float | None:
        """Observed over expected; None where nothing was expected."""
        return self.observed / self.expected if self.expected else None

    @property
    def weight(self) -> str:
        """How much can be made of it."""
        if self.expected < ENOUGH or self.windows < ENOUGH:
            return "too few"
        return "could be chance" if self.chance > LIKELY else "clear"

    @property
    def window(self) -> str:
        """The window as a person reads it."""
        return f"{', '.join(self.calendars)} -{self.before}d +{self.after}d"

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "indicator": self.indicator,
            "calendars": list(self.calendars),
            "before": self.before,
            "after": self.after,
            "attached": self.attached,
            "observed": self.observed,
            "expected": round(self.expected, 2),
            "lift": None if self.lift is None else round(self.lift, 2),
            "days": self.days,
            "n": self.windows,
            "chance": round(self.chance, 4),
            "weight": self.weight,
        }


def lifts(
    listed: IndicatorList, firings: Mapping[IndicatorId, Sequence[date]], days: Sequence[date]
) -> Iterator[Lift]:
    """Yield the lift of every window of every indicator, then of every calendar with the default window.

    `days` come in order.
    """
    attached = [(indicator, timing, True) for indicator in listed.indicators for timing in indicator.timing]
    tried = [
        (indicator, Timing(near=(name,), before=BEFORE, after=AFTER, then=Then.RAISE), False)
        for name in listed.calendars
        for indicator in listed.indicators
    ]
    inside: dict[Timing, frozenset[date]] = {}
    for indicator, timing, is_attached in (*attached, *tried):
        if timing not in inside:
            inside[timing] = frozenset(day for day in days if any(windows(timing, listed.calendars, day)))
        held, fired = inside[timing], firings.get(indicator.id, ())
        observed = sum(day in held for day in fired)
        share = len(held) / len(days) if days else 0.0
        yield Lift(
            indicator=indicator.id,
            calendars=timing.near,
            before=timing.before.days,
            after=timing.after.days,
            attached=is_attached,
            observed=observed,
            expected=len(fired) * share,
            days=len(held),
            windows=_stretches(days, held),
            chance=_tail(observed, len(fired), share),
        )


def _stretches(days: Sequence[date], inside: frozenset[date]) -> int:
    """Count the unbroken runs of days inside."""
    begins = sum(day in inside and before not in inside for before, day in pairwise(days))
    return begins + bool(days and days[0] in inside)


def _tail(observed: int, fired: int, share: float) -> float:
    """Return the chance of a count at least as far from the expected one, to the side on which it lies."""
    if not 0 < share < 1:
        return 1.0
    counts = range(observed, fired + 1) if observed >= fired * share else range(observed + 1)
    # By logarithms, because a binomial coefficient outgrows a float.
    logs = (
        lgamma(fired + 1)
        - lgamma(count + 1)
        - lgamma(fired - count + 1)
        + count * log(share)
        + (fired - count) * log1p(-share)
        for count in counts
    )
    return min(1.0, sum(map(exp, logs)))
