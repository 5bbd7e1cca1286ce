"""The board: the levels now, how they changed, and setting one by hand."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watcher import bootstrap
from watcher.cli.common import By, Json, group, runs_alone, takes_settings
from watcher.cli.show import as_json, console, table, utc_minute
from watcher.clock import utc_now
from watcher.config.durations import duration
from watcher.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from watcher.board.view import Line
    from watcher.model.board import LevelChange, Subject
    from watcher.model.language import IndicatorList
    from watcher.model.settings import Settings

Target = Annotated[str, typer.Argument(help="`problem`, a category or an indicator.")]

LEVEL_STYLES = {"critical": "bold red", "elevated": "red", "watch": "yellow", "quiet": "dim"}

_INDENTS = {"problem": "", "category": "  ", "indicator": "    "}
_BARS = {"quiet": "▁", "watch": "▃", "elevated": "▅", "critical": "█"}
_ROOMY, _NARROW, _TIGHT = 120, 72, 56
_SOME_DAYS, _NARROW_DAYS = 14, 7
_CHANGES, _LONGEST = 50, 1000

board = group("board", "The board of levels; without a command, show the levels now.", alone=True)


@runs_alone(board, "board")
@takes_settings("data", "indicators", "config")
def show_board(
    settings: "Settings",
    every: Annotated[bool, typer.Option("--all", help="Also the indicators that are quiet.")] = False,
    json: Json = False,
) -> None:
    """Show the problem, the categories and the indicators: level, since when, the last days, and why."""
    from watcher.board.view import nearby_days, scale
    from watcher.config.cached import load_indicators_cached

    listed, now = load_indicators_cached(bootstrap.indicators_file(settings)), utc_now()
    lines = _lines(settings, listed, now)
    in_force, coming = nearby_days(listed.indicators, listed.calendars, now)
    if json:
        by_kind = {
            kind: [line.as_dict() for line in lines if line.subject.kind == kind]
            for kind in ("category", "indicator")
        }
        as_json(
            {
                "at": now,
                "problem": lines[0].as_dict(),
                "categories": by_kind["category"],
                "indicators": by_kind["indicator"],
                "calendar": {"in_force": in_force, "coming": coming},
            }
        )
        return
    screen = console()
    if left := _left_standing(settings, lines, now):
        screen.print(_text(left, "bold"))
        screen.print()
    _print_levels(lines, screen, now, every=every)
    screen.print(_text(scale(listed.board), "dim"))
    _print_reasons(lines, screen)
    for heading, days in (("Calendar windows in force:", in_force), ("Days to come:", coming)):
        if days:
            screen.print()
            screen.print(_text(heading, "bold"))
            for day in days:
                screen.print(_text(day))


@board.command("history")
@takes_settings("data", "indicators", "config")
def show_history(
    settings: "Settings",
    target: Annotated[str, typer.Argument(help="`problem`, a category or an indicator (default: all).")] = "",
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=100_000, help="Show at most this many, the newest.")
    ] = _CHANGES,
    json: Json = False,
) -> None:
    """Show how the levels changed, the newest first."""
    subject = _subject(target, settings) if target else None
    with closing(bootstrap.read_store(settings)) as store:
        changes = [
            each for each in store.levels(datetime.min.replace(tzinfo=UTC)) if subject in (None, each.subject)
        ]
    newest = changes[: -limit - 1 : -1]
    if json:
        names = ("level", "before", "since", "pressure", "because", "incidents", "overridden")
        as_json(
            [
                {"subject": str(each.subject)} | {name: getattr(each, name) for name in names}
                for each in newest
            ]
        )
        return
    rows = (
        (each.since, _name(each.subject), each.before, each.level, f"{each.pressure:.2f}", _reasons(each))
        for each in newest
    )
    table(("when", "subject", "from", "to", "pressure", "because"), rows, spare=("because",))


@board.command("set")
@takes_settings("data", "indicators", "config")
def set_level(
    settings: "Settings",
    target: Target,
    level: Annotated[str, typer.Argument(help="quiet, watch, elevated or critical.")],
    why: Annotated[str, typer.Option("--why", help="The reason (required).")] = "",
    span: Annotated[
        str,
        typer.Option(
            "--for", help="For how long, as in 7d (default: until it is cleared).", show_default=False
        ),
    ] = "",
    by: By = "",
) -> None:
    """Set a level by hand, with a reason and, if you can, an end; the next round of polls applies it."""
    from watcher.config.typed import word_of
    from watcher.model.alerts import Level
    from watcher.pipeline.reviewing import Reviewer

    if not why.strip():
        raise UsageError(
            'say why, as in: watcher board set rhetoric elevated --for 7d --why "party congress announced"'
        )
    try:
        wanted, until = word_of(Level, "level")(level), utc_now() + duration(span) if span else None
    except ValueError as error:
        raise UsageError(str(error)) from error
    subject = _subject(target, settings)
    with closing(bootstrap.open_for_review(settings)) as store:
        Reviewer(store, by, utc_now()).set_level(subject, wanted, why, until)
    ends = f"until {utc_minute(until)}" if until else "until it is cleared"
    typer.echo(f"{_name(subject)} is set to {wanted} {ends}")


@board.command("clear")
@takes_settings("data", "config")
def clear_level(settings: "Settings", target: Target, by: By = "") -> None:
    """Let a level that was set by hand follow the pressure again."""
    from watcher.pipeline.reviewing import Reviewer

    with closing(bootstrap.open_for_review(settings)) as store:
        cleared = Reviewer(store, by, utc_now()).clear_level(target)
    typer.echo(f"{cleared} follows the pressure again")


def _subject(name: str, settings: "Settings") -> "Subject":
    from watcher.board.view import subject_called
    from watcher.config.cached import load_indicators_cached

    listed = load_indicators_cached(bootstrap.indicators_file(settings)).indicators
    return subject_called(name, [indicator.id for indicator in listed])


def _lines(settings: "Settings", listed: "IndicatorList", now: datetime) -> "list[Line]":
    from watcher.board.view import DAYS, board_lines
    from watcher.pipeline.levels import board_record

    indicators = {indicator.id: indicator for indicator in listed.indicators}
    with closing(bootstrap.read_store(settings)) as store:
        record = board_record(store, listed, now - timedelta(days=DAYS), now)
    return board_lines(record, indicators, now)


def _left_standing(settings: "Settings", lines: "Sequence[Line]", now: datetime) -> str:
    """Return that nobody assesses the levels any more, and since when, or an empty string."""
    from watcher.service.health import TICK_PATIENCE, last_round
    from watcher.service.lock import holder_of

    with closing(bootstrap.read_store(settings)) as store:
        assessed = [last_round(store, now), *(line.since for line in lines)]
    last = max((at for at in assessed if at), default=None)
    if last is None or now - last < TICK_PATIENCE or holder_of(Path(settings.data)):
        return ""
    return (
        f"No service runs in this data folder: these are the levels of {utc_minute(last)}, "
        "and they do not change until `watcher run` or `watcher poll` assesses them."
    )


def _print_levels(lines: "Sequence[Line]", screen: "Console", now: datetime, *, every: bool) -> None:
    from rich.table import Table

    from watcher.text.durations import in_words

    roomy, narrow = screen.width >= _ROOMY, screen.width < _NARROW
    shown = [line for line in lines if every or line.level != "quiet" or line.subject.kind != "indicator"]
    days = len(shown[0].trend) if roomy else _NARROW_DAYS if narrow else _SOME_DAYS
    trend = f"{days} days" if narrow else f"last {days} days"
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    tight = screen.width < _TIGHT
    headings = [
        "level",
        "",
        *([] if tight else ["for"]),
        *([] if narrow else ["pressure"]),
        *([] if tight else [trend]),
        *(["main reason"] if roomy else []),
    ]
    for heading in headings:
        drawn.add_column(
            heading, overflow="fold", justify="right" if heading in ("for", "pressure") else "left"
        )
    for line in shown:
        style, by_hand = LEVEL_STYLES[line.level], " (set by hand)" if line.set_by else ""
        because = line.pressure.because if line.subject.kind == "indicator" else ()
        cells = {
            "level": _text(line.level, style),
            "": _text(_name(line.subject) + by_hand, indent=_INDENTS[line.subject.kind]),
            "for": _text(in_words(now - line.since) if line.since else ""),
            "pressure": _text(f"{line.pressure.value:.2f}"),
            trend: _text("".join(_BARS[level] for level in line.trend[-days:]), style),
            # the problem and the categories have their reasons below
            "main reason": _text(because[0].partition(" ")[2].partition(": ")[2] if because else ""),
        }
        drawn.add_row(*(cells[heading] for heading in headings))
    screen.print(drawn)
    if hidden := len(lines) - len(shown):
        typer.echo(
            f"{hidden} more {'indicator is' if hidden == 1 else 'indicators are'} quiet; --all shows them"
        )


def _print_reasons(lines: "Sequence[Line]", screen: "Console") -> None:
    """Print what adds to the pressure on the problem, and what was set by hand."""
    from rich.table import Table

    pressure = lines[0].pressure
    screen.print()
    if pressure.because:
        drawn = Table.grid(padding=(0, 1))
        drawn.add_column(justify="right", no_wrap=True)
        drawn.add_column(overflow="fold")
        for value, _, what in (each.partition(" ") for each in pressure.because):
            drawn.add_row(_text(value), _text(what))
        screen.print(_text(f"The pressure on the problem is {pressure.value:.2f}:", "bold"))
        screen.print(drawn)
    else:
        screen.print(_text("No incident adds to the pressure on the problem.", "bold"))
    for line in lines:
        if line.set_by:
            screen.print(_text(f"{_name(line.subject)}: {line.set_by}"))


def _reasons(change: "LevelChange") -> str:
    because = change.because
    more = f" (and {len(because) - 1} more)" if len(because) > 1 else ""
    return because[0] + more if because else "no incident adds to the pressure"


def _name(subject: "Subject") -> str:
    return subject.name or subject.kind.value


def _text(words: str, style: str = "", *, indent: str = "") -> "Text":
    from rich.text import Text

    from watcher.delivery.render import one_line

    return Text(indent + one_line(words, _LONGEST), style=style)
