"""One typed word about how a feed is reached in, its value out, or a ValueError; what may hold a secret is never repeated in it."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import urlsplit

from watcher.config.typed import shown, some_text, text

_PROXIES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")


def proxy(value: object) -> str:
    """Take the address of a proxy, without a login: this file is no place for a password."""
    found = some_text(value)
    try:
        parts = urlsplit(found)
        usable = (
            bool(parts.hostname) and (parts.port is None or parts.port > 0) and not re.search(r"\s", found)
        )
    except ValueError:
        usable = False
    if "@" in found:
        raise ValueError(
            "a proxy's login does not belong in this file; use a proxy that knows this machine, or `fetch.proxy` by variable"
        )
    if not usable or parts.scheme not in _PROXIES:
        raise ValueError(
            f"expected the address of a proxy, as in socks5h://127.0.0.1:9050, found {shown(found)}"
        )
    return found


def network(value: object) -> IPv4Network | IPv6Network:
    """Take a network, or a single address."""
    try:
        return ip_network(text(value), strict=False)
    except ValueError as error:
        raise ValueError(
            f"{shown(value)} is no network; write 192.168.7.0/24, or 192.168.7.5/32 for one address"
        ) from error


def user(value: object) -> str:
    """Take the user of a basic login, which has no colon."""
    found = some_text(value)
    if ":" in found or not found.isprintable():
        raise ValueError("a user name has no colon; the password stands in the file of `password_file`")
    return found
