"""A hit in, the severity that it gives an incident out: only a direct report of the deed earns all of it.

A hit has the severity of its indicator, whatever its item makes of the matter. A reaction, a caption or an
article of last year must not wake anybody, and must not be what a real report is later compared with.
"""

from datetime import UTC, timedelta

from watcher.model.alerts import BY_THE_LEAD, UNCERTAIN, Hit
from watcher.model.language import Actor, Claim, Directness, Expected, Severity
from watcher.model.news import Item
from watcher.read.dates import days_in

OLD_AFTER = timedelta(days=7)
"""How old an item may be when it is first seen and still be news: search feeds list articles of years ago."""

_MOST_OF_A_MENTION, _MOST_OF_A_REACTION = Severity.LOW, Severity.MEDIUM

_UNSAID = frozenset({BY_THE_LEAD, UNCERTAIN})
"""What the title of a direct report leaves out: the act, or that it was done."""

_HAPPENING = frozenset({Claim.OCCURRED, Claim.IMMINENT})


def severity_earned(hit: Hit, expected: Expected | None) -> Severity:
    """Return the severity that a hit gives its incident by itself.

    `expected` is whose act the indicator is about; None says that it reads no text, and then what it measures
    or counts is the report.
    """
    if is_old(hit.item):
        return min(hit.severity, _MOST_OF_A_MENTION)
    if expected is None:
        return hit.severity
    if hit.directness is Directness.MENTION:
        return min(hit.severity, _MOST_OF_A_MENTION)
    if hit.directness is Directness.REACTION or not _UNSAID.isdisjoint(hit.roles):
        return min(hit.severity, _MOST_OF_A_REACTION)
    return hit.severity if _is_certain(hit, expected) else min(hit.severity, Severity.HIGH)


def severity_agreed(hit: Hit) -> Severity:
    """Return the severity of a direct report once two origins vouch for it."""
    return min(hit.severity, Severity.HIGH) if UNCERTAIN in hit.roles else hit.severity


def _is_certain(hit: Hit, expected: Expected) -> bool:
    """Say whether a direct report may be critical alone: the title says who does it, and that it happens."""
    right_actor = hit.actor is Actor.NORTH or expected is not Expected.NORTH
    return hit.fresh and right_actor and hit.claim in _HAPPENING


def is_old(item: Item) -> bool:
    """Say whether an item is old news: its own date, or the day in its link, is long before it was seen."""
    seen = item.seen.astimezone(UTC)
    if item.published and seen - item.published > OLD_AFTER:
        return True
    days = days_in(item.url, UTC)
    return days is not None and seen - days[1] > OLD_AFTER
