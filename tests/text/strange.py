"""Texts no newsroom writes: what a broken or hostile feed may send."""

from hypothesis import strategies as st

_MEGABYTE = 1_000_000


def _megabyte(of: str) -> str:
    return of * (_MEGABYTE // len(of))


STRANGE = {
    "one letter": _megabyte("a"),
    "initials": _megabyte("a."),
    "apostrophes": _megabyte("'s"),
    "blanks": _megabyte(" \n"),
    "stops": _megabyte("."),
    "marks without a letter": _megabyte("\u0301\u0316"),
    "Hebrew points out of order": _megabyte("\u05b8\u05b0"),
    "zalgo": _megabyte("m" + "\u0300\u0315\u0316" * 300),
    "halves of surrogate pairs": _megabyte("\udc00\ud800"),
    "directions": _megabyte("\u202e\u2066"),
    "binary": _megabyte("".join(map(chr, range(256)))),
    "loose Hangul": _megabyte("\u1100\u1161\u11a8"),
    "emoji": _megabyte("\U0001f680"),
    "a headline again and again": _megabyte("North Korea may fire missile. "),
    "a headline without end": _megabyte("North Korea may fire missile "),
    "a Korean headline without end": _megabyte("북한미사일발사"),
}
"""By name, a megabyte of each."""

any_text = st.text(
    st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from(
            "'’.-_·‐ ｡。aiIİıßsſΣςЁй각가がｶﾞ゙\u0301\u0308\u0345\u05b8\u200b\ufe0f\ud83d\ude80「”ǆﬀ㎏"
        ),
    ),
    max_size=40,
)
"""Any text at all, lone surrogates too, with an eye for what folding treats apart."""
