"""The name of a format in, how a part of the record is written in it out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol
from urllib.parse import urlsplit

from watcher.export.alerts import alerts_feed, as_csv, as_jsonl
from watcher.export.cap import cap_alert, cap_closing
from watcher.export.days import as_calendar, incident_event
from watcher.export.stix import ToldIncident, as_stix
from watcher.model.alerts import BY_HAND, Alert, Decision, Incident, IncidentId, Kind, Reason
from watcher.model.exported import ExportPart


class Records(Protocol):
    """What else is known of the incidents of a part."""

    def incident(self, incident: IncidentId) -> Incident | None:
        """Return one incident."""

    def alerts_of(self, incident: IncidentId) -> Sequence[Alert]:
        """Return the alerts about an incident, oldest first."""
        ...

    def decisions(self, incident: IncidentId) -> Sequence[Decision]:
        """Return what was decided about an incident, oldest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """How a part is written, in pieces of text; the page is at an address, empty if there is none."""

    media_type: str
    write: Callable[[ExportPart, Records, str], Iterator[str]]


def _csv(part: ExportPart, _records: Records, _address: str) -> Iterator[str]:
    return as_csv(part.alerts)


def _jsonl(part: ExportPart, _records: Records, _address: str) -> Iterator[str]:
    return as_jsonl(part.alerts)


def _atom(part: ExportPart, _records: Records, address: str) -> Iterator[str]:
    yield alerts_feed(part.alerts, address).decode()


def _ics(part: ExportPart, records: Records, _address: str) -> Iterator[str]:
    yield as_calendar(*map(incident_event, incidents_of(part, records))).decode()


def _cap(part: ExportPart, records: Records, address: str) -> Iterator[str]:
    sender = _sender(address)
    for alert in part.alerts:
        if not alert.only:
            yield cap_alert(alert, _earlier(alert, records), sender)
    for incident in part.closed:
        if told := told_of(incident.id, records):
            yield cap_closing(incident, told, sender)


def _stix(part: ExportPart, records: Records, address: str) -> Iterator[str]:
    found = (_told(incident, records) for incident in incidents_of(part, records))
    yield as_stix((each for each in found if each.told), _sender(address))


def _told(incident: Incident, records: Records) -> ToldIncident:
    decided = records.decisions(incident.id)
    return ToldIncident(
        incident=incident,
        told=told_of(incident.id, records),
        changed=[each.at for each in decided if each.reason in BY_HAND or each.reason is Reason.CLOSED],
    )


def _sender(address: str) -> str:
    return f"provocation-watcher@{urlsplit(address).hostname or 'provocation-watcher.invalid'}"


FORMATS: Mapping[str, Format] = {
    "csv": Format(media_type="text/csv; charset=utf-8", write=_csv),
    "jsonl": Format(media_type="application/x-ndjson", write=_jsonl),
    "atom": Format(media_type="application/atom+xml", write=_atom),
    "ics": Format(media_type="text/calendar; charset=utf-8", write=_ics),
    "cap": Format(media_type="application/cap+xml", write=_cap),
    "stix": Format(media_type="application/stix+json;version=2.1", write=_stix),
}


def incidents_of(part: ExportPart, records: Records) -> Iterator[Incident]:
    """Yield each incident that was alerted or closed in a part, as it is now."""
    names = dict.fromkeys(
        [
            *(IncidentId(each.incident) for each in part.alerts if each.incident),
            *(each.id for each in part.closed),
        ]
    )
    yield from filter(None, map(records.incident, names))


def told_of(incident: IncidentId, records: Records) -> Sequence[Alert]:
    """Return what everybody was told of an incident, oldest first: not what was said again to one channel."""
    return [each for each in records.alerts_of(incident) if not each.only]


def _earlier(alert: Alert, records: Records) -> Sequence[Alert]:
    """Return what everybody was told of an alert's incident before it; the board and feeds are none."""
    told = told_of(IncidentId(alert.incident), records) if alert.kind is Kind.INCIDENT else ()
    return list(takewhile(lambda each: each.id != alert.id, told))
