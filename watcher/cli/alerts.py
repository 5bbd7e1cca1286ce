"""Reviewing: the alert log, and what reviewers answer, also while the service runs."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated

import typer

from watcher import bootstrap
from watcher.alerting.review import mutes
from watcher.cli import completion
from watcher.cli.common import By, Json, app, group, runs_alone, takes_settings, time_of
from watcher.cli.show import as_json, table, utc_minute
from watcher.clock import utc_now
from watcher.config.durations import duration
from watcher.errors import UsageError
from watcher.model.alerts import AlertId
from watcher.model.review import Verdict

if TYPE_CHECKING:
    from watcher.model.settings import Settings
    from watcher.pipeline.reviewing import Reviewer

_NEWEST, _MOST = 50, 100_000

Since = Annotated[
    str, typer.Option("--since", help="Only alerts at or after this time or day (UTC).", show_default=False)
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=_MOST, help="At most so many, the newest.")]
Note = Annotated[str, typer.Option("--note", help="A remark.")]

alerts = group("alerts", "The alert log; alone, as with `list`.", alone=True)


@alerts.command("list")
@runs_alone(alerts, "alerts")
@takes_settings("data", "config")
def list_alerts(settings: "Settings", since: Since = "", limit: Limit = _NEWEST, json: Json = False) -> None:
    """List alerts, the newest first."""
    from watcher.delivery.render import alert_line

    with closing(bootstrap.read_store(settings)) as store:
        found = store.alerts(since=time_of(since), limit=limit)
    if json:
        as_json([alert_line(alert) for alert in found])
        return
    headings = ("when", "severity", "reason", "indicator", "claim", "title", "origins", "id")
    cells = attrgetter("at", "severity.word", "reason", "indicator", "claim", "title", "origins", "id")
    table(headings, map(cells, found), spare=("reason", "indicator", "claim", "origins"))


@alerts.command("export")
@takes_settings("data", "config")
def export_alerts(
    settings: "Settings",
    since: Since = "",
    limit: Limit = _MOST,
    form: Annotated[str, typer.Option("--format", help="`csv` or `jsonl`.")] = "csv",
) -> None:
    """Print alerts for other programs, the oldest first: as CSV (UTF-8) or JSON Lines."""
    from watcher.export.alerts import FORMATS

    if form not in FORMATS:
        raise UsageError(f"--format {form}: no such format; use {' or '.join(FORMATS)}")
    with closing(bootstrap.read_store(settings)) as store:
        found = store.alerts(since=time_of(since), limit=limit)
    for line in FORMATS[form](reversed(found)):
        typer.echo(line, nl=False)


@alerts.command("show")
@takes_settings("data", "config")
def show_alert(
    settings: "Settings",
    alert: Annotated[str, typer.Argument(help="The id of an alert.")],
    json: Json = False,
) -> None:
    """Show one alert in full."""
    from watcher.delivery.render import alert_line, text

    with closing(bootstrap.read_store(settings)) as store:
        found = store.alert(AlertId(alert))
    if found is None:
        raise UsageError(f"no alert has the id {alert!r}; `watcher alerts list` shows them")
    as_json(alert_line(found)) if json else typer.echo(text(found))


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
    """Say that you have an alert in hand: what was said of its incident so far is not said again."""
    with _reviewing(settings, by) as reviewer:
        typer.echo(f"{reviewer.acknowledge(alert, note)} is acknowledged")


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
    verdict: Annotated[Verdict, typer.Argument(help="What it was worth.")],
    by: By = "",
    note: Note = "",
) -> None:
    """Say what an alert was worth: useful, noise, or missed for what should have been an alert."""
    with _reviewing(settings, by) as reviewer:
        typer.echo(f"{reviewer.judge(alert, verdict, note)}: {verdict}")


@app.command()
@takes_settings("data", "indicators", "config")
def mute(
    settings: "Settings",
    what: Annotated[
        str,
        typer.Argument(
            help="An incident, an alert (its incident is meant), an indicator or a category; or `list`."
        ),
    ],
    span: Annotated[str, typer.Argument(help="For how long, as in 6h.")] = "",
    why: Annotated[str, typer.Option("--why", help="Why; required.")] = "",
    by: By = "",
    json: Json = False,
) -> None:
    """Suppress the alerts of an incident, an indicator or a category for a while.

    `watcher mute list` shows what is muted.
    """
    from watcher.config import load_indicators

    if what == "list" and not span:
        _list_mutes(settings, json=json)
        return
    if not span or not why.strip():
        raise UsageError(
            'say for how long and why, as in: watcher mute icbm-launch 6h --why "a drill, announced"'
        )
    try:
        until = utc_now() + duration(span)
    except ValueError as error:
        raise UsageError(str(error)) from error
    with _reviewing(settings, by) as reviewer:
        listed = load_indicators(bootstrap.indicators_file(settings)).indicators
        target = reviewer.mute(what, until, why, [indicator.id for indicator in listed])
    typer.echo(f"{target} is muted until {utc_minute(until)}")


@app.command()
@takes_settings("data", "config")
def unmute(
    settings: "Settings",
    what: Annotated[
        str,
        typer.Argument(
            help="What is muted, as `watcher mute list` names it; an alert stands for its incident."
        ),
    ],
    by: By = "",
) -> None:
    """End a mute."""
    with _reviewing(settings, by) as reviewer:
        typer.echo(f"{reviewer.unmute(what)} is no longer muted")


def _list_mutes(settings: "Settings", *, json: bool) -> None:
    with closing(bootstrap.read_store(settings)) as store:
        muted = mutes(store.actions(), utc_now()).values()
    if json:
        as_json(
            [{name: getattr(each, name) for name in ("target", "until", "by", "why", "at")} for each in muted]
        )
    else:
        rows = (
            (each.target, utc_minute(each.until) if each.until else "for good", each.by, each.why)
            for each in muted
        )
        table(("muted", "until", "by", "why"), rows)


@contextmanager
def _reviewing(settings: "Settings", by: str) -> Iterator["Reviewer"]:
    from watcher.pipeline.reviewing import Reviewer

    with closing(bootstrap.open_for_review(settings)) as store:
        yield Reviewer(store, by, utc_now())
