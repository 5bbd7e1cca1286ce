"""Requests in, files for other programs out: beside each list of the page, by the same address.

Lists are given whole, up to a bound; one that goes on says under `next` (JSON) and in a `Link` header where.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from watcher.alerting.review import mutes
from watcher.delivery.render import alert_json
from watcher.errors import UsageError
from watcher.export.alerts import alerts_feed, as_csv
from watcher.export.days import as_calendar, day_event, incident_event
from watcher.export.incidents import incident_dict, incidents_csv, incidents_feed
from watcher.model.listing import IncidentQuery, ListedIncident
from watcher.web.browsing import days_ahead
from watcher.web.desk import Desk
from watcher.web.reading import by_id
from watcher.web.views.asked import Asked, asked_of, without_words

_MOST, _FEED = 1000, 100
_FORMS = frozenset({"json", "csv", "atom"})
_MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Exporting:
    """Answers requests, each from a fresh read of the database."""

    desk: Desk

    def incidents(self, request: Request) -> Response:
        """Return the incidents of a list as JSON, CSV or Atom."""
        form = request.path_params["form"]
        if form not in _FORMS:
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
        """Return the newest alerts as JSON, CSV or Atom."""
        form = request.path_params["form"]
        if form not in _FORMS:
            return _json({"error": f"there is no {form}"}, 404)
        with self.desk.store() as store:
            found = store.alerts(limit=_FEED if form == "atom" else _MOST)
        if form == "csv":
            return Response("".join(as_csv(found)), media_type="text/csv; charset=utf-8")
        if form == "json":
            lines = ",\n".join(alert_json(each) for each in found)
            return Response(f'{{"alerts": [{lines}]}}\n', media_type="application/json")
        return Response(alerts_feed(found, self._address(request)), media_type="application/atom+xml")

    def incident(self, request: Request) -> Response:
        """Return an incident of its list as JSON."""
        with self.desk.store() as store:
            found = store.incidents(IncidentQuery(alerted=None, only=request.path_params["id"]), limit=1)
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
            asked = asked_of(dict(request.query_params), by_id(listed), muted, now)
            try:
                found = store.incidents(asked.query, after=asked.after, limit=most + 1)
            except UsageError:
                asked = without_words(asked)
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
