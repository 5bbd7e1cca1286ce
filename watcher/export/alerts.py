"""Alerts in, the lines of a file for other programs out: CSV for a spreadsheet, JSON Lines for all else."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from watcher.delivery.render import alert_json, alert_line, safe_link
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


FORMATS: Mapping[str, Callable[[Iterable[Alert]], Iterator[str]]] = {"csv": as_csv, "jsonl": as_jsonl}


def _row(alert: Alert) -> dict[str, str]:
    line = alert_line(alert)
    added = {
        "confidence": alert.context.confidence.word if alert.context.confidence is not None else "",
        "claim": alert.claim.value if alert.claim else "",
        "evidence": ", ".join(alert.evidence),
        "origins": ", ".join(alert.origins),
        "items": str(len(alert.items)),
        "url": next(filter(None, (safe_link(item.url) for item in alert.items)), ""),
    }
    return {column: added[column] if column in added else str(line[column]) for column in _COLUMNS}
