"""A file of users in, who somebody is and what he may do out; passwords and tokens as the file keeps them.

A line is `name:role:secret`. A password is kept as scrypt with a salt of its own, a token of a program as its
SHA-256, because a token is random and long. The file is read again when it changes, so a removed user is out
at once.
"""

import getpass
import hmac
import os
import secrets
from dataclasses import dataclass
from enum import IntEnum
from hashlib import scrypt, sha256
from pathlib import Path

from watcher.errors import UsageError
from watcher.replacing import replace_whole

_COST, _BLOCK, _PARALLEL, _BYTES = 2**14, 8, 1, 32
_LEAST = 10
_FORBIDDEN = frozenset(":;,\"'\\<>")


class Rights(IntEnum):
    """What somebody may do; each may what the ones before it may."""

    VIEWER = 1
    ANALYST = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """The word in the file of users."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who asks: the name that goes into the journal, and what it may do."""

    name: str
    rights: Rights

    @property
    def reviews(self) -> bool:
        """Whether this person may acknowledge, judge, mute and note."""
        return self.rights >= Rights.ANALYST

    @property
    def sets_levels(self) -> bool:
        """Whether this person may set levels of the board by hand."""
        return self.rights >= Rights.ADMIN


@dataclass(frozen=True, slots=True, kw_only=True)
class PageUser:
    """A line of the file."""

    person: Person
    secret: str

    @property
    def is_program(self) -> bool:
        """Whether it comes with a token, and not with a password."""
        return self.secret.startswith("token$")


class Users:
    """The users of a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: tuple[int, int] | None = None
        self._users: tuple[PageUser, ...] = ()

    def all(self) -> tuple[PageUser, ...]:
        """Return the users as the file has them now.

        Raises:
            UsageError: it cannot be read, or a line is wrong.
        """
        try:
            state = self._file.stat()
            if (state.st_mtime_ns, state.st_ino) != self._known:
                self._users = read_users(self._file.read_text(encoding="utf-8"), str(self._file))
                self._known = (state.st_mtime_ns, state.st_ino)
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"the users of the page cannot be read from {self._file}: {error}") from error
        return self._users

    def named(self, name: str) -> PageUser | None:
        """Return the user of a name who is no program."""
        return next((each for each in self.all() if each.person.name == name and not each.is_program), None)

    def by_password(self, name: str, password: str) -> PageUser | None:
        """Return the user of a name and a password; it takes as long when there is no such name."""
        found = self.named(name)
        is_right = _is_password(password, found.secret if found else _NOBODY)
        return found if is_right else None

    def by_token(self, token: str) -> Person | None:
        """Return the program that has a token."""
        kept = token_secret(token).encode()
        found = [each for each in self.all() if hmac.compare_digest(each.secret.encode(), kept)]
        return found[0].person if found else None


def read_users(text: str, name: str) -> tuple[PageUser, ...]:
    """Return the users of a file.

    Raises:
        UsageError: a line is wrong.
    """
    found: list[PageUser] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = line.strip().split(":")
        if len(parts) != 3 or parts[1].upper() not in Rights.__members__ or not is_name(parts[0]):
            raise UsageError(
                f"{name}:{number}:1: expected name:role:secret; `watcher users add` writes such a line"
            )
        found.append(PageUser(person=Person(name=parts[0], rights=Rights[parts[1].upper()]), secret=parts[2]))
    return tuple(found)


def write_users(file: Path, users: tuple[PageUser, ...]) -> None:
    """Write a file of users: a new one is for its owner alone, another stays with who could read it."""
    lines = (f"{each.person.name}:{each.person.rights.word}:{each.secret}\n" for each in users)
    try:
        replace_whole(file, "".join(lines).encode(), mode=None if file.exists() else 0o600)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror or error}") from error


def password_secret(password: str) -> str:
    """Return a password as the file keeps it.

    Raises:
        UsageError: it is too short.
    """
    if len(password) < _LEAST:
        raise UsageError(f"a password has at least {_LEAST} characters")
    return _hashed(password, secrets.token_hex(16))


def token_secret(token: str) -> str:
    """Return a token as the file keeps it."""
    return f"token${sha256(token.encode(errors='replace')).hexdigest()}"


def is_name(name: str) -> bool:
    """Say whether somebody may go by a name: at most 60 characters, none that a file or cookie parts at."""
    return (
        bool(name.strip())
        and name == name.strip()
        and len(name) <= 60
        and name.isprintable()
        and not _FORBIDDEN & set(name)
    )


def login_name() -> str:
    """Return the login name of who runs this program."""
    return os.environ.get("USER") or _account()


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "desk"


def _hashed(password: str, salt: str) -> str:
    made = scrypt(
        password.encode(errors="replace"), salt=salt.encode(), n=_COST, r=_BLOCK, p=_PARALLEL, dklen=_BYTES
    )
    return f"scrypt${salt}${made.hex()}"


_NOBODY = f"scrypt${'0' * 32}${'0' * 64}"


def _is_password(password: str, secret: str) -> bool:
    _, salt, _ = (*secret.split("$"), "", "")[:3]
    return hmac.compare_digest(_hashed(password, salt).encode(), secret.encode())
