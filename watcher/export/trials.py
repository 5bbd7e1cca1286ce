"""Trials of feeds in, a table of them in Markdown out: which addresses work from here, and how."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from watcher import __version__
from watcher.collection.trial import Trial
from watcher.export.markdown import markdown_text

_LONGEST = 300


def as_markdown(trials: Sequence[Trial], now: datetime) -> Iterator[str]:
    """Yield the lines of the table, and before it how many feeds work."""
    working = sum(not trial.error for trial in trials)
    yield "# Feeds, as this network sees them"
    yield ""
    yield f"`watcher feeds test` {__version__}, {now:%Y-%m-%d %H:%MZ}: {working} of {len(trials)} feeds work."
    yield ""
    yield "| feed | address | answer | newest item | language seen | items | verdict |"
    yield "| --- | --- | --- | --- | --- | ---: | --- |"
    for trial in trials:
        newest = f"{trial.newest:%Y-%m-%d}" if trial.newest else "no dates" if trial.items else ""
        answer, items = trial.error or trial.format, "" if trial.error else str(trial.items)
        cells = (trial.feed.id, trial.feed.url, answer, newest, trial.writing, items, trial.verdict)
        yield f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    """Return a text as a cell of a table shows it: what servers and feeds say is no markup."""
    return markdown_text(text, _LONGEST)
