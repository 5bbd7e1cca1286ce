"""A database with one incident, told twice and then closed, and what an export takes of it."""

from collections.abc import Iterator
from contextlib import closing as closed_after
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.builders import NOON, a_hit, an_alert, an_alert_item, an_incident, an_item
from watcher.model.alerts import Alert, AlertId, IncidentId, LastAlert, Reason
from watcher.model.news import ItemId
from watcher.model.polling import Cycle
from watcher.store import SqliteStore

KOREAN = '합참 "북한, ICBM 추정 장거리 탄도미사일, 동해상 발사"; 고각 <긴급> & 속보'
NAME = IncidentId("icbm-launch@2026-10-10T12:00:00Z")


def told(title: str = KOREAN, *, number: int = 1, reason: Reason = Reason.NEW) -> Alert:
    """Return an alert about the incident, so many hours after noon."""
    item = an_alert_item(title, minutes=60 * number, url=f"https://wire.example/{number}")
    item = replace(item, id=ItemId(f"wire-en/{number}"), lang="ko")
    at = NOON + timedelta(hours=number, microseconds=250_000)
    alert = an_alert(title, alert_id=f"{number:020x}", at=at, incident=NAME, items=(item,))
    return replace(alert, reason=reason, indicator_title="ICBM test")


def record(store: SqliteStore, *alerts: Alert) -> None:
    """Record alerts about the incident."""
    for alert in alerts:
        item = an_item(alert.title, guid=alert.id)
        last = LastAlert(
            at=alert.at, severity=alert.severity, claim=alert.claim or an_incident().claim, step=4,
            confidence=an_incident().confidence,
        )  # fmt: skip
        known = store.incident(NAME) or an_incident(NAME)
        incident = replace(known, title=alert.title, updated=alert.at, items=known.items + 1, told=last)
        hit = replace(a_hit(item), incident=NAME)
        store.record(Cycle(items=(item,), hits=(hit,), incidents=(incident,), alerts=(alert,)), [])


def close(store: SqliteStore) -> None:
    """Close the incident two days after noon."""
    known = store.incident(NAME)
    assert known is not None
    store.record(Cycle(incidents=(replace(known, closed=NOON + timedelta(days=2)),)), [])


@contextmanager
def database(folder: Path) -> Iterator[SqliteStore]:
    """Open the database of a data folder for writing."""
    with closed_after(SqliteStore.open(folder / "watcher.db")) as store:
        yield store


def ids(alerts: tuple[Alert, ...]) -> list[AlertId]:
    """Return the ids of alerts."""
    return [each.id for each in alerts]
