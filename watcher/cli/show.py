"""Values to a terminal: tables, JSON, progress, and logs beside them."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import typer

if TYPE_CHECKING:
    from rich.console import Console

Value = TypeVar("Value")

SEVERITY_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}

_WHOLE = ("id", "when", "severity")
"""Columns whose cells are copied or compared, and so are never broken."""

_ROOMY = 120
"""From so many characters a line on, a terminal has room for every column."""


def as_json(value: Any) -> None:
    """Print a value as JSON, times as in the alert log."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=_plain))


def table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "", spare: Sequence[str] = ()
) -> None:
    """Print rows as a table; the text of feeds is shown as it is, never as markup.

    A cell is a text, a time, words in a tuple, or None, which is empty.

    A column with nothing in it is left out, and so are the `spare` ones where the terminal is narrow.
    """
    from rich.table import Table
    from rich.text import Text

    screen = console()
    filled = [[_cell(cell) for cell in row] for row in rows]
    left_out = spare if screen.width < _ROOMY else ()
    columns = [
        column
        for column, heading in enumerate(headings)
        if heading not in left_out and any(row[column] for row in filled)
    ]
    drawn = Table(
        title=Text(title) if title else None,
        title_justify="left",
        header_style="bold",
        box=None,
        pad_edge=False,
    )
    for column in columns:
        drawn.add_column(headings[column], overflow="fold", no_wrap=headings[column] in _WHOLE)
    for row in filled:
        drawn.add_row(*(Text(row[column], style=SEVERITY_STYLES.get(row[column], "")) for column in columns))
    if filled:
        screen.print(drawn)
    else:
        typer.echo(f"{title}\nnone yet" if title else "none yet")


def console() -> "Console":
    """Return a console on stdout; wide when that is no terminal, so that lines are not cut in a pipe.

    NO_COLOR means no bold either.
    """
    from rich.console import Console

    is_terminal = sys.stdout.isatty()
    return Console(
        file=sys.stdout,
        highlight=False,
        soft_wrap=not is_terminal,
        width=None if is_terminal else 200,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
    )


def progress(
    things: Iterable[Value], doing: str, total: int | None = None, size: Callable[[Value], int] = lambda _: 1
) -> Iterator[Value]:
    """Pass values on, with a bar on stderr if that is a terminal; each value moves it by its `size`."""
    if not sys.stderr.isatty():
        yield from things
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task(doing, total=total)
        for value in things:
            yield value
            bar.advance(task, size(value))


def utc_minute(at: datetime | None) -> str:
    """Return a time for people, in UTC to the minute; None is "never"."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%MZ") if at else "never"


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return utc_minute(value)
    return " ".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else str(value)


def _plain(value: object) -> str:
    return (
        value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        if isinstance(value, datetime)
        else str(value)
    )
