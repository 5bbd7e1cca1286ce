"""A try of a feed in, what it answered and what is odd about that out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from watcher.collection.habits import FROZEN_AFTER, newest_of, writing_of
from watcher.errors import FetchError, ReadError
from watcher.model.news import Document, Feed
from watcher.model.polling import Fetched

_WRITTEN = {"ko": "Korean", "ja": "Japanese", "zh": "Chinese", "ru": "Cyrillic", "en": "Latin"}
"""The writing of the languages in which a feed of another writing is surely wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of fetching and reading a feed once.

    `error` is "cause: detail", empty when the feed works. `first` is the title of its first item, `newest`
    the date of its newest one, `writing` that of most titles, empty where they are too few to say. `odd` says
    what a person should look at although the feed works.
    """

    feed: Feed
    error: str = ""
    format: str = ""
    items: int = 0
    first: str = ""
    newest: datetime | None = None
    writing: str = ""
    odd: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """Whether the feed works, and what is odd about it."""
        return "does not work" if self.error else "; ".join(("works", *self.odd))


def tried(
    feed: Feed, answer: Fetched | FetchError, document: Document | ReadError | None, now: datetime
) -> Trial:
    """Return what came of trying a feed."""
    if isinstance(answer, FetchError):
        return Trial(feed=feed, error=str(answer))
    if not isinstance(document, Document):
        return Trial(feed=feed, error=str(document))
    return Trial(
        feed=feed,
        format=document.format,
        items=len(document.items),
        first=next((item.title for item in document.items), ""),
        newest=newest_of(document.items),
        writing=writing_of(document.items),
        odd=tuple(_odd(feed, answer, document, now)),
    )


def _odd(feed: Feed, answer: Fetched, document: Document, now: datetime) -> Iterator[str]:
    items, newest, seen = document.items, newest_of(document.items), writing_of(document.items)
    if not items:
        yield "empty"
    if newest and now - newest > FROZEN_AFTER:
        yield f"frozen: nothing newer than {newest:%Y-%m-%d}"
    if seen and seen != _WRITTEN.get(feed.language[:2].lower(), seen):
        yield f"wrong language: titles in {seen} letters, listed as {feed.language}"
    if answer.moved_to:
        yield f"moved for good to {answer.moved_to}"
    if document.damage:
        yield document.damage
