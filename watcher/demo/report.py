"""The course of the demo in, text out: messages as they arrive, then one screen or one JSON object."""

import json
import shlex
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text

from watcher.delivery.render import alert_line, subject
from watcher.demo.outcome import Outcome, Polled, Silence
from watcher.demo.play import Beat
from watcher.demo.story import Story
from watcher.model.alerts import Alert
from watcher.model.language import Severity
from watcher.model.polling import PollStatus

_STYLES = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "dim",
}
_PIPE_WIDTH = 100
_ROOMY = 80
"""From so many characters a line on, a message is one line, cut at its end.

A narrower screen shows it whole, without the time of day.
"""


def follow(beats: Iterable[Beat], story: Story, screen: TextIO) -> None:
    """Show a line for each message as it arrives.

    On a terminal also a progress bar, which disappears at the end.
    """
    console = _console(screen)
    roomy = console.width >= _ROOMY
    columns = (
        SpinnerColumn(),
        BarColumn(bar_width=20),
        TextColumn(
            "{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")
        ),
        TimeElapsedColumn(),
    )
    console.print(Text(_announcement(story)))
    with Progress(*columns, console=console, transient=True, disable=not screen.isatty()) as bar:
        task = bar.add_task("starting the service", total=story.length.total_seconds())
        for beat in beats:
            for alert in beat.messages:
                console.print(_message(alert, roomy=roomy), no_wrap=roomy, overflow="ellipsis")
            bar.update(task, completed=beat.told.total_seconds(), description=beat.scene)


def print_json(outcome: Outcome, seconds: float, data: Path | None) -> None:
    """Print the summary for machines; `data` is where everything is kept, if it is."""
    summary = {
        "good": outcome.good,
        "alerts": [alert_line(alert) for alert in outcome.alerts],
        "feeds": [_feed_dict(each) for each in outcome.polled],
        "problems": list(outcome.health.problems),
        "items": outcome.items,
        "missing": list(outcome.missing),
        "unwanted": list(outcome.unwanted),
        "seconds": round(seconds, 1),
        "data": str(data) if data else None,
    }
    sys.stdout.write(json.dumps(summary, ensure_ascii=False) + "\n")


def print_report(outcome: Outcome, seconds: float, data: Path) -> None:
    """Print what people read; `data` is where everything is kept."""
    console = _console(sys.stdout)
    sections = Table.grid(Column(style="bold", no_wrap=True), Column(overflow="fold"), padding=(0, 2, 0, 0))
    if outcome.leading:
        sections.add_row("Gravest", Text(subject(outcome.leading), no_wrap=True, overflow="ellipsis"))
        sections.add_row("", Text(outcome.leading.why))
    for number, silence in enumerate(outcome.silences):
        sections.add_row("" if number else "Silent", _silence(silence))
    sections.add_row("Checked", _verdict(outcome, seconds))
    console.print()
    console.print(sections)
    console.print(Text.assemble(("Try next", "bold"), " (the data folder stays until you remove it):"))
    for command, purpose in _next_commands(outcome, data):
        console.print(Text.assemble(command, (f"  # {purpose}", "dim")), soft_wrap=True)


def _feed_dict(polled: Polled) -> dict[str, Any]:
    return {
        "id": polled.feed.id,
        "status": "error" if polled.failing else "ok",
        "error": polled.error or None,
        "polls": {str(status): polled.counts[status] for status in PollStatus},
    }


def _announcement(story: Story) -> str:
    return (
        f"The service polls {len(story.outlets)} local feeds of sample news, an hour a second, "
        "skips the quiet days, and sends:"
    )


def _message(alert: Alert, *, roomy: bool) -> Text:
    at = f"{alert.at:%Y-%m-%d %H:%M}" if roomy else f"{alert.at:%Y-%m-%d}"
    return Text.assemble((at, "dim"), " ", (subject(alert), _STYLES[alert.severity]))


def _silence(silence: Silence) -> Text:
    return Text(
        f"{len(silence.titles):>2} {silence.why}: {silence.titles[-1]}", no_wrap=True, overflow="ellipsis"
    )


def _verdict(outcome: Outcome, seconds: float) -> Text:
    polls = sum(each.counts.total() for each in outcome.polled)
    unsent = len(outcome.alerts) - outcome.messages - outcome.told_with
    work = (
        f"{polls} polls of {len(outcome.polled)} feeds in {seconds:.0f} seconds brought "
        f"{outcome.items} items and {len(outcome.alerts)} alerts: {outcome.messages} sent as above, "
        f"{outcome.told_with} told with one of these (same headline, or the level that it raised), "
        f"{unsent} only in the log (levels that fell). "
    )
    if outcome.good:
        return Text.assemble(
            work,
            ("Every expected alert was sent, and nothing else.", "green"),
        )
    lines = [
        *(f"missing: {what}" for what in outcome.missing),
        *(f"unwanted: {what}" for what in outcome.unwanted),
    ]
    return Text.assemble(work, ("That is not as it should be:\n" + "\n".join(lines), "red"))


def _next_commands(outcome: Outcome, data: Path) -> Iterator[tuple[str, str]]:
    watcher, kept = _as_called(), f"--data {shlex.quote(str(data))}"
    if outcome.leading:
        yield f"{watcher} explain {outcome.leading.id} {kept}", "its reasons"
    yield f"{watcher} alerts list {kept}", f"all {len(outcome.alerts)} alerts"
    yield f"{watcher} serve {kept}", "the same as web pages"


def _as_called() -> str:
    """Return how to call the watcher, as the person did who started the demo."""
    called = sys.argv[0]
    return called if Path(called).name == "watcher" and shutil.which("watcher") != called else "watcher"


def _console(file: TextIO) -> Console:
    """Return a console on a stream; where nobody looks, its width is COLUMNS or fixed."""
    width = None if file.isatty() else shutil.get_terminal_size((_PIPE_WIDTH, 0)).columns
    return Console(file=file, highlight=False, width=width)
