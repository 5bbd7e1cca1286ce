"""A list of feeds as readers exchange it (OPML) in, the feeds it names out; and feeds in, OPML 2.0 out."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from watcher.config.source import read_bytes
from watcher.config.typed import address
from watcher.errors import ConfigError, Mistake, ReadError
from watcher.model.news import Feed
from watcher.read.encodings import decode_text
from watcher.read.pages import Named
from watcher.read.plain import plain
from watcher.read.repair import refuse_entities

_MAX_TITLE = 200


def load_opml(path: Path) -> tuple[Named, ...]:
    """Return the feeds that an OPML file names, each address once, folders left aside.

    Raises:
        ConfigError: it cannot be read, is no OPML, or names no feed.
    """
    text, _ = decode_text(read_bytes(path, if_missing="name the file that another reader exported"), "", "")
    try:
        refuse_entities(text)
        root = ET.fromstring(text.lstrip())  # noqa: S314 - what it warns of are entities, and those are refused
    except (ReadError, ET.ParseError, ValueError) as error:
        line, column = getattr(error, "position", (1, 0))
        raise _wrong(path, f"no OPML: {getattr(error, 'detail', error)}", line, column + 1) from error
    if root.tag.lower() != "opml":
        raise _wrong(path, f"no OPML: its root is <{root.tag[:40]}>")
    found: dict[str, Named] = {}
    for outline in root.iter("outline"):
        said = {name.lower(): value for name, value in outline.attrib.items()}
        with suppress(ValueError):  # a folder, or a feed that is no address
            url = address(said.get("xmlurl", ""))
            title = plain(said.get("title") or said.get("text") or "")[:_MAX_TITLE]
            found.setdefault(url, Named(url, title))
    if not found:
        raise _wrong(path, "it names no feed: no outline has an xmlUrl that begins with http:// or https://")
    return tuple(found.values())


def as_opml(feeds: Iterable[Feed]) -> str:
    """Return feeds as an OPML 2.0 document; a login in an address stays here."""
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = "Feeds of provocation-watcher"
    body = ET.SubElement(root, "body")
    for feed in feeds:
        title = plain(feed.title) or feed.id
        parts = urlsplit(feed.url)
        url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        said = {"type": "rss", "text": title, "title": title, "xmlUrl": url}
        ET.SubElement(body, "outline", said | ({"language": feed.language} if feed.language else {}))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _wrong(path: Path, what: str, line: int = 1, column: int = 1) -> ConfigError:
    return ConfigError([Mistake(file=str(path), line=line, column=column, what=what)])
