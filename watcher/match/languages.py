"""A folded text and the language its feed names in, the languages it is written in out.

The script decides where it can: Hangul is Korean, kana Japanese, Han without either Chinese, Cyrillic
Russian. What the feed names decides where a script is shared: Latin, and Japanese that happens to have no
kana.
"""

import re

_HANGUL, _KANA, _HAN, _CYRILLIC, _LATIN = (
    "[\uac00-\ud7a3]",
    "[\u3041-\u30fa]",
    "[\u3400-\u9fff]",
    "[\u0400-\u04ff]",
    "[a-z]",
)
_OF_OTHER_SCRIPTS = frozenset({"", "ko", "ja", "zh", "ru"})
"""A feed in one of these says nothing of its Latin headlines: they are English."""


def languages_of(text: str, named: str) -> frozenset[str]:
    """Return the languages a folded text is written in; `named` is the BCP 47 tag of its feed, or empty."""
    base = named.split("-", maxsplit=1)[0].lower()
    latin = "en" if base in _OF_OTHER_SCRIPTS else base
    if text.isascii():
        return frozenset({latin})
    korean, japanese = re.search(_HANGUL, text), re.search(_KANA, text)
    chinese = not korean and not japanese and re.search(_HAN, text)
    return frozenset(
        language
        for language, written in (
            ("ko", korean),
            ("ja", japanese or (chinese and base == "ja")),
            ("zh", chinese and base != "ja"),
            ("ru", re.search(_CYRILLIC, text)),
            (latin, re.search(_LATIN, text)),
        )
        if written
    )
