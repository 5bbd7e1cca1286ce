"""Addresses as people and servers write them in, addresses that can be dialled out."""

import re
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

_PLAIN = re.compile(r"https?://[!-~]+", re.IGNORECASE)
_HOST = re.compile(r"https?://(?:[^/?#]*@)?(\[[^]/?#]*]|[^/?#:]*)", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[^!-~]")


def host_of(url: str) -> str:
    """Return the host of an address, or an empty string."""
    found = _HOST.match(url)
    return found[1].lower() if found else ""


def dialable(url: str) -> str:
    """Spell an http or https address in ASCII.

    Raises:
        ValueError: it is no such address; the text says why.
    """
    if _PLAIN.fullmatch(url):
        return url
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"}:
        raise ValueError("only http and https are fetched")
    if not parts.netloc:
        raise ValueError("it has no host")
    path, query = (
        _UNPRINTABLE.sub(lambda found: quote(found[0]), part) for part in (parts.path, parts.query)
    )
    return urlunsplit((parts.scheme, _ascii_host(parts.netloc), path, query, ""))


def resolve(base: str, location: bytes) -> str:
    """Return the address a Location header leads to.

    Raises:
        ValueError: it leads to no http or https address.
    """
    try:
        text = location.decode()
    except UnicodeDecodeError:
        text = location.decode("latin-1")
    return dialable(urljoin(base, text))


def origin(url: str) -> tuple[str, str]:
    """Return what addresses must share to be sent the same headers: scheme, and host with port."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.rpartition("@")[2].lower()


def as_plain(url: str) -> str:
    """Return the http address of the same host and port as an https one."""
    parts = urlsplit(url)
    port = "" if parts.port else ":443"
    return urlunsplit(parts._replace(scheme="http", netloc=parts.netloc.removesuffix(":") + port))


def without_login(url: str) -> str:
    """Return an address without the user name and password in it, fit to be shown."""
    if "@" not in url:
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _ascii_host(netloc: str) -> str:
    if netloc.isascii():
        return netloc
    login, at, place = netloc.rpartition("@")
    host, colon, port = place.partition(":")
    if not port.isascii():
        raise ValueError("its port is not a number")
    return quote(login, safe=":%") + at + host.encode("idna").decode() + colon + port
