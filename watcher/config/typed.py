"""One typed word in, its value out, or a ValueError that says what was expected and what was found."""

import re
from collections.abc import Callable, Iterable
from datetime import date, tzinfo
from enum import Enum, IntEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from watcher.model.news import Grade
from watcher.text.suggest import did_you_mean, listed

_Enum = TypeVar("_Enum", bound=Enum)

_NUMBER = re.compile(r"-?[0-9]{1,5}(\.[0-9]{1,6})?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MONTH_DAY = re.compile(r"\d\d-\d\d")
_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_MAX_TEXT = 20_000
_PROXIES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")


def shown(value: object) -> str:
    """Say what was found in place of something else."""
    if value is None:
        return "nothing"
    if value == "":
        return "an empty text"
    if isinstance(value, str):
        return f"`{value if len(value) <= 60 else value[:60] + '…'}`"
    return "a list" if isinstance(value, list | tuple) else "keys and values"


def any_text(value: object) -> str:
    """Take any text."""
    if not isinstance(value, str):
        raise ValueError(f"expected text, found {shown(value)}")  # noqa: TRY004 - one kind of error for everything typed
    if len(value) > _MAX_TEXT:
        raise ValueError(f"a text of {len(value):,} characters; at most {_MAX_TEXT:,} are taken")
    return value


def some_text(value: object) -> str:
    """Take a text that is not blank."""
    if not (found := any_text(value)).strip():
        raise ValueError("expected text, found only blanks")
    return found.strip()


def header_text(value: object) -> str:
    """Take a text that is safe in an HTTP header."""
    found = some_text(value)
    if "\n" in found or "\r" in found:
        raise ValueError("a header is one line")
    return found


def matching(pattern: str, otherwise: str) -> Callable[[object], str]:
    """Make a check for texts of a form; `otherwise` ends the sentence about one that is not."""

    def check(value: object) -> str:
        found = any_text(value)
        if not re.fullmatch(pattern, found):
            raise ValueError(f"{shown(found)} {otherwise}")
        return found

    return check


header_name = matching(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", "is no header name")
"""The name of an HTTP header."""
identifier = matching(
    r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}",
    "is no id; use letters a-z, digits, `-`, `_` and `.`, at most 80, as in `icbm-launch`",
)
"""An id: it becomes part of addresses, file names and log lines."""
language = matching(
    r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", "is no language tag; write two letters, as in en, ko, ja"
)
"""A language tag."""


def version(value: object) -> int:
    """Take the version of the file's language; there is one so far."""
    if any_text(value) != "1":
        raise ValueError(f"expected version 1, found {shown(value)}; a later version needs a later watcher")
    return 1


def whole(least: int, most: int = 1_000_000) -> Callable[[object], int]:
    """Make a check for whole numbers in a range."""

    def check(value: object) -> int:
        if (
            not isinstance(value, str)
            or not re.fullmatch(r"-?[0-9]{1,9}", value)
            or not least <= int(value) <= most
        ):
            raise ValueError(f"expected a whole number from {least} to {most:,}, found {shown(value)}")
        return int(value)

    return check


def number(least: float, most: float) -> Callable[[object], float]:
    """Make a check for numbers, also with a decimal point, in a range."""

    def check(value: object) -> float:
        if not isinstance(value, str) or not _NUMBER.fullmatch(value) or not least <= float(value) <= most:
            raise ValueError(f"expected a number from {least:g} to {most:g}, found {shown(value)}")
        return float(value)

    return check


def truth(value: object) -> bool:
    """Take true or false."""
    if not isinstance(value, str) or value.lower() not in _TRUTH:
        raise ValueError(f"expected true or false, found {shown(value)}")
    return _TRUTH[value.lower()]


def word_of(kinds: type[_Enum], name: str) -> Callable[[object], _Enum]:
    """Make a check for the words of an enum; `name` is what such a word is called."""
    known = words_of(kinds)

    def check(value: object) -> _Enum:
        if not isinstance(value, str):
            raise ValueError(f"expected a {name} ({listed(known)}), found {shown(value)}")  # noqa: TRY004 - as above
        if value not in known:
            raise ValueError(
                f"unknown {name} {shown(value)}{did_you_mean(value, known) or f'; use {listed(known)}'}"
            )
        return known[value]

    return check


def words_of(kinds: type[_Enum]) -> dict[str, _Enum]:
    """Return the words people write for the members of an enum."""
    return {
        member.name.lower() if issubclass(kinds, IntEnum) else str(member.value): member for member in kinds
    }


def grade_or_better(value: object) -> Grade:
    """Take "C or better", or a bare grade, which means the same."""
    letter = any_text(value).strip().removesuffix("or better").strip()
    if letter not in words_of(Grade):
        raise ValueError(f"expected a grade such as `C or better` (A to F), found {shown(value)}")
    return Grade(letter)


def several(check: Callable[[object], str]) -> Callable[[object], tuple[str, ...]]:
    """Make a check for one word or a list of them."""

    def check_all(value: object) -> tuple[str, ...]:
        return tuple(check(each) for each in (value if isinstance(value, list) else [value]))

    return check_all


def day(value: object) -> date:
    """Take a full date."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise ValueError(f"`{value}` is no date: {error}") from error
    raise ValueError(f"expected a date such as 2026-06-03, found {shown(value)}")


def calendar_day(value: object) -> str:
    """Take a full date, or month and day for every year."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        return day(value).isoformat()
    if not isinstance(value, str) or not _MONTH_DAY.fullmatch(value):
        raise ValueError(f'expected a date such as "10-10" or "2026-06-03", found {shown(value)}')
    try:
        date.fromisoformat(f"2000-{value}")  # a leap year
    except ValueError as error:
        what = f"`{value}` is no day of a year: {error}; write month and day, as in 10-31"
        raise ValueError(what) from error
    return value


def address(value: object) -> str:
    """Take an http or https address with a host."""
    found = any_text(value).strip()
    try:
        parts = urlsplit(found)
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError as error:
        raise ValueError(f"{shown(found)} is no address: {error}") from error
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"expected an address that begins with http:// or https://, found {shown(found)}")
    if not usable or re.search(r"\s", found):
        raise ValueError(f"{shown(found)} is no address: it needs a host and has no blanks")
    return found


