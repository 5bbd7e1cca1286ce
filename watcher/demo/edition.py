"""An outlet and its news in, the bytes of its feed out: RSS 2.0, Atom, RDF (RSS 1.0) or JSON Feed."""

import json
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from watcher.demo.story import News, Outlet

_NEWEST = 20

CONTENT_TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "rdf": "application/rdf+xml",
    "json": "application/feed+json",
}


def edition(outlet: Outlet, news: Sequence[News]) -> bytes:
    """Return an outlet's feed with its newest news, in the outlet's format and encoding."""
    write = {"rss": _rss, "atom": _atom, "rdf": _rdf, "json": _json}[outlet.format]
    return write(outlet, news[:_NEWEST]).encode(outlet.encoding)


def _rss(outlet: Outlet, news: Sequence[News]) -> str:
    items = "".join(
        f"<item><title>{escape(each.title)}</title><link>{_link(outlet, each)}</link>"
        f"<guid>{_link(outlet, each)}</guid>"
        f"<pubDate>{format_datetime(each.at)}</pubDate><description>{escape(each.text)}</description></item>\n"
        for each in news
    )
    return (
        f'<?xml version="1.0" encoding="{outlet.encoding}"?>\n<rss version="2.0"><channel>'
        f"<title>{escape(outlet.name)}</title>"
        f"<link>{_home(outlet)}</link><language>{outlet.language}</language>\n{items}</channel></rss>\n"
    )


def _atom(outlet: Outlet, news: Sequence[News]) -> str:
    entries = "".join(
        f"<entry><id>{_link(outlet, each)}</id><title>{escape(each.title)}</title>"
        f'<link href="{_link(outlet, each)}"/>'
        f"<published>{_stamp(each.at)}</published><updated>{_stamp(each.at)}</updated>"
        f"<summary>{escape(each.text)}</summary></entry>\n"
        for each in news
    )
    return (
        f'<?xml version="1.0" encoding="{outlet.encoding}"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.language}">'
        f"<title>{escape(outlet.name)}</title><id>{_home(outlet)}</id>\n{entries}</feed>\n"
    )


def _rdf(outlet: Outlet, news: Sequence[News]) -> str:
    items = "".join(
        f'<item rdf:about="{_link(outlet, each)}"><title>{escape(each.title)}</title>'
        f"<link>{_link(outlet, each)}</link>"
        f"<dc:date>{_stamp(each.at)}</dc:date><description>{escape(each.text)}</description></item>\n"
        for each in news
    )
    return (
        f'<?xml version="1.0" encoding="{outlet.encoding}"?>\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<channel rdf:about="{_home(outlet)}"><title>{escape(outlet.name)}</title>'
        f"<link>{_home(outlet)}</link><dc:language>{outlet.language}</dc:language></channel>\n"
        f"{items}</rdf:RDF>\n"
    )


def _json(outlet: Outlet, news: Sequence[News]) -> str:
    items = [
        {"id": _link(outlet, each), "url": _link(outlet, each), "title": each.title}
        | {"content_text": each.text, "date_published": _stamp(each.at)}
        for each in news
    ]
    version = "https://jsonfeed.org/version/1.1"
    feed = {"version": version, "title": outlet.name, "language": outlet.language, "items": items}
    return json.dumps(feed, ensure_ascii=False)


def _home(outlet: Outlet) -> str:
    return f"https://{outlet.owner}.example/"


def _link(outlet: Outlet, news: News) -> str:
    return f"{_home(outlet)}{news.at:%Y/%m/%d/%H%M}"


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
