"""What is critical and what people did about it in, what to say again to a channel out, because nobody has answered."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from watcher.alerting.build import alert_id
from watcher.alerting.review import answered
from watcher.delivery.routing import unwanted
from watcher.model.alerts import Alert, AlertId, Reason
from watcher.model.language import Severity
from watcher.model.polling import Cycle
from watcher.model.review import Action
from watcher.model.routes import Route
from watcher.text.durations import in_words

MOST_TIMES = 3
"""So often is one alert said again, at most."""

REACH = timedelta(days=1)
"""What is older, and was not said again in time because the watcher was away, is left to rest."""


def say_again(
    route: Route,
    alerts: Iterable[Alert],
    actions: Sequence[Action],
    is_said: Callable[[AlertId], bool],
    now: datetime,
) -> Cycle | None:
    """Return the cycle that says again, to one channel, what is critical and unanswered; `alerts` come oldest first.

    Of an incident only the last alert counts: an answer to it answers for those before.
    """
    if route.renotify is None:
        return None
    last = {alert.incident: alert for alert in alerts if _counts(route, alert)}
    open_ones = [alert for alert in last.values() if not answered(alert, actions)]
    due = [
        _repeat(alert, times, route, now)
        for alert in open_ones
        if (times := _times(route.renotify, alert, now))
    ]
    unsaid = tuple(alert for alert in due if not is_said(alert.id))
    return Cycle(alerts=unsaid) if unsaid else None


def _counts(route: Route, alert: Alert) -> bool:
    """Say whether an alert asks for an answer; what was there when watching began does not."""
    is_grave = alert.severity is Severity.CRITICAL and alert.reason is not Reason.SEEDING
    return is_grave and not alert.only and not unwanted(route, alert)


def _times(every: timedelta, alert: Alert, now: datetime) -> int:
    """Return how often an alert is to have been said again by now."""
    return min(MOST_TIMES, max(0, (now - alert.at) // every))


def _repeat(alert: Alert, times: int, route: Route, now: datetime) -> Alert:
    waited = f"Nobody has acknowledged this for {in_words(now - alert.at)} ({times} of {MOST_TIMES}): watcher alerts ack {alert.id}"
    return replace(
        alert,
        id=alert_id(alert.id, Reason.UNACKNOWLEDGED, f"{route.channel}\n{times}"),
        at=now,
        reason=Reason.UNACKNOWLEDGED,
        why=f"{waited}. {alert.why}",
        repeats=alert.id,
        only=route.channel,
    )
