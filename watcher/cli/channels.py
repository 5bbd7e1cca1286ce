"""Whom to tell: channels."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watcher import bootstrap
from watcher.cli import completion
from watcher.cli.common import Json, group, takes_settings
from watcher.cli.show import as_json, table
from watcher.clock import utc_now
from watcher.errors import DeliveryError, UsageError
from watcher.model.alerts import ALERT_LOG
from watcher.model.routes import heirs, table_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from watcher.model.alerts import ChannelId, Delivery
    from watcher.model.settings import Settings
    from watcher.ports import Channel

channels = group("channels", "List and test channels, and retry failed deliveries.")


@channels.command("list")
@takes_settings("data", "config")
def list_channels(settings: "Settings", json: Json = False) -> None:
    """List the channels: what each takes, and what waits for it."""
    from watcher.delivery.routing import what_it_takes

    specs = {spec.id: spec for spec in settings.channels}
    outbox: Mapping[ChannelId, Mapping[str, int]] = {}
    waiting: Mapping[ChannelId, Delivery] = {}
    if bootstrap.has_database(settings):
        with closing(bootstrap.read_store(settings)) as store:
            outbox = store.delivery_counts()
            waiting = {first.channel: first for first in store.first_waiting()}
    rows = []
    apart = {table_of(name) for name in outbox if name not in specs}
    for name in dict.fromkeys((ALERT_LOG, *(name for name in specs if name not in apart), *outbox)):
        spec, counts = specs.get(table_of(name)), outbox.get(name, {})
        takes = what_it_takes(spec.route) if spec and spec.route else "everything"
        rows.append(
            {
                "id": name,
                "type": spec.type if spec else "log" if name == ALERT_LOG else "",
                "takes": takes if spec or name == ALERT_LOG else "no longer configured",
                **{state: counts.get(state, 0) for state in ("pending", "delivered", "dead")},
                "trouble": waiting[name].error if name in waiting else "",
            }
        )
    as_json(rows) if json else table(tuple(rows[0]), (tuple(row.values()) for row in rows))


@channels.command("test")
@takes_settings("data", "config")
def try_channels(
    settings: "Settings",
    name: Annotated[
        str,
        typer.Argument(help="The channel (default: every one).", autocompletion=completion.complete_channel),
    ] = "",
    json: Json = False,
) -> None:
    """Send a test alert through channels and print the result; exit 1 when one refuses."""
    from watcher.alerting.build import trial_alert

    opened = bootstrap.open_channels(settings)
    results, happened = {}, {}
    for channel in _called(name, opened) if name else opened:
        alert = trial_alert(channel.id, utc_now())
        try:
            channel.send(alert)
        except DeliveryError as error:
            results[channel.id] = happened[channel.id] = f"refused: {error}"
        else:
            results[channel.id] = "taken"
            how = (
                f"written to {Path(settings.data, bootstrap.ALERTS_FOLDER)}"
                if channel.id == ALERT_LOG
                else "sent and accepted"
            )
            happened[channel.id] = f"{how}: test alert {alert.id}"
    as_json(results) if json else table(("channel", "result"), happened.items())
    raise typer.Exit(0 if all(result == "taken" for result in results.values()) else 1)


@channels.command("retry")
@takes_settings("data", "config")
def retry_channel(
    settings: "Settings",
    name: Annotated[
        str,
        typer.Argument(
            help="The channel whose dead deliveries to try again.", autocompletion=completion.complete_channel
        ),
    ],
) -> None:
    """Queue a channel's dead deliveries again.

    The service tries them within seconds, `watcher poll` at its next call.
    """
    opened = _called(name, bootstrap.open_channels(settings))
    with closing(bootstrap.open_for_review(settings)) as store:
        queued = sum(store.retry_dead(channel.id) for channel in opened)
        names = [channel.id for channel in opened]
        # what its table called it before it had several targets, or when it had
        for gone in store.delivery_counts().keys() - names:
            if own := heirs(gone, names):
                queued += store.retry_dead(gone)
                store.pass_on(gone, own)
    typer.echo(f"{queued} deliveries of {name} will be tried again")


@channels.command("forget")
@takes_settings("data", "config")
def forget_channel(
    settings: "Settings",
    name: Annotated[
        str,
        typer.Argument(
            help="The channel whose dead deliveries to remove.", autocompletion=completion.complete_channel
        ),
    ],
) -> None:
    """Remove a channel's dead deliveries, even if it is no longer configured; the alerts stay in the log."""
    with closing(bootstrap.open_for_review(settings)) as store:
        known = store.delivery_counts()
        if not (meant := [channel for channel in known if name in (channel, table_of(channel))]):
            raise UsageError(
                f"nothing was ever sent to a channel called {name!r}; there are {', '.join(known) or 'none'}"
            )
        forgotten = sum(store.forget_dead(channel) for channel in meant)
    typer.echo(f"{forgotten} dead deliveries of {name} are forgotten")


def _called(name: str, opened: "Sequence[Channel]") -> "Sequence[Channel]":
    """Return the channel of a name, or all those of a table with several targets."""
    if found := [channel for channel in opened if name in (channel.id, table_of(channel.id))]:
        return found
    raise UsageError(f"no channel called {name!r}; there are {', '.join(channel.id for channel in opened)}")
