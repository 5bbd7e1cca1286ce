"""A request in, let through or refused; an answer in, out with headers that keep a page inert.

Whoever can reach the page is asked for the password, if one is set. The name in `Host` must be one the page
goes by: a page of another name that a browser is led to resolve to this machine (DNS rebinding) gets nothing.
Hubs have no password: what they call at is a secret address, and what they send is signed.

A proxy may serve the page below a path of its own, whether it passes that path on or takes it off. The path
is the one of `web.public`; a proxy on this machine may name another in `X-Forwarded-Prefix`. From others the
header counts for nothing, because it decides where the links of a page lead.
"""

import base64
import hmac
import re
from dataclasses import dataclass
from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

USER = "desk"

_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})

_OF_HUBS = re.compile(r"/websub/[A-Za-z0-9_-]+")
_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)+")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Guard:
    """Stands before an application. `hosts` are names it also goes by; an empty password is no password.

    `let_hubs_in` says that the addresses hubs call at need none. `prefix` is the path that the page is below
    for those who open it, such as `/watch`; empty is the root. The application finds it as `root_path`.
    """

    app: ASGIApp
    hosts: frozenset[str]
    password: bytes
    let_hubs_in: bool = False
    prefix: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scope = _below(self._prefix(scope, headers), scope)
        if _name(headers.get("host", "")) not in self.hosts | _LOCAL:
            answer: ASGIApp = PlainTextResponse(
                "this host name is not allowed; add it to `hosts` of [web]\n", status_code=421
            )
        elif not self._is_for_hubs(scope["path"].removeprefix(scope["root_path"])) and not self._knows(
            headers.get("authorization", "")
        ):
            challenge = {"WWW-Authenticate": 'Basic realm="watcher", charset="UTF-8"'}
            answer = PlainTextResponse("a password is needed\n", status_code=401, headers=challenge)
        else:
            answer = self.app
        await answer(scope, receive, _with_headers(send))

    def _prefix(self, scope: Scope, headers: Headers) -> str:
        named = headers.get("x-forwarded-prefix", "").rstrip("/")
        return named if _PREFIX.fullmatch(named) and is_here(scope["client"]) else self.prefix

    def _is_for_hubs(self, path: str) -> bool:
        return self.let_hubs_in and _OF_HUBS.fullmatch(path) is not None

    def _knows(self, authorization: str) -> bool:
        if not self.password:
            return True
        scheme, _, encoded = authorization.partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True) if scheme.lower() == "basic" else b""
        except ValueError:  # no base64, or letters beyond ASCII
            return False
        return hmac.compare_digest(given, USER.encode() + b":" + self.password)


def is_here(client: tuple[str, int] | None) -> bool:
    """Return whether a request comes from this machine."""
    try:
        return client is not None and ip_address(client[0]).is_loopback
    except ValueError:
        return False


def sender_of(client: tuple[str, int] | None, headers: Headers) -> str:
    """Return the address that a request comes from, as a proxy on this machine says; empty is unknown."""
    if not is_here(client):
        return client[0] if client else ""
    return (headers.getlist("x-forwarded-for") or [""])[-1].rpartition(",")[2].strip()


def _below(prefix: str, scope: Scope) -> Scope:
    """Return the request as one below a path, whether its own path begins with it or not."""
    path = (
        scope["path"].removeprefix(prefix) if f"{scope['path']}/".startswith(f"{prefix}/") else scope["path"]
    )
    return {**scope, "root_path": prefix, "path": prefix + (path or "/")}


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(HEADERS)
        await send(message)

    return sending


def _name(host: str) -> str:
    """Return the name in a `Host` header without its port."""
    name, _, port = host.rpartition(":")
    return (name if name and port.isdigit() else host).lower().rstrip(".")
