"""How to run, as checked values: what `watcher.toml`, the environment and the flags say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network

from watcher.model.alerts import ChannelId
from watcher.model.retention import Retention
from watcher.model.routes import Route

SHIPPED = "shipped"
"""In the place of a path of indicators or feeds: the list that ships with the watcher."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSpec:
    """One `[channels.ID]` table, as `watcher.channels.open_channel` takes it.

    `urls` has every address of `url`, whether one or a list was written. `secret_file` is a path already
    resolved against the folder of `watcher.toml`; empty is none. `extra` has every other key of the type as
    text: a list with commas between, and `path` resolved as well. Addresses may hold secrets and stay out of
    the repr.
    """

    id: ChannelId
    type: str
    urls: tuple[str, ...] = field(default=(), repr=False)
    secret_file: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    route: Route | None = None
    """What it takes, and when; None is everything at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """The `[fetch]` table: what one exchange may take, and which private networks may be dialled.

    Empty is the fetcher's own.
    """

    allow_private: tuple[IPv4Network | IPv6Network, ...] = ()
    timeout: timedelta = timedelta(seconds=30)
    max_body: int = 10 << 20
    per_host: int = 2
    in_flight: int = 32
    proxy: str = field(default="", repr=False)
    user_agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """The `[web]` table: where the page listens, its host names, its password, and the address in alerts.

    `listen` is host and port. `password_file` is a path; empty is no password, which only this machine itself
    is let in with. `users_file` has users with roles instead; `user_header` is where a proxy on this machine
    says who asks.
    """

    listen: str = "127.0.0.1:8750"
    hosts: tuple[str, ...] = ()
    password_file: str = ""
    users_file: str = ""
    user_header: str = ""
    public: str = ""

    @property
    def prefix(self) -> str:
        """The path that the page is below at its public address, as in `/watch`; empty is the root."""
        _, slash, path = self.public.partition("://")[2].partition("/")
        return slash + path

    @property
    def callbacks(self) -> str:
        """What the addresses begin with that hubs call us at; empty when we have none that is https."""
        return f"{self.public}/websub/" if self.public.startswith("https://") else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """The `[service]` table: the address of the heartbeat, and whether the canary runs once a day."""

    heartbeat: str = field(default="", repr=False)
    heartbeat_every: timedelta = timedelta(minutes=5)
    canary: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to run: a flag beats a variable beats `watcher.toml` beats these defaults.

    `store_url` is the address of a PostgreSQL database, a secret; empty is SQLite in the data folder. `data`
    is a folder. `indicators` and `feeds` are paths, `SHIPPED`, or empty when nobody named a file.
    """

    data: str = "."
    store_url: str = field(default="", repr=False)
    indicators: str = ""
    feeds: str = ""
    retention: Retention = field(default_factory=Retention)
    fetch: FetchSettings = FetchSettings()
    channels: tuple[ChannelSpec, ...] = ()
    service: ServiceSettings = ServiceSettings()
    web: WebSettings = WebSettings()

    @property
    def routes(self) -> Mapping[ChannelId, Route]:
        """The routes of the channels that have one, by table."""
        return {spec.id: spec.route for spec in self.channels if spec.route}
