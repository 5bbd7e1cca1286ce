"""What one exchange may take, and where it may go."""

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network

from watcher import __version__

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of every exchange. Seconds and bytes.

    `timeout` is the total deadline, redirects included. `max_body` bounds what comes over the wire.
    `allow_private` are networks that may be dialled although private. With a `proxy`, it is the proxy that
    decides which addresses are reached.
    """

    timeout: float = 30.0
    connect_timeout: float = 10.0
    max_body: int = 10 << 20
    max_head: int = 64 << 10
    max_redirects: int = 5
    in_flight: int = 32
    per_host: int = 2
    allow_private: tuple[Network, ...] = ()
    user_agent: str = f"provocation-watcher/{__version__} (feed reader)"
    proxy: str = field(default="", repr=False)  # it may hold a password

    @property
    def max_decoded(self) -> int:
        """The bound on a body after decompression."""
        return 2 * self.max_body
