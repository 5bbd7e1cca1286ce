"""The body of an answer in, a document of plain-text items out.

Pure: the time comes in, nothing is fetched or opened.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from watcher.errors import ReadError
from watcher.model.news import Document, Feed, Hub, Item
from watcher.read.caps import MAX_ITEMS, MAX_MARKUP, MAX_SUMMARY, MAX_TITLE, MAX_URL
from watcher.read.dates import days_in, parse_date, zone_of
from watcher.read.encodings import decode_text
from watcher.read.identity import (
    crowded_pages,
    distinct,
    item_id,
    keys,
    keys_passed_on,
    page_key,
    text_hash,
)
from watcher.read.links import safe_address
from watcher.read.outlets import article_of, is_aggregator, outlet_in, owner_of, without_outlet
from watcher.read.plain import beginning, plain
from watcher.read.raw import RawEntry
from watcher.read.services import boilerplate, is_bridge, refuse_no_news, summary_of, without_note
from watcher.read.xmlfeed import read_xml
from watcher.text.fold import fold

_BLANKS = "\ufeff \t\r\n\x0b\x0c\0"
_FIRST_FEEDS = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.IGNORECASE)
_OLD = timedelta(days=2)
_HANGUL, _KANA = re.compile("[\uac00-\ud7a3]"), re.compile("[\u3041-\u30ff]")
_OUTLET = 100
"""Characters of an outlet's name."""
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
        if text.startswith("{"):
            from watcher.read.jsonfeed import read_json  # noqa: PLC0415 - a worker starts quicker without

            raw = read_json(text)
        else:
            raw = read_xml(text)
    except RecursionError as error:
        raise ReadError("limit", "the document is nested too deeply") from error
    refuse_no_news(raw)
    base, _ = safe_address(raw.link, url or feed.url)
    passes_on = is_aggregator(feed, raw)
    links = [safe_address(entry.link, base or url or feed.url) for entry in raw.entries]
    articles = [
        article_of(link, entry.source.url) if passes_on else link
        for entry, (link, _) in zip(raw.entries, links, strict=True)
    ]
    claims = (feed.language, raw.language) if is_bridge(raw) else (raw.language, feed.language)
    about = _About(
        feed=feed,
        seen=seen,
        languages=claims,
        zone=feed.time_zone or zone_of(feed.language or raw.language),
        crowded=crowded_pages(articles),
        shared=boilerplate(raw),
        passes_on=passes_on,
    )
    language = _language(*claims)
    made = [
        _item(entry, link, article, about)
        for entry, link, article in zip(raw.entries, links, articles, strict=True)
    ]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """What holds for every entry of a document.

    `languages` are claims, the most likely first. `passes_on` says that an aggregator wrote it.
    """

    feed: Feed
    seen: datetime
    languages: tuple[str, ...]
    zone: tzinfo
    crowded: frozenset[str]
    shared: frozenset[str]
    passes_on: bool


def _item(entry: RawEntry, address: tuple[str, str], article: str, about: _About) -> Item | None:
    """Return an entry as an item, or None when it has no content.

    `address` is its link with a note, `article` where that leads, empty where that is not known.
    """
    link, link_note = address
    title, title_note = _text(entry.title, MAX_TITLE, "title", entry)
    markup, shared_note = summary_of(entry, about.shared)
    summary, summary_note = _text(markup, MAX_SUMMARY, "summary", entry)
    published, date_note = _published(entry.dates, article or link, about)
    outlet = plain(entry.source.name)[:_OUTLET]
    if about.passes_on and not outlet:
        outlet = outlet_in(title, article, about.feed)
    title = without_outlet(title, outlet)
    heading = title or summary[:_AS_TITLE] or link[:MAX_TITLE] or plain(entry.guid[:MAX_TITLE])
    if not heading:
        return None
    too_long = f"link dropped: longer than {MAX_URL:,} characters" if len(link) > MAX_URL else ""
    item = Item(
        id=item_id(about.feed.id, entry.guid, entry.link, heading),
        feed=about.feed.id,
        owner=about.feed.owner,
        grade=about.feed.grade,
        title=heading,
        seen=about.seen,
        keys=keys(entry.guid, link, heading, about.crowded),
        text_hash=text_hash(heading, summary, entry.point),
        summary=summary,
        url="" if too_long else link,
        published=published,
        language=_language_of(heading, entry.language, *about.languages),
        point=entry.point,
        notes=tuple(filter(None, (title_note, summary_note, shared_note, link_note, too_long, date_note))),
    )
    return _passed_on(item, entry, outlet, article, about) if about.passes_on else item


def _passed_on(item: Item, entry: RawEntry, outlet: str, article: str, about: _About) -> Item:
    """Return an item of an aggregator as that of the outlet whose article it is."""
    owner = owner_of(outlet, article or entry.source.url, about.feed)
    # the summary of a search is often the headline again, with the outlet or the headlines of others
    summary = "" if fold(item.summary).startswith(fold(item.title)) else without_outlet(item.summary, outlet)
    return replace(
        item,
        owner=owner,
        outlet=outlet,
        carrier=about.feed.owner,
        summary=summary,
        url=article if article and len(article) <= MAX_URL else item.url,
        keys=keys_passed_on(owner, page_key(article, about.crowded), item.title, item.published),
        text_hash=text_hash(item.title, summary, item.point),
    )


def _text(markup: str, limit: int, what: str, entry: RawEntry) -> tuple[str, str]:
    text = plain(beginning(markup, MAX_MARKUP), keep_code=what == "title", is_text=what in entry.texts)
    if len(text) > limit:
        return text[:limit].rstrip(), f"{what} cut at {limit:,} characters"
    text = without_note(text)
    too_long = len(markup) > MAX_MARKUP
    return text, f"{what} cut: more than {MAX_MARKUP:,} characters of markup" if too_long else ""


def _published(dates: Sequence[str], link: str, about: _About) -> tuple[datetime | None, str]:
    """Return the first date that can be, else an old day in the link, and a note on how it was read."""
    for text in dates:
        moment = parse_date(text, about.zone)
        if moment is not None and _FIRST_FEEDS <= moment <= about.seen + _AHEAD:
            local = about.zone is not UTC and moment != parse_date(text)
            return moment, f"time without a zone read as {moment.astimezone(about.zone):%Z}" if local else ""
    days = days_in(link, about.zone)
    if days and days[0] >= _FIRST_FEEDS and days[1] <= about.seen - _OLD:
        return days[0], "no date: the one in the link is used"
    return None, f"date not used: {plain(dates[0][:60])!r}" if dates else ""


def _language_of(text: str, *claims: str) -> str:
    """Return the first claimed language that is written in the script of a text, else the first claimed."""
    script = (_HANGUL.search(text) and "ko") or (_KANA.search(text) and "ja")
    fitting = [claim for claim in claims if claim[:2].lower() == script]
    return _language(*fitting, *claims)


@lru_cache(maxsize=64)  # what a feed says of itself, for each of its items
def _language(*claims: str) -> str:
    """Return the first claim that is a language tag."""
    tags = (claim.replace("_", "-") for claim in claims)
    return next((tag for tag in tags if _LANGUAGE.fullmatch(tag)), "")
