"""Settings in, an ASGI application out: the pages for reviewing, probes, and Prometheus metrics.

Every page is read from the database over a connection that can only read. What reviewers do is
written by `watcher.web.writing` alone, and hubs are heard at addresses of their own (`watcher.web.websub`).
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from watcher import bootstrap
from watcher.errors import StoreError, UsageError
from watcher.model.settings import Settings
from watcher.ports import Clock
from watcher.service.health import SERVICE_PATIENCE, Health
from watcher.web.access import Access
from watcher.web.api import Interface, Operation, document_route
from watcher.web.bench import Bench
from watcher.web.browsing import Browsing
from watcher.web.desk import Desk
from watcher.web.entrance import Entrance, Logins, users_unreadable
from watcher.web.exporting import ALERT_LIST, CALENDAR, INCIDENT_LIST, ONE_INCIDENT, Exporting
from watcher.web.feeds import POLLING, FeedForms
from watcher.web.guard import Guard
from watcher.web.lists import Lists
from watcher.web.reading import Pages
from watcher.web.stores import Stores
from watcher.web.tuning import Tuning
from watcher.web.websub import Callback
from watcher.web.writing import ACTING, LEVELLING, Forms

_STATIC = Path(__file__).parent / "static"
_PROBE = Interface(answers={"text/plain": None})


def app_of(settings: Settings, clock: Clock, *, apart: bool = True) -> Guard:
    """Return the application, behind its guard; `apart` has the lists read in a process of their own."""
    desk = Desk(settings, clock, Lists(settings, apart=apart), Access(settings, clock), Stores(settings))
    pages, forms, probes = Pages(desk), Forms(desk), _Probes(desk)
    more, tuning = Browsing(desk, pages), Tuning(desk, pages, Bench(settings))
    files, login, feeds = Exporting(desk), Logins(desk), FeedForms(desk, pages)
    routes: list[BaseRoute] = [
        Route("/", pages.board),
        Route("/incidents", pages.incidents),
        Operation("/incidents.{form}", files.incidents, INCIDENT_LIST),
        Operation("/incidents/{id}.json", files.incident, ONE_INCIDENT),
        Operation("/alerts.{form}", files.alerts, ALERT_LIST),
        Operation("/calendar.ics", files.calendar, CALENDAR),
        Route("/incidents/{id}", pages.incident),
        Route("/alerts", pages.alerts),
        Route("/alerts/{id}", pages.alert),
        Route("/search", more.search),
        Route("/indicators", tuning.indicators),
        Route("/indicators/{id}", tuning.indicator),
        Route("/indicators/{id}", tuning.tried, methods=["POST"]),
        Route("/indicators/{id}/download", tuning.download, methods=["POST"]),
        Route("/why/{id:path}", tuning.why),
        Route("/feeds", more.feeds),
        Route("/feeds/{id}/test", feeds.test, methods=["POST"]),
        Operation("/feeds/{id}/poll", feeds.poll, POLLING, method="POST"),
        Route("/activity", more.activity),
        Route("/calendar", more.calendar),
        Route("/health", pages.health),
        Route("/help", pages.help),
        Route("/pulse", pages.pulse),
        Route("/login", login.form),
        Route("/login", login.enter, methods=["POST"]),
        Route("/logout", login.leave, methods=["POST"]),
        Operation("/act", forms.act, ACTING, method="POST"),
        Operation("/level", forms.level, LEVELLING, method="POST"),
        Route("/name", forms.name, methods=["POST"]),
        Operation("/healthz", probes.healthz, _PROBE),
        Operation("/readyz", probes.readyz, _PROBE),
        Operation("/metrics", probes.metrics, _PROBE),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]
    if settings.web.callbacks:
        routes.append(Route("/websub/{token}", Callback(settings, clock).answer, methods=["GET", "POST"]))
    routes.append(document_route(routes))
    handlers = {StoreError: _unreadable, UsageError: users_unreadable}
    app = Starlette(routes=routes, exception_handlers=handlers)  # type: ignore[arg-type]  # a handler may take the error it is for
    return Guard(
        Entrance(app, desk.access),
        frozenset(settings.web.hosts) | {urlsplit(settings.web.public).hostname or "localhost"},
        bootstrap.web_password(settings),
        let_hubs_in=bool(settings.web.callbacks),
        prefix=settings.web.prefix,
    )


@dataclass(frozen=True, slots=True)
class _Probes:
    """Answers monitoring."""

    desk: Desk

    def healthz(self, _: Request) -> Response:
        """Say whether the service is alive: 200 when it runs and ended a round lately, else 503."""
        return _probe(_signs_of_death(self._health(), self.desk.clock()))

    def readyz(self, _: Request) -> Response:
        """Say whether nothing needs a person: 200, else 503 with what does."""
        return _probe(self._health().problems)

    def metrics(self, _: Request) -> Response:
        """Return numbers for Prometheus."""
        from watcher.web.metrics import CONTENT_TYPE, metrics_text

        with self.desk.store() as store:
            health = self.desk.health(store, self.desk.lists.now())
            return Response(metrics_text(store, health, self.desk.clock()), media_type=CONTENT_TYPE)

    def _health(self) -> Health:
        with self.desk.store() as store:
            return self.desk.health(store, self.desk.lists.now())


def _signs_of_death(health: Health, now: datetime) -> tuple[str, ...]:
    """Return why the service is not alive: no process holds the data folder, or no round has ended lately."""
    if health.process is None:
        return ("no service is running on this data folder",)
    if health.last_tick is None or now - health.last_tick > SERVICE_PATIENCE:
        return (f"the service has finished no round of polls since {health.last_tick or 'its start'}",)
    return ()


def _probe(problems: tuple[str, ...]) -> Response:
    return PlainTextResponse("\n".join(problems or ("ok",)) + "\n", status_code=503 if problems else 200)


def _unreadable(_: Request, error: StoreError) -> Response:
    return PlainTextResponse(f"{error}\n", status_code=503)
