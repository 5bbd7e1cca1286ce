"""Ways of telling people: a channel as `watcher.toml` describes it in, something that sends out.

A type of channel is one module: the keys of its table, its opening and its sending. A module is imported when
a table of its type is read, so that a service without mail loads no mail code. The alert log
(`watcher.channels.log`) needs no table; it is always there.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol

from watcher.errors import UsageError
from watcher.model.settings import ChannelSpec
from watcher.ports import Channel, Clock

TYPES: Mapping[str, str] = {
    "webhook": "WebhookChannel",
    "alertmanager": "AlertmanagerChannel",
    "apprise": "AppriseChannel",
    "smtp": "SmtpChannel",
    "atom": "AtomChannel",
    "desktop": "DesktopChannel",
    "terminal": "TerminalChannel",
}
"""The types of channels, each with its class in the module of the type's name."""


class ChannelType(Protocol):
    """What the class of a channel says of its type."""

    KEYS: tuple[str, ...]
    """What its table may have beside `type` and what every channel takes."""

    def opened(self, spec: ChannelSpec, clock: Clock, /) -> tuple[Channel, ...]:
        """Return the channels of a table; nothing is sent and nobody is called yet."""
        ...


def channel_type(name: str) -> ChannelType:
    """Return the type of channel that `TYPES` has under a name."""
    found: ChannelType = getattr(import_module(f"{__name__}.{name}"), TYPES[name])
    return found


def open_channel(spec: ChannelSpec, clock: Clock) -> tuple[Channel, ...]:
    """Return the channels that a table of `watcher.toml` describes: one by its name, or several, as `name/1`.

    Raises:
        UsageError: the table cannot make a channel; the message says which and why.
    """
    if spec.type not in TYPES:
        raise UsageError(f"channel {spec.id}: no such type: {spec.type}; use one of {', '.join(TYPES)}")
    return channel_type(spec.type).opened(spec, clock)
