"""Names and texts in, the parts of an Atom 1.0 document (RFC 4287) out."""

import re
from urllib.parse import quote
from xml.etree import ElementTree as ET

_NAMESPACE = "http://www.w3.org/2005/Atom"
ATOM = f"{{{_NAMESPACE}}}"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

ET.register_namespace("", _NAMESPACE)


def atom_feed(name: str, title: str, updated: str) -> ET.Element:
    """Return a feed of ours without entries; `updated` is as RFC 3339 writes a time."""
    feed = ET.Element(f"{ATOM}feed")
    add_element(feed, "id", atom_id("feed", name))
    add_element(feed, "title", title)
    add_element(feed, "updated", updated)
    add_element(add_element(feed, "author"), "name", "provocation-watcher")
    return feed


def atom_document(feed: ET.Element) -> bytes:
    """Return a feed as it is served."""
    ET.indent(feed)
    document: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def add_element(parent: ET.Element, name: str, words: str = "", **attributes: str) -> ET.Element:
    """Add an element, without what XML cannot hold; all else is escaped when it is written."""
    child = ET.SubElement(
        parent, f"{ATOM}{name}", {key: xml_text(value) for key, value in attributes.items()}
    )
    child.text = xml_text(words) or None
    return child


def atom_id(kind: str, name: str) -> str:
    """Return the id of a feed or an entry, which stays the same however often it is written."""
    return f"tag:provocation-watcher.invalid,2026:{kind}/{quote(name, safe='', errors='surrogatepass')}"


def xml_text(words: str) -> str:
    """Return words without what XML cannot hold."""
    return _NOT_IN_XML.sub("", words)
