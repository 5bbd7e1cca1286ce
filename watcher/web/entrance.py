"""A request in, let through with a known person, or led to the login; and the login itself."""

import logging
from dataclasses import dataclass
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from watcher.errors import UsageError
from watcher.web.access import LOGIN, LOGIN_LASTS, Access
from watcher.web.desk import Desk, here, keep, local
from watcher.web.guard import sender_of
from watcher.web.writing import Form, form_of, refusal_of

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entrance:
    """Stands before the pages, and lets in whom the access knows."""

    app: ASGIApp
    access: Access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request of somebody known, or ask who it is."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope["root_path"])
        asked = HTTPConnection(scope)
        try:
            known = (
                self.access.is_open(path) or await run_in_threadpool(self.access.person, asked) is not None
            )
        except UsageError as error:
            await users_unreadable(asked, error)(scope, receive, send)
            return
        if known:
            await self.app(scope, receive, send)
            return
        answer: Response = PlainTextResponse("log in, or send a token\n", status_code=401)
        if self.access.asks and scope["method"] == "GET" and "text/html" in asked.headers.get("accept", ""):
            to = quote(here(Request(scope)), safe="")
            answer = RedirectResponse(f"{scope['root_path']}/login?to={to}", status_code=303)
        await answer(scope, receive, send)


def users_unreadable(request: HTTPConnection, error: UsageError) -> Response:  # noqa: ARG001  as handlers of errors are called
    """Answer while the file of users is wrong: the log says what of it, and strangers learn nothing."""
    _log.error("%s", error)
    words = "the users of the page cannot be read; its log says why\n"
    return PlainTextResponse(words, status_code=503)


@dataclass(frozen=True, slots=True)
class Logins:
    """Lets people in and out."""

    desk: Desk

    def form(self, request: Request) -> Response:
        """Ask for name and password."""
        return self._ask(request, request.query_params.get("to", "/"), "")

    async def enter(self, request: Request) -> Response:
        """Let somebody in whose name and password are right."""
        form = await form_of(request)
        return await run_in_threadpool(self._enter, request, form)

    async def leave(self, request: Request) -> Response:
        """Forget who is in this browser."""
        form = await form_of(request)
        if refused := refusal_of(self.desk, request, form):
            return refused
        answer = RedirectResponse(f"{request.scope['root_path']}/login", status_code=303)
        answer.delete_cookie(LOGIN, path=request.scope["root_path"] or "/")
        return answer

    def _enter(self, request: Request, form: Form) -> Response:
        if refused := refusal_of(self.desk, request, form):
            return refused
        now, name, wrong = self.desk.clock(), form.get("name"), self.desk.access.wrong
        sender = sender_of(request.scope["client"], request.headers)
        # Taken before the password is looked at, so that tries at the same time are all counted.
        places = (f"name {name}", *([f"from {sender}"] if sender else []))
        if not wrong.take(now, *places):
            return self._ask(request, form.get("to"), "Too many wrong passwords: wait ten minutes.", 429)
        kept = self.desk.access.log_in(name, form.raw("password"))
        if kept is None:
            return self._ask(request, form.get("to"), "The name or the password is wrong.", 401)
        wrong.give_back(now, *places)
        answer = RedirectResponse(request.scope["root_path"] + local(form.get("to")), status_code=303)
        keep(request, answer, LOGIN, kept, int(LOGIN_LASTS.total_seconds()))
        return answer

    def _ask(self, request: Request, to: str, problem: str, status: int = 200) -> Response:
        return self.desk.page(
            request, "login.html", status, to=local(to), problem=problem, health=None, unanswered=0
        )
