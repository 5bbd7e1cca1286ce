"""Words to calls: one module per group of verbs.

Heavy imports wait until a command runs, so that `--help` is quick.

Data goes to stdout, logs and progress to stderr. Exit codes: 0 fine; 1 ran and found trouble; 2 wrong use or
wrong config, nothing done; 3 outside trouble (network, database).
"""

import sys
from collections.abc import Sequence

import typer

from watcher.cli import answers, board, channels, database, feeds, measuring, review, serve, service, tuning
from watcher.errors import WatcherError

app = typer.Typer(
    name="watcher",
    help="Polls public news feeds, matches them against an analyst's indicators of North Korean provocations, and alerts once per event.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (service, serve, tuning, measuring, review, answers, board, feeds, channels, database):
    group.add_to(app)


@app.callback(invoke_without_command=True)
def _version(version: bool = typer.Option(False, "--version", help="Print the version and leave.")) -> None:
    if version:
        from watcher import __version__

        typer.echo(__version__)
        raise typer.Exit


def main(words: Sequence[str] | None = None) -> None:
    """Run the command of some words, by default those the process was called with, and leave with its exit code."""
    try:
        app(words)
    except WatcherError as error:
        _leave(str(error), error.exit_code)


def _leave(message: str, code: int) -> None:
    typer.echo(message, err=True)
    sys.exit(code)
