"""The levels, their history and the pressures now in, the lines of the board for people out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from watcher.alerting.review import overrides, set_by
from watcher.board.levels import LEVEL_ORDER
from watcher.board.score import NONE, Pressure
from watcher.errors import UsageError
from watcher.incidents.calendar import windows
from watcher.model.alerts import Level
from watcher.model.board import PROBLEM, LevelChange, Subject
from watcher.model.language import (
    BoardRules,
    Calendar,
    CalendarId,
    Category,
    Indicator,
    IndicatorId,
    SubjectKind,
    Then,
    Timing,
)
from watcher.model.review import Action
from watcher.text.durations import in_words
from watcher.text.suggest import did_you_mean, listed

DAYS = 30
"""How many days a trend has unless more are asked for, today included."""

AHEAD = timedelta(days=30)
"""How far ahead the days of calendars are shown."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A subject on the board: its level, who set it, the pressure now, and its highest level on each day.

    `since` is None when the level never changed.
    """

    subject: Subject
    title: str
    level: Level
    since: datetime | None
    set_by: str
    pressure: Pressure
    trend: tuple[Level, ...]

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "subject": str(self.subject),
            "title": self.title,
            "level": self.level.value,
            "since": self.since,
            "set_by": self.set_by or None,
            "pressure": round(self.pressure.value, 2),
            "because": list(self.pressure.because),
            "incidents": list(self.pressure.incidents),
            "trend": [level.value for level in self.trend],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRecord:
    """The input of the board: its levels, their latest changes, the pressures now, and reviewers' actions."""

    board: Sequence[LevelChange]
    changes: Sequence[LevelChange]
    pressures: Mapping[Subject, Pressure]
    actions: Sequence[Action]


def board_lines(
    record: BoardRecord, indicators: Mapping[IndicatorId, Indicator], now: datetime, *, days: int = DAYS
) -> list[Line]:
    """Return the lines of the board, the most alarming first: the problem, the categories, the indicators.

    A trend has so many days, and the record the changes of all of them.
    What an analyst has set counts at once, also before the watcher has looked again.
    """
    levels = {each.subject: each for each in record.board}
    by_hand = overrides(record.actions, now)
    changes = defaultdict[Subject, list[LevelChange]](list)
    for change in record.changes:
        changes[change.subject].append(change)
    lines = [
        _line(
            each,
            title,
            levels.get(each),
            by_hand.get(str(each)),
            replace(record, changes=changes[each]),
            (now, days),
        )
        for each, title in _subjects(indicators)
    ]
    return sorted(lines, key=_alarm)


def subject_called(name: str, indicators: Iterable[IndicatorId]) -> Subject:
    """Return the subject of a name: `problem`, a category, an indicator, or the full name of one of these.

    Raises:
        UsageError: there is none, or the name is that of a category and of an indicator.
    """
    subjects = [PROBLEM, *(Subject(kind=SubjectKind.CATEGORY, name=each) for each in Category)]
    subjects += [Subject(kind=SubjectKind.INDICATOR, name=each) for each in indicators]
    meant = [each for each in subjects if name in (str(each), each.name or str(each))]
    if not meant:
        close = did_you_mean(name, [each.name or str(each) for each in subjects])
        raise UsageError(
            f"the board has no {name!r}{close or '; it has problem, the categories and the indicators'}"
        )
    if len(meant) > 1:
        raise UsageError(f"{name!r} is a category and an indicator; write {listed(map(str, meant))}")
    return meant[0]


def nearby_days(
    indicators: Iterable[Indicator], calendars: Mapping[CalendarId, Calendar], now: datetime
) -> tuple[list[str], list[str]]:
    """Return the windows in force, each with the indicators it affects, and the coming days in order.

    Windows in force that share a day or a calendar are one entry. A coming day is one entry, with every
    calendar that has it: "day-of-the-sun, parade-days in 3 days".
    """
    acting: dict[str, list[str]] = {}
    for indicator in indicators:
        for window in dict.fromkeys(
            window for timing in indicator.timing for window in windows(timing, calendars, now.date())
        ):
            acting.setdefault(window, []).append(indicator.id)
    ahead = Timing(near=tuple(calendars), before=AHEAD, after=timedelta(), then=Then.MARK)
    coming = (window for window in windows(ahead, calendars, now.date()) if window not in acting)
    in_force = []
    for group in _by_shared_day(acting):
        names = dict.fromkeys(name for window in group for name in acting[window])
        in_force.append(f"{_together(group)} ({', '.join(names)})")
    by_day: dict[str, list[str]] = {}
    for calendar, day in map(_parted, coming):
        by_day.setdefault(day, []).append(calendar)
    return in_force, [f"{', '.join(by_day[day])} {day}" for day in sorted(by_day, key=_days_ahead)]


