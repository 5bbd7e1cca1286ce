"""Entries in, an Atom 1.0 document out, for feed readers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote
from xml.etree import ElementTree as ET

from watcher.delivery.render import safe_link

_NAMESPACE = "http://www.w3.org/2005/Atom"
_ATOM = f"{{{_NAMESPACE}}}"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

ET.register_namespace("", _NAMESPACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """An entry: `kind` and `name` make its id, which stays the same however often it is written."""

    kind: str
    name: str
    title: str
    text: str
    """Plain text, or with `is_html` a piece of HTML."""
    published: datetime
    updated: datetime
    terms: tuple[str, ...] = ()
    link: str = ""
    is_html: bool = False


def as_feed(name: str, title: str, entries: Sequence[FeedEntry]) -> bytes:
    """Return the document; it was updated when the newest of its entries was."""
    feed = ET.Element(f"{_ATOM}feed")
    _add(feed, "id", _tag("feed", name))
    _add(feed, "title", title)
    _add(feed, "updated", _time(max((each.updated for each in entries), default=_EPOCH)))
    _add(_add(feed, "author"), "name", "provocation-watcher")
    for each in entries:
        entry = _add(feed, "entry")
        _add(entry, "id", _tag(each.kind, each.name))
        _add(entry, "title", each.title)
        _add(entry, "published", _time(each.published))
        _add(entry, "updated", _time(each.updated))
        if link := safe_link(each.link):
            _add(entry, "link", rel="alternate", href=link)
        for term in each.terms:
            _add(entry, "category", term=term)
        _add(entry, "summary", each.text, type="html" if each.is_html else "text")
    ET.indent(feed)
    document: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def _add(parent: ET.Element, name: str, words: str = "", **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, f"{_ATOM}{name}", {key: _fit(value) for key, value in attributes.items()})
    child.text = _fit(words) or None
    return child


def _fit(words: str) -> str:
    return _NOT_IN_XML.sub("", words)


def _tag(kind: str, name: str) -> str:
    return f"tag:provocation-watcher.invalid,2026:{kind}/{quote(name, safe='', errors='surrogatepass')}"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
