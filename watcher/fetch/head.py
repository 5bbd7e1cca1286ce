"""Header lines in, the values we use out, safe to keep, send back and show; and the line of a login."""

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

from watcher.errors import FetchError
from watcher.model.news import Login

MOST_WAIT = 24 * 3600.0
"""Seconds of waiting that a server can ask for."""

_BLANK = frozenset({b"\r\n", b"\n"})
_JOINED = frozenset({b"content-encoding", b"cache-control"})
"""Fields whose lines are one list when there are several."""
_LENGTHS = frozenset({b"content-length", b"transfer-encoding"})
_USED = (
    _LENGTHS
    | _JOINED
    | {
        b"etag",
        b"last-modified",
        b"content-type",
        b"location",
        b"retry-after",
        b"date",
        b"age",
        b"set-cookie",
    }
)
_SAFE = re.compile(r"[ -~]{1,1000}")
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=\"?([0-9]{1,9})\b", re.IGNORECASE)
_NO_CACHE = re.compile(r"no-cache|no-store", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of the last answer on a connection. `status` is 0 when none came whole."""

    status: int
    fields: dict[bytes, bytes]

    def text(self, name: bytes) -> str:
        """Return a field if it may be stored and sent back as it is, else an empty string."""
        value = self.fields.get(name)
        return safe_value(value.decode("latin-1")) if value else ""

    @property
    def cookies(self) -> str:
        """The cookies that the server sets, as they are sent back; empty where there are none to send."""
        return self.text(b"set-cookie")

    @property
    def title(self) -> str:
        """The status in our own words; a server's are not to be trusted."""
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return f"status {self.status}"

    @property
    def retry_after(self) -> float | None:
        """How many seconds the server asks us to wait, capped; None when it says nothing usable."""
        value = self.text(b"retry-after")
        seconds = float(value) if value.isdigit() else self._seconds_until(value)
        return None if seconds is None or seconds < 0 else min(seconds, MOST_WAIT)

    @property
    def tells_its_length(self) -> bool:
        """Whether an answer says how long it is; else it ends where the connection does, cut short or not."""
        return not _LENGTHS.isdisjoint(self.fields)

    @property
    def fresh_for(self) -> timedelta:
        """How long the server says that its answer stays fresh, less its time in a cache; capped."""
        control = self.text(b"cache-control")
        found = _MAX_AGE.search(control)
        if not found or _NO_CACHE.search(control):
            return timedelta()
        age = self.text(b"age")
        spent = int(age) if age.isdigit() and len(age) < 10 else 0
        return timedelta(seconds=min(max(int(found[1]) - spent, 0), MOST_WAIT))

    def _seconds_until(self, moment: str) -> float | None:
        """Count from the server's own Date, so that a wrong clock on either side does no harm."""
        from email.utils import parsedate_to_datetime  # noqa: PLC0415 - eight modules, for few answers

        try:
            return (parsedate_to_datetime(moment) - parsedate_to_datetime(self.text(b"date"))).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return None


def read_head(lines: Sequence[bytes]) -> Head:
    """Read the last whole block of header lines; earlier ones are 1xx, later lines are trailers."""
    block: Sequence[bytes] = ()
    start = 0
    for end in [index for index, line in enumerate(lines) if line in _BLANK]:
        if not lines[start].startswith(b"HTTP/"):
            break
        block, start = lines[start:end], end + 1
    if not block:
        return Head(0, {})
    fields: dict[bytes, bytes] = {}
    for line in block[1:]:
        name, _, value = line.partition(b":")
        if (name := name.lower()) in _USED:
            joint, value = (b"; ", value.partition(b";")[0]) if name == b"set-cookie" else (b",", value)
            joined = (name in _JOINED or joint == b"; ") and name in fields
            fields[name] = fields[name] + joint + value.strip() if joined else value.strip()
    parts = block[0].split(None, 2)
    return Head(int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0, fields)


def safe_value(value: str) -> str:
    """Return a header value if it is short printable ASCII, else an empty string."""
    return value if _SAFE.fullmatch(value) else ""


def authorization(login: Login) -> str:
    """Return the Authorization line.

    The password is read from its file each time, so that a changed one counts at once.

    Raises:
        FetchError: the file cannot be read. What it holds is never in an error.
    """
    try:
        password = Path(login.password_file).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except OSError as error:
        what = f"the password file {login.password_file} cannot be read: {error.strerror}"
        raise FetchError("login", what) from error
    except ValueError as error:
        raise FetchError("login", f"the password file {login.password_file} is not UTF-8 text") from error
    return "Authorization: Basic " + b64encode(f"{login.user}:{password}".encode()).decode()
