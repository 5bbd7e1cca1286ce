"""An RSS document as written in, what it asks of who polls it out: how long to wait, when not to poll."""

import re

from watcher.model.news import PollHints

_SKIPS = re.compile(r"<skip(?:hours|days)[\s>]", re.IGNORECASE)
_HOURS = re.compile(r"<skiphours[\s>]", re.IGNORECASE)
_DAYS = re.compile(r"<skipdays[\s>]", re.IGNORECASE)
_NEAR = 2_000
"""Characters in which all hours, or days, are named."""
_HOUR = re.compile(r"<hour>\s*([0-9]{1,2})\s*</hour>", re.IGNORECASE)
_DAY = re.compile(r"<day>\s*(mon|tues|wednes|thurs|fri|satur|sun)day\s*</day>", re.IGNORECASE)
_WEEK = ("mon", "tues", "wednes", "thurs", "fri", "satur", "sun")
_TTL = re.compile(r"[0-9]{1,7}")


def read_hints(ttl: str, text: str) -> PollHints:
    """Return what a document asks; `ttl` is the text of that element. What cannot be read asks nothing."""
    text = text if _SKIPS.search(text) else ""
    hours = {int(hour) % 24 for hour in _HOUR.findall(_after(_HOURS, text)) if int(hour) <= 24}
    days = {_WEEK.index(day.lower()) for day in _DAY.findall(_after(_DAYS, text))}
    return PollHints(
        ttl=int(ttl) if _TTL.fullmatch(ttl) else 0,
        skip_hours=tuple(sorted(hours)),
        skip_days=tuple(sorted(days)),
    )


def _after(opening: re.Pattern[str], text: str) -> str:
    """Return the text of the first such element; feedparser keeps only the last of several hours."""
    found = opening.search(text)
    return text[found.end() : found.end() + _NEAR].partition("</skip")[0] if found else ""
