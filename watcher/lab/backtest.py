"""News and an indicator list in, what the list would have done with it out; two lists in, what the second gains and loses.

An indicator *fires* once for every incident it hits in, however many outlets repeat it. Rates are by days on
which there is news, so that a hole in an archive does not look like peace. Only the items that hit go down
the line, or break a silence, or are the first of a day for a list that listens for silence: the others cannot
change what it says.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date

from watcher import pipeline
from watcher.lab.explain import explain
from watcher.lab.playing import Played, Watch, play
from watcher.model.alerts import Alert, Hit
from watcher.model.language import IndicatorId
from watcher.model.news import Item, ItemId
from watcher.pipeline import Rules

_NOTHING_THERE = "no word it asks for is there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often an indicator spoke up: items that hit, incidents in which it fired, alerts it led, and the day it fired last."""

    indicator: IndicatorId
    hits: int
    fired: int
    alerts: int
    days: int
    last: date | None

    @property
    def alerts_per_day(self) -> float:
        """Alerts a day."""
        return round(self.alerts / self.days, 3) if self.days else 0.0

    @property
    def fired_per_week(self) -> float:
        """The base rate."""
        return round(7 * self.fired / self.days, 2) if self.days else 0.0

    @property
    def says(self) -> str:
        """The base rate as a sentence."""
        return f"fires {self.fired_per_week:g} a week, last on {self.last}" if self.last else "never fires"

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "hits": self.hits,
            "fired": self.fired,
            "fired_per_week": self.fired_per_week,
            "alerts": self.alerts,
            "alerts_per_day": self.alerts_per_day,
            "last": str(self.last) if self.last else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """What a list would have done: the hits before the line, what the line made of them, and the days with news."""

    rules: Rules
    hits: tuple[Hit, ...]
    played: Played
    days: tuple[date, ...]

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Every alert, the oldest first."""
        return self.played.alerts

    @property
    def alerts_per_day(self) -> float:
        """Alerts a day, of all indicators."""
        return round(len(self.alerts) / len(self.days), 3) if self.days else 0.0

    def rates(self) -> list[Rate]:
        """Return the rate of every indicator of the list, in its order."""
        fired = self.firings()
        return [self._rate(name, fired.get(name, ())) for name in self.rules.indicators]

    def firings(self) -> Mapping[IndicatorId, Sequence[date]]:
        """Return the day of each indicator's first hit in each incident, in order."""
        first: dict[tuple[str, str | None], date] = {}
        for hit in self.played.hits:
            first.setdefault((hit.indicator, hit.incident), hit.item.seen.astimezone(UTC).date())
        days: dict[IndicatorId, list[date]] = {}
        for (name, _), day in first.items():
            days.setdefault(IndicatorId(name), []).append(day)
        return days

    def _rate(self, name: IndicatorId, fired: Sequence[date]) -> Rate:
        return Rate(
            indicator=name,
            hits=sum(hit.indicator == name for hit in self.hits) or len(fired),
            fired=len(fired),
            alerts=sum(alert.indicator == name for alert in self.alerts),
            days=len(self.days),
            last=max(fired, default=None),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An item that one list hits and the other does not, and why."""

    item: Item
    because: str

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        return {"id": self.item.id, "title": self.item.title, "because": self.because}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What an indicator gains and loses.

    `before` and `after` are its rates; None where a list does not have it.
    """

    indicator: IndicatorId
    gained: tuple[Hit, ...]
    lost: tuple[Hit, ...]
    before: Rate | None
    after: Rate | None


def backtest(items: Sequence[Item], rules: Rules, watch: Watch) -> Backtest:
    """Return what a list would have done with items, which come in order of `seen`."""
    readings = [(item, pipeline.reading_of(item, rules)) for item in watch(items, "matching", len(items))]
    hits = tuple(hit for _, reading in readings for hit in reading.hits)
    first_of_days = {item.seen.astimezone(UTC).date(): item for item in reversed(items)}
    speaking = {item.id: item for item in first_of_days.values() if rules.matcher.listens}
    speaking |= {item.id: item for item, reading in readings if reading.hits or reading.heard}
    played = play([item for item in items if speaking.get(item.id) is item], rules, watch)
    return Backtest(rules=rules, hits=hits, played=played, days=tuple(sorted(first_of_days)))


def differences(before: Backtest, after: Backtest) -> Iterator[Difference]:
    """Yield what each indicator of either list gains and loses, in the order of the later list."""
    had, has = _by_indicator(before), _by_indicator(after)
    rates_before = {rate.indicator: rate for rate in before.rates()}
    rates_after = {rate.indicator: rate for rate in after.rates()}
    for name in dict.fromkeys((*rates_after, *rates_before)):
        old, new = had.get(name, {}), has.get(name, {})
        yield Difference(
            indicator=name,
            gained=tuple(hit for item, hit in new.items() if item not in old),
            lost=tuple(hit for item, hit in old.items() if item not in new),
            before=rates_before.get(name),
            after=rates_after.get(name),
        )


def why_gained(hit: Hit) -> Change:
    """Return a gained item with the words that made it hit."""
    return Change(item=hit.item, because=f"by {', '.join(hit.evidence)}; {hit.claim}{_cues(hit)}")


def why_lost(hit: Hit, after: Rules) -> Change:
    """Return a lost item with the reason why the later list does not hit it."""
    if hit.indicator not in after.indicators:
        return Change(item=hit.item, because="the indicator is gone")
    explained = next(
        (each for each in explain(after.matcher, hit.item) if each.indicator == hit.indicator), None
    )
    return Change(item=hit.item, because=explained.because if explained else _NOTHING_THERE)


def _by_indicator(tested: Backtest) -> Mapping[IndicatorId, Mapping[ItemId, Hit]]:
    found: dict[IndicatorId, dict[ItemId, Hit]] = {}
    for hit in tested.hits:
        found.setdefault(hit.indicator, {})[hit.item.id] = hit
    return found


def _cues(hit: Hit) -> str:
    return f" ({'; '.join(hit.cues)})" if hit.cues else ""
