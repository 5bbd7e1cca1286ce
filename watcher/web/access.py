"""A request in, who asks and what he may do out; and whether a form came from a page of ours.

A form counts when the browser says that a page of ours sent it (`Origin`, else `Sec-Fetch-Site`) and when it
has the token of the browser's session. The session is a cookie that scripts cannot read and that other sites
cannot send with a form; the token is made from it with a key that this process alone has.
"""

import getpass
import hmac
import re
import secrets
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

SESSION = "watcher-session"
NAME = "watcher-name"

_SESSION = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(r"[^\x00-\x1f\x7f;,]{1,60}")


class Rights(IntEnum):
    """What somebody may do; each may what the ones before it may."""

    VIEWER = 1
    ANALYST = 2
    ADMIN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who asks: the name that goes into the journal, and a role."""

    name: str
    rights: Rights

    @property
    def reviews(self) -> bool:
        """Whether this person may acknowledge, judge, mute, note and set levels."""
        return self.rights >= Rights.ANALYST


class Access:
    """Who asks, and which forms are ours."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._account = _account()

    def person(self, request: HTTPConnection) -> Person:
        """Return who asks: whoever is let in may do everything, under the name he goes by here."""
        name = request.cookies.get(NAME, "")
        return Person(name=name if is_name(name) else self._account, rights=Rights.ADMIN)

    def session(self, request: HTTPConnection) -> str:
        """Return the session of a browser, a new one if it has none."""
        found = request.cookies.get(SESSION, "")
        return found if _SESSION.fullmatch(found) else secrets.token_hex(16)

    def token(self, session: str) -> str:
        """Return what a form of a session must hold."""
        return hmac.new(self._key, session.encode(), sha256).hexdigest()

    def is_ours(self, request: HTTPConnection, token: str) -> bool:
        """Say whether a form was sent by a page of ours, in this session."""
        return _is_same_site(request) and hmac.compare_digest(
            token.encode(), self.token(request.cookies.get(SESSION, "")).encode()
        )


def is_name(name: str) -> bool:
    """Say whether somebody may go by a name."""
    return bool(name.strip()) and _NAME.fullmatch(name) is not None


def _is_same_site(request: HTTPConnection) -> bool:
    origin = request.headers.get("origin", "")
    if origin:
        return urlsplit(origin).netloc == request.headers.get("host", "")
    return request.headers.get("sec-fetch-site", "same-origin") == "same-origin"


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "desk"
