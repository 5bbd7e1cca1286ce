"""The text of an XML feed in, raw entries out: RSS 0.9 to 2.0, RDF, Atom and CDF, through feedparser.

Feedparser's two parsers, a strict one and one for XML that is not well-formed, are used with five
precautions. They are called directly: `feedparser.parse` may open a path or an address, and decodes a second
time a text that looks like UTF-8 encoded twice, without a word. They get text that `encodings` decoded and
whose root `repair` found, because feedparser's own search for them is quadratic and trusts what is declared.
The elements that take quadratic time, people and categories, which nobody reads here, are renamed first:
50,000 categories cost half a minute, and one author of 128 KB more. They get no more entries than are kept:
100,000 of them cost a quarter of a minute. Elements of other namespaces that say the same as one of the
format's own (`dc:title`, `media:description`) stand in for it only where it is missing: feedparser takes the
first or the last of them.
"""

import html.entities
import io
import re
from collections.abc import Mapping
from functools import partialmethod
from typing import Any
from xml import sax

from feedparser.api import LooseFeedParser, StrictFeedParser
from feedparser.util import FeedParserDict

from watcher.errors import ReadError
from watcher.model.news import Point
from watcher.read.caps import MAX_ITEMS
from watcher.read.hints import read_hints
from watcher.read.raw import RawEntry, RawFeed, Source, point_at
from watcher.read.repair import mend

_UNREAD = re.compile(
    r"(</?)(?:[\w.-]+:)?(?:author|category|contributor|creator|keywords|managingeditor|owner|publisher|subject|webmaster)(?=[\s/>])",
    re.IGNORECASE,
)
_ENTRY_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_CDF = re.compile(r"<channel[\s>]", re.IGNORECASE)
_ENCODING = "utf_8"  # under this name: what is called "utf-8" is decoded a second time
_NUMBER = re.compile(r"-?\d{1,7}(?:\.\d{1,6})?")
_AT_END = re.compile(r"\d{1,2}(?:\.\d{1,2})?$")
_KILOMETRES = re.compile(r"depth:?\s*(\d{1,3}(?:\.\d{1,2})?)\s*km", re.IGNORECASE)
_DATES = ("published", "updated", "created")
_RELATIONS = "http://www.iana.org/assignments/relation/"
"""Before the names of relations, where they are written in full."""
_FRAME = frozenset({"rss", "rdf", "feed", "channel", "item", "entry"})
_TITLES = ("title", "media_title", "dc_title")
_SUMMARIES = ("media_description", "dc_description", "itunes_summary")
_REFERENCE = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?:#\d+;|#[xX][0-9a-fA-F]+;|(\w+;)?)", re.DOTALL)
_OF_XML = frozenset({"lt;", "gt;", "amp;", "quot;", "apos;"})
_HTML = frozenset({"text/html", "html", "application/xhtml+xml", "xhtml"})
_ADDRESS = re.compile(r"(?:https?:/)?/", re.IGNORECASE)
_TEXT = frozenset({"text", "text/plain", "plain"})


class _Declared(FeedParserDict):  # type: ignore[misc]
    """What an element with text declares: texts only, whose deep copies are a tenth of feedparser's cost."""

    def __deepcopy__(self, _memo: object) -> FeedParserDict:
        return FeedParserDict(self)


class _Elements:
    """What feedparser does with some elements, put right; comes before one of its parsers."""

    def push_content(self: Any, tag: str, attributes: dict[str, str], default: str, expecting: int) -> None:
        """Begin an element with text, and remember the type that it declares."""
        super().push_content(tag, attributes, default, expecting)  # type: ignore[misc]
        self.contentparams = _Declared(self.contentparams, declared=attributes.get("type", ""))

    def _begin_beside(self: Any, name: str, attributes: dict[str, str]) -> None:
        self.push_content(name, attributes, "text/plain", 1)

    def _end_beside(self: Any, name: str) -> None:
        self.pop_content(name)

    def _start_gdacs_severity(self: Any, attributes: dict[str, str]) -> None:
        self._get_context()["gdacs_measured"] = attributes
        self.push("gdacs_severity", 1)

    def _end_link(self: Any) -> None:
        value = self.pop("link")
        is_own = self.inentry and not self.insource and not self.inimage
        if value and is_own and self.entries[-1]["links"][-1]["rel"] == "alternate":
            self.entries[-1].setdefault("written_link", value)
        elif is_own and value == "":  # a link without an address stands in no guid's way
            entry = self.entries[-1]
            dict.pop(entry, "link", None)
            if dict.get(entry, "guidislink"):
                entry["link"] = dict.get(entry, "id")


