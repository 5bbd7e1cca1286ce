"""What was recorded in a stretch of time in, the sections of a report about it out: figures and pictures."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median

from watcher.board.view import Line
from watcher.export.report import Section
from watcher.lab.verdicts import Judged, on_verdicts
from watcher.model.alerts import Alert, Confidence, Incident, Kind, Reason
from watcher.model.news import FeedId
from watcher.model.polling import Poll, PollStatus
from watcher.model.review import Action
from watcher.pictures.charts import Bar, ShareInterval, bars, columns, grid, intervals
from watcher.pictures.timelines import sparkline
from watcher.text.durations import in_words
from watcher.text.numbers import counted

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_MOST_ROWS, _WORST = 25, 20
_MOST_COLUMNS, _MOST_DAYS = 53, 366
_DELAYS = (
    ("within 5 minutes", timedelta(minutes=5)),
    ("within 15 minutes", timedelta(minutes=15)),
    ("within an hour", timedelta(hours=1)),
    ("within 6 hours", timedelta(hours=6)),
    ("within a day", timedelta(days=1)),
)
_LATER, _NEVER = "later", "nobody else"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodRecord:
    """What a report is made of, from `since` to `now`; all sequences begin with the oldest.

    `alerts` are of all kinds, `incidents` those that people were told of. `levels` are the lines of the board
    with a trend over the time. `polls` are those still remembered of each feed, `failing` the feeds that
    fail now. `days` are those of the analyst's calendars, from the first day on.
    """

    since: datetime
    now: datetime
    alerts: Sequence[Alert]
    incidents: Sequence[Incident]
    actions: Sequence[Action]
    levels: Sequence[Line]
    polls: Mapping[FeedId, Sequence[Poll]]
    failing: Mapping[FeedId, str]
    days: Mapping[date, Sequence[str]]

    @property
    def told(self) -> tuple[Alert, ...]:
        """The alerts about one incident each, without repeats."""
        return tuple(
            alert
            for alert in self.alerts
            if alert.kind is Kind.INCIDENT and not (alert.incidents or alert.repeats or alert.entries)
        )


def sections_of(record: PeriodRecord) -> tuple[Section, ...]:
    """Return the report: in short, levels, alerts, lead times, corroboration, feeds, precision, calendar."""
    return (
        _in_short(record),
        _levels(record),
        _alerts(record),
        _lead_times(record),
        _corroboration(record),
        _feeds(record),
        _precision(record),
        _calendar(record),
    )


def _in_short(record: PeriodRecord) -> Section:
    judged = on_verdicts(record.told, record.actions)
    confirmed = sum(each.confidence is Confidence.CORROBORATED for each in record.incidents)
    delays = _delays(record)
    return Section(
        title="In short",
        says=f"{counted(len(record.told), 'alert')} about {counted(len(record.incidents), 'incident')}.",
        headings=("figure", "value"),
        rows=(
            ("alerts a day", round(len(record.told) / max(1, (record.now - record.since) / _DAY), 2)),
            *(
                (f"incidents of severity {severity.word}", count)
                for severity, count in sorted(
                    Counter(each.severity for each in record.incidents).items(), reverse=True
                )
            ),
            ("incidents that independent origins confirm", confirmed),
            ("median time from publication to alert", in_words(_middle(delays)) if delays else "not known"),
            ("incidents judged useful", judged.all.useful),
            ("incidents judged noise", judged.all.noise),
            ("reports called missed", judged.missed),
            ("feeds that fail now", len(record.failing)),
        ),
    )


def _levels(record: PeriodRecord) -> Section:
    return Section(
        title="Levels",
        says="The highest level of each day; of a long time, the last days.",
        headings=("subject", "level", "since"),
        rows=[
            (line.title, line.level.value, f"{line.since:%Y-%m-%d %H:%M} UTC" if line.since else "always")
            for line in record.levels
        ],
        pictures=[
            (f"{line.title}: {line.level}", sparkline(line.trend, f"{line.title}, day by day"))
            for line in record.levels
        ],
    )


def _alerts(record: PeriodRecord) -> Section:
    begins = record.since.astimezone(UTC).date()
    begins -= timedelta(days=begins.weekday())
    weeks = (record.now.astimezone(UTC).date() - begins) // _WEEK + 1
    wide = -(-weeks // _MOST_COLUMNS)
    found = Counter((alert.indicator, (alert.at.date() - begins) // (wide * _WEEK)) for alert in record.told)
    totals = Counter(alert.indicator for alert in record.told)
    begin = [begins + _WEEK * week for week in range(0, weeks, wide)]
    names = [f"{day:%-d %b}" if weeks <= _MOST_COLUMNS else f"{day:%b %Y}" for day in begin]
    rows = [
        (name, [found[name, place] for place in range(len(names))])
        for name, _ in totals.most_common(_MOST_ROWS)
    ]
    more = len(totals) - len(rows)
    left_out = f" {counted(more, 'indicator')} with fewer alerts are left out." if more > 0 else ""
    return Section(
        title="Alerts by indicator and week",
        says=f"Each {_stretch(wide, 'week')}, by the Monday that begins it; the deeper the colour, the more."
        + left_out
        if rows
        else "No alert.",
        headings=("indicator", *names, "all"),
        rows=[(name, *(count or "" for count in counts), totals[name]) for name, counts in rows],
        pictures=[("", grid(rows, names, "Alerts by indicator and week"))] if rows else (),
    )


def _lead_times(record: PeriodRecord) -> Section:
    delays, leads = _delays(record), [*_leads(record)]
    behind = _by_delay(delays)
    ahead = _by_delay([lead for lead in leads if lead is not None])
    alone = sum(lead is None for lead in leads)
    known = [lead for lead in leads if lead is not None]
    said = [f"half of the first alerts came {in_words(_middle(delays))} after publication"] if delays else []
    said += [f"half of the second publishers {in_words(_middle(known))} after the alert"] if known else []
    return Section(
        title="Lead times",
        says=f"{'; '.join(said).capitalize() or 'Nothing is known'}. "
        "Publication is what a feed says; a second publisher does not repeat the first word by word.",
        headings=("time", "first alert after publication", "second publisher after the alert"),
        rows=[
            *((name, behind[name], ahead[name]) for name in behind),
            (_NEVER, "", alone),
        ],
        pictures=[
            (
                "From publication to the first alert",
                bars([Bar(label=name, parts={"soon": count}) for name, count in behind.items()], "Delays"),
            ),
            (
                "From the first alert to the second publisher",
                bars(
                    [
                        *(Bar(label=name, parts={"soon": count}) for name, count in ahead.items()),
                        Bar(label=_NEVER, parts={"later": alone}),
                    ],
                    "Leads over the second publisher",
                ),
            ),
        ]
        if leads
        else (),
    )


def _delays(record: PeriodRecord) -> list[timedelta]:
    """Return how long after its publication the first report of each incident was alerted, if a feed says."""
    opening = (alert for alert in record.told if alert.reason is Reason.NEW and alert.items)
    return [
        max(timedelta(), alert.at - alert.items[0].published) for alert in opening if alert.items[0].published
    ]


def _leads(record: PeriodRecord) -> Iterator[timedelta | None]:
    """Yield how long after its first alert a second publisher reported an incident; None if nobody did."""
    first: dict[str, datetime] = {}
    for alert in record.told:
        first.setdefault(alert.incident, alert.at)
    for incident in record.incidents:
        if told := first.get(incident.id):
            since = sorted({each.name: each.at for each in reversed(incident.owner_sources)}.values())
            yield max(timedelta(), since[1] - told) if len(since) > 1 else None


def _middle(found: Sequence[timedelta]) -> timedelta:
    return timedelta(seconds=median(each.total_seconds() for each in found))


def _by_delay(delays: Sequence[timedelta]) -> dict[str, int]:
    """Return how many lie within each bound and above the one before, and how many are later."""
    left, found = sorted(delays), dict[str, int]()
    for name, bound in _DELAYS:
        found[name] = sum(each <= bound for each in left)
        left = [each for each in left if each > bound]
    return found | {_LATER: len(left)}


def _corroboration(record: PeriodRecord) -> Section:
    rows = []
    for severity in sorted({each.severity for each in record.incidents}, reverse=True):
        own = [each for each in record.incidents if each.severity is severity]
        confirmed = sum(each.confidence is Confidence.CORROBORATED for each in own)
        several = sum(len(each.origins) > 1 for each in own)
        rows.append((severity.word, confirmed, len(own) - confirmed, several))
    found = [
        Bar(
            label=word,
            parts={"corroborated": confirmed, "unconfirmed": others},
            words=f"{confirmed} of {confirmed + others} corroborated",
        )
        for word, confirmed, others, _ in rows
    ]
    return Section(
        title="Corroboration",
        says="Incidents that people were told of, by whether independent origins agree as the list demands.",
        headings=("severity", "corroborated", "unconfirmed", "with several origins"),
        rows=rows,
        pictures=[("", bars(found, "Corroborated and unconfirmed incidents by severity"))] if found else (),
    )


def _feeds(record: PeriodRecord) -> Section:
    rows = []
    for feed, polls in record.polls.items():
        own = [poll for poll in polls if poll.at >= record.since]
        failed = sum(poll.status is PollStatus.ERROR for poll in own)
        if own:
            rows.append((feed, len(own), failed, sum(poll.new for poll in own), record.failing.get(feed, "")))
    rows.sort(key=lambda row: (-row[2] / row[1], row[0]))
    worst = [row for row in rows if row[2]][:_WORST]
    fine = sum(not row[2] for row in rows)
    found = [
        Bar(
            label=feed,
            parts={"fine": polls - failed, "failed": failed},
            words=f"{failed} of {counted(polls, 'poll')} failed",
        )
        for feed, polls, failed, *_ in worst
    ]
    return Section(
        title="Feeds",
        says="No poll of this time is remembered."
        if not rows
        else f"{fine} of {counted(len(rows), 'feed')} never failed, in the polls of this time that are still "
        f"remembered (the last 200 of each). {counted(len(record.failing), 'feed')} "
        f"{'fails' if len(record.failing) == 1 else 'fail'} now.",
        headings=("feed", "polls", "failed", "new items", "now"),
        rows=rows,
        pictures=[("Those that failed most", bars(found, "Polls that failed, by feed"))] if found else (),
    )


def _precision(record: PeriodRecord) -> Section:
    by_severity = on_verdicts(record.told, record.actions)
    found = [(each.name, each) for each in (by_severity.all, *by_severity.severities)]
    for name in sorted({alert.indicator for alert in record.told}):
        own = [alert for alert in record.told if alert.indicator == name]
        found.append((name, on_verdicts(own, record.actions).all))
    reviewed = [(name, each) for name, each in found if each.useful + each.noise]
    return Section(
        title="Precision",
        says="The share of judged incidents that was useful, with its 95 % interval."
        if reviewed
        else "No incident of this time has been judged useful or noise.",
        headings=("incidents", "useful", "noise", "not judged", "precision", "from", "to"),
        rows=[
            (name, each.useful, each.noise, each.unjudged, each.precision, *(each.interval or ("", "")))
            for name, each in found
        ],
        pictures=[("", intervals([*_intervals(reviewed)], "Precision with its interval"))]
        if reviewed
        else (),
    )


def _intervals(found: Sequence[tuple[str, Judged]]) -> Iterator[ShareInterval]:
    for name, each in found:
        if each.precision is not None and each.interval:
            words = f"{each.useful} of {counted(each.useful + each.noise, 'incident')} useful"
            yield ShareInterval(
                label=name, share=each.precision, low=each.interval[0], high=each.interval[1], words=words
            )


def _calendar(record: PeriodRecord) -> Section:
    first, today = record.since.astimezone(UTC).date(), record.now.astimezone(UTC).date()
    told = Counter(alert.at.astimezone(UTC).date() for alert in record.told)
    days = [first + _DAY * number for number in range((today - first).days + 1)]
    wide = -(-len(days) // _MOST_DAYS)
    stretches = [days[start : start + wide] for start in range(0, len(days), wide)]
    marks = {day: ", ".join(names) for day, names in record.days.items()}
    return Section(
        title="Calendar",
        says=f"Alerts of each {_stretch(wide, 'day')} (UTC), with the analyst's days as triangles; "
        "the table goes on to days to come.",
        headings=("day", "what", "alerts"),
        rows=[(str(day), marks[day], told[day] if day <= today else "") for day in sorted(marks)],
        pictures=[
            (
                "",
                columns(
                    [(each[0], sum(map(told.__getitem__, each))) for each in stretches],
                    {
                        each[0]: names
                        for each in stretches
                        if (names := "; ".join(marks[day] for day in each if day in marks))
                    },
                    "Alerts by day",
                ),
            )
        ],
    )


def _stretch(count: int, of: str) -> str:
    return of if count == 1 else counted(count, of)
