"""The text of a JSON Feed (jsonfeed.org, 1.0 and 1.1), or of quakes in GeoJSON, in, raw entries out."""

import html
import json
from collections.abc import Mapping
from typing import Any

from watcher.errors import ReadError
from watcher.read.caps import MAX_ITEMS
from watcher.read.geojson import read_geojson
from watcher.read.raw import RawEntry, RawFeed

_VERSION = "jsonfeed.org/version/"


def read_json(text: str) -> RawFeed:
    """Read a feed written in JSON.

    Raises:
        ReadError: it is not JSON, or JSON of another kind.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise ReadError("not_a_feed", f"not a feed: it begins like JSON, but {error}") from error
    if _string(document, "type") == "FeatureCollection":
        return read_geojson(document)
    version = _string(document, "version")
    if _VERSION not in version:
        raise ReadError("not_a_feed", "JSON, but not a feed: it has no version of jsonfeed.org")
    found = document.get("items")
    items = [item for item in found if isinstance(item, Mapping)] if isinstance(found, list) else []
    return RawFeed(
        format="json" + version.rpartition("/")[2].replace(".", "")[:4],
        title=html.escape(_string(document, "title")),
        link=_string(document, "home_page_url"),
        language=_string(document, "language"),
        entries=[_entry(item) for item in items[:MAX_ITEMS]],
        total=len(items),
        damage=() if isinstance(found, list) else ("no list of items",),
    )


def _entry(item: Mapping[str, Any]) -> RawEntry:
    return RawEntry(
        guid=_string(item, "id"),
        link=_string(item, "url") or _string(item, "external_url"),
        title=html.escape(_string(item, "title")),
        summary=html.escape(_string(item, "summary") or _string(item, "content_text"))
        or _string(item, "content_html"),
        dates=tuple(date for name in ("date_published", "date_modified") if (date := _string(item, name))),
        language=_string(item, "language"),
    )


def _string(values: Any, name: str) -> str:
    """Return a value as text; ids are often numbers."""
    value = values.get(name) if isinstance(values, Mapping) else None
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
