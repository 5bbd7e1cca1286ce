"""A list of feeds as readers exchange it (OPML) in, the feeds it names out; and feeds in, OPML 2.0 out."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from watcher.config.source import read_bytes
from watcher.config.typed import address
from watcher.errors import ConfigError, Mistake, ReadError
from watcher.model.news import Feed
from watcher.read.encodings import decode_text
from watcher.read.plain import plain
from watcher.read.repair import refuse_entities

_MAX_TITLE = 200
_BETWEEN_FOLDERS = "/"


class Outline(NamedTuple):
    """A feed that a list names; `tags` are the folders in which it is, as in "Asia/Korea"."""

    url: str
    title: str = ""
    tags: tuple[str, ...] = ()


class Opml(NamedTuple):
    """What a list names: its feeds, each address once, and for each entry that is no feed the reason."""

    feeds: tuple[Outline, ...]
    skipped: tuple[str, ...] = ()


def load_opml(path: Path) -> Opml:
    """Return the feeds that an OPML file names, with their folders as tags.

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
    found: dict[str, Outline] = {}
    skipped = []
    for entry in _outlines(root):
        try:
            url = address(entry.url)
        except ValueError:
            no_feed = f"{entry.url} is no http or https address" if entry.url else "it has no xmlUrl"
            skipped.append(f"{entry.title or 'an entry without a title'}: {no_feed}")
            continue
        if url in found:
            skipped.append(f"{url}: it is in the file more than once")
        before = found.get(url, entry._replace(url=url))
        found[url] = before._replace(tags=tuple(dict.fromkeys((*before.tags, *entry.tags))))
    if not found:
        raise _wrong(path, "it names no feed: no outline has an xmlUrl that begins with http:// or https://")
    return Opml(tuple(found.values()), tuple(skipped))


def as_opml(feeds: Iterable[Feed]) -> str:
    """Return feeds as an OPML 2.0 document, tags as folders; a login in an address stays here."""
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = "Feeds of provocation-watcher"
    folders: dict[tuple[str, ...], ET.Element] = {(): ET.SubElement(root, "body")}
    for feed in feeds:
        title = plain(feed.title) or feed.id
        parts = urlsplit(feed.url)
        url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        said = {"type": "rss", "text": title, "title": title, "xmlUrl": url}
        for tag in feed.tags or ("",):
            folder = _folder(tag, folders)
            ET.SubElement(folder, "outline", said | ({"language": feed.language} if feed.language else {}))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _outlines(root: ET.Element) -> Iterator[Outline]:
    """Yield every entry that is no folder, in order, each with the folder in which it is."""
    left: list[tuple[ET.Element, tuple[str, ...]]] = [(root, ())]
    while left:
        element, folders = left.pop()
        said = {name.lower(): value for name, value in element.attrib.items()}
        title = plain(said.get("title") or said.get("text") or "")[:_MAX_TITLE]
        url = said.get("xmlurl", "")
        if element.tag == "outline":
            if url or not len(element):
                tag = _BETWEEN_FOLDERS.join(folders)[:_MAX_TITLE].strip()
                yield Outline(url, title, (tag,) if tag else ())
            elif title:
                folders = (*folders, title)
        left += [(each, folders) for each in reversed(element)]


def _folder(tag: str, folders: dict[tuple[str, ...], ET.Element]) -> ET.Element:
    """Return the folder of a tag, which is made with those above it where it is not there yet."""
    path = tuple(filter(None, tag.split(_BETWEEN_FOLDERS)))
    for depth, name in enumerate(path):
        if path[: depth + 1] not in folders:
            said = {"text": name, "title": name}
            folders[path[: depth + 1]] = ET.SubElement(folders[path[:depth]], "outline", said)
    return folders[path]


def _wrong(path: Path, what: str, line: int = 1, column: int = 1) -> ConfigError:
    return ConfigError([Mistake(file=str(path), line=line, column=column, what=what)])
