"""What was said since the last digest and how the watch was kept in, one message about all of it out: also when there is nothing to say.

A quiet week must be told from a dead watcher, so that a digest says how many feeds were read, and until when.
Its id comes from the channel and the time it was due: made twice, it is one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import groupby

from watcher.alerting.build import alert_id
from watcher.delivery.routing import last_slot, unwanted
from watcher.model.alerts import Alert, DigestEntry, Kind, Level, Reason
from watcher.model.language import Severity
from watcher.model.polling import Cycle, Poll, PollStatus
from watcher.model.routes import Route
from watcher.text.durations import in_words

MOST_ENTRIES = 50

_LONG = timedelta(hours=6)
"""No feed is polled more rarely: with nothing read for so long, nobody was reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How the watch was kept: how many feeds were polled, how many of them could be read, and when the last was."""

    polled: int = 0
    read: int = 0
    last: datetime | None = None


def watch_of(polls: Iterable[Poll], since: datetime, until: datetime) -> Watch:
    """Return how the watch was kept from one moment to another."""
    within = [poll for poll in polls if since <= poll.at < until]
    good = [poll for poll in within if poll.status is not PollStatus.ERROR]
    last = max((poll.at for poll in good), default=None)
    return Watch(
        polled=len({poll.feed for poll in within}), read=len({poll.feed for poll in good}), last=last
    )


def note_of(route: Route) -> str:
    """Return the name under which the service notes until when a channel has had its digests."""
    return f"digest {route.channel}"


def due(route: Route, noted: str, now: datetime) -> tuple[datetime, datetime] | None:
    """Return from when to when the digest tells that is due now, if one is; `noted` is until when the channel has had them.

    The first is due at the first of its times after the service began. A note that says of the future comes
    from a clock that ran ahead, and begins anew.
    """
    if route.digest is None:
        return None
    slot = last_slot(route.digest, route.zone, now)
    since = datetime.fromisoformat(noted) if noted else slot
    return (since, slot) if since < slot else None


def begin(route: Route, noted: str, now: datetime) -> Cycle | None:
    """Return the cycle that notes where a channel's digests begin, if that is not yet, or no longer, known."""
    if route.digest is None or (noted and datetime.fromisoformat(noted) <= now):
        return None
    return Cycle(notes={note_of(route): last_slot(route.digest, route.zone, now).isoformat()})


def digest_of(route: Route, alerts: Sequence[Alert], watch: Watch, since: datetime, until: datetime) -> Cycle:
    """Return the cycle that tells a channel of the alerts of a stretch of time, and notes that it has been told."""
    taken = [alert for alert in alerts if since <= alert.at < until and _belongs(route, alert)]
    entries = tuple(
        sorted(map(_entry, _stories(taken)), key=lambda entry: (-entry.severity, entry.first, entry.incident))
    )
    name = route.digest.name if route.digest else ""
    alert = Alert(
        id=alert_id(note_of(route), Reason.DIGEST, until.isoformat()),
        at=until,
        kind=Kind.COLLECTION,
        reason=Reason.DIGEST,
        indicator="digest",
        category="digest",
        severity=Severity.INFO,
        title=_title(entries, watch),
        why=f"{_span(since, until, route.zone)}: {_told(taken, entries)} {_kept(watch, until, route.zone)}",
        incident=note_of(route),
        level=Level.QUIET,
        indicator_title=f"Digest, {name}",
        entries=entries[:MOST_ENTRIES],
        entries_not_shown=max(0, len(entries) - MOST_ENTRIES),
        only=route.channel,
    )
    return Cycle(alerts=(alert,), notes={note_of(route): until.isoformat()})


def _belongs(route: Route, alert: Alert) -> bool:
    return (
        alert.reason is not Reason.DIGEST and alert.only in ("", route.channel) and not unwanted(route, alert)
    )


def _stories(alerts: Iterable[Alert]) -> list[list[Alert]]:
    """Return the alerts of each incident, in the order in which they were made."""
    ordered = sorted(alerts, key=lambda alert: (alert.incident, alert.at))
    return [list(story) for _, story in groupby(ordered, key=lambda alert: alert.incident)]


def _entry(story: Sequence[Alert]) -> DigestEntry:
    newest = story[-1]
    return DigestEntry(
        incident=newest.incident,
        indicator=newest.indicator_title or newest.indicator,
        severity=max(alert.severity for alert in story),
        title=newest.title,
        reason=newest.reason,
        first=story[0].at,
        last=newest.at,
        alerts=tuple(alert.id for alert in story),
    )


def _title(entries: Sequence[DigestEntry], watch: Watch) -> str:
    if entries:
        return f"{_counted(len(entries), 'story', 'stories')}, the gravest {entries[0].severity.word}"
    return (
        "nothing to tell, and the watch was kept" if watch.last else "nothing to tell, for no feed was read"
    )


def _told(alerts: Sequence[Alert], entries: Sequence[DigestEntry]) -> str:
    if not alerts:
        return "nothing that this channel takes."
    return f"{_counted(len(alerts), 'alert', 'alerts')} about {_counted(len(entries), 'story', 'stories')}."


def _kept(watch: Watch, until: datetime, zone: tzinfo) -> str:
    if watch.last is None:
        return "No feed was read in that time: the watcher was not at work, or could read none. `watcher status` says more."
    said = f"The watcher was awake: it read {watch.read} of {_counted(watch.polled, 'feed', 'feeds')}, the last at {_clock(watch.last, zone)}."
    gap = until - watch.last
    return f"{said} Then, for {in_words(gap)}, it read none." if gap >= _LONG else said


def _span(since: datetime, until: datetime, zone: tzinfo) -> str:
    return f"From {_clock(since, zone)} to {_clock(until, zone)} ({zone.tzname(until.astimezone(zone))})"


def _clock(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _counted(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"
