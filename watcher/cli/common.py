"""What the commands share: the application, options that become settings, groups that are also commands."""

import getpass
import os
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watcher import bootstrap
from watcher.clock import utc_now
from watcher.errors import UsageError

if TYPE_CHECKING:
    from watcher.model.settings import Settings

Command = Callable[..., None]

app = typer.Typer(
    name="watcher",
    help="Polls public news feeds, matches them against an analyst's indicators of North Korean "
    "provocations, and alerts once per event.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def account(login: Callable[[], str] = getpass.getuser) -> str:
    """Return the login name of the user, or `unknown` if the system has no name for the user's number."""
    try:
        return login()
    except (KeyError, OSError, ImportError):
        return "unknown"


By = Annotated[
    str,
    typer.Option(
        "--by",
        envvar="USER",
        callback=lambda name: name or account(),
        help="Your name (default: $USER, else the login name, else `unknown`).",
        show_default=False,
    ),
]

_WHICH = (
    "{}: a file, or `shipped` (default: {}.yaml here, else the data folder's own, else the shipped list)."
)
_PLACES = {
    "data": "The data folder, with watcher.db and alerts/ (default: the working folder).",
    "indicators": _WHICH.format("Indicators", "indicators"),
    "feeds": _WHICH.format("Feeds", "feeds"),
    "config": "Settings (default: watcher.toml here, if any).",
}
_OPTIONS = {
    name: Annotated[Path | None, typer.Option(f"--{name}", help=what, show_default=False)]
    for name, what in _PLACES.items()
} | {
    "listen": Annotated[
        str | None,
        typer.Option(
            "--listen", help="Host and port, as 127.0.0.1:8750; else `listen` of [web].", show_default=False
        ),
    ]
}


_HOW_LONG = re.compile(r"\d+\s*[a-z]")


def group(name: str, what: str, *, alone: bool = False) -> typer.Typer:
    """Return a new group of commands; `alone` says that it does something without one (`runs_alone`)."""
    made = typer.Typer(
        help=what, rich_markup_mode=None, no_args_is_help=not alone, invoke_without_command=alone
    )
    app.add_typer(made, name=name)
    return made


def takes_flags(*options: str) -> Callable[[Command], Command]:
    """Return a decorator: the command takes `flags`, the given values of some options, by name."""

    def decorated(command: Command) -> Command:
        @wraps(command)
        def run(**given: Any) -> None:
            command(flags={option: given.pop(option) for option in options}, **given)

        own = [
            each for each in signature(command).parameters.values() if each.name not in ("flags", "settings")
        ]
        own += [
            Parameter(option, Parameter.KEYWORD_ONLY, default=None, annotation=_OPTIONS[option])
            for option in options
        ]
        return _with_parameters(run, own)

    return decorated


def takes_settings(*options: str) -> Callable[[Command], Command]:
    """Return a decorator: the command takes `settings`, and the command line the options they are made of."""

    def decorated(command: Command) -> Command:
        @wraps(command)
        def run(flags: dict[str, Any], **given: Any) -> None:
            command(settings=settings_of(**flags), **given)

        return takes_flags(*options)(run)

    return decorated


def runs_alone(group: typer.Typer, name: str) -> Callable[[Command], Command]:
    """Return a decorator: a group runs the command when it is called without one."""

    def decorated(command: Command) -> Command:
        own = list(signature(command).parameters.values())

        def callback(context: typer.Context, **given: Any) -> None:
            if context.invoked_subcommand is None:
                command(**given)
            elif any(given[each.name] != each.default for each in own):
                raise UsageError(
                    f"options go behind the command: `watcher {name} {context.invoked_subcommand} ...`"
                )

        context = Parameter("context", Parameter.KEYWORD_ONLY, annotation=typer.Context)
        group.callback()(_with_parameters(callback, [context, *own]))
        return command

    return decorated


def settings_of(config: Path | None = None, listen: str | None = None, **lists: Path | None) -> "Settings":
    """Return the settings: a flag beats a variable beats the file.

    Raises:
        ConfigError: the file or a variable is wrong.
    """
    flags = {**lists, "web_listen": listen}
    return bootstrap.read_settings(
        config, os.environ, {name: str(value) for name, value in flags.items() if value}
    )


def with_same_data(settings: "Settings") -> str:
    """Return what a command that a person is told to type needs to find the same data folder."""
    return "" if settings.data == "." else f" --data {quote(settings.data)}"


def time_of(typed: str) -> datetime | None:
    """Return a typed time, day or age ("12h"), or that of `today` and `yesterday` (UTC); None for nothing.

    Raises:
        UsageError: it is none of these.
    """
    from watcher.config.durations import duration
    from watcher.read.dates import parse_date

    if not typed:
        return None
    now, word = utc_now(), typed.strip().lower()
    if word in ("today", "yesterday"):
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight - timedelta(days=word == "yesterday")
    if _HOW_LONG.fullmatch(word):
        try:
            return now - duration(word)
        except ValueError as error:
            raise UsageError(str(error)) from error
    found = parse_date(typed)
    if found is None:
        raise UsageError(
            f"no such time: {typed!r}; write 2026-10-10, 2026-10-10T03:14:15Z, today, yesterday, "
            "or how long ago, as in 12h or 7d"
        )
    return found


def _with_parameters(command: Command, parameters: list[Parameter]) -> Command:
    """Give a function the parameters that typer shall see."""
    command.__signature__ = signature(command).replace(  # type: ignore[attr-defined]
        parameters=[each.replace(kind=Parameter.KEYWORD_ONLY) for each in parameters]
    )
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    return command
