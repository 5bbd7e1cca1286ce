"""Words to calls: one module per group of verbs.

Of them only the module of the command is loaded, and heavy imports wait until it runs: a command costs little
before it does anything, and `--help` is quick.

Data goes to stdout, logs and progress to stderr. Exit codes: 0 fine; 1 ran and found trouble; 2 wrong use or
wrong config, nothing done; 3 outside trouble (network, database).
"""

import errno
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

import typer

from watcher.cli.common import app
from watcher.errors import WatcherError

_WRITING_FAILED = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})
"""What the system says when stdout takes no more."""

_OBJECTS = 50_000
"""After so many new objects Python looks for garbage: after 700, it takes a tenth of what a check does."""

_COMMANDS = {
    "service": ("run", "poll", "demo", "status", "doctor", "serve"),
    "tuning": ("check", "match", "explain", "suggest", "replay", "schema"),
    "measuring": ("evaluate", "backtest"),
    "alerts": ("alerts", "mute", "unmute", "actions"),
    "incidents": ("incidents",),
    "reporting": ("handover", "report"),
    "board": ("board",),
    "feeds": ("feeds",),
    "channels": ("channels",),
    "users": ("users",),
    "database": ("db", "search"),
}
"""The modules and the commands of each, in the order in which --help lists them."""


@app.callback(invoke_without_command=True)
def _version(version: bool = typer.Option(False, "--version", help="Print the version and exit.")) -> None:
    if version:
        from watcher import __version__

        typer.echo(__version__)
        raise typer.Exit


def application(command: str = "") -> typer.Typer:
    """Return the application with this command, or with every command if none has the name."""
    homes = [module for module, commands in _COMMANDS.items() if command in commands]
    for module in homes or _COMMANDS:
        import_module(f"watcher.cli.{module}")
    return app


def main(words: Sequence[str] | None = None) -> None:
    """Run a command line, by default the one of this process, and exit with its code."""
    _show_what_can_be_shown()
    gc.set_threshold(_OBJECTS)
    typed = sys.argv[1:] if words is None else words
    try:
        try:
            application(typed[0] if typed else "")(words)
        finally:
            sys.stdout.flush()
    except WatcherError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        if error.filename or error.errno not in _WRITING_FAILED:
            raise
        with suppress(OSError):  # the same disk may be behind stderr
            typer.echo(f"the output could not be written: {error.strerror}", err=True)
        _throw_away(sys.stdout, sys.stderr)
        sys.exit(WatcherError.exit_code)


def _show_what_can_be_shown() -> None:
    """Let a terminal without Korean show a `?` in its place; a closed stdout takes everything."""
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the end
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _throw_away(*streams: TextIO) -> None:
    """Send what streams still hold nowhere: Python would try it again, and end with an error of its own."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(nowhere, stream.fileno())
