"""A text and the folded words that decided in, the text in pieces out: marked, or as it is.

Evidence is folded (`watcher.text.fold`), and the text is shown as it was written. So every run of letters is
folded by itself, and a find in the folded runs leads back to the letters it came from.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from watcher.text.fold import fold
from watcher.text.words import joins_words, letter_runs


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text, and whether it is marked."""

    text: str
    marked: bool


def marked(text: str, evidence: Iterable[str]) -> tuple[Piece, ...]:
    """Return the text in pieces; those that evidence stands for are marked."""
    folded, origins = _folded(text)
    marks = bytearray(len(text))
    for words in {fold(each) for each in evidence} - {""}:
        for start, end in _finds(folded, words):
            covered = [place for place in range(start, end) if origins[place] is not None]
            first, last = origins[covered[0]], origins[covered[-1]]
            assert first is not None
            assert last is not None
            marks[first[0] : last[1]] = b"\1" * (last[1] - first[0])
    grouped = groupby(range(len(text)), key=lambda place: bool(marks[place]))
    return tuple(Piece("".join(text[place] for place in places), mark) for mark, places in grouped)


def _folded(text: str) -> tuple[str, list[tuple[int, int] | None]]:
    """Return the folded runs of a text, and for each character the part of the text it comes from."""
    folded: list[str] = []
    origins: list[tuple[int, int] | None] = []
    end_before = 0
    for start, end in letter_runs(text):
        if folded and start > end_before:
            folded.append(" ")
            origins.append(None)
        run = fold(text[start:end])
        folded.append(run)
        exact = len(run) == end - start
        origins += [
            (start + place, start + place + 1) if exact else (start, end) for place in range(len(run))
        ]
        end_before = end
    return "".join(folded), origins


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
