"""Alerts, what each channel takes and the time in; deliveries out, or why there is none.

Local times go through the zone, so that a night when clocks change is as long as it is. A time that such a
night skips is taken to be as much later as the clocks jump; one that comes twice is the first of the two.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo

from watcher.model.alerts import ALERT_LOG, Alert, ChannelId, Delivery, Kind, Reason
from watcher.model.language import Severity
from watcher.model.routes import EVERY_DAY, Hours, Route, Schedule, table_of
from watcher.text.durations import in_words

_DAY = timedelta(days=1)
_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def deliveries(alerts: Sequence[Alert], routes: Sequence[Route], now: datetime) -> Iterator[Delivery]:
    """Yield a delivery for each alert and each channel that takes it, with when it may first be tried."""
    for alert in alerts:
        for route in routes:
            if not refusal(route, alert):
                next_try = end_of_quiet(route, alert, now) or alert.at
                yield Delivery(alert=alert, channel=route.channel, next_try=next_try)


def refusal(route: Route, alert: Alert) -> str:
    """Return why a channel gets no delivery of an alert, or an empty string when it gets one."""
    if alert.only:
        mine = route.channel == ALERT_LOG or alert.only in (route.channel, table_of(route.channel))
        return "" if mine else f"it is for {alert.only} alone"
    in_digest = f"it is told in the digest ({route.digest.name})" if route.digest else ""
    return unwanted(route, alert) or in_digest or _rings_nobody(route, alert)


def _rings_nobody(route: Route, alert: Alert) -> str:
    """Return why a level that falls is no message: nothing happened. Who asks for it by name gets it."""
    fell = alert.reason is Reason.LEVEL_FELL and route.channel != ALERT_LOG
    asked_for = Kind.BOARD in route.kinds or Reason.LEVEL_FELL in route.reasons
    return "a level that falls is sent only to channels that name it" if fell and not asked_for else ""


def unwanted(route: Route, alert: Alert) -> str:
    """Return which rule of a channel does not take an alert, or an empty string when all do."""
    if alert.severity < route.least:
        return f"it takes severity {route.least.word} and above, and this is {alert.severity.word}"
    own = {
        "indicators": alert.indicator,
        "categories": alert.category,
        "kinds": alert.kind,
        "reasons": alert.reason,
    }
    for name, wanted in _chosen(route):
        former = alert.formerly if name == "indicators" else ()
        if wanted.isdisjoint((own[name], *former)):
            return f"it takes the {name} {', '.join(sorted(wanted))}, and this is {own[name]}"
    local = alert.at.astimezone(route.zone)
    if route.hours is None:
        day = local.weekday()
        return "" if day in route.days else f"it takes no alerts on a {_DAY_NAMES[day]}"
    stretch = _stretch(route.hours, alert.at, route.zone)
    if stretch is None:
        return f"it takes alerts {_from_to(route.hours)}, and this came at {local:%H:%M}"
    began = stretch[0].astimezone(route.zone).weekday()
    return (
        "" if began in route.days else f"it takes no alerts in the hours that begin on a {_DAY_NAMES[began]}"
    )


def end_of_quiet(route: Route, alert: Alert, now: datetime) -> datetime | None:
    """Return when the quiet hours end that keep this alert waiting now; what is critical never waits."""
    if route.quiet is None or alert.severity >= Severity.CRITICAL:
        return None
    stretch = _stretch(route.quiet, now, route.zone)
    return stretch[1] if stretch else None


def last_slot(schedule: Schedule, zone: tzinfo, now: datetime) -> datetime:
    """Return the latest moment, at or before now, at which a digest is made."""
    today = now.astimezone(zone).date()
    days = (day for back in range(-1, 8) if (day := today - _DAY * back).weekday() in schedule.days)
    slots = (_utc(datetime.combine(day, at), zone) for day in days for at in schedule.times)
    return max(slot for slot in slots if slot <= now)


def what_it_takes(route: Route) -> str:
    """Return what a channel takes, and when, in words."""
    words = [f"severity {route.least.word} and above"] if route.least else []
    words += [f"{name} {', '.join(sorted(wanted))}" for name, wanted in _chosen(route)]
    words += [_from_to(route.hours)] if route.hours else []
    names = ", ".join(_DAY_NAMES[day][:3] for day in sorted(route.days))
    words += [f"days {names}"] if route.days < EVERY_DAY else []
    words += [f"quiet {_from_to(route.quiet)}"] if route.quiet else []
    words += [f"digest {route.digest.name}"] if route.digest else []
    words += [f"again after {in_words(route.renotify)}"] if route.renotify else []
    return "; ".join(words) or "everything"


def every(channels: Sequence[ChannelId], routes: Mapping[ChannelId, Route]) -> tuple[Route, ...]:
    """Return the route of each channel."""
    return tuple(own_route(channel, routes) for channel in channels)


def own_route(channel: ChannelId, routes: Mapping[ChannelId, Route]) -> Route:
    """Return the route of a channel, by the table it comes from; without one it takes everything."""
    found = routes.get(table_of(channel))
    return replace(found, channel=channel) if found else Route(channel=channel)


def _chosen(route: Route) -> list[tuple[str, frozenset[str]]]:
    """Return what a channel has chosen of each sort, where it has."""
    sorts: list[tuple[str, frozenset[str]]] = [
        ("indicators", route.indicators),
        ("categories", route.categories),
        ("kinds", frozenset(route.kinds)),
        ("reasons", frozenset(route.reasons)),
    ]
    return [(name, wanted) for name, wanted in sorts if wanted]


def _from_to(hours: Hours) -> str:
    return f"from {hours.begins:%H:%M} to {hours.ends:%H:%M}"


def _stretch(hours: Hours, now: datetime, zone: tzinfo) -> tuple[datetime, datetime] | None:
    """Return the beginning and the end of the hours that a moment falls into, if it does."""
    today = now.astimezone(zone).date()
    for day in (today - _DAY, today):
        last = day + _DAY if hours.ends <= hours.begins else day
        begin, end = (
            _utc(datetime.combine(date, at), zone) for date, at in ((day, hours.begins), (last, hours.ends))
        )
        if begin <= now < end:
            return begin, end
    return None


def _utc(wall: datetime, zone: tzinfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)
