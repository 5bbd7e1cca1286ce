"""The text of an XML feed in, raw entries out: RSS 0.9 to 2.0, RDF, Atom and CDF, through feedparser.

Feedparser is used with four precautions. It gets a file object, because given anything else it may open a
path or an address. It gets text that `encodings` decoded and whose root `repair` found, because its own
search for them is quadratic and trusts what is declared. The elements that take it quadratic time, people and
categories, which nobody reads here, are renamed first: 50,000 categories cost it half a minute, and one
author of 128 KB more. It gets no more entries than are kept: 100,000 of them cost it a quarter of a minute.
"""

import io
import re
from collections.abc import Mapping
from typing import Any

import feedparser

from watcher.errors import ReadError
from watcher.model.news import Point
from watcher.read.caps import MAX_ITEMS
from watcher.read.hints import read_hints
from watcher.read.raw import RawEntry, RawFeed
from watcher.read.repair import mend

_UNREAD = re.compile(
    r"(</?)(?:[\w.-]+:)?(?:author|category|contributor|creator|keywords|managingeditor|owner|publisher|subject|webmaster)(?=[\s/>])",
    re.IGNORECASE,
)
_ENTRY_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_CDF = re.compile(r"<channel[\s>]", re.IGNORECASE)
_HEADERS = {"content-type": "application/xml; charset=utf-8"}
_NUMBER = re.compile(r"-?\d{1,7}(?:\.\d{1,6})?")
_DATES = ("published", "updated", "created")


def read_xml(text: str) -> RawFeed:
    """Read a feed written in XML.

    Raises:
        ReadError: it is no feed, declares entities, or the parser gave up on it.
    """
    whole, damage = mend(text)
    body, left_out = _first_entries(whole)
    parsed = _parse(_UNREAD.sub(r"\1unread", body).encode("utf-8", "replace"))
    form = parsed["version"] or (
        "cdf" if _CDF.match(body) else ""
    )  # feedparser reads CDF but has no name for it
    if not form:
        raise ReadError("not_a_feed", f"XML, but not a feed: it begins with {body[:40]!a}")
    return RawFeed(
        format=form,
        title=_string(parsed["feed"], "title"),
        link=_string(parsed["feed"], "link"),
        language=_string(parsed["feed"], "language"),
        entries=[_entry(entry) for entry in parsed["entries"][:MAX_ITEMS]],
        total=len(parsed["entries"]) + left_out,
        damage=(*damage, *_complaint(parsed)),
        hints=read_hints(_string(parsed["feed"], "ttl"), body),
        hub=_linked(parsed["feed"], "hub"),
        topic=_linked(parsed["feed"], "self"),
    )


def _first_entries(text: str) -> tuple[str, int]:
    """Return a feed without its entries beyond those that are kept, and how many those are."""
    ends = [found.end() for found in _ENTRY_END.finditer(text)]
    left_out = len(ends) - MAX_ITEMS
    return (text[: ends[MAX_ITEMS - 1]] + text[ends[-1] :], left_out) if left_out > 0 else (text, 0)


def _parse(body: bytes) -> Mapping[str, Any]:
    try:
        parsed: Mapping[str, Any] = feedparser.parse(
            io.BytesIO(body), response_headers=_HEADERS, sanitize_html=False, resolve_relative_uris=False
        )
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # feedparser raises what it likes on hostile text
        raise ReadError("unreadable", f"the feed parser gave up: {type(error).__name__}") from error
    return parsed


def _complaint(parsed: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        (f"not well-formed: {str(parsed['bozo_exception']).rpartition(': ')[2]}",) if parsed["bozo"] else ()
    )


def _entry(entry: Mapping[str, Any]) -> RawEntry:
    title = entry.get("title_detail")
    return RawEntry(
        guid=_string(entry, "id"),
        link=_string(entry, "link"),
        title=_string(entry, "title"),
        summary=_string(entry, "summary") or _content(entry),
        dates=tuple(date for name in _DATES if (date := _string(entry, name))),
        language=_string(title, "language") if isinstance(title, Mapping) else "",
        point=_point(entry),
    )


def _string(values: Mapping[str, Any], name: str) -> str:
    # The plain dict's `get`: feedparser's own answers `updated` with `published`, and warns
    value = dict.get(values, name) if isinstance(values, dict) else None
    return value.strip() if isinstance(value, str) else ""


def _linked(feed: Mapping[str, Any], relation: str) -> str:
    """Return where the first `link` of a relation leads."""
    links = feed.get("links")
    return (
        next((_string(link, "href") for link in links if _string(link, "rel") == relation), "")
        if isinstance(links, list)
        else ""
    )


def _content(entry: Mapping[str, Any]) -> str:
    contents = entry.get("content")
    return (
        next((text for content in contents if (text := _string(content, "value"))), "")
        if isinstance(contents, list)
        else ""
    )


def _point(entry: Mapping[str, Any]) -> Point | None:
    where = entry.get("where")
    if isinstance(where, Mapping) and where.get("type") == "Point":
        longitude, latitude = where["coordinates"][:2]
    else:
        latitude, longitude = _string(entry, "geo_lat"), _string(entry, "geo_long")
    try:
        point = Point(latitude=float(latitude), longitude=float(longitude), depth=_depth(entry))
    except ValueError:
        return None
    return point if abs(point.latitude) <= 90 and abs(point.longitude) <= 180 else None


def _depth(entry: Mapping[str, Any]) -> float | None:
    """Return how many kilometres below the surface a quake was.

    EMSC has a field for it, USGS and others an elevation in metres.
    """
    kilometres, metres = (
        _NUMBER.match(_string(entry, "emsc_depth")),
        _NUMBER.match(_string(entry, "georss_elev")),
    )
    if kilometres:
        return float(kilometres[0])
    return max(0.0, float(metres[0]) / -1000) if metres else None
