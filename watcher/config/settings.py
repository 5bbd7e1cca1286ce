"""watcher.toml, variables and flags in, `Settings` out, or every mistake in them.

Every setting but those of channels is one `Knob`. A variable `WATCHER_X` may also be given as
`WATCHER_X_FILE`, the path of a file that holds the value.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, TypeVar

from watcher.config import typed
from watcher.config.durations import duration, size
from watcher.config.routes import ROUTE_KEYS, route_of
from watcher.config.source import decode, read_bytes
from watcher.errors import ConfigError, Mistake
from watcher.model.alerts import ChannelId
from watcher.model.retention import LEAST_KEPT, Retention
from watcher.model.settings import (
    SHIPPED,
    ChannelSpec,
    FetchSettings,
    ServiceSettings,
    Settings,
    WebSettings,
)
from watcher.text.suggest import did_you_mean, listed

_Measure = TypeVar("_Measure", int, timedelta)

DEFAULT = Path("watcher.toml")
ENVIRONMENT = "environment"
_HOW_TO_MAKE_ONE = "it is optional: leave --config out, or begin one with a line `[fetch]`"

_VARIABLE = "WATCHER_"
_FILE = "_FILE"
_CHANNELS = "channels"
_HEADER = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"\s*(\"[^\"]+\"|'[^']+'|[\w-]+(?:\s*\.\s*[\w-]+)*)\s*=")
_PAGE = re.compile(r"https?://[^/?#@]+(/[A-Za-z0-9._~-]+)*")
_TOML_PLACE = re.compile(r"\s*\(at line (\d+), column (\d+)\)")


@dataclass(frozen=True, slots=True)
class Knob:
    """One setting: where it stands in the file, and how its value is checked."""

    table: str
    key: str
    check: Callable[[str], Any]
    is_path: bool = False
    is_list: bool = False
    word: str = ""
    """What may stand in the place of the path."""

    @property
    def flag(self) -> str:
        """What it is called among the flags."""
        if self.table == "data":
            return "data" if self.key == "dir" else self.key
        return f"{self.table}_{self.key}"

    @property
    def variable(self) -> str:
        """What it is called in the environment."""
        return _VARIABLE + self.flag.upper()


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ValueError(f"{error}; write networks such as 127.0.0.1/32") from error


def _at_least(least: _Measure, read: Callable[[str], _Measure], otherwise: str) -> Callable[[str], _Measure]:
    def check(text: str) -> _Measure:
        if (found := read(text)) < least:
            raise ValueError(otherwise)
        return found

    return check


kept = _at_least(
    LEAST_KEPT,
    duration,
    f"write at least {LEAST_KEPT.days}d: younger data may be needed to send no alert twice",
)
"""How long what was read is kept."""
largest = _at_least(16 << 20, size, "write at least 16 MiB, as in 2 GiB")
"""How many bytes the database may take."""
_deadline = _at_least(
    timedelta(seconds=1), duration, "a deadline of zero lets nothing through; write at least 1s"
)
_body = _at_least(1, size, "a limit of zero bytes lets nothing through; write for example 10 MiB")
_interval = _at_least(timedelta(seconds=10), duration, "write at least 10s, as in 5m")


def _listen(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 1 << 16:
        raise ValueError("expected host and port, such as 127.0.0.1:8750 or [::1]:8750")
    return text


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in text.split(",") if name.strip())


def _public(text: str) -> str:
    found = typed.address(text).rstrip("/")
    if not _PAGE.fullmatch(found):
        what = "the address that people open has a host and at most a path, such as https://watcher.example/watch"
        raise ValueError(f"{what}; found {typed.shown(found)}")
    return found


def _secret_address(text: str) -> str:
    """Take an address, and show nothing of one that is wrong: whoever knows it can keep the heart beating."""
    try:
        return typed.address(text)
    except ValueError:
        what = "expected an address that begins with http:// or https:// (not shown: it may be secret)"
        raise ValueError(what) from None


def _postgres(text: str) -> str:
    """Take the address of a PostgreSQL database; one that is wrong is not shown: it may hold a password."""
    if not text.startswith(("postgresql://", "postgres://")):
        what = (
            "expected an address such as postgresql://user@host/database (not shown: it may hold a password)"
        )
        raise ValueError(what)
    return text


KNOBS = (
    Knob("data", "dir", typed.some_text, is_path=True),
    Knob("data", "indicators", typed.some_text, is_path=True, word=SHIPPED),
    Knob("data", "feeds", typed.some_text, is_path=True, word=SHIPPED),
    Knob("data", "keep", kept),
    Knob("data", "max_size", largest),
    Knob("store", "url", _postgres),
    Knob("fetch", "allow_private", _networks, is_list=True),
    Knob("fetch", "timeout", _deadline),
    Knob("fetch", "max_body", _body),
    Knob("fetch", "per_host", typed.whole(1, 100)),
    Knob("fetch", "in_flight", typed.whole(1, 1000)),
    Knob("fetch", "proxy", typed.some_text),
    Knob("fetch", "user_agent", typed.header_text),
    Knob("service", "heartbeat", _secret_address),
    Knob("service", "heartbeat_every", _interval),
    Knob("service", "canary", typed.truth),
    Knob("web", "listen", _listen),
    Knob("web", "hosts", _names, is_list=True),
    Knob("web", "password_file", typed.some_text, is_path=True),
    Knob("web", "users_file", typed.some_text, is_path=True),
    Knob("web", "user_header", typed.some_text),
    Knob("web", "public", _public),
)
_TABLES = {knob.table: {each.key: each for each in KNOBS if each.table == knob.table} for knob in KNOBS}

ChannelKeys = Mapping[str, Callable[[], Sequence[str]]]
"""The types of channels there are, each with what tells the keys of its table."""


def load_settings(
    toml_path: Path | None, environ: Mapping[str, str], flags: Mapping[str, str], types: ChannelKeys
) -> Settings:
    """Return the settings: a flag beats a variable beats the file.

    No path means `watcher.toml` here, if there is one.

    Flags are named as the variables are, in small letters without the WATCHER_: "data", "fetch_timeout".

    Raises:
        ConfigError: the file, a variable or a flag is wrong; every mistake is in it.
    """
    path = toml_path or (DEFAULT if DEFAULT.is_file() else None)
    file = _read(path) if path else _File("", Path())
    values = file.knobs()
    for knob in KNOBS:
        variable = _looked_up(environ, knob.variable, file.mistakes)
        typed_outside = {knob.variable: variable, f"--{knob.flag.replace('_', '-')}": flags.get(knob.flag)}
        for name, value in typed_outside.items():
            if value is not None:
                try:
                    values[knob] = knob.check(value)
                except ValueError as error:
                    file.mistakes.append(_in_environment(f"{name}: {error}"))
    channels = tuple(file.channels(environ, types))
    if file.mistakes:
        raise ConfigError(file.mistakes)
    of = {
        table: {knob.key: value for knob, value in values.items() if knob.table == table} for table in _TABLES
    }
    data = {"data" if key == "dir" else key: value for key, value in of["data"].items()}
    return Settings(
        retention=Retention(**{key: data.pop(key) for key in ("keep", "max_size") if key in data}),
        fetch=FetchSettings(**of["fetch"]),
        web=WebSettings(**of["web"]),
        channels=channels,
        service=ServiceSettings(**of["service"]),
        store_url=of["store"].get("url", ""),
        **data,
    )


@dataclass(slots=True)
class _File:
    """A settings file: its tables, the lines they stand on, and what is wrong with it so far."""

    name: str
    folder: Path
    tables: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[tuple[str, ...], tuple[int, int]] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def knobs(self) -> dict[Knob, Any]:
        """Return the checked values of all tables but the channels'."""
        found = {}
        for table, entries in self.tables.items():
            if table == _CHANNELS:
                continue
            if table not in _TABLES:
                tables = (*_TABLES, _CHANNELS)
                known = did_you_mean(table, tables) or f"; known are {listed(tables)}"
                self.note((table,), f"unknown table [{table}]{known}")
                continue
            for key, value in self.entries((table,), entries):
                if key not in (keys := _TABLES[table]):
                    known = did_you_mean(key, keys) or f"; known here: {listed(keys)}"
                    self.note((table, key), f"unknown key `{key}`{known}")
                    continue
                try:
                    found[keys[key]] = self.checked(keys[key], value)
                except ValueError as error:
                    self.note((table, key), str(error))
        return found

    def checked(self, knob: Knob, value: object) -> Any:
        """Return a value as its knob wants it; ValueError says what is wrong with it."""
        if knob.is_list and isinstance(value, list) and all(isinstance(each, str) for each in value):
            value = ",".join(value)
        if isinstance(value, bool) and knob.check is typed.truth:
            value = str(value).lower()
        if isinstance(value, bool | list | dict):
            raise ValueError(f"expected one value, found {value!r}")  # noqa: TRY004 - one kind of error for everything typed
        found = knob.check(str(value))
        return self.resolved(found) if knob.is_path and found != knob.word else found

    def channels(self, environ: Mapping[str, str], types: ChannelKeys) -> Iterator[ChannelSpec]:
        """Yield the `[channels.ID]` tables."""
        for name, entries in self.entries((_CHANNELS,), self.tables.get(_CHANNELS, {})):
            where = (_CHANNELS, name)
            if "/" in name:
                self.note(where, f"a `/` in the name {name!r} stands for one of several targets; use another")
            table = dict(self.entries(where, entries))
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name) or name == "log":
                usable = "use letters, digits, - and _, and leave `log` to the alert log"
                self.note(where, f"`{name}` cannot be a channel; {usable}")
            if not isinstance(kind := table.pop("type", None), str):
                self.note(where, 'missing key `type`, as in type = "webhook"')
                continue
            prefix = f"{_VARIABLE}CHANNELS_{name.upper().replace('-', '_')}"
            own = self.own_keys(where, kind, table, types)
            urls = self.urls(where, table, _looked_up(environ, f"{prefix}_URL", self.mistakes))
            secret = environ.get(f"{prefix}_SECRET_FILE") or self.resolved(str(table.pop("secret_file", "")))
            extra = {key: self.text((*where, key), table[key]) for key in own if key in table}
            route, wrong = route_of(ChannelId(name), table)
            for key, what in wrong.items():
                self.note((*where, key), what)
            yield ChannelSpec(
                id=ChannelId(name), type=kind, urls=urls, secret_file=secret, extra=extra, route=route
            )

    def own_keys(
        self, where: tuple[str, ...], kind: str, table: Mapping[str, Any], types: ChannelKeys
    ) -> Sequence[str]:
        """Return the keys of a type of channel, after noting an unknown type or unknown keys."""
        if kind not in types:
            known = did_you_mean(kind, types) or f"; use {listed(types)}"
            self.note((*where, "type"), f"no such type: {kind}{known}")
            return ()
        own = types[kind]()
        keys = ("type", *own, *ROUTE_KEYS)
        for key in table.keys() - set(keys):
            said = did_you_mean(key, keys) or f"; a channel of type {kind} knows {listed(keys)}"
            self.note((*where, key), f"unknown key `{key}`{said}")
        return own

    def text(self, where: tuple[str, ...], value: object) -> str:
        """Return what only some types of channel know as text; `path` is seen from the folder of the file."""
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return ", ".join(value)
        if not isinstance(value, str):
            self.note(where, f"expected text, or a list of texts, found {value!r}")
            return ""
        return self.resolved(value) if where[-1] == "path" else value

    def urls(self, where: tuple[str, ...], table: dict[str, Any], variable: str | None) -> tuple[str, ...]:
        """Take `url` or `url_file` out of a channel's table; a variable beats both."""
        written, file = table.pop("url", []), table.pop("url_file", None)
        if variable is not None:
            return (variable,)
        if file is not None:
            return (_contents(self.resolved(str(file)), lambda what: self.note((*where, "url_file"), what)),)
        urls = written if isinstance(written, list) else [written]
        if not all(isinstance(url, str) for url in urls):
            self.note((*where, "url"), "expected an address, or a list of them")
            return ()
        return tuple(urls)

    def entries(self, where: tuple[str, ...], table: object) -> Iterator[tuple[str, Any]]:
        """Yield what stands in a table, if it is one."""
        if isinstance(table, dict):
            yield from table.items()
        else:
            self.note(where, f"expected a table [{'.'.join(where)}], found {table!r}")

    def resolved(self, path: str) -> str:
        """Return a path as seen from the folder of the file."""
        return str(self.folder / path) if path else ""

    def note(self, where: tuple[str, ...], what: str) -> None:
        """Keep a mistake."""
        line, column = self.places.get(where, (1, 1))
        self.mistakes.append(Mistake(file=self.name, line=line, column=column, what=what))


