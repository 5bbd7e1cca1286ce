"""An entry that an aggregator passes on in, the outlet that published it and what it is recognised by out.

News searches list the articles of many outlets under ids and links of their own, which change at each poll,
and write the outlet's name behind each title.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

from watcher.model.news import Feed, FeedKind
from watcher.read.raw import RawFeed
from watcher.text.fold import fold

_KNOWN = (
    re.compile(r"https?://news\.google\.(?:com?\.)?[a-z]{2,3}[/:]"),
    re.compile(r"https?://(?:www\.)?google\.(?:com?\.)?[a-z]{2,3}(?::\d+)?/alerts[/?]"),
    re.compile(r"https?://(?:www\.)?bing\.com(?::\d+)?/news[/?]"),
    re.compile(r"https?://(?:[a-z]{2}\.)?(?:news\.)?(?:news|search)\.yahoo\.com[/:]"),
    re.compile(r"https?://alerts\.talkwalker\.com[/:]"),
)
_GENERATOR = re.compile(r"NFE/\d")
"""What Google's news searches are made by."""
_OF_AGGREGATOR = re.compile(
    r"https?://(?:[\w-]+\.)*(?:google\.(?:com?\.)?[a-z]{2,3}|bing\.com|search\.yahoo\.com|talkwalker\.com)[/:?]"
)
_ADDRESS = re.compile(r"https?://[^\s/]+\.[^\s]+", re.IGNORECASE)
_YAHOO = re.compile(r"/RU=([^/]+)/")
_ARTICLE = re.compile(r"/articles/([\w-]{16,})")
_INSIDE = re.compile(rb"https?://[\x21-\x7e]+")
_LIMITED = re.compile(r"\bsite:([\w.-]+)", re.IGNORECASE)
_DASH = re.compile(r"\s*(?:\s[-\u2010-\u2015|\u00b7]|::)\s+")
_GENERIC = {"news", "agency", "world", "online", "english", "international", "com", "net", "org", "co", "kr"}
"""Words behind a name that do not tell one outlet from another."""
_SECOND_LEVEL = {"co", "or", "go", "ne", "ac", "re", "com", "org", "net", "gov", "edu", "mil"}


def is_aggregator(feed: Feed, raw: RawFeed | None = None) -> bool:
    """Say whether a feed passes on the news of others: as configured, else by its addresses and generator."""
    if feed.kind is not FeedKind.AUTO:
        return feed.kind is FeedKind.AGGREGATOR
    addresses = (f"{feed.url}/", *((f"{raw.link}/", f"{raw.topic}/") if raw else ()))
    return any(known.match(each) for known in _KNOWN for each in addresses) or bool(
        raw and _GENERATOR.match(raw.generator)
    )


def article_of(link: str, outlet: str = "") -> str:
    """Return the address of the article that an aggregator's link leads to; empty where it does not say.

    `outlet` is the address of the outlet, if it is known: an article stands on its site.
    """
    parts = urlsplit(link)
    named = (value for _, value in parse_qsl(parts.query) if _ADDRESS.fullmatch(value))
    if inner := next(named, ""):
        return inner
    if found := _YAHOO.search(parts.path):
        return unquote(found[1])
    if found := _ARTICLE.search(parts.path):
        try:
            coded = base64.urlsafe_b64decode(found[1] + "=" * (-len(found[1]) % 4))
        except (binascii.Error, ValueError):
            return ""
        return inside[0].decode() if (inside := _INSIDE.search(coded)) else ""
    elsewhere = outlet and site_of(urlsplit(outlet).hostname or "") != site_of(parts.hostname or "")
    return "" if elsewhere or _OF_AGGREGATOR.match(link) else link


def without_outlet(title: str, outlet: str) -> str:
    """Return a title without the name of its outlet at its end; a title that is nothing else stays."""
    name = fold(outlet)
    for dash in _DASH.finditer(title) if name else ():
        if dash.start() and fold(title[dash.end() :]) == name:
            return without_outlet(title[: dash.start()], outlet)
    return title


def outlet_in(title: str, article: str, feed: Feed) -> str:
    """Return the name of the outlet at the end of a title whose article is on that outlet's own site."""
    parts = _DASH.split(title)
    is_outlet = len(parts) > 1 and article and owner_of(parts[-1], "", feed) == owner_of("", article, feed)
    return parts[-1] if is_outlet else ""


def owner_of(outlet: str, address: str, feed: Feed) -> str:
    """Return who owns an outlet: who owns the feeds of its site or its name, else the name as an id."""
    host = urlsplit(address).hostname or ""
    site = site_of(host)
    known = feed.outlets.get(site) or feed.outlets.get(_in_one_word(outlet))
    words = re.findall(r"\w+", fold(outlet)) or re.findall(r"\w+", site.partition(".")[0])
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    while len("".join(words[:-1])) > 2 and words[-1] in _GENERIC:
        words = words[:-1]
    name = "".join(words)
    return known or feed.outlets.get(name) or "-".join(words) or feed.owner


def outlets_of(feeds: Iterable[Feed]) -> Mapping[str, str]:
    """Return the owners of feeds by the site and by the name that an aggregator knows their outlets by."""
    owners: dict[str, set[str]] = {}
    for feed in feeds:
        sites = _LIMITED.findall(unquote(feed.url)) if is_aggregator(feed) else [urlsplit(feed.url).hostname]
        for key in (*map(site_of, filter(None, sites)), _in_one_word(feed.owner)):
            owners.setdefault(key, set()).add(feed.owner)
    return {key: found.pop() for key, found in owners.items() if len(found) == 1}


def owners_by_name(outlets: Mapping[str, Iterable[str]]) -> Mapping[str, str]:
    """Return the owners of outlets by the sites and the names that are theirs."""
    return {
        name if "." in name else _in_one_word(name): owner
        for owner, names in outlets.items()
        for name in names
    }


def site_of(host: str) -> str:
    """Return the part of a host's name that its owner registered, as far as the name tells."""
    labels = host.lower().split(".")
    long = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3:] if long else labels[-2:])


def _in_one_word(name: str) -> str:
    return re.sub(r"\W", "", fold(name))
