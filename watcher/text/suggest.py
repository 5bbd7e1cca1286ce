"""A word nobody knows and the words that are known in, "did you mean" out."""

from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a clause to end a sentence with: the closest known word, or nothing when none is close."""
    from difflib import get_close_matches  # noqa: PLC0415 - few make a mistake

    names = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold()[:80], names, n=1, cutoff=0.6)
    return f"; did you mean `{names[near[0]]}`?" if near else ""


def listed(words: Iterable[str]) -> str:
    """Return words as people list them: "a, b or c"."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
