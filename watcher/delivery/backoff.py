"""A tried delivery in, its next state out.

The wait doubles from ten seconds to an hour, and a receiver that names a time is given it. A receiver may be
down for days, so a delivery is given up only when its own waits add up to a week, and its alert is that old:
a channel that takes one alert now and then has the others tried sooner than their turn (`Outbox.hasten`). The
alert log, which must have everything, is never given up.
"""

from collections.abc import Sequence
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


def delivered(delivery: Delivery, now: datetime, told_with: str = "") -> Delivery:
    """Return the delivery as taken by its channel, perhaps in the message of another alert."""
    taken = replace(delivery, state=DeliveryState.DELIVERED, next_try=now, error="", told_with=told_with)
    return replace(taken, attempts=delivery.attempts + 1)


def failed(delivery: Delivery, error: DeliveryError, now: datetime) -> Delivery:
    """Return the delivery with when to try it again, or as dead when trying again is pointless."""
    attempts, why = delivery.attempts + 1, error.detail[:_ERROR_LENGTH] or "it gave no reason"
    tried = replace(delivery, attempts=attempts, next_try=now, error=why)
    waited = sum(map(_wait, range(1, attempts)), timedelta())
    is_over = waited >= _PATIENCE and now - delivery.alert.at >= _PATIENCE
    if delivery.channel != ALERT_LOG and (error.permanent or is_over):
        return replace(tried, state=DeliveryState.DEAD)
    asked = min(timedelta(seconds=error.retry_after or 0), _LONGEST_ASKED)
    return replace(tried, next_try=now + max(_wait(attempts) * (1 + _jitter(tried)), asked))


def failed_together(
    first: Delivery, others: Sequence[Delivery], error: DeliveryError, now: datetime
) -> list[Delivery]:
    """Return the deliveries of a message that failed, to be tried again together; the first decides when."""
    tried = failed(first, error, now)
    course = {name: getattr(tried, name) for name in ("state", "attempts", "next_try", "error")}
    return [tried, *(replace(each, **course) for each in others)]


def postponed(delivery: Delivery, until: datetime) -> Delivery:
    """Return the delivery, not tried now, waiting for its hour; it keeps back no other."""
    return replace(delivery, next_try=until, error="")


def _wait(attempt: int) -> timedelta:
    return min(_FIRST_WAIT * (1 << min(attempt - 1, 10)), _LONGEST_WAIT)


def _jitter(delivery: Delivery) -> float:
    """Return 0 to a quarter, from the delivery itself, so that not all come back together."""
    seed = f"{delivery.alert.id}\n{delivery.channel}\n{delivery.attempts}".encode(errors="replace")
    return _JITTER * int.from_bytes(blake2b(seed, digest_size=2).digest()) / 0xFFFF
