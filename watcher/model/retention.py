"""How long what was read is kept, and what one step of taking it out took."""

from dataclasses import dataclass
from datetime import timedelta

DAYS_HEARD_KEPT = 400
"""How many days on which an indicator of silence was heard are remembered: the newest."""

LEAST_KEPT = timedelta(days=30)
"""Newer data stays, however large the database is: by then feeds have moved on and deliveries have ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What goes: items older than `keep`, and the oldest while the database takes more than `max_size` bytes.

    None is no bound.
    """

    keep: timedelta | None = None
    max_size: int | None = None

    def __bool__(self) -> bool:
        """Whether anything ever goes."""
        return self.keep is not None or self.max_size is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """What one step took out. `after` is where the next one begins; None when there is no more."""

    items: int = 0
    incidents: int = 0
    alerts: int = 0
    after: str | None = None
