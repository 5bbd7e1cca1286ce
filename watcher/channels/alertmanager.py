"""Alerts in, alerts of a Prometheus Alertmanager out (API v2).

An incident is one alert there, however often it is told: the same labels, which say what it is about, with
the news in its annotations. It fires until its incident closes by itself, as far as is known when it is told;
each later word of it extends that, and what is told late fires for a while all the same. A denial of what no
second origin has confirmed resolves at once, and what says itself that something is over resolves that. Each
feed that is told of is an alert of its own. A label that rises, such as the severity, makes another alert:
the older one resolves by its own time.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Self

from watcher.channels.given import one_url
from watcher.channels.posting import Poster
from watcher.delivery.render import alert_line, one_line, safe_link, subject, text
from watcher.model.alerts import Alert, ChannelId, Confidence, Reason
from watcher.model.language import Severity
from watcher.model.settings import ChannelSpec
from watcher.ports import Clock

_PATH = "/api/v2/alerts"
_LASTS = timedelta(hours=24)
"""For how long an alert fires that is about no incident, or about one that does not close by time."""

_SKEW = timedelta(minutes=1)
"""By how much the clock of Alertmanager may be late: what ends in its future does not resolve there."""

_LATE_LASTS = timedelta(hours=1)
"""For how long an alert fires at least that reaches Alertmanager when its incident may be over already."""

_ENDS = {
    Reason.RECOVERED: (Severity.HIGH,),
    Reason.FEED_RECOVERED: (Severity.MEDIUM, Severity.HIGH),
    Reason.LEVEL_FELL: (Severity.LOW, Severity.MEDIUM, Severity.HIGH),
}
"""What says itself that something is over, with the severities that it had."""

_LABELS = ("kind", "severity", "category", "indicator", "incident", "subject", "feed")
_LONGEST = 300


class AlertmanagerChannel:
    """Posts alerts to one Alertmanager."""

    KEYS = ("url", "url_file")

    @classmethod
    def opened(cls, spec: ChannelSpec, clock: Clock) -> tuple[Self]:
        """Return the one channel of a table."""
        return (cls(spec.id, one_url(spec), clock=clock),)

    def __init__(self, channel: ChannelId, url: str, *, clock: Clock) -> None:
        self.id = channel
        self._clock = clock
        server = url.rstrip("/").removesuffix(_PATH)
        self._poster = Poster(
            channel, f"{server}{_PATH}", "an Alertmanager needs its address, such as http://alertmanager:9093"
        )

    def send(self, alert: Alert, also: Sequence[Alert] = ()) -> None:
        """Post the alert with those told with it; returning means that Alertmanager took them.

        Raises:
            DeliveryError: it did not; permanent when the same post would be refused again.
        """
        now = self._clock()
        described = [(alert, text(alert, also)), *((each, text(each)) for each in also)]
        described.sort(key=lambda each: each[0].at)  # the last word of an incident is what holds
        posts = [post for each, description in described for post in _posts(each, description, now)]
        self._poster.post(json.dumps(posts, ensure_ascii=False).encode(), now)


def _posts(alert: Alert, description: str, now: datetime) -> Iterator[Mapping[str, object]]:
    """Yield the alerts of Alertmanager that an alert makes or ends: one for each feed that it is about."""
    line, link, end = alert_line(alert), safe_link(alert.context.link), _end(alert, now)
    notes = {
        "summary": subject(alert),
        "description": description,
        "alert": alert.id,
        "reason": alert.reason.value,
    } | ({"link": link} if link else {})
    for severity in _ENDS.get(alert.reason, (alert.severity,)):
        for feed in alert.feeds or ("",):
            values = line | {"severity": severity.word, "feed": feed}
            labels = {name: one_line(str(values.get(name) or ""), _LONGEST) for name in _LABELS}
            yield {
                "labels": {"alertname": f"provocation-watcher {alert.kind.value}"}
                | {name: value for name, value in labels.items() if value},
                "annotations": notes,
                "startsAt": _time(min(alert.at, end)),
                "endsAt": _time(end),
            } | ({"generatorURL": link} if link else {})


def _end(alert: Alert, now: datetime) -> datetime:
    is_confirmed = alert.context.confidence is Confidence.CORROBORATED
    if alert.reason in _ENDS or (alert.reason is Reason.DENIED and not is_confirmed):
        return alert.at - _SKEW
    return max(alert.context.closes or alert.at + _LASTS, now + _LATE_LASTS)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
