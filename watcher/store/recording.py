"""A cycle in, its rows written; the caller holds the transaction.

Everything may be written again without harm: rows are keyed by identities that come from content, an item
never goes back to an earlier revision, and an alert that is there already is neither written nor delivered
again.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

from watcher.model.alerts import Alert, Delivery, Incident
from watcher.model.news import FeedId, Item
from watcher.model.polling import Cycle, Poll
from watcher.model.review import Action
from watcher.model.subscription import Subscription
from watcher.store import pruning, rows, search
from watcher.store.values import stamp, storable, to_json

POLLS_KEPT = 200
"""How many polls of a feed are remembered."""


def _insert(table: str, columns: str, *, on_conflict: str) -> str:
    places = ", ".join("?" * (columns.count(",") + 1))
    return f"INSERT INTO {table} ({columns}) VALUES ({places}) ON CONFLICT {on_conflict}"  # noqa: S608  our own words only


def _replacing(columns: str, key: str, guard: str = "") -> str:
    changes = ", ".join(
        f"{name} = excluded.{name}" for name in columns.split(", ") if name not in key.split(", ")
    )
    return f"({key}) DO UPDATE SET {changes} {guard}"


_FEED = _insert("feeds", rows.FEED_COLUMNS, on_conflict=_replacing(rows.FEED_COLUMNS, "feed"))
_POLL = _insert("polls", rows.POLL_COLUMNS, on_conflict=_replacing(rows.POLL_COLUMNS, "feed, at"))
_ITEM = _insert(
    "items",
    rows.ITEM_COLUMNS,
    on_conflict=_replacing(rows.ITEM_COLUMNS, "id", "WHERE excluded.revision >= items.revision"),
)
_HIT = _insert(
    "hits", rows.HIT_COLUMNS, on_conflict=_replacing(rows.HIT_COLUMNS, "item, indicator, revision")
)
_DECISION = _insert("decisions", rows.DECISION_COLUMNS, on_conflict="DO NOTHING")
_ALERT = _insert("alerts", rows.ALERT_COLUMNS, on_conflict="(id) DO NOTHING")
_LEVEL = _insert("levels", rows.LEVEL_COLUMNS, on_conflict="(subject, since, level) DO NOTHING")
_ACTION = _insert("actions", rows.ACTION_COLUMNS, on_conflict="(id) DO NOTHING")
_SUBSCRIPTION = _insert(
    "subscriptions", rows.SUBSCRIPTION_COLUMNS, on_conflict=_replacing(rows.SUBSCRIPTION_COLUMNS, "feed")
)
_KEEP_REVISION = f"""
    INSERT INTO revisions ({rows.ITEM_COLUMNS}) SELECT {rows.ITEM_COLUMNS} FROM items WHERE id = ? AND revision < ? ON CONFLICT DO NOTHING
"""  # noqa: S608  our own words only
_FORGET_POLLS = "DELETE FROM polls WHERE feed = ? AND at <= (SELECT at FROM polls WHERE feed = ? ORDER BY at DESC LIMIT 1 OFFSET ?)"
_INCIDENT = """
    INSERT INTO incidents (id, opened, updated, held, closed, version, body) VALUES (?, ?, ?, ?, ?, 1, ?)
    ON CONFLICT (id) DO UPDATE SET opened = excluded.opened, updated = excluded.updated, held = excluded.held,
        closed = excluded.closed, version = version + 1, body = excluded.body
"""
_DELIVERY = """
    INSERT INTO deliveries (channel, alert, state, attempts, next_try, settled, error)
    SELECT ?, seq, ?, ?, ?, at, ? FROM alerts WHERE id = ? ON CONFLICT DO NOTHING
"""


def write_cycle(connection: sqlite3.Connection, cycle: Cycle, deliveries: Sequence[Delivery]) -> None:
    """Write every row of a cycle, and the deliveries of its new alerts."""
    connection.executemany(_FEED, map(rows.feed_row, cycle.states))
    _write_polls(connection, cycle.polls)
    _write_items(connection, cycle.items)
    connection.executemany(_HIT, map(rows.hit_row, cycle.hits))
    _write_incidents(connection, cycle.incidents)
    connection.executemany(_DECISION, map(rows.decision_row, cycle.decisions))
    connection.executemany(_LEVEL, map(rows.level_row, cycle.levels))
    new = {alert.id for alert in cycle.alerts if _write_alert(connection, alert)}
    _write_deliveries(connection, (delivery for delivery in deliveries if delivery.alert.id in new))
    for name, value in cycle.notes.items():
        write_note(connection, name, value)


def write_note(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Write one value of the service itself."""
    connection.execute("REPLACE INTO notes (name, value) VALUES (?, ?)", (storable(name), storable(value)))


def write_action(connection: sqlite3.Connection, action: Action) -> None:
    """Write what a reviewer did."""
    connection.execute(_ACTION, rows.action_row(action))


def write_subscription(connection: sqlite3.Connection, subscription: Subscription) -> None:
    """Write what a hub was asked for."""
    connection.execute(_SUBSCRIPTION, rows.subscription_row(subscription))


def forget_subscription(connection: sqlite3.Connection, feed: FeedId) -> None:
    """Remove what a hub was asked for."""
    connection.execute("DELETE FROM subscriptions WHERE feed = ?", (storable(feed),))


def write_call(connection: sqlite3.Connection, feed: FeedId, at: datetime) -> None:
    """Write when the hub of a feed called; a cycle never writes this column, so that no call is overwritten."""
    connection.execute("UPDATE feeds SET called = ? WHERE feed = ?", (stamp(at), storable(feed)))


def _write_polls(connection: sqlite3.Connection, polls: Sequence[Poll]) -> None:
    connection.executemany(_POLL, map(rows.poll_row, polls))
    feeds = {storable(poll.feed) for poll in polls}
    connection.executemany(_FORGET_POLLS, [(feed, feed, POLLS_KEPT) for feed in feeds])


def _write_items(connection: sqlite3.Connection, items: Sequence[Item]) -> None:
    for item in items:
        if item.revision:
            connection.execute(_KEEP_REVISION, (storable(item.id), item.revision))
    names = dict.fromkeys(item.id for item in items)
    search.take_out(connection, names)
    pruning.remember(connection, names)
    connection.executemany(_ITEM, map(rows.item_row, items))
    search.put_in(connection, names)


def _write_incidents(connection: sqlite3.Connection, incidents: Sequence[Incident]) -> None:
    for incident in incidents:
        name, opened, updated = storable(incident.id), stamp(incident.opened), stamp(incident.updated)
        held, closed = (
            incident.held.reason if incident.held else None,
            stamp(incident.closed) if incident.closed else None,
        )
        connection.execute(_INCIDENT, (name, opened, updated, held, closed, to_json(incident)))


def _write_alert(connection: sqlite3.Connection, alert: Alert) -> bool:
    """Write an alert; return whether it is new."""
    return bool(connection.execute(_ALERT, rows.alert_row(alert)).rowcount)


def _write_deliveries(connection: sqlite3.Connection, deliveries: Iterable[Delivery]) -> None:
    connection.executemany(
        _DELIVERY,
        (
            (
                storable(each.channel),
                each.state,
                each.attempts,
                stamp(each.next_try),
                storable(each.error),
                storable(each.alert.id),
            )
            for each in deliveries
        ),
    )
