"""The text of a feed in XML in, what feedparser finds in it, and what is wrong with the XML, out.

Feedparser's two parsers, a strict one and one for XML that is not well-formed, are used with five
precautions. They are called directly: `feedparser.parse` may open a path or an address, and decodes a second
time a text that looks like UTF-8 encoded twice, without a word. They get text that `encodings` decoded and
whose root `repair` found, because feedparser's own search for them is quadratic and trusts what is declared.
The elements that take quadratic time, people and categories, which nobody reads here, are renamed first:
50,000 categories cost half a minute, and one author of 128 KB more. They get no more entries than are kept:
100,000 of them cost a quarter of a minute. Elements of other namespaces that say the same as one of the
format's own (`dc:title`, `media:description`) are kept beside it: feedparser takes the first or the last.
"""

import html.entities
import io
import re
from functools import partialmethod
from typing import Any
from xml import sax

from feedparser.api import LooseFeedParser, StrictFeedParser
from feedparser.util import FeedParserDict

from watcher.errors import ReadError
from watcher.read.caps import MAX_ITEMS
from watcher.read.names import UNREAD
from watcher.read.repair import mend
from watcher.read.usual import ENTRY_END, FoundFeed

_ENCODING = "utf_8"  # under this name: what is called "utf-8" is decoded a second time
_FRAME = frozenset({"rss", "rdf", "feed", "channel", "item", "entry"})
_BESIDE = ("media_title", "dc_title", "media_description", "dc_description", "itunes_summary")
_REFERENCE = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?:#\d+;|#[xX][0-9a-fA-F]+;|(\w+;)?)", re.DOTALL)
_OF_XML = frozenset({"lt;", "gt;", "amp;", "quot;", "apos;"})


def read_leniently(body: str) -> FoundFeed:
    """Return what is in a feed from its root element on, whatever is wrong with it.

    Raises:
        ReadError: the parser gave up on it.
    """
    whole, mended = mend(body)
    kept, left_out = _first_entries(whole)
    try:
        parser, complaint = _strictly_or_loosely(
            UNREAD.sub(r"\1unread", kept).encode("utf-8", "replace").decode()
        )
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # feedparser raises what it likes on hostile text
        raise ReadError("unreadable", f"the feed parser gave up: {type(error).__name__}") from error
    damage = (*mended, complaint) if complaint else mended
    return FoundFeed(parser.version, parser.feeddata, parser.entries, left_out, damage)


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

    def _end_width(self: Any) -> None:
        self.pop("width")  # feedparser gives up a whole feed for one in markup, of which it gets no number

    def _end_height(self: Any) -> None:
        self.pop("height")

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


for _name in _BESIDE:
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


def _first_entries(text: str) -> tuple[str, int]:
    """Return a feed without its entries beyond those that are kept, and how many those are."""
    ends = [found.end() for found in ENTRY_END.finditer(text)]
    left_out = len(ends) - MAX_ITEMS
    return (text[: ends[MAX_ITEMS - 1]] + text[ends[-1] :], left_out) if left_out > 0 else (text, 0)


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
