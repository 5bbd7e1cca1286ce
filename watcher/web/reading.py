"""Requests for pages in, the pages out: the board, incidents, alerts, and how the service is doing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from watcher.alerting.by_hand import why_not_merged
from watcher.alerting.review import muted_names, mutes, review_lines, reviews
from watcher.board.view import board_lines, nearby_days
from watcher.delivery.render import added_fields
from watcher.incidents.correlate import joining_for
from watcher.model.alerts import Alert, AlertId, Incident, IncidentId, Kind
from watcher.model.language import Category, Claim, Indicator, IndicatorId, Severity
from watcher.model.listing import IncidentBrief, IncidentQuery, IncidentState
from watcher.model.review import Action
from watcher.pipeline.by_hand import JOINED_BY_HAND
from watcher.pipeline.levels import board_record
from watcher.ports import Database
from watcher.web.desk import Desk, keep
from watcher.web.lists import InUse
from watcher.web.views.asked import asked_of, looked_up, moment_of
from watcher.web.views.board import TREND, BoardView, changes_since, parted, rows_of
from watcher.web.views.incident import StoredIncident, incident_view, items_shown

VISITED = "watcher-visited"
"""The cookie that knows when the board was last looked at."""

_ON_A_PAGE, _FRESH, _NEWEST, _SHOWN = 50, 6, 100, 50
_MERGEABLE = timedelta(days=30)
"""How far back an incident may lie that still takes reports."""

_VISIT = timedelta(minutes=30)
"""Looks at the board within this time are one visit."""


@dataclass(frozen=True, slots=True)
class Pages:
    """Answers requests, each from a fresh read of the database."""

    desk: Desk

    def board(self, request: Request) -> Response:
        """Show the levels and why, what nobody has answered, the calendar, and what changed meanwhile."""
        now, listed = self.desk.clock(), self.desk.lists.now()
        indicators = by_id(listed)
        visited, this_visit = _visits(request, now)
        with self.desk.store() as store:
            record = board_record(store, listed.indicators, now - timedelta(days=TREND), now)
            unanswered = IncidentQuery(state=IncidentState.NEW, muted=_muted(store, indicators, now))
            fresh = store.incidents(unanswered, limit=_FRESH)
            open_of, health = store.count_by_indicator(unanswered), self.desk.health(store, listed)
        count = sum(open_of.values())
        problem, categories, raised, quiet = parted(
            rows_of(board_lines(record, indicators, now, days=TREND), open_of)
        )
        in_force, coming = nearby_days(listed.indicators.indicators, listed.indicators.calendars, now)
        view = BoardView(
            problem=problem,
            categories=categories,
            raised=raised,
            quiet=quiet,
            changes=changes_since(record.changes, visited),
            visited=visited,
            fresh=fresh,
            unanswered=count,
            in_force=in_force,
            coming=coming,
        )
        answer = self.desk.page(request, "board.html", view=view, health=health, unanswered=count)
        keep(request, answer, VISITED, this_visit)
        return answer

    def incidents(self, request: Request) -> Response:
        """Show a page of incidents, by the filters in the address."""
        now, listed = self.desk.clock(), self.desk.lists.now()
        indicators = by_id(listed)
        with self.desk.store() as store:
            muted = mutes(store.actions_in_force(now), now)
            asked = looked_up(
                asked_of(dict(request.query_params), indicators, muted, now), store.incidents_holding
            )
            found = store.incidents(asked.query, after=asked.after, limit=_ON_A_PAGE + 1)
            counts = store.count_by_state(asked.query)
            health = self.desk.health(store, listed)
        shown, more = found[:_ON_A_PAGE], found[_ON_A_PAGE:]
        return self.desk.page(
            request,
            "incidents.html",
            asked=asked,
            shown=shown,
            mutes={
                each.incident.id: _mute_of(each.incident.id, each.incident.indicator, indicators, muted)
                for each in shown
            },
            next_page=asked.next_page(shown[-1]) if more else "",
            counts=counts,
            choices=_choices(listed),
            health=health,
            unanswered=counts["new"],
        )

    def incident(self, request: Request) -> Response:
        """Show all of an incident."""
        name, now, listed = IncidentId(request.path_params["id"]), self.desk.clock(), self.desk.lists.now()
        most = None if request.query_params.get("all") else _SHOWN
        with self.desk.store() as store:
            found = store.incident(name)
            if found is None:
                return self.missing(request, "No incident has this id.")
            if found.id != name:  # it was merged
                prefix = request.scope["root_path"]
                return RedirectResponse(f"{prefix}/incidents/{quote(found.id)}", status_code=302)
            indicator = by_id(listed).get(found.indicator)
            alerts = store.alerts_of(name)
            category = indicator.category.value if indicator else next((each.category for each in alerts), "")
            course = store.hits_in_brief(name)
            stored = StoredIncident(
                incident=found,
                course=course,
                hits=store.hits_on(items_shown(course, most)),
                decisions=store.decisions(name, latest=most),
                all_decisions=store.count_decisions(name),
                alerts=alerts,
                deliveries={each.id: store.deliveries(each.id) for each in alerts},
                actions=store.actions_on([name, found.indicator, category]),
                waiting=[
                    each
                    for each in store.joins_asked(store.noted(JOINED_BY_HAND))
                    if name in (each.target, each.value)
                ],
                others=[] if found.closed else _of_family(found, store, listed, now),
            )
            unanswered = self.unanswered(store, listed)
            health = self.desk.health(store, listed)
        view = incident_view(stored, indicator, now, most)
        return self.desk.page(request, "incident.html", view=view, health=health, unanswered=unanswered)

    def alerts(self, request: Request) -> Response:
        """Show the newest alerts of all kinds, those about the service and the board too."""
        now, listed = self.desk.clock(), self.desk.lists.now()
        with self.desk.store() as store:
            found = store.alerts(limit=_NEWEST)
            said = reviews(found, store.actions_on(_answered_by(found)), now)
            unanswered, health = self.unanswered(store, listed), self.desk.health(store, listed)
        return self.desk.page(
            request, "alerts.html", alerts=found, reviewed=said, health=health, unanswered=unanswered
        )

    def alert(self, request: Request) -> Response:
        """Show one alert."""
        listed = self.desk.lists.now()
        with self.desk.store() as store:
            found = store.alert(AlertId(request.path_params["id"]))
            if found is None:
                return self.missing(request, "No alert has this id.")
            review = reviews([found], store.actions_on(_answered_by([found])), self.desk.clock())[found.id]
            unanswered, health = self.unanswered(store, listed), self.desk.health(store, listed)
        return self.desk.page(
            request,
            "alert.html",
            alert=found,
            facts=_facts(found),
            lines=review_lines(review),
            health=health,
            unanswered=unanswered,
            about_news=found.kind is Kind.INCIDENT,
        )

    def health(self, request: Request) -> Response:
        """Show how the service is doing."""
        listed = self.desk.lists.now()
        with self.desk.store() as store:
            unanswered, health = self.unanswered(store, listed), self.desk.health(store, listed)
        return self.desk.page(request, "health.html", health=health, unanswered=unanswered)

    def pulse(self, _: Request) -> Response:
        """Say how many incidents nobody has answered, and which one alerted last: open pages ask."""
        listed = self.desk.lists.now()
        with self.desk.store() as store:
            newest = store.incidents(IncidentQuery(), limit=1)
            last = f"{newest[0].incident.id} {newest[0].at.isoformat()}" if newest else ""
            return JSONResponse({"unanswered": self.unanswered(store, listed), "newest": last})

    def help(self, request: Request) -> Response:
        """Show the keys and what the words mean."""
        listed = self.desk.lists.now()
        with self.desk.store() as store:
            unanswered, health = self.unanswered(store, listed), self.desk.health(store, listed)
        return self.desk.page(request, "help.html", health=health, unanswered=unanswered)

    def missing(self, request: Request, words: str) -> Response:
        """Say that there is no such thing."""
        return self.desk.page(request, "nothing.html", 404, words=words, health=None, unanswered=0)

    def unanswered(self, store: Database, listed: InUse) -> int:
        """Return how many incidents that alerted nobody has answered."""
        muted = _muted(store, by_id(listed), self.desk.clock())
        return store.count_incidents(IncidentQuery(state=IncidentState.NEW, muted=muted))


def by_id(listed: InUse) -> dict[IndicatorId, Indicator]:
    """Return the indicators in use by their ids."""
    return {each.id: each for each in listed.indicators.indicators}


def _muted(store: Database, indicators: dict[IndicatorId, Indicator], now: datetime) -> frozenset[str]:
    return muted_names(mutes(store.actions_in_force(now), now), indicators.values())


def _of_family(incident: Incident, store: Database, listed: InUse, now: datetime) -> list[IncidentBrief]:
    """Return the newest incidents with which one may be merged."""
    family = frozenset(
        each.id for each in listed.indicators.indicators if joining_for(each).family == incident.family
    )
    asked = IncidentQuery(indicators=family | incident.indicators, alerted=None, since=now - _MERGEABLE)
    found = (each.incident for each in store.incidents(asked, limit=_ON_A_PAGE))
    muted = mutes(store.actions_in_force(now), now)
    return [each for each in found if not why_not_merged(incident, each, muted)]


def _mute_of(
    incident: IncidentId,
    indicator: IndicatorId,
    indicators: dict[IndicatorId, Indicator],
    muted: Mapping[str, Action],
) -> Action | None:
    category = indicators[indicator].category.value if indicator in indicators else ""
    return next((muted[each] for each in (incident, indicator, category) if each in muted), None)


def _answered_by(alerts: Sequence[Alert]) -> list[str]:
    """Return what an action may be about that counts for one of some alerts."""
    return sorted({each for alert in alerts for each in (alert.incident, alert.indicator, alert.category)})


def _choices(listed: InUse) -> dict[str, list[str]]:
    """Return what the filters offer."""
    return {
        "severity": [each.word for each in reversed(Severity)],
        "category": [each.value for each in Category],
        "indicator": sorted(each.id for each in listed.indicators.indicators),
        "claim": [each.value for each in Claim],
        "owner": sorted({feed.owner for feed in listed.feeds}),
        "feed": sorted(feed.id for feed in listed.feeds),
        "language": sorted({feed.language for feed in listed.feeds if feed.language}),
    }


def _facts(alert: Alert) -> dict[str, str]:
    return {
        name.replace("_", " "): " ".join(value) if isinstance(value, list) else str(value)
        for name, value in added_fields(alert).items()
        if name not in ("indicator_title", "indicators", "link")
    }


def _visits(request: Request, now: datetime) -> tuple[datetime | None, str]:
    """Return when the visit before this one ended, and what to remember: that, and this look."""
    before, _, last = request.cookies.get(VISITED, "").partition("~")
    ended, looked = moment_of(before), moment_of(last)
    if looked is None or now - looked > _VISIT:
        ended = looked
    return ended, f"{ended.isoformat() if ended else ''}~{now.isoformat()}"
