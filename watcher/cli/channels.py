"""Whom to tell: channels."""

from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watcher.cli import completion
from watcher.cli.options import Config, Data, Json, settings_of
from watcher.cli.show import as_json, table
from watcher.model.alerts import ALERT_LOG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from watcher.model.alerts import ChannelId, Delivery
    from watcher.model.settings import ChannelSpec, Settings
    from watcher.ports import Channel

channels = typer.Typer(help="The channels that carry alerts.", rich_markup_mode=None, no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(channels, name="channels")


@channels.command("list")
def list_channels(data: Data = None, config: Config = None, json: Json = False) -> None:
    """List the channels: what each takes, and what waits for it."""
    settings = settings_of(data, config=config)
    specs = {spec.id: spec for spec in settings.channels}
    outbox, waiting = _outbox(settings)
    names = dict.fromkeys((ALERT_LOG, *specs, *outbox))
    rows = [_row(name, specs.get(name), outbox.get(name, {}), waiting.get(name)) for name in names]
    if json:
        as_json(rows)
    else:
        table(tuple(rows[0]), (tuple(map(str, row.values())) for row in rows))


@channels.command("test")
def try_channels(
    name: Annotated[
        str, typer.Argument(help="The channel (default: every one).", autocompletion=completion.channels)
    ] = "",
    data: Data = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Send a test alert through channels and say what came of it; exit 1 when one refuses."""
    from watcher import bootstrap
    from watcher.alerting.build import trial_alert
    from watcher.clock import utc_now
    from watcher.errors import DeliveryError

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
    name: Annotated[
        str,
        typer.Argument(
            help="The channel whose dead deliveries to try again.", autocompletion=completion.channels
        ),
    ],
    data: Data = None,
    config: Config = None,
) -> None:
    """Put a channel's dead deliveries back into its queue; the service tries them within seconds, `watcher poll` at its next call."""
    from watcher import bootstrap

    settings = settings_of(data, config=config)
    channel = _called(name, bootstrap.open_channels(settings))
    with closing(bootstrap.open_for_review(settings)) as store:
        count = store.retry_dead(channel.id)
    typer.echo(f"{count} deliveries of {name} will be tried again")


@channels.command("forget")
def forget_channel(
    name: Annotated[str, typer.Argument(help="The channel whose dead deliveries nobody needs any more.")],
    data: Data = None,
    config: Config = None,
) -> None:
    """Remove a channel's dead deliveries, also those of a channel that is gone; the alerts stay in the log."""
    from watcher import bootstrap
    from watcher.errors import UsageError
    from watcher.model.alerts import ChannelId

    with closing(bootstrap.open_for_review(settings_of(data, config=config))) as store:
        if ChannelId(name) not in (known := store.delivery_counts()):
            raise UsageError(
                f"nothing was ever sent to a channel called {name!r}; there are {', '.join(known) or 'none'}"
            )
        count = store.forget_dead(ChannelId(name))
    typer.echo(f"{count} dead deliveries of {name} are forgotten")


def _row(
    name: str, spec: "ChannelSpec | None", counts: "Mapping[str, int]", waiting: "Delivery | None"
) -> dict[str, Any]:
    from watcher.delivery.routing import what_it_takes

    takes = "everything" if spec is None or spec.route is None else what_it_takes(spec.route)
    return {
        "id": name,
        "type": spec.type if spec else "log" if name == ALERT_LOG else "",
        "takes": takes if spec or name == ALERT_LOG else "no longer configured",
        "pending": counts.get("pending", 0),
        "delivered": counts.get("delivered", 0),
        "dead": counts.get("dead", 0),
        "trouble": waiting.error if waiting else "",
    }


def _outbox(
    settings: "Settings",
) -> "tuple[Mapping[ChannelId, Mapping[str, int]], Mapping[ChannelId, Delivery]]":
    """Return how many deliveries stand in each state, and the one that others wait behind, by channel."""
    from watcher import bootstrap

    if not bootstrap.database_of(settings).exists():
        return {}, {}
    with closing(bootstrap.read_store(settings)) as store:
        return store.delivery_counts(), {first.channel: first for first in store.first_waiting()}


def _called(name: str, opened: "Sequence[Channel]") -> "Channel":
    from watcher.errors import UsageError

    for channel in opened:
        if channel.id == name:
            return channel
    raise UsageError(f"no channel called {name!r}; there are {', '.join(channel.id for channel in opened)}")
