"""Incidents: which are one event and which are two, as reviewers say."""

from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watcher import bootstrap
from watcher.cli import completion
from watcher.cli.alerts import reviewing
from watcher.cli.common import By, group, takes_settings, with_same_data
from watcher.clock import utc_now
from watcher.model.alerts import ALERT_LOG, BY_HAND, ChannelId, IncidentId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watcher.model.alerts import Alert
    from watcher.model.settings import Settings

Why = Annotated[str, typer.Option("--why", help="The reason, for the record.")]

incidents = group("incidents", "Say which incidents are one event, and which reports are of another.")


@incidents.command("merge")
@takes_settings("data", "indicators", "config")
def merge_incidents(
    settings: "Settings",
    one: Annotated[
        str,
        typer.Argument(help="The id of an incident or an alert.", autocompletion=completion.complete_alert),
    ],
    other: Annotated[
        str,
        typer.Argument(help="The id of the other one.", autocompletion=completion.complete_alert),
    ],
    why: Why = "",
    by: By = "",
) -> None:
    """Make two incidents one: later reports of either join it. The one that was opened first stays."""
    with reviewing(settings, by) as reviewer:
        kept, gone = reviewer.merge(one, other, why)
    _follow(settings, kept)
    typer.echo(f"to take it back: watcher incidents split {kept} {gone}{with_same_data(settings)}")


@incidents.command("split")
@takes_settings("data", "indicators", "config")
def split_incident(
    settings: "Settings",
    incident: Annotated[
        str,
        typer.Argument(help="The id of an incident or an alert.", autocompletion=completion.complete_alert),
    ],
    reports: Annotated[
        list[str],
        typer.Argument(help="The ids of items that are of another event, or of an incident merged to it."),
    ],
    why: Why = "",
    by: By = "",
) -> None:
    """Make an incident of its own from some reports; later ones in their words do not join the old one."""
    with reviewing(settings, by) as reviewer:
        kept = reviewer.split(incident, reports, why)
    _follow(settings, kept)


@dataclass(slots=True)
class _Waiting:
    """A channel by the name of its table: what it is to be told waits in the outbox for who opens it."""

    id: ChannelId

    def send(self, alert: "Alert", also: "Sequence[Alert]" = ()) -> None:
        raise NotImplementedError


def _follow(settings: "Settings", incident: str) -> None:
    """Do what reviewers asked, unless a service runs, which does it soon; print what became of it."""
    from watcher.pipeline import Sink, end_round
    from watcher.pipeline.by_hand import join_by_hand
    from watcher.service.health import runs_here
    from watcher.service.lock import only_instance

    with closing(bootstrap.read_store(settings)) as store:
        runs = runs_here(settings, store, utc_now())
    if runs:
        look = f"watcher explain {incident}{with_same_data(settings)}"
        typer.echo(f"written down; the service does it within 15 seconds: {look}")
        return
    rules = bootstrap.load_rules(settings)
    channels = tuple(map(_Waiting, (ALERT_LOG, *(spec.id for spec in settings.channels))))
    with only_instance(Path(settings.data)), closing(bootstrap.open_store(settings)) as database:
        sink = Sink(store=database, channels=channels, clock=utc_now, routes=settings.routes)
        for _ in end_round([partial(join_by_hand, rules)], sink):
            pass
        stays = database.incident(IncidentId(incident))  # by what waited, it may be part of another now
        done = [each for each in database.decisions(stays.id) if each.reason in BY_HAND] if stays else []
    typer.echo(f"{stays.id}: {done[-1].because}" if stays and done else f"{incident} is gone: nothing to do")
