"""A web page in, the addresses of the feeds it names out."""

from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser

from watcher.read.encodings import decode_text
from watcher.read.links import safe_address
from watcher.read.plain import plain

MAX_FEEDS = 50
_MAX_HEAD = 100_000
"""Characters of a page that are looked through: links to feeds are at its beginning."""
_TYPES = {
    f"application/{kind}" for kind in ("rss+xml", "atom+xml", "rdf+xml", "feed+json", "json", "xml")
} | {"text/xml"}
_MAX_TITLE = 200


class Named(NamedTuple):
    """A feed as a page or a list of feeds names it."""

    url: str
    title: str = ""


def feeds_named(body: bytes, url: str, content_type: str = "") -> tuple[Named, ...]:
    """Return the feeds that a page links to as its alternates, in its order; `url` is the page's."""
    text, _ = decode_text(body, content_type, "")
    tree = LexborHTMLParser(text[:_MAX_HEAD])
    base = tree.css_first("base[href]")
    home = (base and safe_address(base.attributes.get("href") or "", url)[0]) or url
    found: dict[str, Named] = {}
    for link in tree.css("link[href]")[: MAX_FEEDS * 10]:
        said = {name: value or "" for name, value in link.attributes.items()}
        target, _ = safe_address(said["href"], home)
        rel, kind = (
            said.get("rel", "").lower().split(),
            said.get("type", "").partition(";")[0].strip().lower(),
        )
        if target and "alternate" in rel and "stylesheet" not in rel and kind in _TYPES:
            found.setdefault(target, Named(target, plain(said.get("title", ""))[:_MAX_TITLE]))
    return tuple(found.values())[:MAX_FEEDS]
