"""Durations and sizes as people type them in, values out, and back: `90s 15m 6h 30d 2w`, `512 KiB`."""

import re
from datetime import timedelta

_DURATION = re.compile(r"([0-9]{1,7})\s*([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST = timedelta(days=3660)

_SIZE = re.compile(r"([0-9]{1,12})\s*(B|KiB|MiB|GiB|KB|MB|GB)?", re.IGNORECASE)
_BYTES = {"": 1, "b": 1, "kib": 2**10, "mib": 2**20, "gib": 2**30, "kb": 10**3, "mb": 10**6, "gb": 10**9}


def duration(text: str) -> timedelta:
    """Return the time a duration names; ValueError says how to write one."""
    found = _DURATION.fullmatch(text.strip())
    if not found:
        advice = "write a whole number and one of s, m, h, d, w, as in 90s, 15m, 6h, 30d, 2w"
        raise ValueError(f"`{text}` is no duration; {advice}")
    length = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if length > _LONGEST:
        raise ValueError(f"`{text}` is longer than ten years")
    return length


def as_typed(length: timedelta) -> str:
    """Return how people type a time, in days or the largest smaller unit that divides it: 15m, 6h, 14d."""
    seconds = round(length.total_seconds())
    worth, unit = next(
        (worth, unit)
        for worth, unit in ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
        if seconds % worth == 0
    )
    return f"{seconds // worth}{unit}"


def size(text: str) -> int:
    """Return the bytes a size names; ValueError says how to write one."""
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"`{text}` is no size; write a whole number and B, KiB, MiB or GiB, as in 10 MiB")
    return int(found[1]) * _BYTES[(found[2] or "").lower()]
