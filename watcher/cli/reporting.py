"""For people: what changed since somebody last looked, and how a stretch of time went."""

import json
import sys
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watcher import bootstrap
from watcher.alerting.review import muted_names, mutes
from watcher.cli.alerts import reviewing, title_of
from watcher.cli.common import By, app, takes_settings, time_of
from watcher.cli.show import utc_minute
from watcher.clock import utc_now
from watcher.errors import UsageError
from watcher.model.alerts import Kind, Reason
from watcher.model.language import SubjectKind
from watcher.model.listing import IncidentQuery, IncidentState
from watcher.model.review import ActionKind

if TYPE_CHECKING:
    from watcher.export.handover import HandoverRecord
    from watcher.lab.report import PeriodRecord
    from watcher.model.language import IndicatorList
    from watcher.model.settings import Settings
    from watcher.ports import Database

_FIRST = timedelta(days=1)
"""How far back the first handover of a person tells."""

_AHEAD = timedelta(days=30)
"""How far ahead a report names the days of calendars."""

_LONGEST_TREND = 290
_SHOWN, _ALL = 30, 100_000


@app.command("handover")
@takes_settings("data", "indicators", "feeds", "config")
def hand_over(
    settings: "Settings",
    since: Annotated[
        str,
        typer.Option(
            "--since",
            help="Since this time or day (UTC), or a time ago such as 12h (default: your last handover).",
            show_default=False,
        ),
    ] = "",
    by: By = "",
) -> None:
    """Tell as Markdown what changed since your last handover, and remember this one."""
    from watcher.export.handover import changes_of, handover_text, prints_of

    listed, feeds = bootstrap.indicators_in_use(settings), bootstrap.feeds_in_use(settings)
    name = f"lists at the handover of {by.strip()}"
    prints = {
        "indicators": prints_of(listed.indicators),
        "entities": prints_of(listed.entities.values()),
        "feeds": prints_of(feeds),
    }
    with closing(bootstrap.read_store(settings)) as store:
        before = json.loads(store.noted(name) or "{}")
        changes = [line for what in before for line in changes_of(what, before[what], prints[what])]
        lists = changes if before else ["what changes in them is known from your next handover on"]
        record = _record_of(settings, store, by.strip(), time_of(since), listed, lists)
    with reviewing(settings, by) as reviewer:
        typer.echo(handover_text(record), nl=False)
        sys.stdout.flush()  # what could not be read is told again
        replace(reviewer, now=record.now).hand_over(name, json.dumps(prints))


def _record_of(
    settings: "Settings",
    store: "Database",
    by: str,
    asked: datetime | None,
    listed: "IndicatorList",
    lists: list[str],
) -> "HandoverRecord":
    """Return what a handover to somebody tells; `lists` says what changed in the lists."""
    from watcher.board.view import nearby_days
    from watcher.export.handover import HandoverRecord
    from watcher.service.health import health_here

    now, actions = utc_now(), store.actions()
    last = next(
        (each.at for each in reversed(actions) if each.kind is ActionKind.HANDOVER and each.by == by), None
    )
    since = asked or last or now - _FIRST
    because = "as asked" if asked else "the last handover" if last else "there was no handover before"
    held = muted_names(mutes(actions, now), listed.indicators)
    query = IncidentQuery(muted=held, alerted=None, since=since)
    unanswered = IncidentQuery(muted=held, state=IncidentState.NEW)
    recent = [each for each in actions if each.at >= since and each.kind is not ActionKind.HANDOVER]
    told = reversed(store.alerts(since=since, limit=_ALL))
    in_force, coming = nearby_days(listed.indicators, listed.calendars, now)
    return HandoverRecord(
        by=by,
        since=since,
        because=because,
        now=now,
        levels=store.levels(since),
        incidents=[
            each for each in reversed(store.incidents(query, limit=_ALL)) if each.incident.opened >= since
        ],
        waiting=store.incidents(unanswered, limit=_SHOWN),
        all_waiting=store.count_incidents(unanswered),
        muted=held,
        actions=recent,
        titles={each.target: title_of(each.target, store) for each in recent},
        feeds=[each for each in told if each.kind is Kind.COLLECTION and each.reason is not Reason.DIGEST],
        problems=health_here(settings, store, now).in_short,
        in_force=in_force,
        coming=coming,
        lists=lists,
    )


def _period_of(settings: "Settings", since: datetime) -> "PeriodRecord":
    from watcher.board.view import board_lines
    from watcher.incidents.calendar import days_between
    from watcher.lab.report import PeriodRecord
    from watcher.pipeline.levels import board_record

    now, listed = utc_now(), bootstrap.indicators_in_use(settings)
    indicators = {each.id: each for each in listed.indicators}
    feeds = {feed.id for feed in bootstrap.feeds_in_use(settings)}
    with closing(bootstrap.read_store(settings)) as store:
        states, board = store.states(), board_record(store, listed, since, now)
        lines = board_lines(board, indicators, now, days=min(_LONGEST_TREND, (now - since).days + 1))
        found = store.incidents(IncidentQuery(since=since), limit=_ALL)
        return PeriodRecord(
            since=since,
            now=now,
            alerts=tuple(reversed(store.alerts(since=since, limit=_ALL))),
            incidents=[whole for each in reversed(found) if (whole := store.incident(each.incident.id))],
            actions=store.actions(),
            levels=[line for line in lines if line.subject.kind is not SubjectKind.INDICATOR],
            polls={feed: store.polls(feed, limit=_ALL) for feed in states if feed in feeds},
            failing={feed: each.error for feed, each in states.items() if each.error and feed in feeds},
            days=days_between(listed.calendars, since.date(), (now + _AHEAD).date()),
        )


@app.command("report")
@takes_settings("data", "indicators", "feeds", "config")
def write_report(
    settings: "Settings",
    out: Annotated[
        Path,
        typer.Option("--out", help="The file to write: .html for one page with plots, .md for Markdown."),
    ],
    since: Annotated[
        str, typer.Option("--since", help="Since this time or day (UTC), or a time ago such as 30d.")
    ] = "30d",
) -> None:
    """Write a report for people: alerts, lead times, corroboration, feeds, precision, calendar."""
    from watcher.export.report import report_markdown, report_page
    from watcher.lab.report import sections_of
    from watcher.replacing import replace_whole

    forms = {".html": report_page, ".md": report_markdown}
    if out.suffix not in forms:
        raise UsageError(f"--out {out}: a report is a file whose name ends in {' or '.join(forms)}")
    began = time_of(since)
    if began is None:
        raise UsageError("--since: say since when, as in 30d")
    record = _period_of(settings, began)
    title = f"Report of {began:%-d %B %Y} to {record.now:%-d %B %Y}"
    about = f"Written {utc_minute(record.now)}. All times are UTC."
    try:
        replace_whole(out, forms[out.suffix](title, about, sections_of(record)).encode())
    except OSError as error:
        raise UsageError(f"--out {out}: {error.strerror}") from error
    typer.echo(f"{out}: {title}")
