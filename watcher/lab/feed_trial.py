"""Settings and a feed on standard input, what the feed answers now and what of it would hit out, as JSON.

`python -m watcher.lab.feed_trial` is a process of its own, so that the page holds neither the fetcher nor the
list compiled. Nothing is recorded.
"""

import json
import pickle
import sys
from contextlib import closing
from dataclasses import replace
from typing import Any

from watcher import bootstrap
from watcher.clock import utc_now
from watcher.collection.trial import tried
from watcher.errors import ConfigError
from watcher.fetch.urls import without_login
from watcher.match import Matcher
from watcher.model.news import Document, Feed
from watcher.model.polling import Fetched, Request
from watcher.model.settings import Settings


def trial_dict(feed: Feed, settings: Settings) -> dict[str, Any]:
    """Fetch and read a feed once; return how that went, and its items with the indicators that hit each."""
    now = utc_now()
    with closing(bootstrap.open_reader()) as reader:
        fetched = bootstrap.open_fetcher(settings).fetch([Request(feed=feed)])
        ((_, answer, document),) = reader.read(fetched, now)
    found = tried(replace(feed, url=without_login(feed.url)), answer, document, now)
    items = document.items if isinstance(document, Document) else ()
    try:
        matcher, wrong = Matcher(bootstrap.indicators_in_use(settings)), ""
    except ConfigError as error:
        matcher, wrong = None, str(error.mistakes[0])
    return {
        "status": answer.status if isinstance(answer, Fetched) else None,
        "trouble": found.error,
        "odd": found.odd,
        "format": found.format,
        "list": wrong,
        "items": [
            {
                "title": item.title,
                "url": item.url,
                "language": item.language,
                "published": item.published.isoformat() if item.published else None,
                "hits": [f"{hit.indicator}: {hit.claim}" for hit in matcher.match(item)] if matcher else [],
            }
            for item in items
        ],
    }


if __name__ == "__main__":
    given_settings, given_feed = pickle.load(sys.stdin.buffer)  # noqa: S301 - the page wrote it
    json.dump(trial_dict(given_feed, given_settings), sys.stdout)
