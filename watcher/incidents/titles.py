"""Titles in, how alike they are out.

Words alone mislead: bulletins follow templates, and two launches differ in a number only (measured on 1,500
pairs of headlines: word overlap finds rewrites with F1 0.94 and fails on templates). So numbers are compared
apart and must agree.
"""

from functools import lru_cache
from math import ceil, floor

from watcher.text.fold import fold
from watcher.text.words import joins_words, words

Wording = frozenset[str]
"""What a title is made of."""

LEAST = 0.8
"""The share of all their parts that two titles of one story have in common."""

AFFAIR = 0.35
"""The share of the shorter title that two titles of one affair share; best on labelled pairs of real hits."""

_LEAST_SHARED = 2

_HAIR = 1e-9
"""Fractions of words are rounded in favour of being alike."""

_STOPWORDS = frozenset((
    "a", "an", "and", "as", "at", "be", "by", "for", "from", "has", "have", "in", "into", "is", "it", "its",
    "of", "off", "on", "or", "over", "says", "say", "said", "that", "the", "their", "to", "was", "were",
    "will", "with",
))  # fmt: skip


@lru_cache(maxsize=512)  # the same title is compared with every open incident
def wording(title: str) -> Wording:
    """Return what a title is made of: its rarer words, and character pairs where a script has no spaces."""
    parts, folded = set[str](), fold(title)
    parts.update(word for word in words(folded) if word not in _STOPWORDS and not joins_words(word[0]))
    run = "".join(character if joins_words(character) else " " for character in folded)
    for piece in run.split():
        parts.update(piece[i : i + 2] for i in range(max(1, len(piece) - 1)))
    return frozenset(parts)


def same_story(one: Wording, other: Wording, least: float = LEAST) -> bool:
    """Say whether two wordings tell one story: the same numbers, and `least` of all their words in common."""
    return numbers(one) == numbers(other) and likeness(one, other) >= least


def same_affair(one: Wording, other: Wording) -> bool:
    """Say whether two titles tell of one affair: they share much of the shorter one, more than a word."""
    shared = len(one & other)
    return shared >= _LEAST_SHARED and shared >= AFFAIR * min(len(one), len(other)) - _HAIR


def lengths_alike(parts: Wording) -> range:
    """Return how many parts a wording of the same story may have."""
    return range(ceil(len(parts) * LEAST - _HAIR), floor(len(parts) / LEAST + _HAIR) + 1)


def most_missing(parts: Wording, length: int) -> int:
    """Return how many of its parts may be absent from a wording of the same story with so many parts."""
    in_common = ceil((len(parts) + length) * LEAST / (1 + LEAST) - _HAIR)
    return len(parts) - in_common


def likeness(one: Wording, other: Wording) -> float:
    """Return the share of common parts among all parts (Jaccard), 0 to 1; two empty wordings are alike."""
    together = len(one | other)
    return len(one & other) / together if together else 1.0


@lru_cache(maxsize=8_192)  # of more sightings than that open incidents seldom consist
def numbers(parts: Wording) -> Wording:
    """Return the parts that hold a digit."""
    return frozenset(part for part in parts if any(character.isdigit() for character in part))
