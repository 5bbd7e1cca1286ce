"""Words to calls: one module per group of verbs.

Heavy imports wait until a command runs, so that `--help` is quick.

Data goes to stdout, logs and progress to stderr. Exit codes: 0 fine; 1 ran and found trouble; 2 wrong use or
wrong config, nothing done; 3 outside trouble (network, database).
"""

import sys
from collections.abc import Sequence
from importlib import import_module

import typer

from watcher.cli.common import app
from watcher.errors import WatcherError

__all__ = ["app", "main"]

for _module in ("service", "tuning", "measuring", "alerts", "board", "feeds", "channels", "database"):
    import_module(f"watcher.cli.{_module}")  # its commands, in the order in which --help lists them


@app.callback(invoke_without_command=True)
def _version(version: bool = typer.Option(False, "--version", help="Print the version and leave.")) -> None:
    if version:
        from watcher import __version__

        typer.echo(__version__)
        raise typer.Exit


def main(words: Sequence[str] | None = None) -> None:
    """Run a command line, by default the one of this process, and exit with its code."""
    try:
        app(words)
    except WatcherError as error:
        typer.echo(str(error), err=True)
        sys.exit(error.exit_code)
