"""A text and the folded words that decided in, the text in pieces out: marked, or as it is.

Evidence is folded (`watcher.text.fold`), and the text is shown as it was written. So every run of letters is
folded by itself, and a find in the folded runs leads back to the letters it came from.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from watcher.text.fold import fold
from watcher.text.words import joins_words, letter_runs


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text, and whether it is marked."""

    text: str
    marked: bool


class _Run(NamedTuple):
    """A run of letters: where it is in a folded text, and where in the text."""

    at: int
    until: int
    start: int
    end: int

    @property
    def is_exact(self) -> bool:
        """Whether each of its letters is one in the folded text."""
        return self.until - self.at == self.end - self.start


def marked(text: str, evidence: Iterable[str]) -> tuple[Piece, ...]:
    """Return the text in pieces; those that evidence stands for are marked."""
    found = {fold(each) for each in evidence} - {""}
    folded, runs = _folded(text) if found else ("", [])
    marks = bytearray(len(text))
    for words in found:
        for start, end in _finds(folded, words):
            first, last = _begin(runs, start), _end(runs, end)
            marks[first:last] = b"\1" * (last - first)
    return tuple(_pieces(text, marks))


def _pieces(text: str, marks: bytearray) -> Iterator[Piece]:
    start = 0
    while start < len(text):
        mark = marks[start]
        end = marks.find(1 - mark, start)
        end = end if end >= 0 else len(text)
        yield Piece(text[start:end], bool(mark))
        start = end


@lru_cache(maxsize=4096)  # reports of one incident are told in the same words
def _folded_run(letters: str) -> str:
    return fold(letters)


def _folded(text: str) -> tuple[str, list[_Run]]:
    """Return the folded runs of a text with spaces where the text has other than letters; and the runs."""
    folded, runs = "", list[_Run]()
    end_before = 0
    for start, end in letter_runs(text):
        if folded and start > end_before:
            folded += " "
        if run := _folded_run(text[start:end]):
            at = len(folded)
            folded += run
            runs.append(_Run(at, len(folded), start, end))
        end_before = end
    return folded, runs


def _begin(runs: Sequence[_Run], place: int) -> int:
    """Return where the text of a folded text begins that begins at a place in it, or at the space there."""
    run = runs[bisect_right(runs, place, key=lambda each: each.until)]
    place = max(place, run.at)
    return run.start + (place - run.at) * run.is_exact


def _end(runs: Sequence[_Run], place: int) -> int:
    """Return where the text of a folded text ends that ends before a place in it, or before a space there."""
    run = runs[bisect_left(runs, place, key=lambda each: each.at) - 1]
    place = min(place, run.until)
    return run.end - (run.until - place) * run.is_exact


def _finds(folded: str, words: str) -> Iterator[tuple[int, int]]:
    start = folded.find(words)
    while start >= 0:
        end = start + len(words)
        begins = joins_words(words[0]) or start == 0 or not _goes_on(folded[start - 1])
        ends = joins_words(words[-1]) or end == len(folded) or not _goes_on(folded[end])
        if begins and ends:
            yield start, end
        start = folded.find(words, start + 1)


def _goes_on(character: str) -> bool:
    return character.isalnum() and not joins_words(character)
