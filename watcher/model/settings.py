"""How to run, as checked values: what `watcher.toml` says of a channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from watcher.model.alerts import ChannelId


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSpec:
    """One `[channels.ID]` table, as `watcher.channels.open_channel` takes it.

    `urls` has every address of `url`, whether one or a list was written. `secret_file` is a path already resolved against
    the folder of `watcher.toml`; empty is none. `extra` has every other key as text, so that a channel can refuse what it
    does not know. Addresses may hold secrets and stay out of the repr.
    """

    id: ChannelId
    type: str
    urls: tuple[str, ...] = field(default=(), repr=False)
    secret_file: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