for _name in (*_TITLES[1:], *_SUMMARIES):
    setattr(_Elements, f"_start_{_name}", partialmethod(_Elements._begin_beside, _name))  # noqa: SLF001
    setattr(_Elements, f"_end_{_name}", partialmethod(_Elements._end_beside, _name))  # noqa: SLF001


class _Strict(_Elements, StrictFeedParser):  # type: ignore[misc]
    """The parser of well-formed XML.

    Feedparser takes an element without a prefix for the format's own, whatever its namespace is.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._own: set[str | None] = set()

    def startElementNS(self, name: tuple[str | None, str], qname: str | None, attrs: Any) -> None:  # noqa: N802 - so SAX calls it
        """Begin an element."""
        super().startElementNS(self._told_apart(*name), qname, attrs)

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:  # noqa: N802
        """End an element."""
        super().endElementNS(self._told_apart(*name), qname)

    def _told_apart(self, namespace: str | None, name: str) -> tuple[str | None, str]:
        """Return a name that tells an element of an unknown namespace from the format's own of that name."""
        if name.lower() in _FRAME:
            self._own.add(namespace)
        is_own = (
            self.incontent or namespace in self._own or str(namespace or "").lower() in self._matchnamespaces
        )
        has_prefix = any(prefix and uri == namespace for prefix, uri in self.namespaces_in_use.items())
        return namespace, name if is_own or has_prefix else f"foreign_{name}"


