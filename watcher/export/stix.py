"""Incidents with their alerts in, a STIX 2.1 bundle out: a report on each incident, and what it rests on.

An incident is a `report`, each alert about it a `note`, each item an `observed-data` with the `url` that was
read, all created by the `identity` of this watcher. An id is made from ours by a digest that is shaped as a
UUIDv4, so that every export has the same one without a record of what was exported. A report is written
whole each time: `modified` is the time of the last alert, of the closing, or of a merge or split, and the
same time is the same report.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from uuid import UUID, uuid5

from watcher.delivery.render import one_line
from watcher.export.cap import title_language
from watcher.export.uri import absolute_uri
from watcher.model.alerts import Alert, AlertItem, Incident

_OBSERVABLES = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""The namespace of ids that are made from content (STIX 2.1, section 2.9)."""

_MADE = "2026-01-01T00:00:00.000Z"
"""When the identity was defined, which never changes."""

_LEAST = timedelta(milliseconds=1)
"""How far apart two versions of an object are at least: times have three digits."""

_TITLE, _TEXT = 300, 10_000

_Object = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldIncident:
    """An incident, the alerts about it, oldest first, and when it was closed, merged or split."""

    incident: Incident
    told: Sequence[Alert]
    changed: Sequence[datetime] = ()


def as_stix(incidents: Iterable[ToldIncident], sender: str) -> str:
    """Return the bundle as a line of JSON, of incidents with an alert each.

    `sender` names the watcher that made it, as in `name@host`.
    """
    identity: _Object = {
        "type": "identity",
        "spec_version": "2.1",
        "id": _id("identity", sender),
        "created": _MADE,
        "modified": _MADE,
        "name": sender,
        "identity_class": "system",
    }
    found = {str(each["id"]): each for told in incidents for each in _objects(told, str(identity["id"]))}
    objects = [identity, *found.values()]
    versions = "\n".join(f"{each['id']} {each.get('modified', '')}" for each in objects)
    bundle = {"type": "bundle", "id": _id("bundle", versions), "objects": objects}
    return json.dumps(bundle, ensure_ascii=False, separators=(",", ":")) + "\n"


def _objects(incident: ToldIncident, author: str) -> Iterator[_Object]:
    items = {item.id: item for alert in incident.told for item in alert.items if absolute_uri(item.url)}
    report = _report(incident, list(items.values()), author)
    for item in items.values():
        yield _url(item)
        yield _observed(item, author)
    for alert in incident.told:
        yield _note(alert, str(report["id"]), author)
    yield report


def _report(incident: ToldIncident, items: Sequence[AlertItem], author: str) -> _Object:
    known, first, last = incident.incident, incident.told[0], incident.told[-1]
    opened = min(known.opened, first.at)
    labels = [last.indicator, last.category, last.severity.word, last.claim.value if last.claim else ""]
    context = last.context.confidence
    labels += [context.word if context is not None else "", "closed" if known.closed else ""]
    return _common("report", known.id, author, opened, _modified(incident)) | {
        "name": one_line(last.title, _TITLE),
        "description": one_line(last.why, _TEXT),
        "report_types": ["observed-data"],
        "published": _time(first.at),
        "labels": [label for label in labels if label],
        "lang": title_language(last),
        "object_refs": [
            *(_id("observed-data", item.id) for item in items),
            *(_id("note", alert.id) for alert in incident.told),
        ],
        "external_references": [{"source_name": "provocation-watcher", "external_id": known.id}],
    }


def _modified(incident: ToldIncident) -> datetime:
    """Return the time of what came last, later with each, also if the clock was set back."""
    known, changed = incident.incident, incident.changed
    last = known.closed or (known.updated if changed else None)  # it may have been opened again since
    times = [
        *(alert.at for alert in incident.told),
        *changed,
        *([last] if last and last not in changed else []),
    ]
    return reduce(lambda before, at: max(at, before + _LEAST), times)


def _note(alert: Alert, report: str, author: str) -> _Object:
    sources = (f"{item.owner}: {item.title}" for item in alert.items)
    return _common("note", alert.id, author, alert.at, alert.at) | {
        "abstract": one_line(alert.title, _TITLE),
        "content": one_line(
            "; ".join((f"{alert.reason.value.replace('_', ' ')}: {alert.why}", *sources)), _TEXT
        ),
        "lang": title_language(alert),
        "object_refs": [report],
    }


def _observed(item: AlertItem, author: str) -> _Object:
    return _common("observed-data", item.id, author, item.seen, item.seen) | {
        "first_observed": _time(item.seen),
        "last_observed": _time(item.seen),
        "number_observed": 1,
        "object_refs": [_url(item)["id"]],
    }


def _url(item: AlertItem) -> _Object:
    uri = absolute_uri(item.url)
    content = json.dumps({"value": uri}, separators=(",", ":"))
    return {"type": "url", "spec_version": "2.1", "id": f"url--{uuid5(_OBSERVABLES, content)}", "value": uri}


def _common(kind: str, name: str, author: str, created: datetime, modified: datetime) -> _Object:
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": _id(kind, name),
        "created_by_ref": author,
        "created": _time(created),
        "modified": _time(modified),
    }


def _id(kind: str, name: str) -> str:
    digest = hashlib.sha256(f"{kind}\n{name}".encode("utf-8", "surrogatepass")).digest()
    return f"{kind}--{UUID(bytes=digest[:16], version=4)}"


def _time(at: datetime) -> str:
    """Return a time with the three digits that `created` and `modified` must have."""
    return f"{at.astimezone(UTC).isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"
