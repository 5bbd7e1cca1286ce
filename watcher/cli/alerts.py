"""Reviewing: the alert log, and what reviewers answer, also while the service runs."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watcher import bootstrap
from watcher.alerting.review import mutes, review_dict, review_lines, reviews
from watcher.cli import completion
from watcher.cli.common import By, Json, app, group, runs_alone, takes_settings, time_of, with_same_data
from watcher.cli.show import as_json, console, course_of, in_utf8, prose, table, utc_minute
from watcher.clock import utc_now
from watcher.config.durations import duration
from watcher.errors import StoreError, UsageError
from watcher.model.alerts import Alert, AlertId, IncidentId
from watcher.model.language import Severity
from watcher.model.news import ItemId
from watcher.model.review import Action, ActionKind, Review, ReviewState, Verdict
from watcher.replacing import replace_whole
from watcher.text.numbers import counted

if TYPE_CHECKING:
    from watcher.model.exported import ExportCursor
    from watcher.model.settings import Settings
    from watcher.pipeline.reviewing import Reviewer
    from watcher.ports import Archive

_NEWEST, _MOST = 50, 100_000
_ROOMY = 180
"""From so many characters a line on, each alert has a line with all that a table of alerts shows."""

Since = Annotated[
    str,
    typer.Option(
        "--since",
        help="Only since this time or day (UTC): 2026-10-10, today, yesterday, or a time ago such as 12h.",
        show_default=False,
    ),
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=_MOST, help="Show at most this many, the newest.")]
Note = Annotated[str, typer.Option("--note", help="A remark for the record.")]

alerts = group("alerts", "List, show, export and answer alerts; without a command, list them.", alone=True)


@alerts.command("list")
@runs_alone(alerts, "alerts")
@takes_settings("data", "config")
def list_alerts(
    settings: "Settings",
    since: Since = "",
    severity: Annotated[
        str, typer.Option("--severity", help="Only alerts of this severity and above.", show_default=False)
    ] = "",
    indicator: Annotated[
        str,
        typer.Option(
            "--indicator",
            help="Only alerts of incidents that this indicator matched.",
            show_default=False,
            autocompletion=completion.complete_indicator,
        ),
    ] = "",
    state: Annotated[
        ReviewState | None,
        typer.Option(
            "--state",
            help="Only alerts in this state of review; `reviewed` means any verdict.",
            show_default=False,
        ),
    ] = None,
    limit: Limit = _NEWEST,
    json: Json = False,
) -> None:
    """List alerts, the newest first, with what reviewers said of them."""
    from watcher.delivery.render import alert_line

    least = _severity(severity)
    with closing(bootstrap.read_store(settings)) as store:
        newest = limit if not indicator and not state else _MOST
        found = store.alerts(since=time_of(since), limit=newest, least=least)
        said = reviews(found, store.actions(), utc_now())
    shown = [
        alert
        for alert in found
        if (not indicator or indicator in (alert.indicator, *alert.formerly, *alert.context.indicators))
        and (not state or state in said[alert.id].states)
    ][:limit]
    if json:
        as_json([alert_line(alert) | {"review": review_dict(said[alert.id])} for alert in shown])
        return
    if console().width < _ROOMY:
        narrow = attrgetter("at", "severity.word", "indicator")
        table(
            ("when", "severity", "indicator", "title", "id"),
            ((*narrow(alert), _with_review(alert, said[alert.id]), alert.id) for alert in shown),
            below="title",
        )
        return
    cells = attrgetter("at", "severity.word", "reason", "indicator", "claim", "title", "origins")
    table(
        ("when", "severity", "reason", "indicator", "claim", "title", "origins", "review", "id"),
        ((*cells(alert), _in_short(said[alert.id]) or ReviewState.NEW, alert.id) for alert in shown),
    )


@alerts.command("export")
@takes_settings("data", "config")
def export_alerts(
    settings: "Settings",
    since: Since = "",
    after: Annotated[
        str, typer.Option("--after", help="Only what came after this cursor; `start` is the first one.")
    ] = "start",
    cursor: Annotated[
        Path | None,
        typer.Option(
            "--cursor", help="A file that keeps the cursor: each export goes on where the last ended."
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=_MOST, help="At most this many.")] = _MOST,
    form: Annotated[
        str, typer.Option("--format", help="`csv`, `jsonl`, `atom`, `ics`, `cap` or `stix`.")
    ] = "csv",
) -> None:
    """Print alerts for other programs in UTF-8, the oldest first.

    stderr says with which cursor the next export goes on.
    """
    from watcher.export.formats import FORMATS
    from watcher.model.exported import export_cursor

    if form not in FORMATS:
        raise UsageError(f"--format {form}: no such format; use {', '.join(FORMATS)}")
    begin = _cursor_in(cursor) if cursor and cursor.exists() else export_cursor(after)
    in_utf8()
    with closing(bootstrap.read_store(settings)) as store:
        part = store.export_part(begin, since=time_of(since), limit=limit)
        for piece in FORMATS[form].write(part, store, settings.web.public):
            typer.echo(piece, nl=False)
    sys.stdout.flush()  # what could not be written is exported again
    if cursor:
        _keep_cursor(cursor, part.end)
    left = f"this is {counted(limit, 'alert')} at most, and there is more; " if part.more else ""
    typer.echo(f"{left}the next export goes on with --after {part.end}", err=True)


@alerts.command("show")
@takes_settings("data", "config")
def show_alert(
    settings: "Settings",
    alert: Annotated[
        str, typer.Argument(help="The id of an alert.", autocompletion=completion.complete_alert)
    ],
    json: Json = False,
) -> None:
    """Show one alert in full, with what reviewers said of it and what became of it in each channel."""
    from watcher.delivery.render import alert_line, text

    with closing(bootstrap.read_store(settings)) as store:
        found = store.alert(AlertId(alert))
        if found is None:
            raise UsageError(f"no alert has the id {alert!r}; `watcher alerts list` shows them")
        review = reviews([found], store.actions(), utc_now())[found.id]
        channels = {each.channel: course_of(each) for each in store.deliveries(found.id)}
    if json:
        as_json(alert_line(found) | {"review": review_dict(review), "channels": channels})
        return
    prose(text(found, options=with_same_data(settings)))
    for line in review_lines(review) or ("none yet",):
        prose(f"Review:     {line}")
    for channel, course in channels.items():
        prose(f"Channel:    {channel}: {course}")


@alerts.command("ack")
@takes_settings("data", "config")
def acknowledge(
    settings: "Settings",
    alert: Annotated[
        str,
        typer.Argument(help="The id of an alert or an incident.", autocompletion=completion.complete_alert),
    ],
    by: By = "",
    note: Note = "",
) -> None:
    """Acknowledge an alert: no channel repeats what its incident has alerted so far."""
    with reviewing(settings, by) as reviewer:
        target = reviewer.acknowledge(alert, note)
        prose(f"{_called(alert, target, reviewer.journal)} is acknowledged")


@alerts.command("verdict")
@takes_settings("data", "config")
def give_verdict(
    settings: "Settings",
    alert: Annotated[
        str,
        typer.Argument(
            help="The id of an alert or an incident; for `missed`, also of an item.",
            autocompletion=completion.complete_alert,
        ),
    ],
    verdict: Annotated[Verdict, typer.Argument(help="Your verdict.")],
    by: By = "",
    note: Note = "",
) -> None:
    """Give a verdict: useful, noise, or missed for what should have been an alert."""
    with reviewing(settings, by) as reviewer:
        target = reviewer.judge(alert, verdict, note)
        prose(f"{_called(alert, target, reviewer.journal)} is judged {verdict}")


@app.command()
@takes_settings("data", "indicators", "config")
def mute(
    settings: "Settings",
    what: Annotated[
        str,
        typer.Argument(
            help="The id of an incident, an alert (for its incident), an indicator or a category; or `list`.",
            autocompletion=completion.complete_mutable,
        ),
    ],
    span: Annotated[str, typer.Argument(help="For how long, as in 6h.")] = "",
    why: Annotated[str, typer.Option("--why", help="The reason (required).")] = "",
    by: By = "",
    json: Json = False,
) -> None:
    """Suppress the alerts of an incident, an indicator or a category for a while.

    `watcher mute list` shows what is muted.
    """
    from watcher.config.cached import load_indicators_cached

    if what == "list" and not span:
        _list_mutes(settings, json=json)
        return
    if not span or not why.strip():
        missing = "say for how long" if not span else "give a reason"
        raise UsageError(f'{missing}, as in: watcher mute icbm-launch 6h --why "an announced drill"')
    try:
        until = utc_now() + duration(span)
    except ValueError as error:
        raise UsageError(str(error)) from error
    with reviewing(settings, by) as reviewer:
        listed = load_indicators_cached(bootstrap.indicators_file(settings)).indicators
        target = reviewer.mute(what, until, why, [indicator.id for indicator in listed])
        prose(f"{_called(what, target, reviewer.journal)} is muted until {utc_minute(until)}")


@app.command()
@takes_settings("data", "config")
def unmute(
    settings: "Settings",
    what: Annotated[
        str,
        typer.Argument(
            help="What to unmute, as `watcher mute list` names it, or an alert of that incident.",
            autocompletion=completion.complete_muted,
        ),
    ],
    by: By = "",
) -> None:
    """End a mute."""
    with reviewing(settings, by) as reviewer:
        target = reviewer.unmute(what)
        prose(f"{_called(what, target, reviewer.journal)} is no longer muted")


@app.command("actions")
@takes_settings("data", "config")
def list_actions(settings: "Settings", since: Since = "", limit: Limit = _NEWEST, json: Json = False) -> None:
    """List what reviewers did, the newest first: who did what, when and why."""
    after = time_of(since)
    with closing(bootstrap.read_store(settings)) as store:
        found = [action for action in store.actions() if not after or action.at >= after][: -limit - 1 : -1]
        titles = {each.target: title_of(each.target, store) for each in found}
    if json:
        names = ("id", "at", "by", "kind", "target", "value", "why", "until")
        as_json(
            [
                {name: getattr(each, name) for name in names} | {"title": titles[each.target] or None}
                for each in found
            ]
        )
        return
    table(
        ("when", "who", "what", "about", "why", "target"),
        (
            (each.at, each.by, _done(each), titles[each.target] or each.target, each.why, each.target)
            for each in found
        ),
        spare=("target",),
    )


def _list_mutes(settings: "Settings", *, json: bool) -> None:
    from watcher.pipeline.naming import mute_of_nothing

    with closing(bootstrap.read_store(settings)) as store:
        muted = mutes(store.actions(), utc_now()).values()
        held_for = {each.target: mute_of_nothing(each.target, store) for each in muted}
    names = ("target", "until", "by", "why", "at")
    if json:
        as_json(
            [
                {name: getattr(each, name) for name in names} | {"note": held_for[each.target]}
                for each in muted
            ]
        )
        return
    rows = (
        (
            each.target,
            utc_minute(each.until) if each.until else "for good",
            each.by,
            each.why,
            held_for[each.target],
        )
        for each in muted
    )
    table(("muted", "until", "by", "why", "note"), rows)


def _cursor_in(file: Path) -> "ExportCursor":
    from watcher.model.exported import export_cursor

    try:
        return export_cursor(file.read_text(encoding="utf-8", errors="replace").strip())
    except (OSError, UsageError) as error:
        raise UsageError(f"--cursor {file}: {error}; remove the file to export from the start") from error


def _keep_cursor(file: Path, cursor: "ExportCursor") -> None:
    try:
        replace_whole(file, f"{cursor}\n".encode())
    except OSError as error:
        what = f"the cursor {cursor} cannot be kept: {error.strerror}; the next export repeats this one"
        raise StoreError(f"--cursor {file}: {what}") from error


@contextmanager
def reviewing(settings: "Settings", by: str) -> Iterator["Reviewer"]:
    """Give somebody who reviews now, also beside a running service."""
    from watcher.pipeline.reviewing import Reviewer

    with closing(bootstrap.open_for_review(settings)) as store:
        yield Reviewer(store, by, utc_now())


def _severity(name: str) -> Severity:
    from watcher.config.typed import word_of

    if not name:
        return Severity.INFO
    try:
        return word_of(Severity, "severity")(name)
    except ValueError as error:
        raise UsageError(f"--severity {name}: {error}") from error


def _in_short(review: Review) -> str:
    """Return the states that a table shows, each with who caused it."""
    said = [
        (review.acknowledgement, "acknowledged"),
        (review.verdict, review.verdict.value if review.verdict else ""),
        (review.mute, "muted"),
    ]
    return ", ".join(f"{word} by {action.by}" for action, word in said if action)


def _with_review(alert: Alert, review: Review) -> str:
    """Return the title, and in brackets what reviewers said: where there is little room, only that."""
    said = _in_short(review)
    return f"{alert.title} [{said}]" if said else alert.title


def _done(action: Action) -> str:
    """Return what a reviewer did, in a few words."""
    if action.kind is ActionKind.OVERRIDE and not action.value:
        return "clear the level"
    words = {ActionKind.OVERRIDE: "set the level to", ActionKind.VERDICT: "verdict"}
    until = f"until {utc_minute(action.until)}" if action.until else ""
    value = ", ".join(action.value.splitlines())
    return " ".join(filter(None, (words.get(action.kind, action.kind.value), value, until)))


def _called(name: str, target: str, store: "Archive") -> str:
    """Return what an answer is about, with the headline of the alert, incident or item that was named."""
    alert = store.alert(AlertId(name))
    title = alert.title if alert else title_of(target, store)
    what = "incident " if store.incident(IncidentId(target)) else "item " if not alert else ""
    return f"{what}{target} ({title})" if title else target


def title_of(target: str, store: "Archive") -> str:
    """Return the title of the incident or item that an action is about, if it is about one."""
    named = store.incident(IncidentId(target)) or store.item(ItemId(target))
    return named.title if named else ""
