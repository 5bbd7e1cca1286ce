"""Critical alerts and what people did about them in, the repeats of those that nobody has answered out."""

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
"""How often one alert is repeated, at most."""

LOOKBACK = timedelta(days=1)
"""An older alert that was not repeated in time, because the watcher was away, is left alone."""


def renotify(
    route: Route,
    alerts: Iterable[Alert],
    actions: Sequence[Action],
    is_known: Callable[[AlertId], bool],
    now: datetime,
) -> Cycle | None:
    """Return the cycle that repeats, to one channel, the critical alerts that nobody has answered.

    `alerts` come oldest first. Of an incident only the last alert counts: an answer to it answers for
    those before. What was there when watching began asks for no answer.
    """
    if route.renotify is None:
        return None
    last = {
        alert.incident: alert
        for alert in alerts
        if alert.severity is Severity.CRITICAL
        and alert.reason is not Reason.SEEDING
        and not alert.only
        and not unwanted(route, alert)
    }
    repeats = []
    for alert in last.values():
        times = min(MOST_TIMES, (now - alert.at) // route.renotify)
        if times > 0 and not answered(alert, actions):
            repeat = _repeat(alert, times, route, now)
            repeats += [repeat] if not is_known(repeat.id) else []
    return Cycle(alerts=tuple(repeats)) if repeats else None


def _repeat(alert: Alert, times: int, route: Route, now: datetime) -> Alert:
    waited = f"Nobody has acknowledged this for {in_words(now - alert.at)} ({times} of {MOST_TIMES})"
    return replace(
        alert,
        id=alert_id(alert.id, Reason.UNACKNOWLEDGED, f"{route.channel}\n{times}"),
        at=now,
        reason=Reason.UNACKNOWLEDGED,
        why=f"{waited}: watcher alerts ack {alert.id}. {alert.why}",
        repeats=alert.id,
        only=route.channel,
    )
