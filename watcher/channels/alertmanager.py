"""Alerts in, alerts of a Prometheus Alertmanager out (API v2).

An incident is one alert there, however often it is told: the same labels, which say what it is about, with
the news in its annotations. It fires until its incident closes by itself, as far as is known when it is told;
each later word of it extends that. A denial of what no second origin has confirmed, and what says itself that
something is over, resolves at once. A label that rises, such as the severity, makes another alert: the older
one resolves by its own time.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Self

from watcher.channels.given import one_url
from watcher.channels.posting import Poster
from watcher.delivery.render import alert_line, one_line, safe_link, subject, text
from watcher.model.alerts import Alert, ChannelId, Confidence, Reason
from watcher.model.settings import ChannelSpec
from watcher.ports import Clock

_PATH = "/api/v2/alerts"
_LASTS = timedelta(hours=24)
"""For how long an alert fires that is about no incident, or about one that does not close by time."""

_OVER = frozenset({Reason.FEED_RECOVERED, Reason.RECOVERED, Reason.LEVEL_FELL})
_LABELS = ("kind", "severity", "category", "indicator", "incident", "subject")
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
        body = json.dumps([_posted(alert, also), *map(_posted, also)], ensure_ascii=False)
        self._poster.post(body.encode(), self._clock())


def _posted(alert: Alert, also: Sequence[Alert] = ()) -> dict[str, object]:
    line = alert_line(alert)
    labels = {name: one_line(str(line.get(name) or ""), _LONGEST) for name in _LABELS}
    link = safe_link(alert.context.link)
    notes = {
        "summary": subject(alert),
        "description": text(alert, also),
        "alert": alert.id,
        "reason": alert.reason.value,
    }
    posted: dict[str, object] = {
        "labels": {"alertname": f"provocation-watcher {alert.kind.value}"}
        | {name: value for name, value in labels.items() if value},
        "annotations": notes | ({"link": link} if link else {}),
        "startsAt": _time(alert.at),
        "endsAt": _time(_end(alert)),
    }
    return posted | ({"generatorURL": link} if link else {})


def _end(alert: Alert) -> datetime:
    is_confirmed = alert.context.confidence is Confidence.CORROBORATED
    if alert.reason in _OVER or (alert.reason is Reason.DENIED and not is_confirmed):
        return alert.at
    return alert.context.closes or alert.at + _LASTS


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
