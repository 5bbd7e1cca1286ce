"""What the service measures of itself in, alerts about it out: one when a problem begins, one when it ends.

That an alert was made is noted under the reason's own name, in the transaction that records it, so that a
restart makes none twice. Between ill and well lies a range that is neither: what moves in and out of it makes
no further alerts.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from watcher.alerting.build import alert_of_collection
from watcher.model.alerts import ALERT_LOG, Alert, ChannelId, Delivery, Reason
from watcher.model.language import Severity
from watcher.model.polling import Cycle, FeedState
from watcher.text.durations import in_words

LEAST_CLOCK_STEP = timedelta(seconds=60)
"""A clock that is off by more than this from one look to the next was set, or the machine slept."""

LEAST_FREE, SCARCE_SHARE, SCARCE_AT_MOST = 200 << 20, 0.05, 5 << 30
"""A disk is low below 200 MiB, and below a twentieth of it, unless that is more than 5 GiB."""

_ROOMY = 1.5
"""So many times more must be free before a disk counts as well again."""

DAY = timedelta(days=1)

NO_FEED_REACHED = "no feed can be reached: is there a network, a proxy, a resolver?"

_UNREACHED = frozenset({"connect", "dns", "network", "timeout", "tls"})
"""Causes of failures in which no server answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vital:
    """One thing the service measures of itself: ill, well, or (None) in between.

    `title` and `why` are for ill, `well` for well.
    """

    reason: Reason
    ill: bool | None
    title: str = ""
    why: str = ""
    well: str = ""


def tell_of(vital: Vital, told: str, now: datetime) -> Cycle | None:
    """Return the cycle that tells that something became ill or well.

    `told` is what is noted under the reason's name.
    """
    if vital.ill and not told:
        alert = alert_of_collection(vital.reason, Severity.HIGH, vital.title, vital.why, vital.reason, now)
        return Cycle(alerts=(alert,), notes={vital.reason: now.isoformat()}, noted={vital.reason: told})
    if vital.ill is False and told:
        alert = alert_of_collection(
            Reason.RECOVERED,
            Severity.INFO,
            vital.well,
            f"It was reported at {told[:16]}Z.",
            vital.reason,
            now,
        )
        return Cycle(alerts=(alert,), notes={vital.reason: ""}, noted={vital.reason: told})
    return None


def none_reached(errors: Sequence[str]) -> bool:
    """Say whether none of several feeds can be reached, by the last error ("cause: detail") of each.

    Empty where there is none.
    """
    return len(errors) > 1 and all(_cause(error) in _UNREACHED for error in errors)


def causes_of(errors: Iterable[str]) -> str:
    """Return how many feeds failed for which cause, as in "dns 83, timeout 14"."""
    return ", ".join(f"{cause} {count}" for cause, count in Counter(map(_cause, errors)).most_common())


def reachability(states: Sequence[FeedState]) -> Vital:
    """Return whether any feed can be reached, from the first round of polls until one has worked."""
    worked = any(state.last_ok for state in states)
    errors = [] if worked else [state.error for state in states]  # of thousands, for nothing
    counted = f"{causes_of(errors)}; for instance {states[0].feed}: {errors[0]}" if errors else ""
    return Vital(
        reason=Reason.FEEDS_UNREACHABLE,
        ill=False if worked else none_reached(errors) or None,
        title=NO_FEED_REACHED.capitalize(),
        why=f"Every feed was tried, and the watcher sees no news until one works. {counted}",
        well="Feeds can be reached again; those that could not are polled now",
    )


def asked_again(states: Iterable[FeedState], now: datetime) -> tuple[FeedState, ...]:
    """Return the states of the feeds that could not be reached, due now instead of after their backoff."""
    return tuple(replace(state, next_due=now) for state in states if _cause(state.error) in _UNREACHED)


def disk(free: int, total: int, folder: str) -> Vital:
    """Judge the space on the disk of the data folder."""
    low = max(LEAST_FREE, min(SCARCE_SHARE * total, SCARCE_AT_MOST))
    return Vital(
        reason=Reason.DISK_LOW,
        ill=True if free < low else None if free < _ROOMY * low else False,
        title=f"The disk is nearly full: {free >> 20:,} MiB free",
        why=f"On a full disk nothing can be recorded or alerted. Free some space on the disk of {folder}.",
        well=f"The disk has space again: {free >> 20:,} MiB free",
    )


