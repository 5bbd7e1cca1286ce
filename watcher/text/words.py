"""Folded text in, words and sentences out.

A word is a run of letters and digits of a script that uses spaces; where a script does not (Han, kana), two
characters count as one word, which is about what a translation would count.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property, lru_cache

_HAN = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303b"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_KANA = "\u3040-\u30ff\u31f0-\u31ff"
_HANGUL = "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"

CHARACTERS = 1 << 14
"""Of so many characters it is remembered what they are: more than news has, fewer than a feed may send."""

# texts, which `re` compiles when they are first asked for: 4 ms each, for which many a poll has no use
_WORD = f"[{_HAN}{_KANA}]{{1,2}}|[{_HANGUL}]+|[^\\W{_HAN}{_KANA}{_HANGUL}]+"
_ASCII_WORD = r"[a-z0-9]+"
_RUN = f"[{_HAN}{_KANA}{_HANGUL}]+|[^\\W{_HAN}{_KANA}{_HANGUL}]+"
_ASCII_RUN = "[a-zA-Z0-9_]+"
_SPACED = f"[^\\W{_HAN}{_KANA}{_HANGUL}]+"
_WRITTEN = f"[{_HAN}{_KANA}{_HANGUL}]+|{_SPACED}(?:['’]{_SPACED})*"
_STOP = r"[.!?;|](?=\s|$)|[。！？｡\n…]"
_INSIDE = f"[{_HAN}{_KANA}{_HANGUL}]"


@lru_cache(maxsize=CHARACTERS)
def joins_words(character: str) -> bool:
    """Say whether a script writes words without boundaries: Han, kana, and Hangul with its particles."""
    return bool(re.match(_INSIDE, character))


def is_hangul(character: str) -> bool:
    """Say whether a character is a Korean syllable."""
    return "\uac00" <= character <= "\ud7a3"


def is_spaced(character: str) -> bool:
    """Say whether a character is a letter or digit of a script that separates words by spaces."""
    return character.isalnum() and not joins_words(character)


def words(folded: str) -> list[str]:
    """Return the words of a folded text in order."""
    return re.findall(_WORD, folded)


def runs(folded: str) -> list[str]:
    """Return the words of a folded text in order, and whole what a script writes without a boundary."""
    return re.findall(_ASCII_RUN if folded.isascii() else _RUN, folded)


def letter_runs(text: str) -> list[tuple[int, int]]:
    """Return where the runs of letters of a text as written begin and end, an apostrophe inside included."""
    return [found.span() for found in re.finditer(_WRITTEN, text)]


def without_parts(found: Iterable[str]) -> tuple[str, ...]:
    """Return the words that are no part of a longer one among them: of 北朝鮮 and 朝鮮 the first.

    In scripts with spaces a part begins where a word begins: `launch` is a part of `launched`, `un` is not.
    """
    once = tuple(dict.fromkeys(found))
    return tuple(word for word in once if not any(word != longer and _holds(longer, word) for longer in once))


def _holds(longer: str, word: str) -> bool:
    if any(map(joins_words, word)):
        return word in longer
    return bool(word) and f" {word}" in f" {longer}"


class Layout:
    """Where words and sentences begin in a folded text, as offsets of characters.

    Either is looked for when it is first asked for: most texts are asked for one of them at most.
    """

    def __init__(self, folded: str) -> None:
        self._text = folded

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where words begin."""
        pattern = _ASCII_WORD if self._text.isascii() else _WORD
        return tuple(found.start() for found in re.finditer(pattern, self._text))

    @cached_property
    def sentences(self) -> tuple[int, ...]:
        """Where sentences begin."""
        ends = (found.end() for found in re.finditer(_STOP, self._text))
        return (0, *(end for end in ends if end < len(self._text)))

    def word_at(self, offset: int) -> int:
        """Return the index of the word that holds, or comes before, an offset."""
        return bisect_right(self.starts, offset) - 1

    def sentence_at(self, offset: int) -> int:
        """Return the index of the sentence that holds an offset."""
        return bisect_right(self.sentences, offset) - 1


def lay_out(folded: str) -> Layout:
    """Find the words and sentences of a folded text."""
    return Layout(folded)
