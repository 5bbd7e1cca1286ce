"""A tried delivery in, its next state out.

The wait doubles from ten seconds to an hour, and a receiver that names a time is given it. A receiver may be
down for days, so a delivery is given up only when its own waits add up to a week; the alert log, which must
have everything, is never given up.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b

from watcher.errors import DeliveryError
from watcher.model.alerts import ALERT_LOG, Delivery, DeliveryState

_FIRST_WAIT = timedelta(seconds=10)
_LONGEST_WAIT = timedelta(hours=1)
_LONGEST_ASKED = timedelta(hours=24)
_PATIENCE = timedelta(days=7)
_JITTER = 0.25
_ERROR_LENGTH = 500


def after_success(delivery: Delivery, now: datetime) -> Delivery:
    """Return the delivery as taken by its channel."""
    return replace(
        delivery, state=DeliveryState.DELIVERED, attempts=delivery.attempts + 1, next_try=now, error=""
    )


def after_failure(delivery: Delivery, error: DeliveryError, now: datetime) -> Delivery:
    """Return the delivery with when to try it again, or as dead when trying again is pointless."""
    attempts = delivery.attempts + 1
    failed = replace(
        delivery, attempts=attempts, next_try=now, error=error.detail[:_ERROR_LENGTH] or "it gave no reason"
    )
    if delivery.channel != ALERT_LOG and (error.permanent or _waited(attempts) >= _PATIENCE):
        return replace(failed, state=DeliveryState.DEAD)
    asked = min(timedelta(seconds=error.retry_after or 0), _LONGEST_ASKED)
    return replace(failed, next_try=now + max(_wait(attempts) * (1 + _jitter(failed)), asked))


def after_rest(delivery: Delivery, until: datetime) -> Delivery:
    """Return the delivery, not tried now, waiting for its hour; it keeps back no other."""
    return replace(delivery, next_try=until, error="")


def _waited(attempts: int) -> timedelta:
    """Return how long a delivery has at least been waiting, summed over its failed attempts so far."""
    return sum((_wait(attempt) for attempt in range(1, attempts)), timedelta())


def _wait(attempt: int) -> timedelta:
    doublings = min(attempt - 1, 10)
    return min(_FIRST_WAIT * (1 << doublings), _LONGEST_WAIT)


def _jitter(delivery: Delivery) -> float:
    """Return 0 to a quarter, from the delivery itself: a hundred that failed together do not all come back together."""
    digest = blake2b(
        f"{delivery.alert.id}\n{delivery.channel}\n{delivery.attempts}".encode(errors="replace"),
        digest_size=2,
    ).digest()
    return _JITTER * int.from_bytes(digest) / 0xFFFF