def alert_log(waiting: Iterable[Delivery]) -> Vital:
    """Judge the alert log; `waiting` has the first delivery that waits for each channel."""
    first = next((each for each in waiting if each.channel == ALERT_LOG), None)
    return Vital(
        reason=Reason.LOG_UNWRITABLE,
        ill=bool(first and first.error),
        title="The alert log cannot be written",
        why=f"{first.error if first else ''} The other channels get alerts as before; every alert is kept, "
        "and written to the log as soon as possible.",
        well="The alert log works again, and has every alert that was kept",
    )


def lag(stale: Sequence[str], steady: timedelta | None) -> Vital:
    """Judge what should have moved and has not (`stale`).

    `steady` is for how long everything has, None when that is unknown.
    """
    return Vital(
        reason=Reason.LAGGING,
        ill=True if stale else None if steady is None or steady < timedelta(hours=1) else False,
        title=f"The service lags: {'; '.join(stale)}",
        why="What is published meanwhile is seen late. The log shows what it waits for; "
        "if this does not end, restart the service.",
        well="The service has not lagged for an hour",
    )


def canary(lost: str) -> Vital:
    """Judge the daily try of the whole line; `lost` says where the item got lost, empty when it arrived."""
    return Vital(
        reason=Reason.CANARY_LOST,
        ill=bool(lost),
        title=f"The daily test item was lost: {lost}",
        why="An item of our own was published on this machine and did not reach the alert log. "
        "Real news may be lost in the same place.",
        well="The daily test item arrived again",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStep:
    """A change of the clock: what it should have shown, and what it showed."""

    expected: datetime
    shown: datetime


def tell_of_steps(steps: Sequence[ClockStep], now: datetime) -> Cycle:
    """Return the cycle that tells that the clock was set."""
    last = steps[-1]
    moved = last.shown - last.expected
    how = f"{in_words(abs(moved))} {'ahead' if moved > timedelta() else 'back'}"
    more = f", after {len(steps) - 1} other steps" if len(steps) > 1 else ""
    cause = "the machine slept, or its clock was set" if moved > timedelta() else "its clock was set back"
    times = f"from {last.expected:%Y-%m-%d %H:%M:%SZ} to {last.shown:%Y-%m-%d %H:%M:%SZ}"
    title = f"The clock stepped {how}: {times}{more}"
    why = (
        f"Polling continues with the new time; {cause}. "
        "If the time is wrong now, `seen` of new items is wrong too."
    )
    return Cycle(
        alerts=(alert_of_collection(Reason.CLOCK_STEPPED, Severity.MEDIUM, title, why, "clock", now),)
    )


def tell_of_dead(
    dead: Mapping[ChannelId, int], given_up: Iterable[Delivery], noted: str, now: datetime
) -> Cycle | None:
    """Return the cycle that alerts the other channels of a dead one: at most once a day, until none is dead.

    `dead` is how many are, by channel. `noted` is what is noted under the reason's name: a line for each
    channel with how many were dead at its last alert, and when that was.
    """
    told: dict[ChannelId, tuple[int, datetime]] = {}
    for name, number, at in (line.split() for line in noted.splitlines()):
        told[ChannelId(name)] = (int(number), datetime.fromisoformat(at))
    kept = {name: (min(count, dead[name]), at) for name, (count, at) in told.items() if dead.get(name)}
    for channel, count in dead.items():
        before, last_told = kept.get(channel, (0, None))
        if count > before and (last_told is None or abs(now - last_told) >= DAY):
            last = next((each for each in given_up if each.channel == channel), None)
            notes = _note_of_dead({**kept, channel: (count, now)})
            return Cycle(alerts=(_alert_of_dead(channel, count, last, now),), notes=notes, past=channel)
    return Cycle(notes=_note_of_dead(kept)) if kept != told else None


def _note_of_dead(told: Mapping[ChannelId, tuple[int, datetime]]) -> dict[str, str]:
    lines = (f"{channel} {count} {at.isoformat()}" for channel, (count, at) in told.items())
    return {Reason.DELIVERY_DEAD: "\n".join(lines)}


def _alert_of_dead(channel: ChannelId, dead: int, last: Delivery | None, now: datetime) -> Alert:
    many, were = ("", "was") if dead == 1 else ("s", "were")
    title = f"{dead} alert{many} for channel {channel} {were} given up"
    named = f"The last was “{last.alert.title}”: {last.error}. " if last else ""
    cure = f"Correct it (`watcher channels test {channel}`), then `watcher channels retry {channel}`."
    return alert_of_collection(Reason.DELIVERY_DEAD, Severity.HIGH, title, named + cure, channel, now)


def _cause(error: str) -> str:
    return error.partition(":")[0]
