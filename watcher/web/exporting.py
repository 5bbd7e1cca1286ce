"""Requests in, files for other programs out: beside each list of the page, by the same address.

Lists are given whole, up to a bound; one that goes on says under `next` (JSON) and in a `Link` header where.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from starlette.requests import Request
from starlette.responses import Response

from watcher.alerting.review import mutes
from watcher.delivery.render import alert_json
from watcher.errors import UsageError
from watcher.export.days import as_calendar, day_event, incident_event
from watcher.export.formats import FORMATS
from watcher.export.incidents import incident_dict, incidents_csv, incidents_feed
from watcher.model.alerts import Confidence, IncidentId
from watcher.model.exported import ExportPart, export_cursor
from watcher.model.language import Category, Claim, Severity
from watcher.model.listing import IncidentQuery, IncidentState, ListedIncident
from watcher.web.api import COUNT, TEXT, TIME, Interface, Schema, choice_of, object_of
from watcher.web.browsing import days_ahead
from watcher.web.desk import Desk
from watcher.web.reading import by_id
from watcher.web.views.asked import FILTERS, Asked, asked_of, looked_up

_MOST, _FEED = 1000, 100
_MONTH = timedelta(days=30)

_TEXTS: Schema = {"type": "array", "items": TEXT}
_NEXT: Schema = {"type": ["string", "null"]}
"""The address of the part that comes after, null if there is none."""

_CHOICES: Mapping[str, type[Enum]] = {"state": IncidentState, "category": Category, "claim": Claim}
_SEVERITIES = [each.word for each in Severity]
_QUERY: Mapping[str, Schema] = {
    **dict.fromkeys(FILTERS, TEXT),
    **{name: choice_of([each.value for each in kind]) for name, kind in _CHOICES.items()},
    "severity": choice_of(_SEVERITIES),
    "alerts": choice_of(["yes", "no", "any"]),
    "after": TEXT,
}
_INCIDENT: Schema = object_of(
    id=TEXT,
    at=TIME,
    opened=TIME,
    updated=TIME,
    closed={"type": ["string", "null"], "format": "date-time"},
    severity=choice_of(_SEVERITIES),
    indicator=TEXT,
    claim=choice_of([each.value for each in Claim]),
    denied={"type": "boolean"},
    confidence=choice_of([each.word for each in Confidence]),
    title=TEXT,
    items=COUNT,
    owners=_TEXTS,
    origins=_TEXTS,
    alerts=COUNT,
    answered={"type": "boolean"},
    review={"type": "object"},
)
_INCIDENTS = object_of(incidents={"type": "array", "items": _INCIDENT}, next=_NEXT, left_out=_TEXTS)
_ALERTS = object_of(
    alerts={"type": "array", "items": {"type": "object", "required": ["id", "at", "kind", "title"]}},
    next=_NEXT,
)
_INCIDENT_FORMS: Mapping[str, tuple[str, Schema | None]] = {
    "json": ("application/json", _INCIDENTS),
    "csv": ("text/csv", None),
    "atom": ("application/atom+xml", None),
}
_ALERT_FORMS: Mapping[str, tuple[str, Schema | None]] = {
    "json": ("application/json", _ALERTS),
    **{form: (each.media_type, None) for form, each in FORMATS.items() if form != "stix"},
    "stix": (FORMATS["stix"].media_type, {"type": "object"}),
}
ONE_INCIDENT = Interface(answers={"application/json": _INCIDENT}, refusals=[404])
INCIDENT_LIST = Interface(
    answers=dict(_INCIDENT_FORMS.values()),
    path={"form": choice_of(_INCIDENT_FORMS)},
    query=_QUERY,
    refusals=[404],
)
ALERT_LIST = Interface(
    answers=dict(_ALERT_FORMS.values()),
    path={"form": choice_of(_ALERT_FORMS)},
    query={"after": TEXT},
    refusals=[400, 404],
)
CALENDAR = Interface(answers={"text/calendar": None})


@dataclass(frozen=True, slots=True)
class Exporting:
    """Answers requests, each from a fresh read of the database."""

    desk: Desk

    def incidents(self, request: Request) -> Response:
        """Return the incidents of a list as JSON, CSV or Atom."""
        form = request.path_params["form"]
        if form not in _INCIDENT_FORMS:
            return _json({"error": f"there is no {form}"}, 404)
        found, asked, more = self._incidents(request, _FEED if form == "atom" else _MOST)
        next_page = asked.next_page(found[-1]) if more else ""
        where = f"{self._address(request)}/incidents"
        if form == "csv":
            answer = Response("".join(incidents_csv(found)), media_type="text/csv; charset=utf-8")
        elif form == "atom":
            answer = Response(
                incidents_feed(found, self._address(request)), media_type="application/atom+xml"
            )
        else:
            listed = {"incidents": [incident_dict(each) for each in found]}
            after = {"next": f"{where}.json{next_page}" if next_page else None, "left_out": asked.strange}
            answer = _json(listed | after)
        if next_page:
            answer.headers["Link"] = f'<{where}.{form}{next_page}>; rel="next"'
        return answer

    def alerts(self, request: Request) -> Response:
        """Return alerts in a format of exports: the newest, or with `after` those since a cursor."""
        form, after = request.path_params["form"], request.query_params.get("after")
        if form not in _ALERT_FORMS:
            return _json({"error": f"there is no {form}"}, 404)
        address = self._address(request)
        with self.desk.store() as store:
            try:
                part = store.export_part(export_cursor(after), limit=_MOST) if after is not None else None
            except UsageError as error:
                return _json({"error": str(error)}, 400)
            next_page = f"{address}/alerts.{form}?after={part.end}" if part else None
            part = part or ExportPart(alerts=tuple(store.alerts(limit=_FEED if form == "atom" else _MOST)))
            if form == "json":
                lines = ",\n".join(map(alert_json, part.alerts))
                text = f'{{"alerts": [{lines}], "next": {json.dumps(next_page)}}}\n'
            else:
                # an entry leads to the page as it was asked; a sender has one name, however it was asked
                named = address if form == "atom" else self.desk.settings.web.public
                text = "".join(FORMATS[form].write(part, store, named))
        answer = Response(text, media_type=_ALERT_FORMS[form][0])
        if next_page:
            answer.headers["Link"] = f'<{next_page}>; rel="next"'
        return answer

    def incident(self, request: Request) -> Response:
        """Return an incident of its list as JSON."""
        name = IncidentId(request.path_params["id"])
        with self.desk.store() as store:
            stored = store.incident(name)
            asked = IncidentQuery(alerted=None, only=stored.id if stored else name)
            found = store.incidents(asked, limit=1)
        return _json(incident_dict(found[0])) if found else _json({"error": "no incident has this id"}, 404)

    def calendar(self, _: Request) -> Response:
        """Return the days to come, and the incidents of the last 30 days, as an iCalendar file."""
        now, listed = self.desk.clock(), self.desk.lists.now().indicators
        with self.desk.store() as store:
            found = store.incidents(IncidentQuery(since=now - _MONTH), limit=_MOST)
        days = [day_event(*day, now) for day in days_ahead(listed, now.date())]
        events = as_calendar(*days, *(incident_event(each.incident) for each in found))
        return Response(events, media_type="text/calendar; charset=utf-8")

    def _incidents(self, request: Request, most: int) -> tuple[list[ListedIncident], Asked, bool]:
        now, listed = self.desk.clock(), self.desk.lists.now()
        with self.desk.store() as store:
            muted = mutes(store.actions_in_force(now), now)
            asked = looked_up(
                asked_of(dict(request.query_params), by_id(listed), muted, now), store.incidents_holding
            )
            found = store.incidents(asked.query, after=asked.after, limit=most + 1)
        return list(found[:most]), asked, len(found) > most

    def _address(self, request: Request) -> str:
        """Return where the page is for its readers."""
        public = self.desk.settings.web.public
        return public or f"{request.url.scheme}://{request.url.netloc}{request.scope['root_path']}"


def _json(value: object, status: int = 200) -> Response:
    return Response(
        json.dumps(value, ensure_ascii=False, default=_listed) + "\n", status, media_type="application/json"
    )


def _listed(value: object) -> object:
    assert isinstance(value, Iterable)
    return list(value)
