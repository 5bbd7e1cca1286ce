"""News and an indicator list in, what the list would have done with it out.

An indicator *fires* once for every incident it hits in, however many outlets repeat it. Rates are by days on
which there is news, so that a hole in an archive does not look like peace. Only the items that hit go down
the line, or break a silence, or are the first of a day for a list that listens for silence: the others cannot
change what it alerts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date

from watcher import pipeline
from watcher.lab.progress import ProgressBar
from watcher.lab.replay import DryRun, dry_run
from watcher.model.alerts import Alert, Hit
from watcher.model.language import IndicatorId
from watcher.model.news import Item
from watcher.pipeline import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseRate:
    """How often an indicator fired on so many `days`.

    It has items that hit, incidents in which it fired, alerts it led, and the day on which it fired last.
    """

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
        """Firings a week."""
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
    """What a list would have done: its hits, what the line made of them, and the days with news."""

    rules: Rules
    hits: tuple[Hit, ...]
    played: DryRun
    days: tuple[date, ...]

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Every alert, the oldest first."""
        return self.played.alerts

    @property
    def alerts_per_day(self) -> float:
        """Alerts a day, of all indicators."""
        return round(len(self.alerts) / len(self.days), 3) if self.days else 0.0

    def rates(self) -> list[BaseRate]:
        """Return the rate of every indicator of the list, in its order."""
        firings = self.firings()
        return [
            BaseRate(
                indicator=name,
                hits=sum(hit.indicator == name for hit in self.hits) or len(fired),
                fired=len(fired),
                alerts=sum(alert.indicator == name for alert in self.alerts),
                days=len(self.days),
                last=max(fired, default=None),
            )
            for name in self.rules.indicators
            for fired in [firings.get(name, ())]
        ]

    def firings(self) -> Mapping[IndicatorId, Sequence[date]]:
        """Return the day of each indicator's first hit in each incident, in order."""
        days: dict[IndicatorId, list[date]] = {}
        counted = set()
        for hit in self.played.hits:
            if (hit.indicator, hit.incident) not in counted:
                counted.add((hit.indicator, hit.incident))
                days.setdefault(hit.indicator, []).append(hit.item.seen.astimezone(UTC).date())
        return days


def backtest(items: Sequence[Item], rules: Rules, bar: ProgressBar) -> Backtest:
    """Return what a list would have done with items, which come in order of `seen`."""
    readings = [(item, pipeline.reading_of(item, rules)) for item in bar(items, "matching", len(items))]
    first_of_days = {item.seen.astimezone(UTC).date(): item for item in reversed(items)}
    counting = {item.id: item for item in first_of_days.values() if rules.matcher.listens}
    counting |= {item.id: item for item, reading in readings if reading.hits or reading.heard}
    return Backtest(
        rules=rules,
        hits=tuple(hit for _, reading in readings for hit in reading.hits),
        played=dry_run([item for item in items if counting.get(item.id) is item], rules, bar),
        days=tuple(sorted(first_of_days)),
    )
