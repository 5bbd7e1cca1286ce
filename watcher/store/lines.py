"""A line of the alert log, or an alert as older watchers stored it, in; the alert out.

Both hold the fields that alerts have beside the contract as texts, under the same names.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from watcher.model.alerts import Alert, Confidence, Context, Level
from watcher.model.language import Severity
from watcher.store.values import from_json

_IDS = frozenset({"feeds", "incidents", "indicators"})
_COUNTS = frozenset({"entries_not_shown", "items_in_all", "items_not_shown", "mistakes", "step"})
_LINES = frozenset({"against", "because", "calendar", "cues", "timeline"})
_OF_CONTEXT = frozenset(field.name for field in fields(Context))
_LEVELS = frozenset(level.value for level in Level)


def alert_of_line(line: bytes) -> Alert | None:
    """Return the alert of a line of the alert log; None for a line that was torn, or that a person wrote."""
    try:
        found: dict[str, Any] = json.loads(line)
        body = found | _typed(found)
        body["severity"] = _severity(found)
        body["entries"] = [entry | {"severity": _severity(entry)} for entry in found.get("entries", ())]
        return from_json(Alert, json.dumps(body))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def upgraded(body: str) -> str:
    """Return the stored body of an alert with fields in place of `details`, a mapping of texts."""
    found: dict[str, Any] = json.loads(body)
    details: dict[str, str] = found.pop("details", {})
    return json.dumps(found | _typed(details), ensure_ascii=False, separators=(",", ":"))


def _typed(texts: Mapping[str, Any]) -> dict[str, Any]:
    """Return added fields, given as in a line of the log or as texts, as the fields of an alert in JSON."""
    typed = {name: _value(name, value) for name, value in texts.items()}
    context = {name: value for name, value in typed.items() if name in _OF_CONTEXT}
    return {name: value for name, value in typed.items() if name not in _OF_CONTEXT} | {"context": context}


def _value(name: str, value: Any) -> Any:
    if name in _IDS:
        return value.split() if isinstance(value, str) else value
    if name in _COUNTS:
        return int(value)
    if name in _LINES:
        return [value]
    if name == "confidence":
        return Confidence[value.upper()]
    return list(_changes(value)) if name == "changes" else value


def _changes(text: str) -> Iterator[dict[str, str]]:
    """Yield the changes in a text as "problem quiet > watch; category:weapons watch > elevated"."""
    for change in text.split("; "):
        subject, before, _, level = change.rsplit(" ", 3) if change.count(" ") >= 3 else ("", "", "", "")
        if before in _LEVELS and level in _LEVELS:
            yield {"subject": subject, "before": before, "level": level}


def _severity(found: Mapping[str, Any]) -> Severity:
    return Severity[found["severity"].upper()]
