"""Text in, its one spelling out: without case, accents, hyphens, apostrophes, width, invisible characters.

The order matters. Width and compatibility forms go first (NFKC), then case, then the combining marks of
Latin, Greek and Cyrillic; kana and Hangul keep theirs, because NFC puts them back together. Hyphens and
quotation marks become spaces, CJK quotation marks vanish (they stand inside words), a possessive `'s` becomes
a space and any other apostrophe vanishes, so that `Kim's` is `kim` and `Sinp'o` is `sinpo`. The dot after a
single letter becomes a space: `U.S.` is `u s`, `N.Korea` is `n korea`. What is left keeps its punctuation,
because sentences end there. Folding twice is folding once.
"""

import re
import unicodedata
from functools import lru_cache

_HYPHENS = "-‐‑‒–—―−﹣－~〜_·・‧"
_QUOTES = '"“”„‟«»()[]{}'
_CJK_QUOTES = "「」『』《》〈〉【】〔〕＜＞"
_APOSTROPHES = "'‘’‛`´ʼʹʻ＇"
_CONTROLS = "".join(map(chr, (*range(0x09), *range(0x0E, 0x1C), 0x7F)))

_SPACED = str.maketrans(
    dict.fromkeys(_HYPHENS + _QUOTES, " ")
    | dict.fromkeys(_CJK_QUOTES + _CONTROLS)
    | dict.fromkeys(_APOSTROPHES, "'")
)
_BLANKS = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f"
_ASCII = bytes(
    ord(" " if chr(code) in _BLANKS else chr(code).translate(_SPACED).lower() or " ") for code in range(128)
) + bytes(128)
_ASCII_CONTROLS = _CONTROLS.encode("ascii")
_TYPOGRAPHY = {mark: mark.translate(_SPACED) for mark in "’‘“”–—"} | {"\u00a0": " ", "…": "..."}
"""What English texts are typed with beside ASCII, and what folding makes of it wherever it stands."""

_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_POSSESSIVE = re.compile(r"'s(?<=\w's)(?!\w)")  # begins with a literal, which is looked for first
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\U000e0000-\U000e0fff\x80-\x84\x86-\x9f\ud800-\udfff]+"
)
_PILE = re.compile(r"([^\w\s\x00-\x7f]{30})[^\w\s\x00-\x7f]+")
"""More marks in a row than any language writes; to order them takes the square of their number."""


@lru_cache(maxsize=64)  # a title is folded for its keys, and soon again to be matched
def fold(text: str) -> str:
    """Return the spelling in which equal words are equal: single-spaced, stripped, no lone surrogates."""
    plain = text if text.isascii() else _typed_plainly(text)
    if plain.isascii():
        return _single_spaced(_tidy(plain.encode("ascii").translate(_ASCII, _ASCII_CONTROLS).decode("ascii")))
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", _without_piles(text.translate(_SPACED))))
    text = unicodedata.normalize("NFD", text.casefold())
    text = unicodedata.normalize("NFKC", _MARKS.sub("", text))
    return _without_piles(" ".join(_tidy(text.translate(_SPACED).casefold()).split()))


def _typed_plainly(text: str) -> str:
    """Return a text with ASCII in place of the commonest marks; as it is, if they stand in piles."""
    if "……" in text:
        return text
    for mark, plain in _TYPOGRAPHY.items():
        if mark in text:
            text = text.replace(mark, plain)
    return text


def _without_piles(text: str) -> str:
    return _PILE.sub(r"\1", text) if len(text) > 30 else text


def _tidy(text: str) -> str:
    if "'" in text:
        if "'s" in text:
            text = _POSSESSIVE.sub(" ", text)
        text = text.replace("'", "")
    if "." in text:
        text = _without_dots_of_initials(text)
    return text


def _single_spaced(text: str) -> str:
    """Return a text in which every blank is a space without those at its ends, and one for several."""
    while "  " in text:
        text = text.replace("  ", " ")
    return text.strip(" ")


def _without_dots_of_initials(text: str) -> str:
    """Return a text with spaces for the dots behind letters that stand alone, or in a row of such letters."""
    parts, begin, last = list[str](), 0, -1
    at = text.find(".")
    while at >= 0:
        if at and _is_letter(text[at - 1]) and (at == 1 or at - 2 == last or _ends_word(text[at - 2])):
            parts.append(text[begin:at])
            begin, last = at + 1, at
        at = text.find(".", at + 1)
    return " ".join((*parts, text[begin:])) if parts else text


def _is_letter(character: str) -> bool:
    return character.isalnum() and not character.isdecimal()


def _ends_word(character: str) -> bool:
    return not (character.isalnum() or character in "_.")
