"""Deliveries in the order of their alerts: taken, settled, taken up again."""

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from itertools import takewhile

from watcher.model.alerts import ChannelId, Delivery, DeliveryState
from watcher.store import rows
from watcher.store.values import moment, stamp, storable

_PENDING = """
    SELECT deliveries.alert AS seq, attempts, next_try, lease_until, settled, error, body
    FROM deliveries JOIN alerts ON alerts.seq = deliveries.alert
    WHERE channel = ? AND state = 'pending' ORDER BY deliveries.alert LIMIT ?
"""
_FIRST_WAITING = """
    SELECT channel, min(deliveries.alert) AS seq, attempts, next_try, lease_until, error, body
    FROM deliveries JOIN alerts ON alerts.seq = deliveries.alert WHERE state = 'pending' GROUP BY channel ORDER BY channel
"""
_LEASE = "UPDATE deliveries SET lease_until = ? WHERE channel = ? AND alert = ?"
_SETTLE = """
    UPDATE deliveries SET state = ?, attempts = ?, next_try = ?, error = ?, lease_until = NULL, settled = ?
    WHERE channel = ? AND alert = (SELECT seq FROM alerts WHERE id = ?)
"""
_LET_GO_BEHIND = """
    UPDATE deliveries SET lease_until = NULL
    WHERE channel = ? AND state = 'pending' AND alert > (SELECT seq FROM alerts WHERE id = ?)
"""
_RELEASE = "UPDATE deliveries SET lease_until = NULL WHERE state = 'pending' AND lease_until IS NOT NULL"
_RETRY_DEAD = """
    UPDATE deliveries SET state = 'pending', attempts = 0, next_try = (SELECT at FROM alerts WHERE seq = deliveries.alert)
    WHERE channel = ? AND state = 'dead'
"""
_COUNT = "SELECT channel, state, count(*) FROM deliveries GROUP BY channel, state ORDER BY channel"


def release(connection: sqlite3.Connection) -> None:
    """Let go of every lease."""
    connection.execute(_RELEASE)


def lease(connection: sqlite3.Connection, channel: ChannelId, now: datetime, until: datetime, limit: int) -> list[Delivery]:
    """Hold the first due deliveries of a channel; one that is not due holds back all that come after it."""
    name, present = storable(channel), stamp(now)
    waiting = connection.execute(_PENDING, (name, limit)).fetchall()
    due = list(takewhile(lambda row: _is_due(row, present), waiting))
    connection.executemany(_LEASE, [(stamp(until), name, row["seq"]) for row in due])
    return [_delivery(row, channel) for row in due]


def settle(connection: sqlite3.Connection, delivery: Delivery, now: datetime) -> None:
    """Write how a delivery ended and let go of it; one that must wait lets go of those behind it too, as they wait with it."""
    name, alert = storable(delivery.channel), storable(delivery.alert.id)
    ended = (delivery.state, delivery.attempts, stamp(delivery.next_try), storable(delivery.error), stamp(now))
    connection.execute(_SETTLE, (*ended, name, alert))
    if delivery.state is DeliveryState.PENDING:
        connection.execute(_LET_GO_BEHIND, (name, alert))


def retry_dead(connection: sqlite3.Connection, channel: ChannelId) -> int:
    """Make the dead deliveries of a channel due again, with all their tries; return how many."""
    return connection.execute(_RETRY_DEAD, (storable(channel),)).rowcount


def count(connection: sqlite3.Connection) -> Mapping[ChannelId, Mapping[str, int]]:
    """Return how many deliveries stand in each state, zeros too, by channel."""
    counted: dict[ChannelId, dict[str, int]] = {}
    for channel, state, number in connection.execute(_COUNT):
        counted.setdefault(ChannelId(channel), {known.value: 0 for known in DeliveryState})[state] = number
    return counted


def first_waiting(connection: sqlite3.Connection) -> list[Delivery]:
    """Return the first pending delivery of every channel that has one."""
    return [_delivery(row, ChannelId(row["channel"])) for row in connection.execute(_FIRST_WAITING)]


def _is_due(row: sqlite3.Row, present: str) -> bool:
    """Say whether to try a delivery now; one last tried in the future was tried by a clock that was set back, and nobody waits for it."""
    waits = row["attempts"] and row["settled"] <= present < row["next_try"]
    return not waits and (row["lease_until"] is None or row["lease_until"] <= present)


def _delivery(row: sqlite3.Row, channel: ChannelId) -> Delivery:
    return Delivery(alert=rows.alert(row), channel=channel, attempts=row["attempts"], next_try=moment(row["next_try"]), error=row["error"])
