"""Documented events, the news and the alerts in, how many events were alerted, how soon and how often out.

Lists of events mix Korean and UTC days, so an event is looked for from 12 hours before its day to 48 hours
after that day began. It counts only when some item in that stretch names North Korea and a word of the
event's class: what nobody reported nobody can alert. An opening alert (reason `new`) outside every such
stretch is out of reach: a false alarm, or news the list of events does not have.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from statistics import median

from watcher.errors import UsageError
from watcher.model.alerts import Alert, Kind, Reason
from watcher.model.news import Item

_BEFORE, _AFTER, _ONE_DAY = timedelta(hours=12), timedelta(hours=48), timedelta(days=1)
_COLUMNS = {"event_id", "date", "type"}
_NORTH_KOREA = re.compile(
    r"north korea|\bn\.? ?korea|dprk|pyongyang|kim jong|북한|김정은|北韓|朝鲜|朝鮮|北朝鮮", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time, its start included and its end not."""

    start: datetime
    end: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days

    @property
    def last_day(self) -> date:
        """The last day in it."""
        return (self.end - _ONE_DAY).date()


def period_of(moments: Sequence[datetime], first: str = "", last: str = "") -> Period:
    """Return the days from a first to a last one, both included; what is not given is taken from the moments.

    Raises:
        UsageError: a day cannot be read, the last is before the first, or there are neither days nor moments.
    """
    if not moments and not (first and last):
        raise UsageError("there is no news, and so nothing to measure")
    start = _day(first) if first else min(moments).astimezone(UTC).date()
    end = _day(last) if last else max(moments).astimezone(UTC).date()
    if end < start:
        raise UsageError(f"--to {end} comes before --from {start}")
    return Period(_midnight(start), _midnight(end) + _ONE_DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventClass:
    """Events of some types.

    `opens` are the indicators that announce one, `shows` others that let it be seen too. `words` is a
    pattern of the words that reports of one have.
    """

    name: str
    types: frozenset[str]
    opens: frozenset[str]
    shows: frozenset[str] = frozenset()
    words: str


_LAUNCHES = frozenset({"missile-launch", "icbm-launch"})
CLASSES = (
    EventClass(
        name="missile",
        types=frozenset(
            {"ballistic_missile", "srbm_mlrs", "cruise_missile", "icbm", "slbm", "other_missile"}
        ),
        opens=_LAUNCHES,
        words=r"missile|rocket|projectile|icbm|launch|fired|fires?\b|발사|미사일|导弹|導彈|飛彈|ミサイル",
    ),
    EventClass(
        name="nuclear",
        types=frozenset({"nuclear_test"}),
        opens=frozenset({"nuclear-test"}),
        words=r"nuclear test|bomb test|atomic|hydrogen|핵실험|核试|核試|核実験",
    ),
    EventClass(
        name="satellite",
        types=frozenset({"satellite_launch"}),
        opens=frozenset({"satellite-launch"}),
        shows=_LAUNCHES,
        words=r"satellite|space|rocket|위성|卫星|衛星",
    ),
    EventClass(
        name="engine",
        types=frozenset({"engine_test"}),
        opens=frozenset({"engine-test"}),
        shows=frozenset({"new-weapon"}),
        words=r"engine|motor|엔진|发动机|エンジン",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened on a day."""

    id: str
    day: date
    type: str

    @property
    def reported_in(self) -> Period:
        """The stretch of time in which its news is looked for."""
        return Period(_midnight(self.day) - _BEFORE, _midnight(self.day) + _AFTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventScore:
    """How one class of events fared.

    Minutes run from an event's first report in the archives to its first alert.
    """

    name: str
    events: int
    alerted: tuple[str, ...]
    unalerted: tuple[str, ...]
    minutes: tuple[float, ...]
    alerts: int
    alerts_in_reach: int
    opening: int
    out_of_reach: tuple[Alert, ...]
    days: int

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        stray = len(self.out_of_reach)
        return {
            "events": self.events,
            "alerted": len(self.alerted),
            "recall": _ratio(len(self.alerted), self.events, 4),
            "unalerted": list(self.unalerted),
            "median_minutes": round(median(self.minutes), 1) if self.minutes else None,
            "worst_minutes": round(max(self.minutes), 1) if self.minutes else None,
            "opening_alerts": self.opening,
            "alerts": self.alerts,
            "opening_alerts_per_event": _ratio(self.opening - stray, len(self.alerted)),
            "alerts_per_event": _ratio(self.alerts_in_reach, len(self.alerted)),
            "opening_alerts_out_of_reach": stray,
            "false_alarms_per_day": _ratio(stray, self.days, 3),
            "out_of_reach": [
                {"at": alert.at.isoformat(), "id": alert.id, "title": alert.title}
                for alert in self.out_of_reach
            ],
        }


def read_events(path: Path, period: Period | None = None) -> tuple[Event, ...]:
    """Read a list of events, CSV with at least `event_id`, `date` and `type`.

    A date that is no full day is passed over.

    Raises:
        UsageError: it cannot be read, or a column is missing.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if missing := _COLUMNS - set(rows.fieldnames or ()):
                need = "events need the columns event_id, date and type"
                raise UsageError(f"{path}: {need}; missing: {', '.join(sorted(missing))}")
            events = [
                Event(
                    id=row["event_id"], day=_day(row["date"], f"{path}:{rows.line_num}: "), type=row["type"]
                )
                for row in rows
                if len(row["date"] or "") == len("2026-10-10")
            ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path}: cannot be read as CSV: {error}") from error
    return tuple(event for event in events if period is None or _midnight(event.day) in period)


def score_events(
    events: Sequence[Event], items: Iterable[Item], alerts: Iterable[Alert], period: Period
) -> tuple[EventScore, ...]:
    """Return the score of each class of events.

    Only events and alerts inside the period count; items outside it may be reports.
    """
    texts = [(item.seen, f"{item.title} {item.summary}") for item in items]
    reports = sorted(each for each in texts if _NORTH_KOREA.search(each[1]))
    counting = [alert for alert in alerts if alert.kind is Kind.INCIDENT and alert.at in period]
    return tuple(_score(each, events, reports, counting, period.days) for each in CLASSES)


def _day(typed: str, place: str = "") -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise UsageError(f"{place}no such day: {typed!r}; write 2026-10-10") from error


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _score(
    kind: EventClass,
    events: Sequence[Event],
    texts: Sequence[tuple[datetime, str]],
    alerts: Sequence[Alert],
    days: int,
) -> EventScore:
    reports = [seen for seen, text in texts if re.search(kind.words, text, re.IGNORECASE)]
    covered = [
        (event, first)
        for event in events
        if event.type in kind.types and (first := _first(reports, event.reported_in))
    ]
    shown = sorted(alert.at for alert in alerts if alert.indicator in kind.opens | kind.shows)
    delays = {
        event.id: (alerted - first)
        for event, first in covered
        if (alerted := _first(shown, event.reported_in))
    }
    own = [alert for alert in alerts if alert.indicator in kind.opens]
    opening = [alert for alert in own if alert.reason is Reason.NEW]
    in_reach = [alert for alert in own if any(alert.at in event.reported_in for event, _ in covered)]
    return EventScore(
        name=kind.name,
        events=len(covered),
        alerted=tuple(delays),
        unalerted=tuple(event.id for event, _ in covered if event.id not in delays),
        minutes=tuple(delay / timedelta(minutes=1) for delay in delays.values()),
        alerts=len(own),
        alerts_in_reach=len(in_reach),
        opening=len(opening),
        out_of_reach=tuple(alert for alert in opening if alert not in in_reach),
        days=days,
    )


def _first(moments: Sequence[datetime], period: Period) -> datetime | None:
    """Return the first of some moments, which come in order, that lies in a period."""
    return next((moment for moment in moments if moment in period), None)


def _ratio(part: int, whole: int, digits: int = 2) -> float | None:
    return round(part / whole, digits) if whole else None
