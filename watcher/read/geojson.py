"""A GeoJSON document of an earthquake service (USGS, EMSC) in, raw entries out."""

import html
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from watcher.read.caps import MAX_ITEMS
from watcher.read.raw import RawEntry, RawFeed, point_at

_LARGEST = 1e15
"""Milliseconds and all else that is measured are smaller; larger integers are too large for a float."""


def read_geojson(document: Mapping[str, Any]) -> RawFeed:
    """Read a collection of features that are quakes."""
    found = document.get("features")
    features = [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
    return RawFeed(
        format="geojson",
        title=html.escape(_text(_mapping(document, "metadata"), "title")),
        entries=[_entry(each) for each in features[:MAX_ITEMS]],
        total=len(features),
        damage=() if isinstance(found, list) else ("no list of features",),
    )


def _entry(feature: Mapping[str, Any]) -> RawEntry:
    said = _mapping(feature, "properties")
    size = _number(said.get("mag"))
    kind = _text(said, "type").lower()
    # EMSC gives the parts of a title
    parts = (_text(said, "magtype") or "M", _text(said, "mag"), "-", _text(said, "flynn_region"))
    title = _text(said, "title") or " ".join(filter(None, parts))
    at = _mapping(feature, "geometry").get("coordinates")
    longitude, latitude, depth = (
        (*map(_number, at), None, None, None)[:3] if isinstance(at, list) else (None,) * 3
    )
    depth = depth if _number(said.get("depth")) is None else _number(said.get("depth"))
    depth = None if depth is None else max(0.0, depth)
    dates = (_moment(said.get(name)) for name in ("time", "updated", "lastupdate"))
    return RawEntry(
        guid=_text(feature, "id") or _text(said, "unid"),
        link=_text(said, "url"),
        title=html.escape(title),
        summary="" if kind in {"", "earthquake", "ke"} else html.escape(f"Type: {kind}"),
        dates=tuple(filter(None, dates)),
        point=None if latitude is None or longitude is None else point_at(latitude, longitude, depth, size),
    )


def _mapping(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = values.get(name)
    return value if isinstance(value, Mapping) else {}


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if abs(value) < _LARGEST else None


def _moment(value: object) -> str:
    """Return a time as a date that is read like any other; numbers are milliseconds since 1970."""
    if (milliseconds := _number(value)) is None:
        return value if isinstance(value, str) else ""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return str(value)
