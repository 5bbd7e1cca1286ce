"""Requests in, pages out: search, feeds, activity and the calendar."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from watcher.board.view import nearby_days
from watcher.collection.habits import longest_usual
from watcher.errors import UsageError
from watcher.incidents.calendar import days_between
from watcher.model.alerts import SILENT, Decision, IncidentId, Reason
from watcher.model.language import CalendarId, IndicatorList
from watcher.model.news import Feed, ItemId
from watcher.model.polling import FeedState, Poll
from watcher.polling.cadence import due_at, longest_wait
from watcher.ports import Database
from watcher.web.desk import Desk
from watcher.web.reading import Pages
from watcher.web.views.asked import moment_of

_FOUND, _NEWEST = 50, 100
_AHEAD = timedelta(days=120)
_SILENCES = tuple(sorted(SILENT))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """A feed, how it is doing, and how long its polls and its silences last: the longest that are usual."""

    feed: Feed
    state: FeedState | None
    poll: Poll | None
    due: datetime | None
    longest_wait: timedelta
    longest_silence: timedelta | None


@dataclass(frozen=True, slots=True)
class Browsing:
    """Answers requests, each from a fresh read of the database."""

    desk: Desk
    pages: Pages

    def search(self, request: Request) -> Response:
        """Show the stored items that hold some words, with what they hit."""
        words, said = request.query_params.get("text", "").strip(), ""
        with self.desk.store() as store:
            try:
                items = store.search(words, limit=_FOUND) if words else ()
            except UsageError as error:
                items, said = (), str(error)
            hits = store.hits_on([item.id for item in items])
            return self._page(
                request, store, "search.html", words=words, items=items, hits=hits, problem=said, most=_FOUND
            )

    def feeds(self, request: Request) -> Response:
        """Show how every feed is doing."""
        listed = self.desk.lists.now()
        with self.desk.store() as store:
            states, latest = store.states(), store.latest_polls()
            rows = [_row(feed, states.get(feed.id), latest.get(feed.id)) for feed in listed.feeds]
            rows.sort(
                key=lambda row: (not (row.state and row.state.error), row.state is not None, row.feed.id)
            )
            return self._page(request, store, "feeds.html", rows=rows)

    def activity(self, request: Request) -> Response:
        """Show silent decisions with their reasons, and the journal."""
        asked = request.query_params.get("reason", "")
        reasons = [each for each in _SILENCES if asked in ("", each.value)] or list(_SILENCES)
        with self.desk.store() as store:
            decisions = store.newest_decisions(
                reasons, after=_decision(request.query_params.get("after", "")), limit=_NEWEST
            )
            told = [(each, self._title(store, each.incident, each.item)) for each in decisions]
            actions = store.newest_actions(limit=_NEWEST)
            targets = {each.target for each in actions}
            items = {each: store.item(ItemId(each)) for each in targets}
            incidents = {each: store.incident(IncidentId(each)) for each in targets}
            older = _place(decisions[-1]) if len(decisions) == _NEWEST else ""
            return self._page(
                request,
                store,
                "activity.html",
                told=told,
                actions=actions,
                items=items,
                incidents=incidents,
                reason=asked,
                reasons=[each.value for each in _SILENCES],
                older=older,
            )

    def calendar(self, request: Request) -> Response:
        """Show the days of the calendars, and the windows in force with the indicators they affect."""
        listed, now = self.desk.lists.now().indicators, self.desk.clock()
        in_force, _ = nearby_days(listed.indicators, listed.calendars, now)
        with self.desk.store() as store:
            return self._page(
                request, store, "calendar.html", in_force=in_force, days=days_ahead(listed, now.date())
            )

    def _page(self, request: Request, store: Database, template: str, **values: Any) -> Response:
        listed = self.desk.lists.now()
        return self.desk.page(
            request,
            template,
            health=self.desk.health(store, listed),
            unanswered=self.pages.unanswered(store, listed),
            **values,
        )

    def _title(self, store: Database, incident: IncidentId, item: ItemId) -> str:
        found = store.item(item) or store.incident(incident)
        return found.title if found else ""


def _row(feed: Feed, state: FeedState | None, poll: Poll | None) -> FeedRow:
    return FeedRow(
        feed=feed,
        state=state,
        poll=poll,
        due=due_at(state) if state else None,
        longest_wait=longest_wait(feed),
        longest_silence=longest_usual(state.habits) if state else None,
    )


def days_ahead(listed: IndicatorList, today: date) -> list[tuple[date, list[CalendarId], list[str]]]:
    """Return the days of calendars from today on, their calendars and the indicators that look at them."""
    found = days_between(listed.calendars, today, today + _AHEAD)
    looking: dict[str, list[str]] = {}
    for indicator in listed.indicators:
        for timing in indicator.timing:
            for name in timing.near:
                looking.setdefault(name, []).append(indicator.id)
    return [
        (day, names, list(dict.fromkeys(each for name in names for each in looking.get(name, []))))
        for day, names in found.items()
    ]


def _place(decision: Decision) -> str:
    """Return a decision as an address has it."""
    return f"{decision.at.isoformat()}~{decision.incident}~{decision.item}~{decision.reason.value}"


def _decision(text: str) -> Decision | None:
    """Return the decision that an address has; None if it has none."""
    try:
        at, incident, item, reason = text.split("~")
        why = Reason(reason)
    except ValueError:
        return None
    if (found := moment_of(at)) is None:
        return None
    return Decision(incident=IncidentId(incident), at=found, item=ItemId(item), reason=why, alert=None)
