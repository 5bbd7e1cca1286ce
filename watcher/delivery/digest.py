"""The alerts since the last digest and how feeds were read in, one message about all of it out.

A quiet week must be told from a dead watcher, so there is a digest also when there were no alerts. It says
how many feeds were read, until when, and first of all for how long none was. Its id comes from the channel
and the time it was due: made twice, it is one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import groupby, pairwise

from watcher.alerting.build import alert_id
from watcher.delivery.routing import last_slot, unwanted
from watcher.model.alerts import Alert, DigestEntry, Kind, Level, Reason
from watcher.model.language import Severity
from watcher.model.polling import Cycle, Poll, PollStatus
from watcher.model.routes import Route
from watcher.text.durations import in_words
from watcher.text.numbers import counted

MOST_ENTRIES = 50

_LONG = timedelta(hours=7)
"""No feed is polled more rarely than every six hours: with none read for so long, nobody watched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many feeds were polled and could be read, when the last was, and for how long none was."""

    polled: int = 0
    read: int = 0
    last: datetime | None = None
    unwatched: timedelta = timedelta()


def coverage_of(polls: Iterable[Poll], since: datetime, until: datetime) -> Coverage:
    """Return how feeds were read from one moment to another.

    Only the newest polls of a feed are kept: of a time before the oldest poll nothing is known.
    """
    polls = tuple(polls)
    within = [poll for poll in polls if since <= poll.at < until]
    good = [poll for poll in within if poll.status is not PollStatus.ERROR]
    known_from = max(since, min((poll.at for poll in polls), default=since))
    moments = [known_from, *sorted(poll.at for poll in good), until]
    return Coverage(
        polled=len({poll.feed for poll in within}),
        read=len({poll.feed for poll in good}),
        last=moments[-2] if good else None,
        unwatched=sum((gap for a, b in pairwise(moments) if (gap := b - a) >= _LONG), timedelta()),
    )


def name_of(route: Route) -> str:
    """Return the name of a channel's digests."""
    return f"digest {route.channel}"


def due(route: Route, told: datetime | None, now: datetime) -> tuple[datetime, datetime] | None:
    """Return from when to when the digest tells that is due now, if one is; `told` is where the last ended.

    The first is due at the first of its times after the service began. A time in the future comes
    from a clock that ran ahead, and begins anew.
    """
    if route.digest is None:
        return None
    slot = last_slot(route.digest, route.zone, now)
    since = told or slot
    return (since, slot) if since < slot else None


def begin(route: Route, told: datetime | None, now: datetime) -> Cycle | None:
    """Return the cycle that notes where a channel's digests begin, unless that is known."""
    if route.digest is None or (told and told <= now):
        return None
    return Cycle(digests={route.channel: last_slot(route.digest, route.zone, now)})


def digest_of(
    route: Route, alerts: Sequence[Alert], coverage: Coverage, since: datetime, until: datetime
) -> Cycle:
    """Return the cycle that tells a channel of the alerts of a stretch of time, and notes that it has."""
    taken = [
        alert
        for alert in sorted(alerts, key=lambda alert: (alert.incident, alert.at))
        if since <= alert.at < until
        and alert.reason is not Reason.DIGEST
        and alert.only in ("", route.channel)
        and not unwanted(route, alert)
    ]
    stories = [list(story) for _, story in groupby(taken, key=lambda alert: alert.incident)]
    entries = sorted(map(_entry, stories), key=lambda entry: (-entry.severity, entry.first, entry.incident))
    if entries:
        count = counted(len(entries), "story", "stories")
        title = f"{count}, the gravest {entries[0].severity.word}"
        told = f"{counted(len(taken), 'alert')} about {count}."
    else:
        kept = "" if coverage.unwatched else ", and the watcher was at work" if coverage.last else ""
        title, told = f"nothing to report{kept}", "no alert for this channel."
    unwatched = f"nobody watched for {in_words(coverage.unwatched)}" if coverage.unwatched else ""
    zone = route.zone
    span = f"From {_clock(since, zone)} to {_clock(until, zone)} ({zone.tzname(until.astimezone(zone))})"
    alert = Alert(
        id=alert_id(name_of(route), Reason.DIGEST, until.isoformat()),
        at=until,
        kind=Kind.COLLECTION,
        reason=Reason.DIGEST,
        indicator="digest",
        category="digest",
        severity=Severity.INFO,
        title=f"{unwatched}; {title}" if unwatched else title,
        why=f"{f'{unwatched.capitalize()}. ' if unwatched else ''}{span}: {told} {_reading(coverage, zone)}",
        incident=name_of(route),
        level=Level.QUIET,
        indicator_title=f"Digest, {route.digest.name if route.digest else ''}",
        entries=tuple(entries[:MOST_ENTRIES]),
        entries_not_shown=max(0, len(entries) - MOST_ENTRIES),
        only=route.channel,
    )
    return Cycle(alerts=(alert,), digests={route.channel: until})


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


def _reading(coverage: Coverage, zone: tzinfo) -> str:
    """Return how feeds were read, in sentences."""
    if coverage.last is None:
        why = "the watcher did not run, or could not read any"
        return f"No feed was read in that time: {why}. `watcher status` says more."
    feeds, last = counted(coverage.polled, "feed"), _clock(coverage.last, zone)
    worked = "" if coverage.unwatched else "The watcher was at work: it"
    return f"{worked or 'The watcher'} read {coverage.read} of {feeds}, the last at {last}."


def _clock(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
