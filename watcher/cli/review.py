"""Reviewing: the alert log."""

from contextlib import closing
from typing import Annotated

import typer

from watcher.cli.options import Config, Data, Json, settings_of, time_of
from watcher.cli.show import as_json, moment, table

NEWEST, MOST = 50, 100_000

Since = Annotated[
    str, typer.Option("--since", help="Only alerts at or after this time or day (UTC).", show_default=False)
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=MOST, help="At most so many, the newest.")]
Format = Annotated[str, typer.Option("--format", help="`csv` or `jsonl`.")]

alerts = typer.Typer(
    help="The alert log; alone, as with `list`.", invoke_without_command=True, rich_markup_mode=None
)


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(alerts, name="alerts")


@alerts.callback()
def _alerts(
    context: typer.Context,
    data: Data = None,
    config: Config = None,
    since: Since = "",
    limit: Limit = NEWEST,
    json: Json = False,
) -> None:
    from watcher.errors import UsageError

    if context.invoked_subcommand is None:
        list_alerts(data, config, since, limit, json=json)
    elif (data, config, since, limit, json) != (None, None, "", NEWEST, False):
        raise UsageError(f"options go behind the command: `watcher alerts {context.invoked_subcommand} ...`")


@alerts.command("list")
def list_alerts(
    data: Data = None, config: Config = None, since: Since = "", limit: Limit = NEWEST, json: Json = False
) -> None:
    """List alerts, the newest first."""
    from watcher import bootstrap
    from watcher.delivery.render import alert_line

    with closing(bootstrap.read_store(settings_of(data, config=config))) as store:
        found = store.alerts(since=time_of(since), limit=limit)
    if json:
        as_json([alert_line(alert) for alert in found])
        return
    table(
        ("when", "severity", "reason", "indicator", "claim", "title", "origins", "id"),
        (
            (
                moment(alert.at),
                alert.severity.word,
                alert.reason,
                alert.indicator,
                alert.claim or "",
                alert.title,
                " ".join(alert.origins),
                alert.id,
            )
            for alert in found
        ),
        spare=("reason", "indicator", "claim", "origins"),
    )


@alerts.command("export")
def export_alerts(
    data: Data = None, config: Config = None, since: Since = "", limit: Limit = MOST, form: Format = "csv"
) -> None:
    """Write alerts for other programs to standard output, the oldest first: CSV for a spreadsheet (UTF-8), or JSON Lines."""
    from watcher import bootstrap
    from watcher.errors import UsageError
    from watcher.export.alerts import FORMATS

    if form not in FORMATS:
        raise UsageError(f"--format {form}: no such format; use {' or '.join(FORMATS)}")
    with closing(bootstrap.read_store(settings_of(data, config=config))) as store:
        found = store.alerts(since=time_of(since), limit=limit)
    for line in FORMATS[form](reversed(found)):
        typer.echo(line, nl=False)


@alerts.command("show")
def show_alert(
    alert: Annotated[str, typer.Argument(help="The id of an alert.")],
    data: Data = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Show one alert in full."""
    from watcher import bootstrap
    from watcher.delivery.render import alert_line, text
    from watcher.errors import UsageError
    from watcher.model.alerts import AlertId

    with closing(bootstrap.read_store(settings_of(data, config=config))) as store:
        found = store.alert(AlertId(alert))
    if found is None:
        raise UsageError(f"no alert has the id {alert!r}; `watcher alerts list` shows them")
    if json:
        as_json(alert_line(found))
    else:
        typer.echo(text(found))
