"""An HTTP answer in, whether to send again, when, and whereto out."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import unquote

from watcher.delivery.render import one_line

_LONGEST = 24 * 3600.0
_LONGEST_PLACE = 200
_PLACE = re.compile(r"(https?://(?:\[[0-9a-fA-F:.]+\]|[\w.-]+)(?::\d+)?)(?![^/?#])(.*)")
_FOR_NOW = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,  # the receiver is still at work on an earlier post with the same key
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)


def may_change(status: int) -> bool:
    """Say whether the same message may be taken later: a receiver is broken, busy, or silent (0)."""
    return not status or status >= 500 or status in _FOR_NOW


def seconds(retry_after: str, now: datetime) -> float | None:
    """Return what a Retry-After header asks for, a day at most: it gives seconds, or a date."""
    if retry_after.isascii() and retry_after.isdigit():
        return min(float(retry_after), _LONGEST)
    try:
        wait = (parsedate_to_datetime(retry_after) - now).total_seconds()
    except (TypeError, ValueError):  # TypeError: a date without a zone
        return None
    return min(max(wait, 0.0), _LONGEST)


def new_address(location: str, url: str) -> str:
    """Return where a redirect leads, without what may be a secret: any part of the address it came from."""
    parts = _PLACE.match(one_line(location, _LONGEST_PLACE))
    if not parts:
        return without(url, one_line(location, _LONGEST_PLACE)) or "nowhere"
    return parts[1] + without(url, parts[2])


def without(url: str, words: str) -> str:
    """Return the words without any part of the address."""
    found = {part for spelling in (url, unquote(url)) for part in re.split(r"[/:@?&=,]+", spelling)}
    for part in sorted(found, key=len, reverse=True):
        words = words.replace(part, "…") if len(part) > 3 else words
    return words
