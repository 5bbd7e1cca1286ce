"""A stretch of time in, the words for it out."""

from datetime import timedelta

from watcher.text.numbers import counted

_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def in_words(span: timedelta) -> str:
    """Return a stretch of time in the largest unit that fits, rounded: 90 minutes are "2 hours"."""
    seconds = round(span.total_seconds())
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= size), _UNITS[-1])
    count = round(seconds / size)
    return counted(count, unit)
