"""Deliveries in the order of their alerts: taken, settled, taken up again."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count, takewhile
from socket import gethostname

from watcher.model.alerts import Alert, AlertId, ChannelId, Delivery, DeliveryState
from watcher.ports import Outbox, OutboxAdmin, OutboxStatus
from watcher.store import rows
from watcher.store.connection import Connected
from watcher.store.values import from_json, moment, stamp, storable, to_json

# `settled` is when a delivery was last posted or tried. One that this says of the future knows a clock that
# was set back since, and nobody waits for that clock. What waits, for its hour or its next try, keeps back no
# other. Left to itself, SQLite looks through all that a channel ever got: its key has the order that is asked
# for.
_PENDING = """
    SELECT channel, deliveries.alert AS seq, state, attempts, next_try, holder, lease_until, settled, error,
        told_with, body
    FROM deliveries INDEXED BY deliveries_pending JOIN alerts ON alerts.seq = deliveries.alert
    WHERE channel = :channel AND state = 'pending'
        AND NOT (settled IS NOT NULL AND settled <= :now AND next_try > :now)
    ORDER BY deliveries.alert LIMIT :limit
"""
_FIRST_WAITING = """
    SELECT deliveries.channel, state, attempts, next_try, error, told_with, holder, body
    FROM (
        SELECT channel, coalesce(min(alert) FILTER (WHERE error <> ''), min(alert)) AS alert
        FROM deliveries WHERE state = 'pending' GROUP BY channel
    ) AS first
    JOIN deliveries ON deliveries.channel = first.channel AND deliveries.alert = first.alert
    JOIN alerts ON alerts.seq = first.alert ORDER BY deliveries.channel
"""
_OF_ALERT = """
    SELECT channel, state, attempts, next_try, error, told_with, holder, body
    FROM deliveries JOIN alerts ON alerts.seq = deliveries.alert WHERE alerts.id = ? ORDER BY channel
"""
_LAST_DEAD = """
    SELECT deliveries.channel, state, attempts, next_try, error, told_with, holder, body
    FROM (SELECT channel, max(alert) AS alert FROM deliveries WHERE state = 'dead' GROUP BY channel) AS last
    JOIN deliveries ON deliveries.channel = last.channel AND deliveries.alert = last.alert
    JOIN alerts ON alerts.seq = last.alert ORDER BY deliveries.channel
"""
_LEASE = "UPDATE deliveries SET holder = ?, lease_until = ? WHERE channel = ? AND alert = ?"
_SETTLE = """
    UPDATE deliveries SET state = ?, attempts = ?, next_try = ?, error = ?, told_with = ?, settled = ?,
        holder = '', lease_until = NULL
    WHERE channel = ? AND holder = ? AND alert = (SELECT seq FROM alerts WHERE id = ?)
"""
_TOLD = """
    SELECT body FROM alerts JOIN deliveries ON deliveries.alert = alerts.seq
    WHERE alerts.at >= ? AND channel = ? AND state = 'delivered' ORDER BY alerts.seq
"""
_LET_GO = """
    UPDATE deliveries SET holder = '', lease_until = NULL
    WHERE channel = ? AND state = 'pending' AND holder = ? AND lease_until IS NOT NULL
"""
_HASTEN = (
    "UPDATE deliveries SET next_try = :now WHERE channel = :channel AND state = 'pending' AND error <> ''"
)
_RELEASE = """
    UPDATE deliveries SET holder = '', lease_until = NULL WHERE state = 'pending' AND lease_until IS NOT NULL
"""
_RETRY_DEAD = """
    UPDATE deliveries SET state = 'pending', attempts = 0, error = '',
        next_try = (SELECT at FROM alerts WHERE seq = deliveries.alert)
    WHERE channel = ? AND state = 'dead'
"""
_ABANDON = """
    UPDATE deliveries SET state = 'dead', error = ?, holder = '', lease_until = NULL
    WHERE state = 'pending' AND channel NOT IN (SELECT value FROM json_each(?))
"""
_INHERIT = """
    INSERT INTO deliveries (channel, alert, state, attempts, next_try, error, settled)
    SELECT heir.value, alert, 'pending', 0, alerts.at, '', settled
    FROM deliveries JOIN alerts ON alerts.seq = deliveries.alert CROSS JOIN json_each(:heirs) AS heir
    WHERE channel = :gone AND state = 'pending' ON CONFLICT DO NOTHING
"""
_LEAVE = """
    DELETE FROM deliveries WHERE channel = :gone AND state = 'pending' AND alert IN (
        SELECT alert FROM deliveries
        WHERE state = 'pending' AND channel IN (SELECT value FROM json_each(:heirs))
    )
