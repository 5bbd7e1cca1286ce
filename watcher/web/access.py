"""A request in, who asks and what he may do out; and whether a form came from a page of ours.

Without users, whoever is let in may do everything, under the name he goes by in this browser. With a file of
users, people log in and programs bring a token; or a proxy on this machine says who it is.

A form counts when the browser says that a page of ours sent it (`Origin`, else `Sec-Fetch-Site`) and when it
has the token of the browser's session. The session is a cookie that scripts cannot read and that other sites
cannot send with a form; the token is made from it with a key that this process alone has. Who logged in is a
cookie signed with the same key.
"""

import hmac
import re
import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Lock
from urllib.parse import quote, unquote, urlsplit

from starlette.requests import HTTPConnection

from watcher.model.settings import Settings
from watcher.ports import Clock
from watcher.web.guard import is_here
from watcher.web.users import PageUser, Person, Rights, Users, is_name, login_name

SESSION, NAME, LOGIN = "watcher-session", "watcher-name", "watcher-login"
LOGIN_LASTS = timedelta(hours=12)

_SESSION = re.compile(r"[0-9a-f]{32}")
_OPEN = re.compile(r"/(login|healthz|static/.*|websub/[A-Za-z0-9_-]+)")
"""Addresses that nobody is asked for a name at."""

_WRONG, _WRITES, _WINDOW = 5, 300, timedelta(minutes=10)
_MOST_KEYS, _LONGEST_KEY = 10_000, 100


class Access:
    """Who asks, and which forms are ours."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._key = secrets.token_bytes(32)
        self._account = login_name()
        public = urlsplit(settings.web.public)
        self._origin = f"{public.scheme}://{public.netloc}"
        self._header, file = settings.web.user_header, settings.web.users_file
        self._users = Users(Path(file)) if file else None
        self._clock = clock
        self.wrong = Attempts(_WRONG, _WINDOW)
        self.writes = Attempts(_WRITES, _WINDOW)
        if self._users:
            self._users.all()  # what is wrong with the file is said at the start

    @property
    def asks(self) -> bool:
        """Whether people log in here."""
        return self._users is not None and not self._header

    @property
    def knows_people(self) -> bool:
        """Whether people have names that they cannot choose."""
        return self._users is not None or bool(self._header)

    def person(self, request: HTTPConnection) -> Person | None:
        """Return who asks; None when nobody says, or what he says is not true."""
        if not self.knows_people:
            name = unquote(request.cookies.get(NAME, ""))
            return Person(name=name if is_name(name) else self._account, rights=Rights.ADMIN)
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._users.by_token(token.strip()) if self._users else None
        if self._header:
            return self._by_header(request)
        return self._by_cookie(request)

    def log_in(self, name: str, password: str) -> str | None:
        """Return what to keep in the browser of who logs in; None when name or password is wrong."""
        found = self._users.by_password(name, password) if self._users else None
        if found is None:
            return None
        said = f"{quote(found.person.name)}~{int((self._clock() + LOGIN_LASTS).timestamp())}"
        return f"{said}~{self._signed_login(said, found)}"

    def is_open(self, path: str) -> bool:
        """Say whether an address needs no name."""
        return not self.knows_people or _OPEN.fullmatch(path) is not None

    def session(self, request: HTTPConnection) -> str:
        """Return the session of a browser, a new one if it has none."""
        found = request.cookies.get(SESSION, "")
        return found if _SESSION.fullmatch(found) else secrets.token_hex(16)

    def token(self, session: str) -> str:
        """Return what a form of a session must hold."""
        return self._signed(f"form {session}")

    def is_ours(self, request: HTTPConnection, token: str) -> bool:
        """Say whether a form was sent by a page of ours, in this session, or by a program with a token."""
        if self.knows_people and request.headers.get("authorization", "").lower().startswith("bearer "):
            return self.person(request) is not None
        return self._is_same_site(request) and hmac.compare_digest(
            token.encode(), self.token(request.cookies.get(SESSION, "")).encode()
        )

    def _is_same_site(self, request: HTTPConnection) -> bool:
        origin = request.headers.get("origin", "")
        if origin:  # a proxy may ask us by another name than the browser asked it
            return origin == self._origin or urlsplit(origin).netloc == request.headers.get("host", "")
        return request.headers.get("sec-fetch-site", "same-origin") == "same-origin"

    def _by_header(self, request: HTTPConnection) -> Person | None:
        said = request.headers.getlist(self._header)
        name = said[0].encode("latin-1").decode("utf-8", "replace") if len(said) == 1 else ""
        if not is_here(request.scope["client"]) or not is_name(name):
            return None
        known = self._users.named(name) if self._users else None
        return (
            known.person
            if known
            else Person(name=name, rights=Rights.VIEWER if self._users else Rights.ANALYST)
        )

    def _by_cookie(self, request: HTTPConnection) -> Person | None:
        said, _, signature = request.cookies.get(LOGIN, "").rpartition("~")
        name, _, until = said.rpartition("~")
        found = self._users.named(unquote(name)) if self._users else None
        if not found or not hmac.compare_digest(signature.encode(), self._signed_login(said, found).encode()):
            return None
        return found.person if self._clock().timestamp() <= int(until) else None

    def _signed_login(self, said: str, user: PageUser) -> str:
        """Return the signature of a login, which another password of the same user would not have."""
        return self._signed(f"login {said} {user.secret}")

    def _signed(self, words: str) -> str:
        return hmac.new(self._key, words.encode(), sha256).hexdigest()


class Attempts:
    """Counts what somebody does, and says when it is too often. Any thread may ask."""

    def __init__(self, most: int, window: timedelta) -> None:
        self._most, self._window = most, window
        self._made: dict[str, list[datetime]] = {}
        self._lock = Lock()

    def take(self, now: datetime, *names: str) -> bool:
        """Count one more of each name and say so; none if one has it as often as is allowed."""
        with self._lock:
            made = {
                each[:_LONGEST_KEY]: [
                    at for at in self._made.get(each[:_LONGEST_KEY], ()) if now - at <= self._window
                ]
                for each in names
            }
            if any(len(found) >= self._most for found in made.values()):
                return False
            if len(self._made) >= _MOST_KEYS:
                self._made.clear()
            self._made |= {name: [*found, now] for name, found in made.items()}
            return True

    def give_back(self, now: datetime, *names: str) -> None:
        """Count what was taken at a moment no longer."""
        with self._lock:
            for each in names:
                made = self._made.get(each[:_LONGEST_KEY], [])
                if now in made:
                    made.remove(now)
