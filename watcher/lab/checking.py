"""A YAML file in, everything wrong with it out: mistakes, failing examples, warnings."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from glob import glob
from pathlib import Path

from watcher import config  # what it has is loaded when asked for: reading feeds, for a list of feeds only
from watcher.config.indicators import list_of, load_tree
from watcher.config.shipped import shipped
from watcher.errors import ConfigError, Mistake
from watcher.lab.examples import failing
from watcher.lab.lint import lint, lint_by_news
from watcher.lab.progress import ProgressBar, no_progress_bar
from watcher.match import compile_list
from watcher.model.language import IndicatorList
from watcher.model.news import Item
from watcher.text.numbers import counted

_FEEDS = re.compile(rb"""^\s*[{]?\s*["']?feeds["']?\s*:""", re.MULTILINE)
_INDICATORS = re.compile(rb"""^\s*[{]?\s*["']?(indicators|include)["']?\s*:""", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """What checking a file found. `says` sums it up in a line."""

    file: Path
    mistakes: tuple[Mistake, ...] = ()
    failures: tuple[Mistake, ...] = ()
    warnings: tuple[Mistake, ...] = ()
    listed: IndicatorList | None = None
    """The list in use, if the file is that list or a part of it."""
    says: str

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "file": str(self.file),
            "mistakes": [str(mistake) for mistake in self.mistakes],
            "failing_examples": [str(failure) for failure in self.failures],
            "warnings": [str(warning) for warning in self.warnings],
        }


def check_file(
    path: Path, news: Sequence[Item] = (), bar: ProgressBar = no_progress_bar, *, in_use: Path | None = None
) -> CheckedFile:
    """Check a list of indicators or of feeds, whichever the file holds.

    `news`, in order of `seen`, tries the indicators out. A file that the list `in_use` includes is checked as
    a part of that list: it may change, and refer to, what stands in other parts.
    """
    whole = in_use if in_use and _includes(in_use, path) else path
    named = f"{path}, a part of {whole}" if whole != path else str(path)
    try:
        if _is_feeds(path):
            feeds = config.load_feeds(path)
            return CheckedFile(file=path, says=f"{path}: {len(feeds)} feeds, all well formed")
        found = _check_indicators(whole, named, news, bar)
        is_in_use = in_use is not None and whole.resolve() == in_use.resolve()
        return replace(found, file=path, listed=found.listed if is_in_use else None)
    except ConfigError as error:
        says = f"{named}: {counted(len(error.mistakes), 'mistake')}"
        return CheckedFile(file=path, mistakes=error.mistakes, says=says)


def _check_indicators(path: Path, named: str, news: Sequence[Item], bar: ProgressBar) -> CheckedFile:
    tree = load_tree(path)
    listed = list_of(tree)
    failures = tuple(failing(compile_list(listed)))
    by_itself = lint(tree, listed)
    by_news = _by_news(listed, news, bar) if news else ()
    examples = sum(len(indicator.examples) for indicator in listed.indicators)
    fail = counted(len(failures), "example fails", "examples fail")
    result = fail if failures else "all examples pass"
    return CheckedFile(
        file=path,
        failures=failures,
        warnings=tuple(sorted((*by_itself, *by_news))),
        listed=listed,
        says=f"{named}: {len(listed.indicators)} indicators, {examples} examples; {result}",
    )


def _by_news(listed: IndicatorList, news: Sequence[Item], bar: ProgressBar) -> Iterator[Mistake]:
    """Yield what news says of a list."""
    from watcher.lab.backtest import backtest  # noqa: PLC0415 - most checks are without news, and need no line
    from watcher.pipeline import rules_of  # noqa: PLC0415 - as above

    yield from lint_by_news(backtest(news, rules_of(listed), bar))


def _includes(listed: Path, part: Path) -> bool:
    """Say whether a list includes a file; the shipped list is always a list of its own."""
    real = part.resolve()
    if real in (listed.resolve(), shipped("indicators.yaml").resolve()):
        return False
    found = (Path(each) for pattern in config.parts_of(listed) for each in glob(pattern))  # noqa: PTH207 - as the list finds its parts
    return real in (each.resolve() for each in found)


def _is_feeds(path: Path) -> bool:
    """Tell a list of feeds from one of indicators, also when it is too broken to be parsed."""
    try:
        text = path.read_bytes()
    except OSError:
        return path.name.startswith("feeds")
    return bool(_FEEDS.search(text)) and not _INDICATORS.search(text)
