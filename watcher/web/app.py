"""Settings in, an ASGI application out: probes, Prometheus metrics, and pages about alerts and their reasons.

Every answer is read from the database over a connection of its own that can only read. Nothing here changes
anything, so a forged request can do nothing. Only hubs may do more, at addresses of their own
(`watcher.web.websub`).
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from watcher import bootstrap
from watcher.alerting.review import review_of, reviews
from watcher.errors import StoreError
from watcher.model.alerts import AlertId, IncidentId
from watcher.model.settings import Settings
from watcher.ports import Clock, Database
from watcher.service.health import SERVICE_PATIENCE, Health, health_here
from watcher.web import pages
from watcher.web.guard import Guard
from watcher.web.metrics import CONTENT_TYPE, metrics_text
from watcher.web.websub import Callback

_STATIC = Path(__file__).parent / "static"
_NEWEST = 100


def app_of(settings: Settings, clock: Clock) -> Guard:
    """Return the application, behind its guard."""
    answers = _Pages(settings, clock)
    routes = [
        Route("/", answers.overview),
        Route("/alerts/{id}", answers.alert),
        Route("/incidents/{id}", answers.incident),
        Route("/healthz", answers.healthz),
        Route("/readyz", answers.readyz),
        Route("/metrics", answers.metrics),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]
    if settings.web.callbacks:
        routes.append(Route("/websub/{token}", Callback(settings, clock).answer, methods=["GET", "POST"]))
    handlers = {StoreError: _unreadable}
    app = Starlette(routes=routes, exception_handlers=handlers)  # type: ignore[arg-type]  # a handler may take the error it is for
    return Guard(
        app,
        frozenset(settings.web.hosts) | {urlsplit(settings.web.public).hostname or "localhost"},
        bootstrap.web_password(settings),
        let_hubs_in=bool(settings.web.callbacks),
        prefix=settings.web.prefix,
    )


@dataclass(frozen=True, slots=True)
class _Pages:
    """Answers requests, each from a fresh read of the database."""

    settings: Settings
    clock: Clock

    def overview(self, request: Request) -> Response:
        """Show how the service is doing, the board, and the newest alerts."""
        now = self.clock()
        with self._store() as store:
            alerts = store.alerts(limit=_NEWEST)
            said = reviews(alerts, store.actions(), now)
            board, prefix = store.board(), _prefix(request)
            return _page(pages.first_page(self._health(store), board, alerts, said, now, prefix))

    def alert(self, request: Request) -> Response:
        """Show one alert."""
        with self._store() as store:
            found = store.alert(AlertId(request.path_params["id"]))
            if found is None:
                return _page(pages.not_found("No alert has this id.", _prefix(request)), 404)
            review = reviews([found], store.actions(), self.clock())[found.id]
            return _page(pages.alert_page(found, review, _prefix(request)))

    def incident(self, request: Request) -> Response:
        """Show an incident: its timeline, its items, what reviewers said, and every decision about it."""
        name = IncidentId(request.path_params["id"])
        with self._store() as store:
            found = store.incident(name)
            if found is None:
                return _page(pages.not_found("No incident has this id.", _prefix(request)), 404)
            decisions = store.decisions(name)
            alerts = (store.alert(each.alert) for each in reversed(decisions) if each.alert)
            category = next((alert.category for alert in alerts if alert), "")
            review = review_of((name, found.indicator, category), store.actions(), self.clock())
            hits, prefix = store.hits(name), _prefix(request)
            return _page(pages.incident_page(found, hits, decisions, review, prefix))

    def healthz(self, _: Request) -> Response:
        """Say whether the service is alive: 200 when it runs and ended a round lately, else 503."""
        with self._store() as store:
            return _probe(_signs_of_death(self._health(store), self.clock()))

    def readyz(self, _: Request) -> Response:
        """Say whether nothing needs a person: 200, else 503 with what does."""
        with self._store() as store:
            return _probe(self._health(store).problems)

    def metrics(self, _: Request) -> Response:
        """Return numbers for Prometheus."""
        with self._store() as store:
            return Response(metrics_text(store, self._health(store)), media_type=CONTENT_TYPE)

    @contextmanager
    def _store(self) -> Iterator[Database]:
        with closing(bootstrap.read_store(self.settings)) as store:
            yield store

    def _health(self, store: Database) -> Health:
        return health_here(self.settings, store, self.clock())


def _prefix(request: Request) -> str:
    """Return the path that the links of an answer begin with, as the guard found it."""
    found: str = request.scope["root_path"]
    return found


def _signs_of_death(health: Health, now: datetime) -> tuple[str, ...]:
    """Return why the service is not alive: no process holds the data folder, or no round has ended lately."""
    if health.process is None:
        return ("no service is running on this data folder",)
    if health.last_tick is None or now - health.last_tick > SERVICE_PATIENCE:
        return (f"the service has finished no round of polls since {health.last_tick or 'its start'}",)
    return ()


def _probe(problems: tuple[str, ...]) -> Response:
    return PlainTextResponse("\n".join(problems or ("ok",)) + "\n", status_code=503 if problems else 200)


def _page(html: str, status: int = 200) -> Response:
    return Response(html, status_code=status, media_type="text/html; charset=utf-8")


def _unreadable(_: Request, error: StoreError) -> Response:
    return PlainTextResponse(f"{error}\n", status_code=503)
