"""The hub that a feed names and what was asked of it so far in, what to do about it now out.

A hub is never relied on: a feed is polled at its own intervals whatever its hub does, so that all that is
lost with a hub is haste. No more is asked than is polite: once an hour for a feed at most, whatever its
document says, and ever more rarely of a hub that never agrees.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from watcher.model.news import Hub
from watcher.model.polling import FeedState
from watcher.model.subscription import Subscription

HUB_LEASE = timedelta(days=10)
"""For how long we subscribe."""

_LONGEST_LEASE = timedelta(days=30)
_DEFAULT_LEASE = timedelta(days=1)
"""How long an agreement lasts that does not say so."""

_FIRST_WAIT, _LONGEST_WAIT = timedelta(hours=1), timedelta(days=1)
_UNPOLLED = timedelta(hours=1)
"""A feed that has been due for longer is not listed any more."""


class HubAction(StrEnum):
    """What to do about a feed's hub: nothing, ask with a new callback or the same one, or forget it."""

    NONE = "none"
    SUBSCRIBE = "subscribe"
    RENEW = "renew"
    FORGET = "forget"


def hub_of(state: FeedState, now: datetime) -> Hub:
    """Return the hub of a feed, nobody when the feed is not polled any more."""
    return state.hub if now - state.next_due < _UNPOLLED else Hub()


def next_action(hub: Hub, known: Subscription | None, base: str, now: datetime) -> HubAction:
    """Return what to do about a hub; `base` is what our callbacks begin with.

    A subscription whose hub is gone is left to run out.
    """
    if known is None:
        return HubAction.SUBSCRIBE if hub.url else HubAction.NONE
    wait = min(_FIRST_WAIT * (1 << min(max(known.tries - 1, 0), 10)), _LONGEST_WAIT)
    if timedelta() <= now - known.asked < wait:
        return HubAction.NONE
    left = known.until - now if known.until else timedelta()
    if not hub.url:
        return HubAction.NONE if left > timedelta() else HubAction.FORGET
    if hub != known.hub or not known.callback.startswith(base):
        return HubAction.SUBSCRIBE
    # It is renewed in its last quarter, or when it lasts longer than any does: then a clock was wrong.
    whole = known.until - known.agreed if known.until and known.agreed else timedelta()
    is_current = whole / 4 < left <= _LONGEST_LEASE
    return HubAction.NONE if is_current and not known.tries else HubAction.RENEW


def requested_again(known: Subscription, now: datetime) -> Subscription:
    """Return what is known once the hub is asked once more; what it agreed to before still counts."""
    return replace(known, asked=now, tries=known.tries + 1)


def agreed(known: Subscription, lease: str, now: datetime) -> Subscription:
    """Return what is known once the hub agreed, for so many seconds; unasked, that changes nothing."""
    if not known.tries:
        return known
    lasts = _DEFAULT_LEASE
    if lease.isascii() and lease.isdigit() and len(lease) < 10 and int(lease):
        lasts = min(timedelta(seconds=int(lease)), _LONGEST_LEASE)
    return replace(known, tries=0, agreed=now, until=now + lasts)
