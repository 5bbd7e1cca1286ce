"""Words in, a question to the full-text index out, for scripts with spaces and without; and an item's tokens.

The index is over tokens of our own. A word of a script with spaces is a token. A run of Hangul, Han or kana
becomes the pairs of its characters and, at its end, the last character by itself, so that any part of a run
is found as a phrase: `미사일` is `미사` `사일` `일`, which contain `사일`. A single character matches every
pair that begins with it. A change of the tokens, or of how text is folded, needs a schema step that makes the
index anew.
"""

import re
from collections.abc import Collection, Iterable

from watcher.errors import UsageError
from watcher.model.news import ItemId
from watcher.store.engine import Connection, Phrase, Question, Words
from watcher.store.values import storable, to_json
from watcher.text.fold import fold
from watcher.text.words import joins_words, runs

# "a phrase", with a star or without; or whatever stands between spaces.
_PART = re.compile(r'"([^"]*)"?(\*?)|([^\s"]+)')
_WILD = re.compile(r"[*?]")
_NUMBER = """
    UPDATE hits SET doc = (SELECT doc FROM texts WHERE texts.item = hits.item)
    WHERE item IN (SELECT value FROM json_each(?))
"""
FIND = """
    SELECT items.* FROM words JOIN texts ON texts.doc = words.rowid JOIN items ON items.id = texts.item
    WHERE {condition} AND seen >= :since ORDER BY words.rowid DESC LIMIT :limit
"""
"""What is asked for the items that match, since a moment, the newest first, and so many at most."""


def searchable(title: str, summary: str) -> str:
    """Return the tokens of an item, with spaces between."""
    return " ".join((*_tokens(fold(title)), *_tokens(fold(summary))))


def index_hits(connection: Connection, words: Words, items: Collection[ItemId]) -> None:
    """Note with the hits of items which numbers these have in the index; index them as items with hits."""
    if items:
        connection.execute(_NUMBER, (to_json([storable(item) for item in items]),))
        words.put_in_hits(connection, items)


def question_of(words: str) -> Question:
    """Return the question for words, "phrases" and beginnings*, all of which must be there.

    Raises:
        UsageError: there is no word in it.
    """
    parts = [
        _phrase(phrase or word.removesuffix("*"), begins=bool(star) or word.endswith("*"))
        for phrase, star, word in _PART.findall(words)
    ]
    if not any(parts):
        raise UsageError(
            f"there is no word in {words!r}; "
            'search for words, "a phrase", or the beginning of a word as in launch*'
        )
    return [[part] for part in parts if part]


def question_of_each(needed: Iterable[Iterable[str]]) -> Question:
    """Return the question for items that hold a term of each set; empty if no set can be asked for."""
    return [asked for asked in map(_any_of, needed) if asked]


def _any_of(terms: Iterable[str]) -> list[Phrase]:
    """Return the phrases of which items hold one that hold one of some terms as analysts write them.

    More is found than holds one. What follows a `*` or a `?` is not asked for; and of a script without
    boundaries only the first two characters, because such a term also matches where a space is or is not.
    None at all says that a term cannot be asked for.
    """
    asked = set()
    for term in terms:
        words = _WILD.split(term, maxsplit=1)
        found = runs(fold(words[0]))
        joined = next((place for place, run in enumerate(found) if joins_words(run[0])), None)
        if joined is not None:
            found = [*found[:joined], found[joined][:2]]
        # said with spaces, so that folding finds the same runs again
        asked.add(_phrase(" ".join(found), begins=len(words) > 1))
    phrases = [phrase for phrase in asked if phrase]
    return sorted(phrases, key=lambda phrase: phrase.tokens) if len(phrases) == len(asked) else []


def _phrase(words: str, *, begins: bool) -> Phrase | None:
    """Return one part of a question; where a script has no boundaries it may begin and end inside a run."""
    found = runs(fold(words))
    if not found:
        return None
    *before, last = found
    joined = joins_words(last[0])
    inside = (_parts(last)[:-1] or [last]) if joined else [last]
    tokens = [token for run in before for token in _parts(run)] + inside
    return Phrase(tuple(tokens), begins or (joined and len(last) == 1))


def _tokens(folded: str) -> list[str]:
    found = runs(folded)
    return found if folded.isascii() else [token for run in found for token in _parts(run)]


def _parts(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run))] if joins_words(run[0]) else [run]