def _read(path: Path) -> _File:
    name = str(path)
    text = decode(read_bytes(path, if_missing=_HOW_TO_MAKE_ONE), name)
    try:
        return _File(name, path.parent, tomllib.loads(text), _places(text))
    # tomllib lets both escape: a number of 5,000 digits, 1,000 brackets
    except (ValueError, RecursionError) as error:
        place = _TOML_PLACE.search(str(error))
        line, column = (int(place[1]), int(place[2])) if place else (text.count("\n") + 1, 1)
        what = f"{_TOML_PLACE.sub('', str(error))}; this is not valid TOML"
        raise ConfigError([Mistake(file=name, line=line, column=column, what=what)]) from error


def _places(text: str) -> dict[tuple[str, ...], tuple[int, int]]:
    """Find where tables and keys are written; tomllib does not say."""
    places: dict[tuple[str, ...], tuple[int, int]] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = _steps(header[1])
            places.setdefault(table, (number, line.index("[") + 1))
            places.setdefault(table[:1], (number, line.index("[") + 1))
        elif key := _KEY.match(line):
            places.setdefault((*table, *_steps(key[1])), (number, key.start(1) + 1))
    return places


def _steps(dotted: str) -> tuple[str, ...]:
    return tuple(step.strip().strip("\"'") for step in dotted.split("."))


def _looked_up(environ: Mapping[str, str], variable: str, mistakes: list[Mistake]) -> str | None:
    """Return the value of a variable, or what the file named by its `_FILE` twin holds; empty is none."""
    value, file = environ.get(variable), environ.get(variable + _FILE)
    if value and file:
        mistakes.append(_in_environment(f"{variable} and {variable}{_FILE} are both set; keep one"))
    if value or not file:
        return value or None
    return _contents(file, lambda what: mistakes.append(_in_environment(f"{variable}{_FILE}: {what}")))


def _contents(path: str, note: Callable[[str], None]) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        note(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}")
        return ""


def _in_environment(what: str) -> Mistake:
    return Mistake(file=ENVIRONMENT, line=1, column=1, what=what)