"""
_FORGET_DEAD = "DELETE FROM deliveries WHERE channel = ? AND state = 'dead'"
_DEAD = """
    SELECT channel, count(*) FROM deliveries INDEXED BY deliveries_dead WHERE state = 'dead' GROUP BY channel
"""
_COUNT = "SELECT channel, state, count(*) FROM deliveries GROUP BY channel, state ORDER BY channel"
_DIGESTED = "SELECT until FROM digests WHERE channel = ?"

_NUMBERS = count(1)


class OutboxTables(Connected, Outbox, OutboxAdmin, OutboxStatus):
    """Deliveries: handed out, settled, freed, given up, counted."""

    def lease(self, channel: ChannelId, now: datetime, until: datetime, limit: int) -> Sequence[Delivery]:
        name, present = storable(channel), stamp(now)
        holder = f"{gethostname()} {os.getpid()} {next(_NUMBERS)}"
        with self._engine.writing(lasting=False) as connection:  # a start frees what is leased
            self._engine.in_turn(connection, f"lease {name}")
            asked = {"channel": name, "now": present, "limit": limit}
            waiting = connection.execute(_PENDING, asked).fetchall()
            due = list(
                takewhile(lambda row: row["lease_until"] is None or row["lease_until"] <= present, waiting)
            )
            connection.executemany(_LEASE, [(holder, stamp(until), name, row["seq"]) for row in due])
        return [replace(rows.delivery(row), holder=holder) for row in due]

    def settle(self, delivery: Delivery, now: datetime, *others: Delivery) -> bool:
        with self._writing() as connection:
            ended = (delivery, *others)
            held = [each for each in ended if connection.execute(_SETTLE, _ended(each, now)).rowcount]
        return delivery in held

    def let_go(self, delivery: Delivery) -> None:
        self._write(_LET_GO, (storable(delivery.channel), storable(delivery.holder)))

    def hasten(self, channel: ChannelId, now: datetime) -> None:
        self._write(_HASTEN, {"channel": storable(channel), "now": stamp(now)})

    def told(self, channel: ChannelId, since: datetime) -> Sequence[Alert]:
        return [from_json(Alert, row["body"]) for row in self._rows(_TOLD, (stamp(since), storable(channel)))]

    def release(self) -> None:
        self._write(_RELEASE)

    def abandon(self, kept: Sequence[ChannelId], why: str) -> int:
        return self._write(_ABANDON, (storable(why), to_json(tuple(kept))))

    def pass_on(self, gone: ChannelId, heirs: Sequence[ChannelId]) -> int:
        asked = {"gone": storable(gone), "heirs": to_json(tuple(heirs))}
        with self._writing() as connection:
            connection.execute(_INHERIT, asked)
            return connection.execute(_LEAVE, asked).rowcount

    def retry_dead(self, channel: ChannelId) -> int:
        return self._write(_RETRY_DEAD, (storable(channel),))

    def forget_dead(self, channel: ChannelId) -> int:
        return self._write(_FORGET_DEAD, (storable(channel),))

    def deliveries(self, alert: AlertId) -> Sequence[Delivery]:
        return [rows.delivery(row) for row in self._rows(_OF_ALERT, (storable(alert),))]

    def delivery_counts(self) -> Mapping[ChannelId, Mapping[str, int]]:
        counted: dict[ChannelId, dict[str, int]] = {}
        for channel, state, number in self._rows(_COUNT):
            zeros = {known.value: 0 for known in DeliveryState}
            counted.setdefault(ChannelId(channel), zeros)[state] = number
        return counted

    def first_waiting(self) -> Sequence[Delivery]:
        return [rows.delivery(row) for row in self._rows(_FIRST_WAITING)]

    def last_dead(self) -> Sequence[Delivery]:
        return [rows.delivery(row) for row in self._rows(_LAST_DEAD)]

    def dead_counts(self) -> Mapping[ChannelId, int]:
        return {ChannelId(channel): number for channel, number in self._rows(_DEAD)}

    def digested_until(self, channel: ChannelId) -> datetime | None:
        row = self._row(_DIGESTED, (storable(channel),))
        return moment(row["until"]) if row else None


def _ended(delivery: Delivery, now: datetime) -> tuple[str | int, ...]:
    """Return what settling writes of a delivery, and which row that is."""
    return (
        delivery.state,
        delivery.attempts,
        stamp(delivery.next_try),
        storable(delivery.error),
        storable(delivery.told_with),
        stamp(now),
        storable(delivery.channel),
        storable(delivery.holder),
        storable(delivery.alert.id),
    )