class _Loose(_Elements, LooseFeedParser):  # type: ignore[misc]
    """The parser of what is not well-formed."""


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
    language = _string(head, "language")
    return RawFeed(
        format=form,
        title=_string(head, "title") or _string(head, "dc_title"),
        link=_string(head, "link"),
        language=language,
        generator=_string(head, "generator"),
        entries=[_entry(entry, language) for entry in entries[:MAX_ITEMS]],
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
    try:
        return _strictly_or_loosely(text.encode("utf-8", "replace").decode())
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # feedparser raises what it likes on hostile text
        raise ReadError("unreadable", f"the feed parser gave up: {type(error).__name__}") from error


def _strictly_or_loosely(text: str) -> tuple[Any, str]:
    """Parse strictly, else strictly with every `&` and name of HTML mended, else loosely."""
    complaint = ""
    for mended in (text, _with_references_mended(text)):
        try:
            return _strictly(mended), complaint
        except sax.SAXException as error:
            complaint = complaint or f"not well-formed: {str(error).rpartition(': ')[2]}"
    loose = _plain(_Loose("", None, _ENCODING))
    loose.feed(_with_references_mended(text))
    return loose, complaint


def _strictly(text: str) -> Any:
    strict = _plain(_Strict("", None, _ENCODING))
    reader = sax.make_parser()  # noqa: S317 - expat, given no document type (`mend`) and no outer entities
    reader.setFeature(sax.handler.feature_namespaces, True)
    reader.setFeature(sax.handler.feature_external_ges, False)
    reader.setContentHandler(strict)
    reader.setErrorHandler(strict)
    reader.parse(io.BytesIO(text.encode()))
    return strict


def _with_references_mended(text: str) -> str:
    """Escape what only looks like a reference (`?x=1&copy=3`), and write names of HTML as characters."""
    return _REFERENCE.sub(_mended, text)


def _mended(found: re.Match[str]) -> str:
    name = found[1] or ""
    if found[0] != f"&{name}" or name in _OF_XML:
        return found[0]
    code = html.entities.name2codepoint.get(name[:-1])
    return chr(code) if code else html.entities.html5.get(name) or f"&amp;{name}"


def _plain(parser: Any) -> Any:
    """Have a parser leave texts and addresses as they are; markup is taken out afterwards."""
    parser.resolve_relative_uris = parser.sanitize_html = False
    return parser


def _entry(entry: Mapping[str, Any], language: str) -> RawEntry:
    title = next((name for name in _TITLES if _string(entry, name)), "title")
    summary = "summary" if _string(entry, "summary") else ""
    contents = (_string(content, "value") for content in _list(entry, "content"))
    content = "" if summary else next(filter(None, contents), "")
    if not summary and not content:
        summary = next((name for name in _SUMMARIES if _string(entry, name)), "summary")
    detail = entry.get(f"{title}_detail")
    return RawEntry(
        guid=_string(entry, "id"),
        link=_link(entry, language),
        title=_string(entry, title),
        summary=content or _string(entry, summary),
        texts=frozenset(
            what for what, name in (("title", title), ("summary", summary)) if _is_text(entry, name)
        ),
        dates=tuple(date for name in _DATES if (date := _string(entry, name))),
        language=_string(detail, "language") if isinstance(detail, Mapping) else "",
        point=_point(entry),
        source=_source(entry),
    )


def _link(entry: Mapping[str, Any], language: str) -> str:
    """Return where an entry is to be read: its `link`, else its first alternate in the feed's language."""
    if link := _string(entry, "written_link"):
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
    link = _string(entry, "link")
    return link if link != _string(entry, "id") or _ADDRESS.match(link) else ""


def _source(entry: Mapping[str, Any]) -> Source:
    """Return who published an entry that another passes on."""
    source = entry.get("source")
    if isinstance(source, Mapping):
        return Source(name=_string(source, "title"), url=_string(source, "href") or _string(source, "link"))
    return Source(name=_string(entry, "news_source"))


def _is_text(entry: Mapping[str, Any], name: str) -> bool:
    """Say whether an element declares that it holds no markup."""
    detail = entry.get(f"{name}_detail")
    return (
        isinstance(detail, Mapping)
        and _string(detail, "declared") in _TEXT
        and _string(detail, "type") in _TEXT
    )


def _string(values: Mapping[str, Any], name: str) -> str:
    # The plain dict's `get`: feedparser's own answers `updated` with `published`, and warns
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


def _point(entry: Mapping[str, Any]) -> Point | None:
    where = entry.get("where")
    if isinstance(where, Mapping) and where.get("type") == "Point":
        longitude, latitude = where["coordinates"][:2]
    else:
        latitude, longitude = (
            _string(entry, "geo_lat"),
            _string(entry, "geo_long") or _string(entry, "geo_lon"),
        )
    return point_at(latitude, longitude, _depth(entry), _magnitude(entry))


def _depth(entry: Mapping[str, Any]) -> float | None:
    """Return how many kilometres below the surface a quake was.

    EMSC has a field for it, GDACS a text, USGS and others an elevation in metres.
    """
    kilometres = _NUMBER.match(_string(entry, "emsc_depth")) or _KILOMETRES.search(
        _string(entry, "gdacs_severity")
    )
    metres = _NUMBER.match(_string(entry, "georss_elev"))
    if kilometres:
        return float(kilometres[kilometres.lastindex or 0])
    return max(0.0, float(metres[0]) / -1000) if metres else None


def _magnitude(entry: Mapping[str, Any]) -> float | None:
    """Return how strong a quake was, where EMSC or GDACS has a field for it."""
    measured = entry.get("gdacs_measured")
    if isinstance(measured, Mapping) and _string(measured, "unit").lower() == "m":
        found = _NUMBER.match(_string(measured, "value"))
    else:
        found = _AT_END.search(_string(entry, "emsc_magnitude"))
    return float(found[0]) if found else None
