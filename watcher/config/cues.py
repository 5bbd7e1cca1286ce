"""The cues that ship with the watcher (`cues.yaml` beside this module) as values."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from watcher.config.check import check
from watcher.config.models.indicators import CueModel, CuesModel
from watcher.config.source import decode
from watcher.config.tree import parse
from watcher.model.language import Cue

_FILE = "cues.yaml"


@cache
def load_cues() -> tuple[tuple[Cue, ...], tuple[str, ...]]:
    """Return the shipped cues, and the words that end the reach of a cue."""
    return read_cues(files("watcher.config").joinpath(_FILE).read_bytes(), _FILE)


def read_cues(raw: bytes, name: str) -> tuple[tuple[Cue, ...], tuple[str, ...]]:
    """Read a file of cues.

    Raises:
        ConfigError: something in it is wrong.
    """
    model = check(parse(decode(raw, name), name), CuesModel)
    ends = dict.fromkeys(word for words in model.terminators.values() for word in words)
    return to_cues(model.cues), tuple(ends)


def to_cues(models: Iterable[CueModel]) -> tuple[Cue, ...]:
    """Turn checked models into values."""
    return tuple(
        Cue(says=model.says, terms=model.terms, reach=model.reach, words=model.words, language=model.language)
        for model in models
    )
