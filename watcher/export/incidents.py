"""Listed incidents in, the same for other programs out: JSON, CSV for a spreadsheet, an Atom feed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from watcher.alerting.review import review_dict
from watcher.delivery.render import one_line
from watcher.export.feed import FeedEntry, as_feed
from watcher.export.spreadsheet import csv_line
from watcher.model.listing import ListedIncident

_COLUMNS = (
    "id", "at", "opened", "updated", "closed", "severity", "indicator", "claim", "confidence", "title",
    "items", "owners", "origins", "alerts", "states",
)  # fmt: skip
_TITLE = 300


def incident_dict(listed: ListedIncident) -> dict[str, Any]:
    """Return the JSON form of a listed incident; times are UTC with `Z`."""
    incident = listed.incident
    return {
        "id": incident.id,
        "at": _utc(listed.at),
        "opened": _utc(incident.opened),
        "updated": _utc(incident.updated),
        "closed": _utc(incident.closed),
        "severity": incident.severity.word,
        "indicator": incident.indicator,
        "claim": incident.claim.value,
        "denied": incident.denied,
        "confidence": incident.confidence.word,
        "title": one_line(incident.title, _TITLE),
        "items": incident.items,
        "owners": sorted(incident.owners),
        "origins": sorted(incident.origins),
        "alerts": listed.alerts,
        "answered": listed.answered,
        "review": _plain(review_dict(listed.review)),
    }


def incidents_csv(shown: Iterable[ListedIncident]) -> Iterator[str]:
    """Yield a line of column names, and a line for each incident."""
    yield csv_line(_COLUMNS)
    for each in shown:
        line = incident_dict(each)
        line |= {name: ", ".join(line[name]) for name in ("owners", "origins")}
        line["states"] = ", ".join(state.value for state in each.review.states)
        yield csv_line("" if line[name] is None else str(line[name]) for name in _COLUMNS)


def incidents_feed(shown: Sequence[ListedIncident], address: str) -> bytes:
    """Return an Atom feed of incidents; `address` is where the page is, and entries link to it."""
    entries = [
        FeedEntry(
            kind="incident",
            name=each.incident.id,
            title=f"[{each.incident.severity.word.upper()}] {one_line(each.incident.title, _TITLE)}",
            text=f"{each.incident.indicator}: {each.incident.claim.value}, {each.incident.confidence.word}, "
            f"{each.incident.items} reports from {len(each.incident.owners)} publishers",
            published=each.incident.opened,
            updated=each.at,
            terms=(each.incident.severity.word, each.incident.indicator),
            link=f"{address}/incidents/{each.incident.id}",
        )
        for each in shown
    ]
    return as_feed("incidents", "Incidents of provocation-watcher", entries)


def _utc(at: datetime | None) -> str | None:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def _plain(value: Any) -> Any:
    """Return a value with its times as texts."""
    if isinstance(value, datetime):
        return _utc(value)
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return value
