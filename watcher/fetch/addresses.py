"""An address about to be dialled in, whether it is private out.

The tables are IANA's special-purpose registries written out, because `ipaddress` answers differently from one
Python to the next. An IPv6 address that carries an IPv4 one (mapped, compatible, 6to4, NAT64) is as private
as what it carries.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from watcher.fetch.limits import Network

_PRIVATE = tuple(
    map(
        ip_network,
        [
            "0.0.0.0/8",  # this network, unspecified
            "10.0.0.0/8",
            "100.64.0.0/10",  # carrier-grade NAT
            "127.0.0.0/8",
            "169.254.0.0/16",  # link-local, cloud metadata
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",  # documentation, also the two below
            "198.51.100.0/24",
            "203.0.113.0/24",
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",
            "198.18.0.0/15",  # benchmarks
            "224.0.0.0/3",  # multicast, reserved, broadcast
            "2001::/23",  # Teredo, ORCHID and other protocol assignments
            "2001:db8::/32",  # documentation, also the one below
            "3fff::/20",
        ],
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")
_CARRIED_LOW = (IPv6Network("::/96"), IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))


@lru_cache(maxsize=1024)  # asked again before every request over a connection that is used again
def is_private(address: str, allowed: tuple[Network, ...]) -> bool:
    """Say whether a numeric address must not be dialled; what cannot be read must not."""
    try:
        outer = ip_address(address.partition("%")[0])
    except ValueError:
        return True
    inner = _carried(outer)
    if any(outer in network or inner in network for network in allowed):
        return False
    if isinstance(inner, IPv6Address) and inner not in _GLOBAL_V6:
        return True
    return any(inner in network for network in _PRIVATE)


def _carried(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    if any(address in network for network in _CARRIED_LOW):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.sixtofour or address
