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
_ASCII = bytes(ord(chr(code).translate(_SPACED).lower() or " ") for code in range(128)) + bytes(128)
_ASCII_CONTROLS = _CONTROLS.encode("ascii")
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_POSSESSIVE = re.compile(r"(?<=\w)'s(?!\w)")
_INITIAL = re.compile(r"(?<![\w.])((?:[^\W\d_]\.)+)")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\U000e0000-\U000e0fff\x80-\x84\x86-\x9f\ud800-\udfff]+"
)
_PILE = re.compile(r"([^\w\s\x00-\x7f]{30})[^\w\s\x00-\x7f]+")
"""More marks in a row than any language writes; to order them takes the square of their number."""


@lru_cache(maxsize=64)  # a title is folded for its keys, and soon again to be matched
def fold(text: str) -> str:
    """Return the spelling in which equal words are equal: single-spaced, stripped, no lone surrogates."""
    if text.isascii():
        return _tidy(text.encode("ascii").translate(_ASCII, _ASCII_CONTROLS).decode("ascii"))
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", _without_piles(text.translate(_SPACED))))
    text = unicodedata.normalize("NFD", text.casefold())
    text = unicodedata.normalize("NFKC", _MARKS.sub("", text))
    return _without_piles(_tidy(text.translate(_SPACED).casefold()))


def _without_piles(text: str) -> str:
    return _PILE.sub(r"\1", text) if len(text) > 30 else text


def _tidy(text: str) -> str:
    if "'" in text:
        text = _POSSESSIVE.sub(" ", text).replace("'", "")
    if "." in text and _may_have_initials(text):
        text = _INITIAL.sub(lambda found: found[1].replace(".", " "), text)
    return " ".join(text.split())


def _may_have_initials(text: str) -> bool:
    """Say whether a dot stands behind a letter that stands alone: cheaper than to search for initials."""
    at = text.find(".")
    while at >= 0:
        if at > 0 and _is_word(text[at - 1]) and (at == 1 or not _is_word(text[at - 2])):
            return True
        at = text.find(".", at + 1)
    return False


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