def _by_shared_day(found: Iterable[str]) -> list[list[str]]:
    """Return windows in groups: those of one calendar, with those of others that share a day with them."""
    groups: list[list[str]] = []
    for window in dict.fromkeys(found):
        calendar, day = _parted(window)
        for group in groups:
            if any(calendar == other or day == same for other, same in map(_parted, group)):
                group.append(window)
                break
        else:
            groups.append([window])
    return groups


def _together(group: Sequence[str]) -> str:
    names, days = (dict.fromkeys(parts) for parts in zip(*map(_parted, group), strict=True))
    return f"{', '.join(names)} {' and '.join(days)}"


def _parted(window: str) -> tuple[str, str]:
    """Return the calendar and the day of a window: "party-day in 3 days"."""
    calendar, _, day = window.partition(" ")
    return calendar, day


def _days_ahead(day: str) -> int:
    """Return the number in "in 3 days"; "today" is 0."""
    return int("".join(filter(str.isdigit, day)) or 0)


def scale(rules: BoardRules) -> str:
    """Return where levels begin and end, as a sentence."""
    begin = f"watch from {rules.watch:g}, elevated from {rules.elevated:g}, critical from {rules.critical:g}"
    leave = f"a level ends below {rules.leave:.0%} of that"
    return f"Pressure: {begin}; {leave}, but not within {in_words(rules.dwell)} of being reached."


def _subjects(indicators: Mapping[IndicatorId, Indicator]) -> Iterator[tuple[Subject, str]]:
    yield PROBLEM, "the problem"
    for category in Category:
        if any(indicator.category is category for indicator in indicators.values()):
            yield Subject(kind=SubjectKind.CATEGORY, name=category), category.value
    for indicator in indicators.values():
        yield Subject(kind=SubjectKind.INDICATOR, name=indicator.id), indicator.title


def _line(
    subject: Subject,
    title: str,
    last: LevelChange | None,
    by_hand: Action | None,
    record: BoardRecord,
    until: tuple[datetime, int],
) -> Line:
    """Return the line of a subject, from a record that has no changes of others."""
    level, since = (last.level, last.since) if last else (Level.QUIET, None)
    if by_hand and not (last and last.overridden and last.level == by_hand.value):
        level, since = Level(by_hand.value), by_hand.at
    return Line(
        subject=subject,
        title=title,
        level=level,
        since=since,
        set_by=set_by(by_hand) if by_hand else "",
        pressure=record.pressures.get(subject, NONE),
        trend=_trend(record.changes, level, *until),
    )


def _trend(changes: Sequence[LevelChange], level: Level, now: datetime, count: int) -> tuple[Level, ...]:
    """Return the highest level of each of the last days (UTC), from the changes since the first of them."""
    today = now.astimezone(UTC).date()
    days = [today - back * _DAY for back in reversed(range(count))]
    on = defaultdict[date, list[Level]](list)
    for each in changes:
        on[each.since.astimezone(UTC).date()].append(each.level)
    current = changes[0].before if changes else level
    trend = []
    for day in days:
        held = [current, *on.get(day, ())]
        trend.append(max(held, key=LEVEL_ORDER.index))
        current = held[-1]
    return (*trend[:-1], max(trend[-1], level, key=LEVEL_ORDER.index))


def _alarm(line: Line) -> tuple[int, int, float, str]:
    """Return the sort key of a line: the problem, categories in order, indicators by level and pressure."""
    kind = list(SubjectKind).index(line.subject.kind)
    if line.subject.kind is SubjectKind.CATEGORY:
        return kind, list(Category).index(Category(line.subject.name)), 0.0, ""
    return kind, -LEVEL_ORDER.index(line.level), -line.pressure.value, line.subject.name
