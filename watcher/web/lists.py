"""Settings in, the lists in use out: read in a process of their own, and again when a file has changed.

The page stays small and quick: it holds the values of the lists, and neither pydantic nor YAML.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from watcher import bootstrap
from watcher.config.apart import parts_apart
from watcher.errors import ConfigError, Mistake
from watcher.model.language import IndicatorList
from watcher.model.news import Feed
from watcher.model.settings import Settings
from watcher.service.files import ListFiles

NO_INDICATORS = IndicatorList(title="", indicators=())


@dataclass(frozen=True, slots=True, kw_only=True)
class InUse:
    """The lists as their files say now, empty where one is wrong, and what is wrong."""

    indicators: IndicatorList = NO_INDICATORS
    feeds: tuple[Feed, ...] = ()
    mistakes: Sequence[Mistake] = ()


class Lists:
    """The lists of a data folder. Any thread may ask; one reads."""

    def __init__(self, settings: Settings, *, apart: bool = True) -> None:
        self._settings, self._apart = settings, apart
        self._files = ListFiles(parts_apart)
        self._lock = Lock()
        self._known: tuple[str, ...] = ()
        self._held = InUse()

    def now(self) -> InUse:
        """Return the lists; a wrong one is left empty, and its mistakes are said."""
        with self._lock:
            try:
                indicators = bootstrap.indicators_file(self._settings)
                feeds = bootstrap.feeds_file(self._settings)
            except ConfigError as error:
                return InUse(mistakes=tuple(error.mistakes))
            found = self._files.fingerprint(indicators, feeds)
            if found != self._known:
                mistakes: list[Mistake] = []
                listed, polled = NO_INDICATORS, tuple[Feed, ...]()
                try:
                    listed = bootstrap.indicators_in_use(self._settings, apart=self._apart)
                except ConfigError as error:
                    mistakes += error.mistakes
                try:
                    polled = bootstrap.feeds_in_use(self._settings, apart=self._apart)
                except ConfigError as error:
                    mistakes += error.mistakes
                self._held = InUse(indicators=listed, feeds=polled, mistakes=tuple(mistakes))
                self._known = found
            return self._held
