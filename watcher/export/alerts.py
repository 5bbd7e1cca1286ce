"""Alerts in, a file for other programs out: CSV for a spreadsheet, an Atom feed, JSON Lines for all else."""

from collections.abc import Iterable, Iterator

from watcher.delivery.render import alert_json, alert_line, html, safe_link, subject
from watcher.export.feed import FeedEntry, as_feed
from watcher.export.spreadsheet import csv_line
from watcher.model.alerts import Alert

_COLUMNS = (
    "at", "severity", "kind", "reason", "indicator", "category", "claim", "level", "confidence", "title",
    "why", "evidence", "origins", "owners", "items", "url", "incident", "id",
)  # fmt: skip


def as_csv(alerts: Iterable[Alert]) -> Iterator[str]:
    """Yield a line of column names, and a line for each alert."""
    yield csv_line(_COLUMNS)
    for alert in alerts:
        row = _row(alert)
        yield csv_line(row[column] for column in _COLUMNS)


def as_jsonl(alerts: Iterable[Alert]) -> Iterator[str]:
    """Yield each alert as its line of the alert log."""
    return (f"{alert_json(alert)}\n" for alert in alerts)


def alerts_feed(alerts: Iterable[Alert], address: str) -> bytes:
    """Return an Atom feed of alerts; `address` is that of the page, which entries link to if there is one."""
    entries = [
        FeedEntry(
            kind="alert",
            name=each.id,
            title=subject(each),
            text=html(each),
            is_html=True,
            published=each.at,
            updated=each.at,
            terms=tuple(filter(None, (each.kind.value, each.severity.word, each.indicator))),
            link=f"{address}/alerts/{each.id}" if address else first_link(each),
        )
        for each in alerts
    ]
    return as_feed("alerts", "Alerts of provocation-watcher", entries)


def first_link(alert: Alert) -> str:
    """Return the address of the first item that a person can safely follow, an empty string for none."""
    return next(filter(None, (safe_link(item.url) for item in alert.items)), "")


def _row(alert: Alert) -> dict[str, str]:
    line = alert_line(alert)
    added = {
        "confidence": alert.context.confidence.word if alert.context.confidence is not None else "",
        "claim": alert.claim.value if alert.claim else "",
        "evidence": ", ".join(alert.evidence),
        "origins": ", ".join(alert.origins),
        "items": str(len(alert.items)),
        "url": first_link(alert),
    }
    return {column: added[column] if column in added else str(line[column]) for column in _COLUMNS}
