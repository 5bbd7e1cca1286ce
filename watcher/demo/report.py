"""How the demo went in, what people and machines read of it out: the alerts, the one that matters most, the silences, the feeds."""

import json
import shlex
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from watcher.delivery.render import alert_line, text
from watcher.demo.outcome import Outcome, Polled
from watcher.demo.play import Beat
from watcher.demo.story import Story
from watcher.model.alerts import Alert, Reason
from watcher.model.language import Severity
from watcher.model.polling import PollStatus

_STYLES = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "dim",
}
_PIPE_WIDTH = 120


def follow(beats: Iterable[Beat], story: Story) -> None:
    """Follow the story on stderr: a bar where somebody looks, else a line for each scene."""
    console = Console(file=sys.stderr, highlight=False)
    if not console.is_terminal:
        _list_scenes(beats, console)
        return
    columns = (
        SpinnerColumn(),
        BarColumn(bar_width=20),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting the watcher", total=story.length.total_seconds())
        for beat in beats:
            bar.update(
                task, completed=beat.told.total_seconds(), description=f"{beat.now:%d %H:%MZ} {beat.scene}"
            )


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


def print_report(outcome: Outcome, seconds: float, data: Path | None) -> None:
    """Print what people read; `data` is where everything is kept, if it is."""
    console = Console(file=sys.stdout, highlight=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH)
    _heading(console, "The alerts")
    console.print(_alerts(outcome.alerts))
    if outcome.leading:
        _heading(console, "The one that matters most, as people get it")
        console.print(Padding(Text(text(outcome.leading).rstrip()), (0, 0, 0, 2), expand=False))
        _heading(console, "How it came to that: every report and what was decided, silent ones too")
        console.print(_course(outcome))
    _heading(console, "What stayed silent, and why")
    console.print(_silences(outcome))
    _heading(console, "The feeds")
    console.print(_feeds(outcome.polled))
    for problem in outcome.health.problems:
        console.print(Text(f"! {problem}", style="yellow"))
    _heading(console, "In all")
    console.print(_verdict(outcome, seconds))
    _heading(console, "Next")
    for command, purpose in _next_commands(outcome.leading, data):
        console.print(Text(f"# {purpose}", style="dim"))
        console.print(Text(command), soft_wrap=True)


def _list_scenes(beats: Iterable[Beat], console: Console) -> None:
    scene = ""
    for beat in beats:
        if beat.scene != scene:
            scene = beat.scene
            console.print(Text(f"{beat.now:%Y-%m-%d %H:%MZ}  {scene}"), soft_wrap=True)


def _feed_dict(polled: Polled) -> dict[str, Any]:
    return {
        "id": polled.feed.id,
        "status": "error" if polled.failing else "ok",
        "error": polled.error or None,
        "polls": {str(status): polled.counts[status] for status in PollStatus},
    }


def _heading(console: Console, words: str) -> None:
    console.print()
    console.print(Text(words, style="bold underline"))


def _alerts(alerts: Sequence[Alert]) -> Table:
    table = _table("when (UTC)", "severity", "what")
    for alert in alerts:
        facts = [alert.reason.replace("_", " "), alert.indicator, alert.claim or "", ", ".join(alert.origins)]
        what = Text.assemble(alert.title, "\n", (" · ".join(fact for fact in facts if fact), "dim"))
        table.add_row(_minute(alert.at), Text(alert.severity.word, style=_STYLES[alert.severity]), what)
    return table


def _course(outcome: Outcome) -> Table:
    table = _table("seen", "decided", "on")
    for judged in outcome.course:
        reason = judged.decision.reason
        style = "" if reason.speaks else "dim"
        on = f"{judged.item.title} ({judged.item.owner})"
        table.add_row(
            Text(f"{judged.decision.at:%H:%M}", style), Text(reason.replace("_", " "), style), Text(on, style)
        )
    return table


def _silences(outcome: Outcome) -> Table:
    table = _table("why", "news")
    for why, news in _reasons_for_silence(outcome):
        table.add_row(Text(why, "dim"), Text(news))
    return table


def _reasons_for_silence(outcome: Outcome) -> Iterator[tuple[str, str]]:
    for each in outcome.unsaid:
        yield f"{each.indicator}: {each.because}", each.news.title
    copy = next((judged for judged in outcome.course if judged.decision.reason is Reason.NOTHING_NEW), None)
    if copy:
        yield f"{copy.decision.reason}: its incident says so already", copy.item.title
    for news in outcome.unasked[:3]:
        yield "no indicator asks for it", news.title


def _feeds(feeds: Sequence[Polled]) -> Table:
    table = _table("feed", "news", "unchanged", "failed", "now")
    for each in feeds:
        counts = [
            str(each.counts[status]) for status in (PollStatus.OK, PollStatus.NOT_MODIFIED, PollStatus.ERROR)
        ]
        table.add_row(each.feed.id, *counts, _state(each))
    return table


def _state(polled: Polled) -> Text:
    if polled.failing:
        return Text(f"failing: {polled.error}", "yellow")
    return Text(f"ok again, after {polled.error}" if polled.error else "ok")


def _verdict(outcome: Outcome, seconds: float) -> Text:
    polls = sum(each.counts.total() for each in outcome.polled)
    work = f"{outcome.items} items from {polls} polls of {len(outcome.polled)} feeds in {seconds:.0f} seconds, {len(outcome.alerts)} alerts. "
    if outcome.good:
        return Text.assemble(
            work,
            ("Every alert that the story asks for is there, and nothing else was mistaken for one.", "green"),
        )
    lines = [
        *(f"missing: {what}" for what in outcome.missing),
        *(f"unwanted: {what}" for what in outcome.unwanted),
    ]
    return Text.assemble(work, ("That is not as it should be:\n" + "\n".join(lines), "red"))


def _next_commands(leading: Alert | None, data: Path | None) -> Iterator[tuple[str, str]]:
    watcher = _as_called()
    if data and leading:
        kept = shlex.quote(str(data))
        yield f"{watcher} alerts list --data {kept}", "the alert log"
        yield (
            f"{watcher} explain {leading.id} --data {kept}",
            "why each report behind an alert hit, word by word",
        )
        yield f"less {shlex.quote(str(data / 'service.log'))}", "what the service logged"
        return
    yield (
        f'{watcher} explain "North Korea may test submarine missile before US election"',
        "why a text hits, word by word",
    )
    yield f"{watcher} demo --keep", "the same again, with alert log, database and service log to look into"
    yield f"{watcher} poll --data try", "real feeds, once (needs a network)"


def _as_called() -> str:
    """Return how to call the watcher, as the person did who started the demo."""
    called = sys.argv[0]
    return called if Path(called).name == "watcher" and shutil.which("watcher") != called else "watcher"


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading in headings[:-1]:
        table.add_column(heading, overflow="fold")
    table.add_column(headings[-1], overflow="fold")
    return table


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
