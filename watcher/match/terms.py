"""A typed term in, what to look for out: a literal for the automaton and a pattern that verifies a find.

Latin, Greek, Cyrillic and digits match as whole words. Han, kana and Hangul match inside words, because
particles and compounds are written on; there a space inside the term is optional in the text. A Latin word
ends where a particle begins (`ICBM을`). `=北` asks for the whole word where it would be found inside words:
北 alone, and not 北京. Korean headlines write such a name onto a Korean word (`北외무상`); there it ends as
well.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from watcher.text.fold import fold
from watcher.text.words import CHARACTERS, is_hangul, is_spaced, joins_words

_STAR, _ANY, _GAP = "*", "?", " ?"
_WILD = frozenset({_STAR, _ANY, _GAP})
_PARTS = re.compile(r"[*? ]|[^*? ]+")


class SoughtTerm(NamedTuple):
    """What to look for.

    `key` is the longest literal that stands in every match; `lead` is how far into a match it begins, None
    where that varies. `pieces` are literals, `*` (the rest of a word), `?` (one more character of it) and `
    ?` (a space or none). `whole` asks for a boundary on both sides in every script.
    """

    key: str
    lead: int | None
    pieces: tuple[str, ...]
    whole: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is a literal that is found wherever it stands and no word of its script goes on."""
        return self.pieces == (self.key,) and not self.whole

    @property
    def beginning(self) -> str:
        """The literal that every match begins with; empty where any character may be the first."""
        return "" if self.pieces[0] in _WILD else self.pieces[0]

    @property
    def edges(self) -> int:
        """At how many ends of `key` a word must end: 0, 1 (where it begins) or 2."""
        return 2 if self.pieces == (self.key,) else int(self.lead == 0)

    def end_in(self, text: str, start: int) -> int | None:
        """Return where a match that begins at `start` ends, or None when there is none."""
        if start < 0 or (start > 0 and self._runs_on(text[start - 1], self.pieces[0][0])):
            return None
        at = start
        for piece in self.pieces:
            if piece not in _WILD:
                if not text.startswith(piece, at):
                    return None
                at += len(piece)
            elif piece == _GAP:
                at += text.startswith(" ", at)
            elif piece == _STAR:
                while at < len(text) and is_word(text[at]):
                    at += 1
            elif at < len(text) and is_word(text[at]):
                at += 1
            else:
                return None
        return None if at < len(text) and self._runs_on(text[at - 1], text[at]) else at

    def _runs_on(self, one: str, other: str) -> bool:
        """Say whether no word ends between two characters."""
        if self.whole:
            return one.isalnum() and other.isalnum() and is_hangul(one) == is_hangul(other)
        return is_word(one) and is_word(other)

    def spans_in(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where matches begin and end."""
        start = text.find(self.pieces[0])
        while start >= 0:
            if end := self.end_in(text, start):
                yield start, end
            start = text.find(self.pieces[0], start + 1)


def compile_term(typed: str) -> SoughtTerm:
    """Compile a term as typed; config ensures that it begins with a letter or digit and `*` ends a word."""
    folded = fold(typed)
    if not (folded.startswith("=") or "*" in folded or "?" in folded) and (
        folded.isascii() or " " not in folded
    ):
        return SoughtTerm(folded, 0, (folded,))
    pieces = tuple(_pieces(folded.removeprefix("=")))
    key, lead = max(_literals(pieces), key=lambda literal: len(literal[0]))
    return SoughtTerm(key, lead, pieces, whole=folded.startswith("="))


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    literal = ""
    for part in _PARTS.finditer(text):
        piece, start, end = part[0], part.start(), part.end()
        if piece == " " and (joins_words(text[start - 1]) or joins_words(text[end])):
            piece = _GAP
        if piece in _WILD:
            pieces += (literal, piece) if literal else (piece,)
            literal = ""
        else:
            literal += piece
    return [*pieces, literal] if literal else pieces


def _literals(pieces: tuple[str, ...]) -> list[tuple[str, int | None]]:
    """Return the literals, each with how far into a match it begins."""
    literals: list[tuple[str, int | None]] = []
    begins: int | None = 0
    for piece in pieces:
        if piece not in _WILD:
            literals.append((piece, begins))
        if begins is not None:
            begins = None if piece in (_STAR, _GAP) else begins + len(piece)
    return literals


def runs_on(text: str, start: int, end: int) -> bool:
    """Say whether a word of a script with spaces goes on before or behind a part of a text."""
    return (start > 0 and is_word(text[start - 1]) and is_word(text[start])) or (
        end < len(text) and is_word(text[end]) and is_word(text[end - 1])
    )


is_word = lru_cache(maxsize=CHARACTERS)(is_spaced)
