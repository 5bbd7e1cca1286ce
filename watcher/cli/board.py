"""The board: how the levels stand, how they changed, and setting one by hand."""

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from watcher.cli.answers import By
from watcher.cli.options import Config, Data, Indicators, Json, settings_of
from watcher.cli.show import as_json, console, moment, table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rich.console import Console
    from rich.text import Text

    from watcher.board.view import Line
    from watcher.model.alerts import Level
    from watcher.model.board import Subject
    from watcher.model.language import IndicatorList
    from watcher.model.settings import Settings

Target = Annotated[str, typer.Argument(help="`problem`, a category or an indicator.")]
All = Annotated[bool, typer.Option("--all", help="Also the indicators that are quiet.")]

LEVEL_STYLES = {"critical": "bold red", "elevated": "red", "watch": "yellow", "quiet": "dim"}

_INDENTS = {"problem": "", "category": "  ", "indicator": "    "}
_BARS = {"quiet": "▁", "watch": "▃", "elevated": "▅", "critical": "█"}
_ROOMY, _NARROW_DAYS = 120, 14
_CHANGES, _LONGEST = 50, 1000

board = typer.Typer(
    help="The board of levels; alone, how it stands now.", invoke_without_command=True, rich_markup_mode=None
)


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(board, name="board")


@board.callback()
def _board(
    context: typer.Context,
    data: Data = None,
    indicators: Indicators = None,
    config: Config = None,
    every: All = False,
    json: Json = False,
) -> None:
    from watcher.errors import UsageError

    if context.invoked_subcommand is None:
        show_board(settings_of(data, indicators, None, config), every=every, json=json)
    elif (data, indicators, config, every, json) != (None, None, None, False, False):
        raise UsageError(f"options go behind the command: `watcher board {context.invoked_subcommand} ...`")


def show_board(settings: "Settings", *, every: bool, json: bool) -> None:
    """Show the problem, the categories and the indicators: level, since when, the last days, and why."""
    from watcher import bootstrap, config
    from watcher.board.view import near_days, scale
    from watcher.clock import utc_now

    listed, now = config.load_indicators(bootstrap.indicators_file(settings)), utc_now()
    lines = _lines(settings, listed, now)
    in_force, coming = near_days(listed.indicators, listed.calendars, now)
    if json:
        as_json(
            {
                "at": now,
                "problem": lines[0].as_dict(),
                "categories": [line.as_dict() for line in lines if line.subject.kind == "category"],
                "indicators": [line.as_dict() for line in lines if line.subject.kind == "indicator"],
                "calendar": {"in_force": in_force, "coming": coming},
            }
        )
        return
    screen = console()
    _print_levels(lines, screen, now, every=every)
    screen.print(_text(scale(listed.board), "dim"))
    _print_reasons(lines, screen)
    _print_days(in_force, coming, screen)


