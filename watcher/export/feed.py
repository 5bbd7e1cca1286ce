"""Entries in, an Atom 1.0 document out, for feed readers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from watcher.atom import add_element, atom_document, atom_feed, atom_id
from watcher.delivery.render import safe_link

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


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
    feed = atom_feed(name, title, _time(max((each.updated for each in entries), default=_EPOCH)))
    for each in entries:
        entry = add_element(feed, "entry")
        add_element(entry, "id", atom_id(each.kind, each.name))
        add_element(entry, "title", each.title)
        add_element(entry, "published", _time(each.published))
        add_element(entry, "updated", _time(each.updated))
        if link := safe_link(each.link):
            add_element(entry, "link", rel="alternate", href=link)
        for term in each.terms:
            add_element(entry, "category", term=term)
        add_element(entry, "summary", each.text, type="html" if each.is_html else "text")
    return atom_document(feed)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
