"""The hub a feed names and what was asked of one so far in, whether to ask now out; and what a hub's agreement is worth.

A hub is never relied on: a feed is polled at its own pace whatever its hub does, so that all that is lost
with a hub is haste. So no more is asked than is polite: once an hour for a feed at most, whatever its
document says, and ever more rarely of a hub that never agrees.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from watcher.model.news import Hub
from watcher.model.polling import FeedState
from watcher.model.subscription import Subscription

HUB_LEASE = timedelta(days=10)
"""How long we ask to be told."""

_LONGEST_LEASE = timedelta(days=30)
_UNKNOWN_LEASE = timedelta(days=1)
"""What is made of an agreement that does not say how long it lasts."""

_FIRST_REST, _LONGEST_REST = timedelta(hours=1), timedelta(days=1)
_UNPOLLED = timedelta(hours=1)
"""A feed that has been due for longer is not listed any more."""


class Step(StrEnum):
    """What to do about a feed's hub: nothing, ask with a new callback, ask again with the same one, or forget what was asked."""

    REST = "rest"
    BEGIN = "begin"
    AGAIN = "again"
    END = "end"


def hub_of(state: FeedState, now: datetime) -> Hub:
    """Return the hub of a feed, nobody when the feed is not polled any more."""
    return state.hub if now - state.next_due < _UNPOLLED else Hub()


def next_step(hub: Hub, known: Subscription | None, base: str, now: datetime) -> Step:
    """Say what to do about a hub; `base` is what our callbacks begin with.

    A subscription whose hub is gone is left to run out.
    """
    if known is None:
        return Step.BEGIN if hub.url else Step.REST
    if timedelta() <= now - known.asked < _rest(known):
        return Step.REST
    if not hub.url:
        return Step.REST if _left(known, now) > timedelta() else Step.END
    if hub != known.hub or not known.callback.startswith(base):
        return Step.BEGIN
    return Step.AGAIN if known.tries or _ends_soon(known, now) else Step.REST


def asked_again(known: Subscription, now: datetime) -> Subscription:
    """Remember that the hub was asked once more; what it agreed to before still counts."""
    return replace(known, asked=now, tries=known.tries + 1)


def agreed(known: Subscription, lease: str, now: datetime) -> Subscription:
    """Remember that the hub agreed, for so many seconds; an agreement to nothing that we are waiting for changes nothing."""
    return replace(known, tries=0, agreed=now, until=now + _lease(lease)) if known.tries else known


def _rest(known: Subscription) -> timedelta:
    return min(_FIRST_REST * (1 << min(max(known.tries - 1, 0), 10)), _LONGEST_REST)


def _left(known: Subscription, now: datetime) -> timedelta:
    return known.until - now if known.until else timedelta()


def _ends_soon(known: Subscription, now: datetime) -> bool:
    """Say whether the last quarter of a lease has begun, or it lasts longer than any does: then a clock was wrong."""
    whole = known.until - known.agreed if known.until and known.agreed else timedelta()
    return not whole / 4 < _left(known, now) <= _LONGEST_LEASE


def _lease(seconds: str) -> timedelta:
    """Read how long a hub says that it will tell us."""
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) < 10 and int(seconds)):
        return _UNKNOWN_LEASE
    return min(timedelta(seconds=int(seconds)), _LONGEST_LEASE)
