"""What the store remembers in, numbers for Prometheus out.

They are read from the database at each scrape, so that they outlive the service and show when it is gone.
Names and units follow the Prometheus conventions: base units, `_total` for what only grows, times as Unix
timestamps.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

import watcher
from watcher.model.alerts import Level
from watcher.nodes.living import Fleet
from watcher.polling.cadence import due_at
from watcher.ports import Database
from watcher.service.health import Health

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_LEVELS = tuple(Level)


def metrics_text(store: Database, health: Health, now: datetime) -> bytes:
    """Return the numbers in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(_Snapshot(store, health, now))
    return generate_latest(registry)


class _Snapshot(Collector):
    """What there is to count at one moment."""

    def __init__(self, store: Database, health: Health, now: datetime) -> None:
        self._store, self._health, self._now = store, health, now

    def collect(self) -> Iterable[Metric]:
        yield from _service(self._health)
        yield from _nodes(self._health.fleet)
        yield from _feeds(self._health)
        yield from _contents(self._store, self._now)


def _service(health: Health) -> Iterator[Metric]:
    yield _labelled("watcher_build_info", "Which version this is.", "version", {watcher.__version__: 1})
    up = int(health.process is not None)
    yield GaugeMetricFamily("watcher_up", "Whether the service is running.", value=up)
    yield GaugeMetricFamily("watcher_healthy", "Whether nothing needs a person.", value=int(health.healthy))
    yield GaugeMetricFamily("watcher_problems", "How many things need a person.", value=len(health.problems))
    if health.last_tick:
        name, what = "watcher_last_tick_timestamp_seconds", "When the last round of polls ended."
        yield GaugeMetricFamily(name, what, value=health.last_tick.timestamp())


def _nodes(fleet: Fleet) -> Iterator[Metric]:
    if not fleet.nodes:
        return
    polls = CounterMetricFamily(
        "watcher_node_polls", "Polls that a node made since its start.", labels=("node",)
    )
    for line in fleet.nodes:
        polls.add_metric((line.sign.name,), line.sign.polls)
    yield polls
    for name, what, value_of in (
        ("up", "Whether a node gave a sign of life lately.", attrgetter("lives")),
        ("share", "The part of the last minutes' polls that a node made.", attrgetter("share")),
        ("clock_ahead_seconds", "What a node's clock is ahead of the database's.", attrgetter("sign.ahead")),
    ):
        values = {line.sign.name: value_of(line) for line in fleet.nodes}
        yield _labelled(f"watcher_node_{name}", what, "node", values)
    what = "How late the feed is that waits longest for a node."
    yield GaugeMetricFamily("watcher_feeds_late_seconds", what, value=fleet.late.total_seconds())


def _feeds(health: Health) -> Iterator[Metric]:
    polled = {feed.id: state for feed, state in health.feeds if state}
    failing = {feed: state for feed, state in polled.items() if state.error}
    states = {"ok": len(polled) - len(failing), "failing": len(failing)}
    states["unpolled"] = len(health.feeds) - len(polled)
    yield _labelled("watcher_feeds", "Feeds by state.", "state", states)
    causes = Counter(state.error.partition(":")[0] for state in failing.values())
    yield _labelled("watcher_feeds_failing", "Feeds that fail, by cause.", "cause", causes)
    for name, what, time_of in (
        ("last_success", "When a feed last answered.", attrgetter("last_ok")),
        ("last_item", "When a feed last brought news.", attrgetter("last_new")),
        ("next_due", "When a feed is to be polled next; one in the past waits.", due_at),
    ):
        times = ((feed, time_of(state)) for feed, state in polled.items())
        yield _times(f"watcher_feed_{name}_timestamp_seconds", what, "feed", times)
    failures = {feed: state.failures for feed, state in polled.items()}
    yield _labelled("watcher_feed_failures", "Polls of a feed that failed in a row.", "feed", failures)


def _contents(store: Database, now: datetime) -> Iterator[Metric]:
    counts = store.counts()
    for table in ("items", "hits", "incidents"):
        yield CounterMetricFamily(f"watcher_{table}", f"How many {table} are stored.", value=counts[table])
    alerts = CounterMetricFamily(
        "watcher_alerts", "Alerts, by kind and severity.", labels=("kind", "severity")
    )
    for (kind, severity), count in store.alert_counts().items():
        alerts.add_metric((kind, severity.word), count)
    yield alerts
    deliveries = GaugeMetricFamily(
        "watcher_deliveries", "Deliveries, by channel and state.", labels=("channel", "state")
    )
    for channel, states in store.delivery_counts().items():
        for state, count in states.items():
            deliveries.add_metric((channel, state), count)
    yield deliveries
    waiting = (
        (first.channel, first.alert.at)
        for first in store.first_waiting()
        if first.error or first.next_try <= now
    )
    name = "watcher_oldest_pending_alert_timestamp_seconds"
    what = "When the first alert was made that waits for more than the hours of its channel."
    yield _times(name, what, "channel", waiting)
    levels = {str(each.subject): _LEVELS.index(each.level) for each in store.board()}
    what = "Level on the board: 0 quiet, 1 watch, 2 elevated, 3 critical."
    yield _labelled("watcher_level", what, "subject", levels)


def _labelled(name: str, what: str, label: str, values: Mapping[Any, float]) -> Metric:
    family = GaugeMetricFamily(name, what, labels=(label,))
    for key, value in values.items():
        family.add_metric((key,), value)
    return family


def _times(name: str, what: str, label: str, times: Iterable[tuple[str, datetime | None]]) -> Metric:
    family = GaugeMetricFamily(name, what, labels=(label,))
    for key, at in times:
        if at:
            family.add_metric((key,), at.timestamp())
    return family
