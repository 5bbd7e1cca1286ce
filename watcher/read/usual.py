"""The text of a usual feed in, what feedparser would find in it out, or None where that is not certain.

Most feeds are well-formed XML of well-known elements, each once, and expat reads them thirty times as fast as
feedparser does. This reader takes a document only if it is certain what feedparser makes of it. An attribute
that changes what others mean, two titles in one entry, markup that is not escaped, an element for which
feedparser has a rule that is not known here: for any such thing the whole document is left to feedparser. So
there are never two opinions about a feed; `tests/read/test_usual.py` compares the two.

Feedparser strips texts, rewrites characters of Windows-1252 and addresses of certain shapes, guesses what is
HTML, and keeps the first title of an entry, but the last of most other things. It takes an `atom:link` of an
RSS feed for a `link`, and a guid for the link where there is none.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from watcher.read.caps import MAX_ITEMS
from watcher.read.names import (
    ATOM,
    ELEMENTS,
    MARKUP,
    RDF,
    RSS1,
    TEXTS,
    UNREAD,
    XLINK,
    XML,
    ElementNames,
    Unusual,
)

_OF_HEAD = frozenset({"title", "dc_title", "id", "language", "generator", "ttl"})
_SKIPPED_IN_HEAD = frozenset({"summary", "published", "updated", "created"})
_SKIPPED_IN_ENTRY = frozenset({"language", "image"})
_PARTS = {
    "image": frozenset({"title", "link", "description", "url", "width", "height"}),
    "textinput": frozenset({"title", "link", "description", "name"}),
}
"""What feedparser takes for a part of these, and not of the feed."""
_OF_LINK = ("href", "rel", "type", "hreflang", "title", "length")
_KINDS = {
    **dict.fromkeys(("text/plain", "text", "plain"), "text/plain"),
    **dict.fromkeys(("text/html", "html"), "text/html"),
}
_HTML = frozenset({"text/html", "html", "application/xhtml+xml", "xhtml"})
_CHANGING = frozenset({"base", "lang"})
"""Attributes that change what is inside of an element."""

_ATTRIBUTE = re.compile(r"""([^\s=<>/"']+)\s*=\s*(?:"[^"<]*"|'[^'<]*')""")
_ROOT_TAG = re.compile(rf"<[^\s<>/]+((?:\s+{_ATTRIBUTE.pattern})*)\s*>")
_HTML_LIKE = re.compile("</|&")
"""Without these, feedparser takes no text for HTML."""
ENTRY_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_BASE = re.compile(r"https?://[\w.-]+(?:/[\w-]+)*/?")
_WINDOWS = re.compile("[\x80-\x9f]")
_ODD_ADDRESS = re.compile(r":///|&\w+;")
"""What feedparser changes in an address."""
_POINT = re.compile(r"(-?\d{1,3}(?:\.\d{1,20})?)\s+(-?\d{1,3}(?:\.\d{1,20})?)")


class FoundFeed(NamedTuple):
    """What is in a feed, by feedparser's names.

    `left_out` counts entries beyond the cap, `damage` says what was wrong with the XML.
    """

    version: str
    head: dict[str, Any]
    entries: list[dict[str, Any]]
    left_out: int = 0
    damage: tuple[str, ...] = ()


def read_usual(text: str) -> FoundFeed | None:
    """Read a feed that begins with its root element, so that no document type is in it."""
    try:
        return _read(text)
    except (Unusual, ET.ParseError, UnicodeError):
        return None


def _read(text: str) -> FoundFeed:
    if text.count("</") > MAX_ITEMS and len(ENTRY_END.findall(text)) > MAX_ITEMS:
        raise Unusual
    parsing = ET.iterparse(_AtOnce(text), events=("start-ns",))  # noqa: S314 - without a document type
    declared = [declaration for _, declaration in parsing]
    root: Element = parsing.root  # type: ignore[attr-defined]
    if not (tag := _ROOT_TAG.match(text)):
        raise Unusual
    at_root = sum(name.partition(":")[0] == "xmlns" for name in _ATTRIBUTE.findall(tag[1]))
    if any(uri == XLINK for _, uri in declared[at_root:]):  # of which feedparser makes an attribute
        raise Unusual
    return _Reading(declared, at_root, root).found(root)


class _AtOnce:
    """A text as a file that is read at once: bit by bit, expat takes quadratic time for a long comment."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, _size: int = -1, /) -> str:
        text, self._text = self._text, ""
        return text


class _Reading:
    """What holds for all of a document."""

    def __init__(self, declared: Sequence[tuple[str, str]], at_root: int, root: Element) -> None:
        self._names = ElementNames(declared)
        self._language = root.attrib.pop(f"{{{XML}}}lang", "").replace("_", "-")
        self._version = _version(declared[:at_root])
        self._base = _base(root)
        self._put = {
            "link": self._put_link,
            "id": self._put_id,
            "content": self._put_content,
            "source": self._put_source,
            "georss_point": self._put_point,
        }

    def found(self, root: Element) -> FoundFeed:
        """Return what is in the document with this root."""
        form, parts = self._names[root.tag], [self._names[child.tag] for child in root]
        said = _attributes(root, "version", others=True)
        if form == "rss" and parts == ["channel"] and said.get("version", "").startswith("2."):
            self._version = self._version if self._version.startswith("rss") else "rss20"
            head, items = self._head(root[0], "item")
        elif form == "feed" and self._version == "atom10":
            head, items = self._head(root, "entry")
        elif form == "rdf_rdf" and parts[:1] == ["channel"] and self._version == "rss10":
            head, items = self._head(root[0], "")
            for child, part in zip(root[1:], parts[1:], strict=True):
                if part == "item":
                    items.append(child)
                else:
                    self._skip_in_head(child, part)
        else:
            raise Unusual
        if self._language and form != "rdf_rdf":
            head.setdefault("language", self._language)
        return FoundFeed(self._version, head, [self._entry(item) for item in items])

    def _head(self, element: Element, entry: str) -> tuple[dict[str, Any], list[Element]]:
        """Return what is said of a feed, and its entries."""
        links: list[dict[str, str]] = []
        head: dict[str, Any] = {"links": links}
        entries = []
        _refuse(element, "lastmod", "href")
        for child in element:
            name = self._names[child.tag]
            if name and name == entry:
                entries.append(child)
            elif name == "link":
                link = self._link(child)
                links.append(link)
                if link["rel"] == "alternate" and link["type"] in _HTML:
                    head["link"] = link["href"]
            elif name not in _OF_HEAD:
                self._skip_in_head(child, name)
            elif name in head and name in {"title", "id"}:
                raise Unusual
            elif name == "generator":
                _refuse(child)
                head[name] = _value(child)
            else:
                head[name] = self._markup(child)[0] if name in MARKUP else _text(child)
                if name == "id":
                    head.setdefault("link", self._address(head[name]))
        return head, entries

    def _entry(self, element: Element) -> dict[str, Any]:
        """Return what is said in an entry."""
        entry: dict[str, Any] = {"links": []}
        _refuse(element, "lastmod", "href")
        children = list(element)
        for child in children:
            name = self._names[child.tag]
            if name in entry:
                raise Unusual
            if name in TEXTS:
                entry[name] = _text(child)
            elif name in MARKUP:
                entry[name], entry[f"{name}_detail"] = self._markup(child)
            elif name == "media_group":  # feedparser takes its parts for the entry's own
                _refuse(child)
                children.extend(child)
            elif put := self._put.get(name):
                put(child, entry)
            else:
                self._skip(child, "" if name in _SKIPPED_IN_ENTRY else name)
        if about := element.get(f"{{{RDF}}}about"):
            entry.setdefault("id", about)
        if entry.get("guidislink"):
            entry["link"] = entry["id"]
        content = entry.pop("content", None)
        if content is not None and not entry.get("summary"):
            entry["content"] = [{"value": _value(content)}]
        return entry

    def _put_link(self, element: Element, entry: dict[str, Any]) -> None:
        link = self._link(element)
        if "written" not in link:
            entry["links"].append(link)
        elif (address := link["href"]) and entry.setdefault("written_link", address) != address:
            raise Unusual

    def _put_id(self, element: Element, entry: dict[str, Any]) -> None:
        entry["id"] = _text(element, "ispermalink")
        entry["guidislink"] = _attributes(element, "ispermalink").get("ispermalink", "true") == "true"
        if entry["guidislink"]:
            entry["id"] = self._address(entry["id"])

    def _put_content(self, element: Element, entry: dict[str, Any]) -> None:
        """Keep content for the case that there is no summary; it is longer than all the rest."""
        if len(element) or not _kind(element):
            raise Unusual
        entry["content"] = element

    def _put_source(self, element: Element, entry: dict[str, Any]) -> None:
        address = _attributes(element, "url", others=True).get("url", "")
        entry["source"] = {"title": _value(element), "href": address}

    def _put_point(self, element: Element, entry: dict[str, Any]) -> None:
        """Keep a point as feedparser has it: longitude first."""
        text = _text(element)
        found = _POINT.fullmatch(text)
        if text and not found:
            raise Unusual
        entry["where"] = {"type": "Point", "coordinates": (float(found[2]), float(found[1]))} if found else {}

    def _markup(self, element: Element) -> tuple[str, dict[str, str]]:
        """Return markup, and what is declared of it."""
        value = _value(element)
        declared, kind = _kind(element)
        if declared and kind == "text/plain" and self._version != "atom10" and _HTML_LIKE.search(value):
            raise Unusual
        return value, {"language": self._language, "declared": declared, "type": kind}

    def _link(self, element: Element) -> dict[str, str]:
        """Return a link with feedparser's defaults; `written` if its address is its text."""
        said = _attributes(element, *_OF_LINK)
        text = _value(element)
        if not said:
            return {"rel": "alternate", "type": "text/html", "href": self._address(text), "written": text}
        rel = said.get("rel", "alternate").lower()
        kind = said.get("type", "application/atom+xml" if rel == "self" else "text/html").lower()
        href = said.get("href", "")
        if not href.strip():
            raise Unusual
        return said | {"rel": rel, "type": kind, "href": self._address(href)}

    def _address(self, text: str) -> str:
        if _ODD_ADDRESS.search(text):
            raise Unusual
        try:
            return urljoin(self._base, text) if text else text
        except ValueError:
            return ""

    def _skip(self, element: Element, name: str) -> None:
        """Pass over an element of which nothing is read, nor of what is in it."""
        for each in element.iter():
            _refuse(each)
            if name or (each is not element and self._names[each.tag]):
                raise Unusual

    def _skip_in_head(self, element: Element, name: str) -> None:
        """Pass over an element that is read in an entry, or the parts of which are read in a feed."""
        if name in _SKIPPED_IN_HEAD and not len(element):
            _refuse(element)
        elif parts := _PARTS.get(name):
            for each in element.iter():
                _refuse(each)
            for part in element:
                local = part.tag.rpartition("}")[2].lower()
                if local not in parts or self._names[part.tag] != ELEMENTS.get(local, "") or len(part):
                    raise Unusual
        else:
            self._skip(element, name)


def _version(declared: Iterable[tuple[str, str]]) -> str:
    """Return the version of a feed as feedparser tells it by the namespaces."""
    for prefix, uri in declared:
        if (prefix, uri.lower()) == ("", "http://my.netscape.com/rdf/simple/0.9/"):
            return "rss090"
        if uri.lower() in {RSS1, ATOM}:
            return "rss10" if uri.lower() == RSS1 else "atom10"
    return ""


def _base(root: Element) -> str:
    """Return the address that those of a document are relative to, empty where it names none."""
    base = root.attrib.pop(f"{{{XML}}}base", "")
    if base and not _BASE.fullmatch(base):
        raise Unusual
    return base


def _attributes(element: Element, *read: str, others: bool = False) -> dict[str, str]:
    """Return the attributes that are read, by their names in small letters; others must be allowed."""
    found = {}
    for name, value in element.items():
        namespace, _, local = name.rpartition("}")
        local = local.lower()
        if local in read and not namespace and local not in found:
            found[local] = value
        elif local in read or local in _CHANGING or not others:
            raise Unusual
    return found


def _refuse(element: Element, *read: str) -> None:
    """Let an element pass that has none of these attributes, and none that changes what is in it."""
    if element.keys() and _attributes(element, *read, others=True):
        raise Unusual


def _value(element: Element) -> str:
    """Return the text of an element that holds nothing else."""
    value = (element.text or "").strip()
    changed = (not value.isascii() and _WINDOWS.search(value)) or ("<" in value and UNREAD.search(value))
    if len(element) or changed:
        raise Unusual
    return value


def _text(element: Element, attribute: str = "") -> str:
    """Return the text of an element with at most this attribute."""
    if element.keys():
        _attributes(element, attribute)
    return _value(element)


def _kind(element: Element) -> tuple[str, str]:
    if not element.keys():
        return "", ""
    declared = _attributes(element, "type").get("type", "").lower()
    if declared not in _KINDS:
        raise Unusual
    return declared, _KINDS[declared]
