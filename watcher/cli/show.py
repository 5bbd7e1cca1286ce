"""Values to a terminal: tables, JSON, progress, and logs beside them."""

import json
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, TypeVar

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from watcher.model.alerts import Delivery

Value = TypeVar("Value")

SEVERITY_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim"}

_WHOLE = ("id", "when", "severity")
"""Columns whose cells are copied or compared, and so are never broken."""

_READABLE = 28
"""A long column with fewer cells than this is printed below its row."""

_GAP = 2
"""The space between two columns, and before what is printed below."""


def as_json(value: Any) -> None:
    """Print a value as JSON, times as in the alert log; what stdout has no letters for is escaped."""
    has_all_letters = "utf" in (getattr(sys.stdout, "encoding", None) or "utf").lower()
    typer.echo(json.dumps(value, ensure_ascii=not has_all_letters, default=_plain))


def in_utf8() -> None:
    """Have stdout written in UTF-8, whatever the terminal has letters for: another program reads it."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    title: str = "",
    spare: Sequence[str] = (),
    below: str = "",
    empty: str = "none yet",
) -> None:
    """Print rows as a table; the text of feeds is shown as it is, never as markup.

    A cell is a text, a time, words in a tuple, or None, which is empty. A column with nothing in it is left
    out. On a terminal with too little room for the others, the `spare` columns are left out too, one by one
    from the first. If a long column still gets too few cells, it is printed below each row; so is the column
    `below`, always.
    """
    from rich.cells import cell_len

    screen = console()
    filled = [[_cell(cell) for cell in row] for row in rows]
    widths = {
        column: max(cell_len(text) for text in (heading, *(row[column] for row in filled)))
        for column, heading in enumerate(headings)
        if any(row[column] for row in filled)
    }
    if not widths:
        typer.echo(f"{title}\n{empty}" if title else empty)
        return
    for column in filter(widths.__contains__, map(headings.index, spare)):
        if sys.stdout.isatty() and not _fits(widths, screen.width):
            del widths[column]
    columns = list(widths)
    whole = [column for column in columns if headings[column] in _WHOLE]
    side_by_side = {column: width for column, width in widths.items() if headings[column] != below}
    beside = _beside(side_by_side, whole, screen.width)
    if title:
        screen.print(_styled(title, "italic"))
    if beside == columns:
        cells = ([row[column] for column in columns] for row in filled)
        _print_columns(screen, [headings[column] for column in columns], cells)
        return
    under = [column for column in columns if column not in beside]
    for style, row in (("bold", list(headings)), *(("", row) for row in filled)):
        _print_stacked(screen, [(row[each], widths[each]) for each in beside], style)
        for text in filter(None, (row[each] for each in under)):
            _print_below(screen, text, style)


def _beside(widths: Mapping[int, int], whole: Collection[int], room: int) -> list[int]:
    """Return the columns to print side by side: all of them if the widest still gets enough cells.

    Otherwise the widest go first, the `whole` ones last.
    """
    if _fits(widths, room):
        return list(widths)
    kept = dict(widths)
    while len(kept) > 1 and sum(kept.values()) + _GAP * (len(kept) - 1) > room:
        del kept[max(kept, key=lambda column: (column not in whole, kept[column]))]
    return list(kept)


def _fits(widths: Mapping[int, int], room: int) -> bool:
    """Say whether the columns have room side by side, the widest with enough cells to be read."""
    widest = max(widths.values())
    others = sum(widths.values()) - widest + _GAP * (len(widths) - 1)
    return others + min(widest, _READABLE) <= room


def _print_columns(screen: "Console", headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich.table import Table

    drawn = Table(header_style="bold", box=None, pad_edge=False)
    for heading in headings:
        drawn.add_column(heading, overflow="fold", no_wrap=heading in _WHOLE)
    for row in rows:
        drawn.add_row(*(_styled(text, SEVERITY_STYLES.get(text, "")) for text in row))
    screen.print(drawn)


def _print_stacked(screen: "Console", cells: Sequence[tuple[str, int]], style: str) -> None:
    from rich.cells import set_cell_size

    line = _styled("")
    for text, width in cells:
        line.append(set_cell_size(text, width), style=SEVERITY_STYLES.get(text, style)).append(" " * _GAP)
    line.rstrip()
    screen.print(line)


def _print_below(screen: "Console", text: str, style: str) -> None:
    from rich.padding import Padding

    screen.print(Padding(_styled(text, style), (0, 0, 0, _GAP)))


def _styled(text: str, style: str = "") -> "Text":
    from rich.text import Text

    return Text(text, style=style, overflow="fold")


def facts(lines: Mapping[str, str]) -> None:
    """Print lines with their names before them; on a terminal a long line goes on under its beginning."""
    from rich.table import Table

    longest = max(map(len, lines)) + _GAP
    if not sys.stdout.isatty():
        for name, text in lines.items():
            typer.echo(f"{name.capitalize():<{longest}}{text}")
        return
    drawn = Table.grid(padding=(0, _GAP, 0, 0))
    for name, text in lines.items():
        drawn.add_row(_styled(name.capitalize(), "bold"), _styled(text))
    console().print(drawn)


def prose(text: str) -> None:
    """Print lines; on a terminal a long line is broken between words, and goes on as far in as it began."""
    if not sys.stdout.isatty():
        typer.echo(text)
        return
    from rich.padding import Padding

    screen = console()
    for line in text.split("\n"):
        screen.print(Padding(_styled(line.lstrip()), (0, 0, 0, len(line) - len(line.lstrip()))))


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


def course_of(delivery: "Delivery") -> str:
    """Return what became of an alert on its way to a channel, in words."""
    if delivery.error:
        return f"{delivery.state} after {delivery.attempts} tries: {delivery.error}"
    if delivery.told_with:
        return f"{delivery.state}, told with {delivery.told_with}"
    waits = delivery.state == "pending" and delivery.next_try > delivery.alert.at
    return f"{delivery.state}, not before {utc_minute(delivery.next_try)}" if waits else str(delivery.state)
