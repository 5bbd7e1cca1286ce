"""Values for tests, with everything a test does not care about filled in."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from watcher.model.alerts import Alert, AlertId, AlertItem, Kind, Level, Reason
from watcher.model.language import Claim, Severity
from watcher.model.news import ItemId

NOON = datetime(2026, 10, 10, 12, 0, tzinfo=UTC)


def an_alert_item(
    title: str, *, feed: str = "wire-en", owner: str = "wire", url: str = "https://wire.example/1", minutes: float = 0
) -> AlertItem:
    """Return an item as an alert shows it, seen some minutes after noon and published two minutes before that."""
    seen = NOON + timedelta(minutes=minutes)
    return AlertItem(
        id=ItemId(f"{feed}/{title}"),
        feed=feed,
        owner=owner,
        title=title,
        url=url,
        published=seen - timedelta(minutes=2),
        seen=seen,
        lang="en",
    )


def an_alert(
    title: str = "North Korea fires suspected ICBM, Seoul says",
    *,
    alert_id: str = "a1",
    at: datetime = NOON,
    why: str = "New: ICBM test, occurred according to jcs.",
    evidence: tuple[str, ...] = ("north korea", "icbm", "fires"),
    items: tuple[AlertItem, ...] | None = None,
    details: Mapping[str, str] | None = None,
) -> Alert:
    """Return an alert about a suspected ICBM test."""
    return Alert(
        id=AlertId(alert_id),
        at=at,
        kind=Kind.INCIDENT,
        reason=Reason.NEW,
        indicator="icbm-launch",
        category="provocation",
        severity=Severity.CRITICAL,
        claim=Claim.OCCURRED,
        level=Level.CRITICAL,
        incident="icbm-launch@2026-10-10T12:00:00Z",
        title=title,
        why=why,
        evidence=evidence,
        origins=("jcs",),
        owners=1,
        items=(an_alert_item(title),) if items is None else items,
        details=details or {},
    )
