"""The body of an answer in, a document of plain-text items out.

Pure: the time comes in, nothing is fetched or opened.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from watcher.errors import ReadError
from watcher.model.news import Document, Feed, Hub, Item
from watcher.read.caps import MAX_ITEMS, MAX_MARKUP, MAX_SUMMARY, MAX_TITLE, MAX_URL
from watcher.read.dates import parse_date
from watcher.read.encodings import decode_text
from watcher.read.identity import crowded_pages, distinct, item_id, keys, text_hash
from watcher.read.jsonfeed import read_json
from watcher.read.links import safe_address
from watcher.read.plain import beginning, plain
from watcher.read.raw import RawEntry
from watcher.read.xmlfeed import read_xml

_BLANKS = "\ufeff \t\r\n\x0b\x0c\0"
_FIRST_FEEDS = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.IGNORECASE)
_AS_TITLE = 200
"""Characters of the text that replace a missing title."""


def read(body: bytes, *, feed: Feed, seen: datetime, content_type: str = "", url: str = "") -> Document:
    """Read a feed document of any format.

    A damaged document is used as far as it goes, and the damage stated. `url` is where the body came from
    after redirects.

    Raises:
        ReadError: no feed is in it; `cause` is `empty`, `not_a_feed`, `refused`, `unreadable` or `limit`.
    """
    text, misencoded = decode_text(body, content_type, feed.language)
    text = text.lstrip(_BLANKS)
    if not text:
        raise ReadError("empty", f"empty answer, not a feed ({len(body):,} bytes)")
    try:
        raw = read_json(text) if text.startswith("{") else read_xml(text)
    except RecursionError as error:
        raise ReadError("limit", "the document is nested too deeply") from error
    base, _ = safe_address(raw.link, url or feed.url)
    links = [safe_address(entry.link, base or url or feed.url) for entry in raw.entries]
    crowded = crowded_pages(link for link, _ in links)
    language = _language(raw.language, feed.language)
    pairs = zip(raw.entries, links, strict=True)
    made = [_item(entry, link, feed, seen, language, crowded) for entry, link in pairs]
    items = [item for item in made if item is not None]
    kept = distinct(items)
    counts = {
        f"entries after the first {MAX_ITEMS:,} left out": raw.total - len(raw.entries),
        "entries without any content left out": len(made) - len(items),
        "repeated entries left out": len(items) - len(kept),
    }
    (hub, _), (topic, _) = safe_address(raw.hub, url or feed.url), safe_address(raw.topic, url or feed.url)
    has_hub = hub and topic and max(len(hub), len(topic)) <= MAX_URL
    return Document(
        format=raw.format,
        title=plain(beginning(raw.title, MAX_MARKUP), keep_code=True)[:MAX_TITLE],
        items=kept,
        language=language,
        damage="; ".join(plain(what)[:200] for what in (misencoded, *raw.damage) if what),
        notes=tuple(f"{count:,} {what}" for what, count in counts.items() if count),
        hints=raw.hints,
        hub=Hub(url=hub, topic=topic) if has_hub else Hub(),
    )


def _item(
    entry: RawEntry,
    address: tuple[str, str],
    feed: Feed,
    seen: datetime,
    language: str,
    crowded: frozenset[str],
) -> Item | None:
    """Return an entry as an item, or None when it has no content; `address` is its link with a note."""
    link, link_note = address
    title, title_note = _text(entry.title, MAX_TITLE, "title", entry)
    summary, summary_note = _text(entry.summary, MAX_SUMMARY, "summary", entry)
    published, date_note = _published(entry.dates, seen)
    heading = title or summary[:_AS_TITLE] or link[:MAX_TITLE] or plain(entry.guid[:MAX_TITLE])
    if not heading:
        return None
    too_long = f"link dropped: longer than {MAX_URL:,} characters" if len(link) > MAX_URL else ""
    return Item(
        id=item_id(feed.id, entry.guid, entry.link, heading),
        feed=feed.id,
        owner=feed.owner,
        grade=feed.grade,
        title=heading,
        seen=seen,
        keys=keys(entry.guid, link, heading, crowded),
        text_hash=text_hash(heading, summary),
        summary=summary,
        url="" if too_long else link,
        published=published,
        language=_language(entry.language, language),
        point=entry.point,
        notes=tuple(filter(None, (title_note, summary_note, link_note, too_long, date_note))),
    )


def _text(markup: str, limit: int, what: str, entry: RawEntry) -> tuple[str, str]:
    text = plain(beginning(markup, MAX_MARKUP), keep_code=what == "title", is_text=what in entry.texts)
    if len(text) > limit:
        return text[:limit].rstrip(), f"{what} cut at {limit:,} characters"
    too_long = len(markup) > MAX_MARKUP
    return text, f"{what} cut: more than {MAX_MARKUP:,} characters of markup" if too_long else ""


def _published(dates: Sequence[str], seen: datetime) -> tuple[datetime | None, str]:
    """Return the first date that can be, and a note when one was claimed and none can."""
    for text in dates:
        moment = parse_date(text)
        if moment is not None and _FIRST_FEEDS <= moment <= seen + _AHEAD:
            return moment, ""
    return None, f"date not used: {plain(dates[0][:60])!r}" if dates else ""


def _language(*claims: str) -> str:
    """Return the first claim that is a language tag."""
    tags = (claim.replace("_", "-") for claim in claims)
    return next((tag for tag in tags if _LANGUAGE.fullmatch(tag)), "")
