"""Moments by two clocks in, what one is ahead of the other out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSample:
    """Another clock was asked at a moment of ours, said what it shows, and its answer came at another."""

    at: datetime
    shown: datetime
    answered: datetime


def ahead(asked: Sequence[ClockSample], known: timedelta | None = None) -> timedelta:
    """Return what our clock is ahead of the other by the answer that came soonest.

    The other is taken to have looked half-way, as in NTP: the error is at most half of what the answer took.
    Within that error what was known before is as good, and stays.
    """
    best = min(asked, key=lambda each: each.answered - each.at)
    error = (best.answered - best.at) / 2
    measured = best.at + error - best.shown
    return measured if known is None else min(max(known, measured - error), measured + error)