@board.command("history")
def show_history(
    target: Annotated[str, typer.Argument(help="`problem`, a category or an indicator (default: all).")] = "",
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=100_000, help="At most so many, the newest.")
    ] = _CHANGES,
    data: Data = None,
    indicators: Indicators = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Show how the levels changed, the newest first."""
    from datetime import UTC, datetime

    from watcher import bootstrap

    settings = settings_of(data, indicators, None, config)
    subject = _meant(target, settings) if target else None
    with closing(bootstrap.read_store(settings)) as store:
        changes = [
            each for each in store.levels(datetime.min.replace(tzinfo=UTC)) if subject in (None, each.subject)
        ]
    newest = changes[: -limit - 1 : -1]
    if json:
        as_json(
            [
                {
                    "subject": str(each.subject),
                    "level": each.level.value,
                    "before": each.before.value,
                    "since": each.since,
                    "pressure": each.pressure,
                    "because": list(each.because),
                    "incidents": list(each.incidents),
                    "overridden": each.overridden,
                }
                for each in newest
            ]
        )
        return
    table(
        ("when", "subject", "from", "to", "pressure", "because"),
        (
            (
                moment(each.since),
                _name(each.subject),
                each.before,
                each.level,
                f"{each.pressure:.2f}",
                _reasons(each.because),
            )
            for each in newest
        ),
        spare=("because",),
    )


@board.command("set")
def set_level(
    target: Target,
    level: Annotated[str, typer.Argument(help="quiet, watch, elevated or critical.")],
    *,
    why: Annotated[str, typer.Option("--why", help="Why; needed.")] = "",
    span: Annotated[
        str,
        typer.Option(
            "--for", help="For how long, as in 7d (default: until it is cleared).", show_default=False
        ),
    ] = "",
    by: By = "",
    data: Data = None,
    indicators: Indicators = None,
    config: Config = None,
) -> None:
    """Set a level by hand, with a reason and, best, an end; the watcher takes it up within a round of polls."""
    from watcher.clock import utc_now
    from watcher.config.durations import duration
    from watcher.config.typed import word_of
    from watcher.errors import UsageError
    from watcher.model.alerts import Level

    if not why.strip():
        raise UsageError(
            'say why, as in: watcher board set rhetoric elevated --for 7d --why "party congress announced"'
        )
    try:
        wanted, until = word_of(Level, "level")(level), utc_now() + duration(span) if span else None
    except ValueError as error:
        raise UsageError(str(error)) from error
    settings = settings_of(data, indicators, None, config)
    subject = _meant(target, settings)
    _write(settings, str(subject), by, wanted, why=why, until=until)
    typer.echo(
        f"{_name(subject)} is set to {wanted} {f'until {moment(until)}' if until else 'until it is cleared'}"
    )


@board.command("clear")
def clear_level(target: Target, by: By = "", data: Data = None, config: Config = None) -> None:
    """Let a level that was set by hand go where the pressure takes it."""
    from watcher import bootstrap
    from watcher.alerting.review import overrides
    from watcher.clock import utc_now
    from watcher.errors import UsageError

    settings = settings_of(data, config=config)
    with closing(bootstrap.read_store(settings)) as store:
        held = overrides(store.actions(), utc_now())
    meant = [each for each in held if target in (each, each.partition(":")[2])]
    if len(meant) != 1:
        raise UsageError(
            f"{target!r} is not one level that was set by hand; set are: {', '.join(held) or 'none'}"
        )
    _write(settings, meant[0], by)
    typer.echo(f"{meant[0]} goes where the pressure takes it")


def _lines(settings: "Settings", listed: "IndicatorList", now: "datetime") -> "list[Line]":
    from datetime import timedelta

    from watcher import bootstrap
    from watcher.board.score import lookback, weigh
    from watcher.board.view import DAYS, Seen, overview

    indicators = {indicator.id: indicator for indicator in listed.indicators}
    with closing(bootstrap.read_store(settings)) as store:
        seen = Seen(
            board=store.board(),
            changes=store.levels(now - timedelta(days=DAYS)),
            pressures=weigh(store.signs(now - lookback(listed.board)), indicators, listed.board, now),
            actions=store.actions(),
        )
    return overview(seen, indicators, now)


def _print_levels(lines: "Sequence[Line]", screen: "Console", now: "datetime", *, every: bool) -> None:
    from rich.table import Table

    from watcher.text.durations import in_words

    roomy = screen.width >= _ROOMY
    shown = [line for line in lines if every or line.level != "quiet" or line.subject.kind != "indicator"]
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for heading in (
        "level",
        "",
        "for",
        "pressure",
        f"last {len(shown[0].trend) if roomy else _NARROW_DAYS} days",
        *(["above all"] if roomy else []),
    ):
        drawn.add_column(
            heading, overflow="fold", justify="right" if heading in ("for", "pressure") else "left"
        )
    for line in shown:
        style = LEVEL_STYLES[line.level]
        cells = [
            _text(line.level, style),
            _text(
                _name(line.subject) + (" (set by hand)" if line.set_by else ""),
                indent=_INDENTS[line.subject.kind],
            ),
            _text(in_words(now - line.since) if line.since else ""),
            _text(f"{line.pressure.value:.2f}"),
            _text(
                "".join(_BARS[level] for level in (line.trend if roomy else line.trend[-_NARROW_DAYS:])),
                style,
            ),
        ]
        drawn.add_row(*cells, *([_text(_strongest(line))] if roomy else []))
    screen.print(drawn)
    if hidden := len(lines) - len(shown):
        typer.echo(f"{hidden} indicator{'' if hidden == 1 else 's'} quiet; --all shows them")


def _print_reasons(lines: "Sequence[Line]", screen: "Console") -> None:
    """Print what presses on the problem, and what was set by hand."""
    from rich.table import Table

    problem = lines[0]
    drawn = Table.grid(padding=(0, 1))
    drawn.add_column(justify="right", no_wrap=True)
    drawn.add_column(overflow="fold")
    for value, _, what in (each.partition(" ") for each in problem.pressure.because):
        drawn.add_row(_text(value), _text(what))
    screen.print()
    if problem.pressure.because:
        screen.print(_text(f"The pressure on the problem is {problem.pressure.value:.2f}:", "bold"))
        screen.print(drawn)
    else:
        screen.print(_text("Nothing presses on the problem.", "bold"))
    for line in lines:
        if line.set_by:
            screen.print(_text(f"{_name(line.subject)}: {line.set_by}"))


def _print_days(in_force: "Sequence[str]", coming: "Sequence[str]", screen: "Console") -> None:
    for heading, days in (("Calendar windows in force:", in_force), ("Days to come:", coming)):
        if days:
            screen.print()
            screen.print(_text(heading, "bold"))
            for day in days:
                screen.print(_text(day))


def _write(
    settings: "Settings",
    target: str,
    by: str,
    level: "Level | None" = None,
    *,
    why: str = "",
    until: "datetime | None" = None,
) -> None:
    from watcher import bootstrap
    from watcher.alerting.review import action_of
    from watcher.clock import utc_now
    from watcher.errors import UsageError
    from watcher.model.review import ActionKind

    if not by.strip():
        raise UsageError("say who you are: --by NAME")
    with closing(bootstrap.open_for_review(settings)) as store:
        store.add_action(
            action_of(
                ActionKind.OVERRIDE,
                target,
                by.strip(),
                utc_now(),
                value=level or "",
                why=why.strip(),
                until=until,
            )
        )


def _meant(name: str, settings: "Settings") -> "Subject":
    """Return the one subject of the board that a name stands for."""
    from watcher import bootstrap, config
    from watcher.board.view import subjects_called
    from watcher.config.suggest import did_you_mean, listed
    from watcher.errors import UsageError
    from watcher.model.language import Category

    known = [
        indicator.id for indicator in config.load_indicators(bootstrap.indicators_file(settings)).indicators
    ]
    meant = subjects_called(name, known)
    if not meant:
        close = did_you_mean(name, ["problem", *Category, *known])
        raise UsageError(
            f"the board has no {name!r}{close or '; it has problem, the categories and the indicators'}"
        )
    if len(meant) > 1:
        raise UsageError(f"{name!r} is a category and an indicator; write {listed(map(str, meant))}")
    return meant[0]


def _strongest(line: "Line") -> str:
    """Return what presses most on an indicator; the problem and the categories have theirs below."""
    because = line.pressure.because if line.subject.kind == "indicator" else ()
    return because[0].partition(" ")[2].partition(": ")[2] if because else ""


def _reasons(because: "Sequence[str]") -> str:
    return (
        because[0] + (f" (and {len(because) - 1} more)" if len(because) > 1 else "")
        if because
        else "nothing presses"
    )


def _name(subject: "Subject") -> str:
    return subject.name or subject.kind.value


def _text(words: str, style: str = "", *, indent: str = "") -> "Text":
    from rich.text import Text

    from watcher.delivery.render import one_line

    return Text(indent + one_line(words, _LONGEST), style=style)
