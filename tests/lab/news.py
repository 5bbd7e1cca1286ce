"""A small list of indicators, and archives to try it on."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from watcher.config import read_indicators
from watcher.model.language import IndicatorList
from watcher.pipeline import Rules, rules_of

LIST = """
entities:
  dprk: {names: [North Korea*, Pyongyang]}
calendars:
  party-day: {dates: ["10-10"]}
indicators:
  - id: missile-launch
    title: Missile launch
    category: provocation
    severity: high
    match: {near: {words: 10, any: [$dprk], with: [missile*]}}
    joins: {family: missile, by: happening}
  - id: parade
    title: Parade
    category: provocation
    match: {all: [$dprk, parade*], none: [film]}
"""

START = datetime(2022, 10, 1, tzinfo=UTC)


def the_list(text: str = LIST) -> IndicatorList:
    """Read a list."""
    return read_indicators(text.encode(), "i.yaml")


def the_rules(text: str = LIST) -> Rules:
    """Read a list and compile it."""
    return rules_of(the_list(text))


def line(title: str, *, item: str = "", hours: float = 0, **more: Any) -> dict[str, Any]:
    """Return the line of an item seen some hours after the first of October."""
    return {
        "id": item or title,
        "title": title,
        "seen": (START + timedelta(hours=hours)).isoformat(),
        "source": "wire.example",
        **more,
    }


def an_archive(path: Path, lines: Iterable[dict[str, Any]]) -> Path:
    """Write an archive."""
    path.write_text("".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in lines), encoding="utf-8")
    return path
