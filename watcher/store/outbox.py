"""Deliveries in the order of their alerts: taken, settled, taken up again."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import takewhile

from watcher.model.alerts import AlertId, ChannelId, Delivery, DeliveryState
from watcher.store import rows
from watcher.store.values import moment, stamp, storable, to_json

# `settled` is when a delivery was last posted or tried. One that this says of the future knows a clock that
# was set back since, and nobody waits for that clock. What waits without an error waits for its hour, and
# keeps back no other. Left to itself, SQLite looks through all that a channel ever got: its key has the order
# that is asked for.
_PENDING = """
    SELECT channel, deliveries.alert AS seq, state, attempts, next_try, lease_until, settled, error, body
    FROM deliveries INDEXED BY deliveries_pending JOIN alerts ON alerts.seq = deliveries.alert
    WHERE channel = :channel AND state = 'pending'
        AND NOT (error = '' AND settled IS NOT NULL AND settled <= :now AND next_try > :now)
    ORDER BY deliveries.alert LIMIT :limit
"""
_FIRST_WAITING = """
    SELECT channel, min((error = '') << 60 | deliveries.alert), state, attempts, next_try, error, body
    FROM deliveries JOIN alerts ON alerts.seq = deliveries.alert WHERE state = 'pending' GROUP BY channel ORDER BY channel
"""
_OF_ALERT = """
    SELECT channel, state, attempts, next_try, error, body
    FROM deliveries JOIN alerts ON alerts.seq = deliveries.alert WHERE alerts.id = ? ORDER BY channel
"""
_GIVEN_UP = """
    SELECT deliveries.channel, state, attempts, next_try, error, body
    FROM (SELECT channel, max(alert) AS alert FROM deliveries WHERE state = 'dead' GROUP BY channel) AS last
    JOIN deliveries ON deliveries.channel = last.channel AND deliveries.alert = last.alert
    JOIN alerts ON alerts.seq = last.alert ORDER BY deliveries.channel
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
    UPDATE deliveries SET state = 'pending', attempts = 0, error = '', next_try = (SELECT at FROM alerts WHERE seq = deliveries.alert)
    WHERE channel = ? AND state = 'dead'
"""
_ABANDON = """
    UPDATE deliveries SET state = 'dead', error = ?, lease_until = NULL
    WHERE state = 'pending' AND channel NOT IN (SELECT value FROM json_each(?))
"""
_FORGET_DEAD = "DELETE FROM deliveries WHERE channel = ? AND state = 'dead'"
_DEAD = "SELECT channel, count(*) FROM deliveries INDEXED BY deliveries_dead WHERE state = 'dead' GROUP BY channel"
_COUNT = "SELECT channel, state, count(*) FROM deliveries GROUP BY channel, state ORDER BY channel"


def release(connection: sqlite3.Connection) -> None:
    """Let go of every lease."""
    connection.execute(_RELEASE)


def lease(
    connection: sqlite3.Connection, channel: ChannelId, now: datetime, until: datetime, limit: int
) -> list[Delivery]:
    """Hold the first due deliveries of a channel; one that waits after a failure holds back all that come after it."""
    name, present = storable(channel), stamp(now)
    waiting = connection.execute(_PENDING, {"channel": name, "now": present, "limit": limit}).fetchall()
    due = list(takewhile(lambda row: _is_due(row, present), waiting))
    connection.executemany(_LEASE, [(stamp(until), name, row["seq"]) for row in due])
    return [_delivery(row) for row in due]


def settle(connection: sqlite3.Connection, delivery: Delivery, now: datetime) -> None:
    """Write how a delivery ended and let go of it; one that failed and waits lets go of those behind it too, as they wait with it."""
    name, alert = storable(delivery.channel), storable(delivery.alert.id)
    ended = (
        delivery.state,
        delivery.attempts,
        stamp(delivery.next_try),
        storable(delivery.error),
        stamp(now),
    )
    connection.execute(_SETTLE, (*ended, name, alert))
    if delivery.state is DeliveryState.PENDING and delivery.error:
        connection.execute(_LET_GO_BEHIND, (name, alert))


def retry_dead(connection: sqlite3.Connection, channel: ChannelId) -> int:
    """Make the dead deliveries of a channel due again, with all their tries; return how many."""
    return connection.execute(_RETRY_DEAD, (storable(channel),)).rowcount


def abandon(connection: sqlite3.Connection, kept: Sequence[ChannelId], why: str) -> int:
    """Give up what is pending for channels other than `kept`; return how many deliveries that were."""
    return connection.execute(_ABANDON, (storable(why), to_json(tuple(kept)))).rowcount


def forget_dead(connection: sqlite3.Connection, channel: ChannelId) -> int:
    """Remove the dead deliveries of a channel; return how many there were."""
    return connection.execute(_FORGET_DEAD, (storable(channel),)).rowcount


def of_alert(connection: sqlite3.Connection, alert: AlertId) -> list[Delivery]:
    """Return the deliveries of an alert, by channel."""
    return [_delivery(row) for row in connection.execute(_OF_ALERT, (storable(alert),))]


def count(connection: sqlite3.Connection) -> Mapping[ChannelId, Mapping[str, int]]:
    """Return how many deliveries stand in each state, zeros too, by channel."""
    counted: dict[ChannelId, dict[str, int]] = {}
    for channel, state, number in connection.execute(_COUNT):
        counted.setdefault(ChannelId(channel), {known.value: 0 for known in DeliveryState})[state] = number
    return counted


def first_waiting(connection: sqlite3.Connection) -> list[Delivery]:
    """Return the first pending delivery of every channel that has one, or the one that failed: the others wait behind that."""
    return [_delivery(row) for row in connection.execute(_FIRST_WAITING)]


def given_up(connection: sqlite3.Connection) -> list[Delivery]:
    """Return the last dead delivery of every channel that has one."""
    return [_delivery(row) for row in connection.execute(_GIVEN_UP)]


def dead(connection: sqlite3.Connection) -> Mapping[ChannelId, int]:
    """Return how many deliveries are dead, by channel; one without is not in it."""
    return {ChannelId(channel): number for channel, number in connection.execute(_DEAD)}


def _is_due(row: sqlite3.Row, present: str) -> bool:
    waits = row["settled"] is not None and row["settled"] <= present < row["next_try"]
    return not waits and (row["lease_until"] is None or row["lease_until"] <= present)


def _delivery(row: sqlite3.Row) -> Delivery:
    return Delivery(
        alert=rows.alert(row),
        channel=ChannelId(row["channel"]),
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        next_try=moment(row["next_try"]),
        error=row["error"],
    )
