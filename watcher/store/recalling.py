"""A store and the alert log in, what the log has and the store has not out: recorded as it was given.

So that a store that was restored from a backup tells nothing twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from watcher.model.alerts import ALERT_LOG, Alert, Delivery, DeliveryState, Kind
from watcher.pipeline import Rules, assess_board, hits_of
from watcher.ports import Database
from watcher.store.lines import alert_of_line
from watcher.store.rebuild import Backup, rebuild

_EARLIEST = datetime.min.replace(tzinfo=UTC)
_MARGIN = timedelta(days=1)
"""How long before the last thing that a store knows the alert log is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """The last moment that the store knew, what the log added, and lines of it that are no alerts.

    `aside` is where an old database is now that was replaced.
    """

    known_until: datetime | None
    alerts: int
    unreadable: int
    aside: Path | None = None


def recall(store: Database, log: Path, rules: Rules) -> Recalled:
    """Record the alerts of the log that a store lacks; nobody else may be using it."""
    until = _known_until(store)
    lines = list(_lines(log, until - _MARGIN if until else _EARLIEST))
    alerts = [
        alert for alert in lines if alert and alert.kind is not Kind.TEST and store.alert(alert.id) is None
    ]
    _remember(store, sorted(alerts, key=lambda alert: alert.at), rules)
    return Recalled(known_until=until, alerts=len(alerts), unreadable=lines.count(None))


def _known_until(store: Database) -> datetime | None:
    """Return the last moment that a database tells of."""
    moments = [poll.at for poll in store.latest_polls().values()] + [
        alert.at for alert in store.alerts(limit=1)
    ]
    return max(moments, default=None)


def _lines(log: Path, since: datetime) -> Iterator[Alert | None]:
    """Yield the alerts of the log that were given at or after a moment; None for a line that is none."""
    for file in sorted(log.glob("*.jsonl")):
        if file.stem >= f"{since:%Y-%m-%d}":
            yield from filter(
                lambda alert: alert is None or alert.at >= since,
                map(alert_of_line, file.read_bytes().splitlines()),
            )


def _remember(store: Database, alerts: list[Alert], rules: Rules) -> None:
    """Record alerts as given, and what they tell of as known."""
    backup = Backup(
        incidents={incident.id: incident for incident in store.open_incidents(_EARLIEST)},
        items={item.id for alert in alerts for item in alert.items if store.item(item.id)},
        match=partial(hits_of, rules=rules),
        joinings=rules.joinings,
        vocabulary=rules.vocabulary,
    )
    cycle = rebuild(alerts, backup)
    given = [
        Delivery(alert=alert, channel=ALERT_LOG, state=DeliveryState.DELIVERED, attempts=1, next_try=alert.at)
        for alert in alerts
    ]
    store.record(cycle, given)
    if alerts and (board := assess_board(rules, store, alerts[-1].at)):
        store.record(
            replace(board, alerts=()), ()
        )  # the log does not have the changes of the board that nobody was told of
