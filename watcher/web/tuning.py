"""Requests in, pages out: indicators with what became of them, an edit tried out, and why an item hit or not.

An edit is tried in the workbench (`watcher.web.bench`) and never written: the analyst downloads it.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from watcher.lab.source import source_of
from watcher.model.language import IndicatorId
from watcher.model.listing import IncidentQuery
from watcher.web.bench import Bench
from watcher.web.desk import Desk
from watcher.web.reading import Pages, by_id
from watcher.web.views.indicators import WEEKS, indicator_rows, weeks_of
from watcher.web.writing import Form, form_of, refusal_of

_RECORD = timedelta(days=90)
_TRIED_ON = timedelta(days=30)
_SHOWN = 15
_UNKNOWN = "No indicator has this id."


@dataclass(frozen=True, slots=True)
class Tuning:
    """Answers requests about indicators."""

    desk: Desk
    pages: Pages
    bench: Bench

    def indicators(self, request: Request) -> Response:
        """Show every indicator with its record."""
        listed = self.desk.lists.now()
        with self.desk.store() as store:
            records = store.track_records(self.desk.clock() - _RECORD)
            health, unanswered = self.desk.health(store, listed), self.pages.unanswered(store, listed)
        rows = indicator_rows(listed.indicators.indicators, records)
        return self.desk.page(request, "indicators.html", rows=rows, health=health, unanswered=unanswered)

    def indicator(self, request: Request) -> Response:
        """Show an indicator: its YAML to try, its record and incidents, and terms that verdicts propose."""
        asked = {"do": "suggest", "indicator": request.path_params["id"]}
        proposals = self.bench.ask(**asked) if request.query_params.get("suggest") else None
        return self._shown(request, None, None, proposals)

    async def tried(self, request: Request) -> Response:
        """Show the same with an edited YAML, and what it gains and loses."""
        form = await form_of(request)
        return await run_in_threadpool(self._tried, request, form)

    async def download(self, request: Request) -> Response:
        """Return the edited YAML as a file that can stand beside the list, which includes it."""
        form = await form_of(request)
        return await run_in_threadpool(self._download, request, form)

    def why(self, request: Request) -> Response:
        """Show which indicators hit an item, and what the others miss."""
        listed = self.desk.lists.now()
        found = self.bench.ask(do="why", item=request.path_params["id"])
        with self.desk.store() as store:
            health, unanswered = self.desk.health(store, listed), self.pages.unanswered(store, listed)
        status = 503 if found.get("failed") else 404 if found.get("error") else 200
        return self.desk.page(request, "why.html", status, found=found, health=health, unanswered=unanswered)

    def _download(self, request: Request, form: Form) -> Response:
        if refused := refusal_of(self.desk, request, form):
            return refused
        name = IndicatorId(request.path_params["id"])
        if name not in by_id(self.desk.lists.now()):
            return self.pages.missing(request, _UNKNOWN)
        headers = {"Content-Disposition": f'attachment; filename="{name}.yaml"'}
        return Response(form.text("text"), media_type="application/yaml", headers=headers)

    def _tried(self, request: Request, form: Form) -> Response:
        if refused := refusal_of(self.desk, request, form):
            return refused
        text = form.text("text")
        trial = self.bench.ask(
            do="try", indicator=request.path_params["id"], text=text, days=str(_TRIED_ON.days)
        )
        return self._shown(request, text, trial)

    def _shown(
        self,
        request: Request,
        text: str | None,
        trial: dict[str, Any] | None,
        proposals: dict[str, Any] | None = None,
    ) -> Response:
        name, listed = IndicatorId(request.path_params["id"]), self.desk.lists.now()
        now = self.desk.clock()
        indicator = by_id(listed).get(name)
        if indicator is None:
            return self.pages.missing(request, _UNKNOWN)
        with self.desk.store() as store:
            records = store.track_records(now - _RECORD)
            incidents = store.incidents(
                IncidentQuery(indicators=frozenset({name}), alerted=None), limit=_SHOWN
            )
            begin = now - timedelta(weeks=WEEKS)
            weeks = weeks_of(store.hits_by_day(name, begin), store.alerts_by_day(name, begin), now.date())
            health, unanswered = self.desk.health(store, listed), self.pages.unanswered(store, listed)
        (row,) = indicator_rows([indicator], records)
        return self.desk.page(
            request,
            "indicator.html",
            row=row,
            text=source_of(indicator) if text is None else text,
            trial=trial,
            proposals=proposals,
            weeks=weeks,
            days=_TRIED_ON.days,
            incidents=incidents,
            health=health,
            unanswered=unanswered,
        )
