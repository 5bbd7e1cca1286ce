"""The text of an XML feed in, raw entries out: RSS 0.9 to 2.0, RDF, Atom and CDF, through feedparser.

Feedparser's two parsers, a strict one and one for XML that is not well-formed, are used with four
precautions. They are called directly: `feedparser.parse` may open a path or an address, and decodes a second
time a text that looks like UTF-8 encoded twice, without a word. They get text that `encodings` decoded and
whose root `repair` found, because feedparser's own search for them is quadratic and trusts what is declared.
The elements that take quadratic time, people and categories, which nobody reads here, are renamed first:
50,000 categories cost half a minute, and one author of 128 KB more. They get no more entries than are kept:
100,000 of them cost a quarter of a minute.
"""

import io
import re
from collections.abc import Mapping
from typing import Any
from xml import sax

from feedparser.api import LooseFeedParser, StrictFeedParser

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
_ENCODING = "utf_8"  # under this name: what is called "utf-8" is decoded a second time
_NUMBER = re.compile(r"-?\d{1,7}(?:\.\d{1,6})?")
_DATES = ("published", "updated", "created")


def read_xml(text: str) -> RawFeed:
    """Read a feed written in XML.

    Raises:
        ReadError: it is no feed, declares entities, or the parser gave up on it.
    """
    whole, damage = mend(text)
    body, left_out = _first_entries(whole)
    parser, complaint = _parse(_UNREAD.sub(r"\1unread", body))
    # feedparser reads CDF but has no name for it
    form = parser.version or ("cdf" if _CDF.match(body) else "")
    if not form:
        raise ReadError("not_a_feed", f"XML, but not a feed: it begins with {body[:40]!a}")
    head, entries = parser.feeddata, parser.entries
    return RawFeed(
        format=form,
        title=_string(head, "title"),
        link=_string(head, "link"),
        language=_string(head, "language"),
        entries=[_entry(entry) for entry in entries[:MAX_ITEMS]],
        total=len(entries) + left_out,
        damage=(*damage, complaint) if complaint else damage,
        hints=read_hints(_string(head, "ttl"), body),
        hub=_linked(head, "hub"),
        topic=_linked(head, "self"),
    )


def _first_entries(text: str) -> tuple[str, int]:
    """Return a feed without its entries beyond those that are kept, and how many those are."""
    ends = [found.end() for found in _ENTRY_END.finditer(text)]
    left_out = len(ends) - MAX_ITEMS
    return (text[: ends[MAX_ITEMS - 1]] + text[ends[-1] :], left_out) if left_out > 0 else (text, 0)


def _parse(text: str) -> tuple[Any, str]:
    """Return feedparser's parser after it has read the text, and what was wrong with the XML, if anything."""
    body = text.encode("utf-8", "replace")
    strict, loose = StrictFeedParser("", None, _ENCODING), LooseFeedParser("", None, _ENCODING)
    for parser in (strict, loose):  # texts and addresses stay as they are; markup is taken out later
        parser.resolve_relative_uris = parser.sanitize_html = False
    reader = sax.make_parser()  # noqa: S317 - expat, given no document type (`mend`) and no outer entities
    reader.setFeature(sax.handler.feature_namespaces, True)
    reader.setFeature(sax.handler.feature_external_ges, False)
    reader.setContentHandler(strict)
    reader.setErrorHandler(strict)
    try:
        try:
            reader.parse(io.BytesIO(body))
        except sax.SAXException as error:
            loose.feed(body.decode())
            return loose, f"not well-formed: {str(error).rpartition(': ')[2]}"
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # feedparser raises what it likes on hostile text
        raise ReadError("unreadable", f"the feed parser gave up: {type(error).__name__}") from error
    return strict, ""


def _entry(entry: Mapping[str, Any]) -> RawEntry:
    title = entry.get("title_detail")
    contents = (_string(content, "value") for content in _list(entry, "content"))
    return RawEntry(
        guid=_string(entry, "id"),
        link=_string(entry, "link"),
        title=_string(entry, "title"),
        summary=_string(entry, "summary") or next(filter(None, contents), ""),
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
    links = (link for link in _list(feed, "links") if _string(link, "rel") == relation)
    return next((_string(link, "href") for link in links), "")


def _list(values: Mapping[str, Any], name: str) -> list[Any]:
    value = values.get(name)
    return value if isinstance(value, list) else []


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
    if kilometres := _NUMBER.match(_string(entry, "emsc_depth")):
        return float(kilometres[0])
    metres = _NUMBER.match(_string(entry, "georss_elev"))
    return max(0.0, float(metres[0]) / -1000) if metres else None
