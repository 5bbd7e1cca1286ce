"""A typed term in, what to look for out: a literal for the automaton and a pattern that verifies a find.

Latin, Greek, Cyrillic and digits match as whole words. Han, kana and Hangul match inside words, because particles and compounds
are written on; there a space inside the term is optional in the text. A Latin word ends where a particle begins (`ICBM을`).
"""

import re
from dataclasses import dataclass

from watcher.text.fold import fold
from watcher.text.words import SPACED_LETTER, joins_words

_WILDCARDS = "*?"


@dataclass(frozen=True, slots=True)
class Pattern:
    """What to look for: `key` is the longest piece that stands in every match, `lead` how far into a match it begins.

    `lead` is None where that varies. `verify` matches the whole term at its first character.
    """

    key: str
    lead: int | None
    verify: re.Pattern[str]


def compile_term(typed: str) -> Pattern:
    """Compile a term as typed; it must hold at least one letter or digit."""
    text = fold(typed)
    pieces = _pieces(text)
    key = max(pieces, key=lambda piece: len(piece[1]))
    return Pattern(key[1], key[0], re.compile(_regex(text)))


def _pieces(text: str) -> list[tuple[int | None, str]]:
    """Cut a folded term into literal runs, each with its offset from the start (None behind anything of unknown length)."""
    pieces: list[tuple[int | None, str]] = []
    begin: int | None = 0
    run = ""
    for index, character in enumerate(text):
        if character in _WILDCARDS or _optional_space(text, index):
            pieces.append((begin, run))
            begin, run = None, ""
        else:
            run += character
    pieces.append((begin, run))
    return [piece for piece in pieces if piece[1].strip()]


def _regex(text: str) -> str:
    out = []
    for index, character in enumerate(text):
        if character == "*":
            out.append(f"{SPACED_LETTER}*")
        elif character == "?":
            out.append(SPACED_LETTER)
        elif _optional_space(text, index):
            out.append(r"\s?")
        else:
            out.append(re.escape(character))
    before = f"(?<!{SPACED_LETTER})" if _is_spaced(text[0]) else ""
    after = f"(?!{SPACED_LETTER})" if _is_spaced(text[-1]) else ""
    return before + "".join(out) + after


def _optional_space(text: str, index: int) -> bool:
    return text[index] == " " and (joins_words(text[index - 1]) or joins_words(text[index + 1]))


def _is_spaced(character: str) -> bool:
    return character in _WILDCARDS or (character.isalnum() and not joins_words(character))
