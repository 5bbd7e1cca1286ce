"""A link as a feed wrote it in, an http(s) address that is safe to show, or a key of identity, out."""

import re
from functools import lru_cache
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

_UNSEEN = re.compile("[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]")
_UNSAFE = re.compile(r'["<>\\^`{|}\s]')
_CLEAN = re.compile(r"https?://[\w.-]+(?:/[\w/.~%=+,:@!$()*-]*)?(?:\?[\w/.~%=+,:@!$()*&-]+)?", re.ASCII)
"""An address in which nothing is to be resolved, cleaned or refused, as most links are."""
_USUAL = re.compile(
    r"https?://(?:www\.)?(?!www\.)([a-z0-9.-]+)((?:/[\w/.~=+,:@!$()*-]*)?)(?:[?#].*)?", re.ASCII | re.DOTALL
)
"""An address as most are: of a page's key it has nothing to be rewritten."""
_DEFAULT_PORT = re.compile(r":(?:80|443)?$")


def safe_address(link: str, base: str) -> tuple[str, str]:
    """Resolve a link against the feed's own.

    Return the address, empty when it is none to follow, and a note if it was changed.
    """
    if not (link := link.strip()):
        return "", ""
    if _CLEAN.fullmatch(link):
        return link, ""
    spaced = link.replace(" ", "%20")
    try:
        parts = urlsplit(urljoin(base, _UNSEEN.sub("", spaced)))
        parts.port  # noqa: B018 - raises for a port that is no number
    except ValueError:
        return "", "link dropped: not an address"
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "", "link dropped: neither http nor https"
    notes = "name and password removed from the link" if "@" in parts.netloc else ""
    clean = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    return _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", urlunsplit(clean)), notes


@lru_cache(maxsize=256)
def page(url: str) -> str:
    """Return an address without scheme, `www.`, query, fragment, escapes and trailing slash.

    That stays the same when a site moves or counts clicks.
    """
    if usual := _USUAL.fullmatch(url):
        return (usual[1] + usual[2]).rstrip("/")
    parts = urlsplit(url)
    host = _DEFAULT_PORT.sub("", parts.netloc.lower()).removeprefix("www.")
    return (host + unquote(parts.path)).rstrip("/")


def query(url: str) -> str:
    """Return the query of an address."""
    return urlsplit(url).query if "?" in url else ""
