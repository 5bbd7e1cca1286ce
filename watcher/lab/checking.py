"""A YAML file in, everything wrong with it out: mistakes that keep it from being used, and examples that fail."""

import re
from dataclasses import dataclass
from pathlib import Path

from watcher.config import load_feeds, load_indicators
from watcher.errors import ConfigError, Mistake
from watcher.lab.examples import failing
from watcher.match import compile_list

_FEEDS = re.compile(rb"""^\s*[{]?\s*["']?feeds["']?\s*:""", re.MULTILINE)
_INDICATORS = re.compile(rb"""^\s*[{]?\s*["']?indicators["']?\s*:""", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What checking a file found. `says` sums it up in a line."""

    file: Path
    mistakes: tuple[Mistake, ...] = ()
    failures: tuple[Mistake, ...] = ()
    says: str

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "file": str(self.file),
            "mistakes": [str(mistake) for mistake in self.mistakes],
            "failing_examples": [str(failure) for failure in self.failures],
        }


def check_file(path: Path) -> Report:
    """Check a list of indicators or of feeds, whichever the file holds."""
    try:
        return _check_feeds(path) if _is_feeds(path) else _check_indicators(path)
    except ConfigError as error:
        count = len(error.mistakes)
        return Report(file=path, mistakes=error.mistakes, says=f"{path}: {count} mistake{'' if count == 1 else 's'}")


def _check_feeds(path: Path) -> Report:
    return Report(file=path, says=f"{path}: {len(load_feeds(path))} feeds, all well formed")


def _check_indicators(path: Path) -> Report:
    listed = load_indicators(path)
    failures = tuple(failing(compile_list(listed)))
    examples = sum(len(indicator.examples) for indicator in listed.indicators)
    result = "all examples come out as written" if not failures else f"{len(failures)} examples fail"
    return Report(file=path, failures=failures, says=f"{path}: {len(listed.indicators)} indicators, {examples} examples; {result}")


def _is_feeds(path: Path) -> bool:
    """Tell a list of feeds from one of indicators, also when it is too broken to be parsed."""
    try:
        text = path.read_bytes()
    except OSError:
        return path.name.startswith("feeds")
    return bool(_FEEDS.search(text)) and not _INDICATORS.search(text)
