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


_NEIGHBOURLY = re.compile(
    "[^\x00-\u02ff\u0370-\u0482\u048a-\u052f\u1e00-\u20cf\u2100-\u22ff\u2460-\u26ff\u3000-\u3029\u3030-\u3096\u30a1-\u30ff"
    "\u3300-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufeff\uff01-\uff9d]"
)
"""What may be spelt with what stands beside it: marks, letters of Hangul, and much of what is seldom seen."""

_FOLDED = re.compile("[a-z0-9 ,*가-힣一-鿿ぁ-ゖァ-ヺー]*")
"""What folding leaves as it is, of what Korean, Chinese and Japanese words are written with."""


@lru_cache(maxsize=1024)  # a text is folded for its keys, to be matched, and for the index of words
def fold(text: str) -> str:
    """Return the spelling in which equal words are equal: single-spaced, stripped, no lone surrogates."""
    if _FOLDED.fullmatch(text):
        return _single_spaced(text)
    plain = text if text.isascii() else _typed_plainly(text)
    if plain.isascii():
        return _single_spaced(_tidy(plain.encode("ascii").translate(_ASCII, _ASCII_CONTROLS).decode("ascii")))
    if _NEIGHBOURLY.search(text) or _PILE.search(text):
        text = _spelt(_without_piles(text.translate(_SPACED)))
    else:
        text = text.translate(_SPELT)
    return _without_piles(" ".join(_tidy(text).split()))


def _spelt(text: str) -> str:
    """Return a text in one spelling, in which `_SPACED` has been applied and still applies."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    text = unicodedata.normalize("NFD", text.casefold())
    text = unicodedata.normalize("NFKC", _MARKS.sub("", text))
    return text.translate(_SPACED).casefold()


class _Spelt(dict[int, str]):
    """The one spelling of each character by itself."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _spelt(chr(code).translate(_SPACED))
        return found


_SPELT = _Spelt()


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
    parts, begin, at = list[str](), 0, text.find(".")
    while at >= 0:
        ahead = text[at - 2 : at - 1]  # of the character ahead of the dot; nothing at the beginning
        if (
            not ahead.isalnum()
            and at
            and _is_letter(text[at - 1])
            and (ahead not in ("_", ".") or at - 1 == begin)
        ):
            parts.append(text[begin:at])
            begin = at + 1
        at = text.find(".", at + 1)
    return " ".join((*parts, text[begin:])) if parts else text


def _is_letter(character: str) -> bool:
    return character.isalnum() and not character.isdecimal()