def one_of(words: Iterable[str], name: str) -> Callable[[object], str]:
    """Make a check for a few fixed words."""
    known = tuple(words)

    def check(value: object) -> str:
        if isinstance(value, str) and value in known:
            return value
        raise ValueError(f"expected {name} ({listed(known)}), found {shown(value)}")

    return check


def proxy(value: object) -> str:
    """Take the address of a proxy, without a login: this file is no place for a password."""
    found = some_text(value)
    try:
        parts = urlsplit(found)
        usable = (
            bool(parts.hostname) and (parts.port is None or parts.port > 0) and not re.search(r"\s", found)
        )
    except ValueError:
        usable = False
    if "@" in found:
        advice = "use a proxy that knows this machine, or `fetch.proxy` by variable"
        raise ValueError(f"a proxy's login does not belong in this file; {advice}")
    if not usable or parts.scheme not in _PROXIES:
        raise ValueError(
            f"expected the address of a proxy, as in socks5h://127.0.0.1:9050, found {shown(found)}"
        )
    return found


def network(value: object) -> IPv4Network | IPv6Network:
    """Take a network, or a single address."""
    try:
        return ip_network(any_text(value), strict=False)
    except ValueError as error:
        raise ValueError(
            f"{shown(value)} is no network; write 192.168.7.0/24, or 192.168.7.5/32 for one address"
        ) from error


def user(value: object) -> str:
    """Take the user of a basic login, which has no colon."""
    found = some_text(value)
    if ":" in found or not found.isprintable():
        raise ValueError("a user name has no colon; the password stands in the file of `password_file`")
    return found


def zone(value: object) -> tzinfo:
    """Return a time zone by its name in the IANA database."""
    name = some_text(value)
    if name not in (known := available_timezones()):
        more = did_you_mean(name, known) or (
            ", as in Asia/Seoul" if known else "; this machine has no time zones: install tzdata"
        )
        raise ValueError(f"no such time zone: {shown(name)}{more}")
    return ZoneInfo(name)
