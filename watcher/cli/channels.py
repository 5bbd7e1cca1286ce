"""Whom to tell: channels."""

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from watcher.cli.options import Config, Data, Json, settings_of
from watcher.cli.show import as_json, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from watcher.ports import Channel

channels = typer.Typer(help="The channels that carry alerts.", rich_markup_mode=None, no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(channels, name="channels")


@channels.command("test")
def try_channels(
    name: Annotated[str, typer.Argument(help="The channel (default: every one).")] = "",
    data: Data = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Send a test alert through channels and say what came of it; exit 1 when one refuses."""
    from watcher import bootstrap
    from watcher.clock import utc_now
    from watcher.errors import DeliveryError
    from watcher.judge.speak import trial_alert

    opened = bootstrap.open_channels(settings_of(data, config=config))
    results = {}
    for channel in [_called(name, opened)] if name else opened:
        try:
            channel.send(trial_alert(channel.id, utc_now()))
        except DeliveryError as error:
            results[channel.id] = f"refused: {error}"
        else:
            results[channel.id] = "taken"
    if json:
        as_json(results)
    else:
        table(("channel", "result"), results.items())
    raise typer.Exit(0 if all(result == "taken" for result in results.values()) else 1)


@channels.command("retry")
def retry_channel(
    name: Annotated[str, typer.Argument(help="The channel whose dead deliveries to try again.")], data: Data = None, config: Config = None
) -> None:
    """Put a channel's dead deliveries back into its queue; the service tries them within seconds, `watcher poll` at its next call."""
    from watcher import bootstrap

    settings = settings_of(data, config=config)
    channel = _called(name, bootstrap.open_channels(settings))
    with closing(bootstrap.open_desk(settings)) as store:
        count = store.retry_dead(channel.id)
    typer.echo(f"{count} deliveries of {name} will be tried again")


def _called(name: str, opened: "Sequence[Channel]") -> "Channel":
    from watcher.errors import UsageError

    for channel in opened:
        if channel.id == name:
            return channel
    raise UsageError(f"no channel called {name!r}; there are {', '.join(channel.id for channel in opened)}")
