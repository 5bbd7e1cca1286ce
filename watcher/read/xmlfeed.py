"""The text of an XML feed in, raw entries out: RSS 0.9 to 2.0, RDF, Atom and CDF.

A usual feed is read by `usual`, any other by feedparser (`lenient`). Both find the same, by the same names.
Elements of other namespaces that say the same as one of the format's own (`dc:title`, `media:description`)
stand in for it only where it is missing.
"""

import re
from collections.abc import Mapping
from typing import Any

from watcher.errors import ReadError
from watcher.model.news import Point
from watcher.read.caps import MAX_ITEMS
from watcher.read.hints import read_hints
from watcher.read.raw import NO_SOURCE, RawEntry, RawFeed, Source, point_at
from watcher.read.repair import is_possible, root_of
from watcher.read.usual import FoundFeed, read_usual

_CDF = re.compile(r"<channel[\s>]", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d{1,7}(?:\.\d{1,6})?")
_AT_END = re.compile(r"\d{1,2}(?:\.\d{1,2})?$")
_KILOMETRES = re.compile(r"depth:?\s*(\d{1,3}(?:\.\d{1,2})?)\s*km", re.IGNORECASE)
_DATES = ("published", "updated", "created")
_RELATIONS = "http://www.iana.org/assignments/relation/"
"""Before the names of relations, where they are written in full."""
_TITLES = ("title", "media_title", "dc_title")
_SUMMARIES = ("media_description", "dc_description", "itunes_summary")
_HTML = frozenset({"text/html", "html", "application/xhtml+xml", "xhtml"})
_ADDRESS = re.compile(r"(?:https?:/)?/", re.IGNORECASE)
_TEXT = frozenset({"text", "text/plain", "plain"})


def read_xml(text: str) -> RawFeed:
    """Read a feed written in XML.

    Raises:
        ReadError: it is no feed, declares entities, or the parser gave up on it.
    """
    body, damage = root_of(text)
    found = read_usual(body) if is_possible(body) else None
    if found is None:
        from watcher.read.lenient import read_leniently  # noqa: PLC0415 - a worker starts quicker without

        found = read_leniently(body)
    return raw_feed(found, body, damage)


def raw_feed(found: FoundFeed, body: str, damage: tuple[str, ...] = ()) -> RawFeed:
    """Return what was found in a feed as raw entries.

    Raises:
        ReadError: it is no feed.
    """
    # feedparser reads CDF but has no name for it
    form = found.version or ("cdf" if _CDF.match(body) else "")
    if not form:
        raise ReadError("not_a_feed", f"XML, but not a feed: it begins with {body[:40]!a}")
    head, entries = found.head, found.entries
    language = _string(head, "language")
    return RawFeed(
        format=form,
        title=_string(head, "title") or _string(head, "dc_title"),
        link=_string(head, "link"),
        language=language,
        generator=_string(head, "generator"),
        entries=[_entry(entry, language) for entry in entries[:MAX_ITEMS]],
        total=len(entries) + found.left_out,
        damage=(*damage, *found.damage),
        hints=read_hints(_string(head, "ttl"), body),
        hub=_linked(head, "hub"),
        topic=_linked(head, "self"),
    )


def _entry(entry: Mapping[str, Any], language: str) -> RawEntry:
    said = _strings(entry)
    title = next((name for name in _TITLES if said.get(name)), "title")
    summary = "summary" if said.get("summary") else ""
    contents = (_string(content, "value") for content in _list(entry, "content"))
    content = "" if summary else next(filter(None, contents), "")
    if not summary and not content:
        summary = next((name for name in _SUMMARIES if said.get(name)), "summary")
    detail = entry.get(f"{title}_detail")
    return RawEntry(
        guid=said.get("id", ""),
        link=_link(entry, said, language),
        title=said.get(title, ""),
        summary=content or said.get(summary, ""),
        texts=frozenset(
            what for what, name in (("title", title), ("summary", summary)) if _is_text(entry, name)
        ),
        dates=tuple(date for name in _DATES if (date := said.get(name))),
        language=_string(detail, "language") if isinstance(detail, Mapping) else "",
        point=_point(entry, said),
        source=_source(entry, said),
    )


def _link(entry: Mapping[str, Any], said: Mapping[str, str], language: str) -> str:
    """Return where an entry is to be read: its `link`, else its first alternate in the feed's language."""
    if link := said.get("written_link"):
        return link
    alternates = [
        link
        for link in _list(entry, "links")
        if _string(link, "rel").removeprefix(_RELATIONS) == "alternate"
        and _string(link, "type") in _HTML
        and _string(link, "href")
    ]
    for link in alternates:
        spoken = _string(link, "hreflang")[:2].lower()
        if not spoken or spoken == language[:2].lower():
            return _string(link, "href")
    if alternates:
        return _string(alternates[0], "href")
    # a guid may stand for the link, but not one that is no address
    link = said.get("link", "")
    return link if link != said.get("id", "") or _ADDRESS.match(link) else ""


def _source(entry: Mapping[str, Any], said: Mapping[str, str]) -> Source:
    """Return who published an entry that another passes on."""
    source = entry.get("source")
    if isinstance(source, Mapping):
        return Source(name=_string(source, "title"), url=_string(source, "href") or _string(source, "link"))
    return Source(name=said["news_source"]) if said.get("news_source") else NO_SOURCE


def _is_text(entry: Mapping[str, Any], name: str) -> bool:
    """Say whether an element declares that it holds no markup."""
    detail = entry.get(f"{name}_detail")
    return (
        isinstance(detail, Mapping)
        and _string(detail, "declared") in _TEXT
        and _string(detail, "type") in _TEXT
    )


def _strings(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of an entry by their names."""
    # The plain dict's `items`: feedparser's own answers `updated` with `published`, and warns
    values = dict.items(entry) if isinstance(entry, dict) else ()
    return {name: value.strip() for name, value in values if isinstance(value, str)}


def _string(values: Mapping[str, Any], name: str) -> str:
    value = dict.get(values, name) if isinstance(values, dict) else None
    return value.strip() if isinstance(value, str) else ""


def _linked(feed: Mapping[str, Any], relation: str) -> str:
    """Return where the first `link` of a relation leads."""
    links = (
        link for link in _list(feed, "links") if _string(link, "rel").removeprefix(_RELATIONS) == relation
    )
    return next((_string(link, "href") for link in links), "")


def _list(values: Mapping[str, Any], name: str) -> list[Any]:
    value = values.get(name)
    return value if isinstance(value, list) else []


def _point(entry: Mapping[str, Any], said: Mapping[str, str]) -> Point | None:
    where = entry.get("where")
    if isinstance(where, Mapping) and where.get("type") == "Point":
        longitude, latitude = where["coordinates"][:2]
    else:
        latitude, longitude = said.get("geo_lat"), said.get("geo_long") or said.get("geo_lon")
        if not latitude or not longitude:
            return None
    return point_at(latitude, longitude, _depth(said), _magnitude(entry, said))


def _depth(said: Mapping[str, str]) -> float | None:
    """Return how many kilometres below the surface a quake was.

    EMSC has a field for it, GDACS a text, USGS and others an elevation in metres.
    """
    kilometres = _NUMBER.match(said.get("emsc_depth", "")) or _KILOMETRES.search(
        said.get("gdacs_severity", "")
    )
    metres = _NUMBER.match(said.get("georss_elev", ""))
    if kilometres:
        return float(kilometres[kilometres.lastindex or 0])
    return max(0.0, float(metres[0]) / -1000) if metres else None


def _magnitude(entry: Mapping[str, Any], said: Mapping[str, str]) -> float | None:
    """Return how strong a quake was, where EMSC or GDACS has a field for it."""
    measured = entry.get("gdacs_measured")
    if isinstance(measured, Mapping) and _string(measured, "unit").lower() == "m":
        found = _NUMBER.match(_string(measured, "value"))
    else:
        found = _AT_END.search(said.get("emsc_magnitude", ""))
    return float(found[0]) if found else None
