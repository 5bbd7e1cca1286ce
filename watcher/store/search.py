"""Words in, a full-text query out, for scripts with spaces and without; items into the index and out of it.

The index is SQLite's FTS5 over tokens of our own. A word of a script with spaces is a token. A run of Hangul,
Han or kana becomes the pairs of its characters and, at its end, the last character by itself, so that any
part of a run is found as a phrase: `미사일` is `미사` `사일` `일`, which contain `사일`. A single character
matches every pair that begins with it. The index holds no text: to remove an item, it needs the same tokens
again. So a change of the tokens, or of how text is folded, needs a schema step that makes the index anew.
"""

import json
import re
import sqlite3
from collections.abc import Iterable

from watcher.errors import UsageError
from watcher.model.news import ItemId
from watcher.store.values import storable
from watcher.text.fold import fold
from watcher.text.words import joins_words, runs

# "a phrase", with a star or without; or whatever stands between spaces.
_PART = re.compile(r'"([^"]*)"?(\*?)|([^\s"]+)')
_WILD = re.compile(r"[*?]")
_INDEXED = "SELECT item FROM texts WHERE item IN (SELECT value FROM json_each(?))"
_TAKE_OUT = """
    INSERT INTO words (words, rowid, text)
    SELECT 'delete', doc, searchable(title, summary)
    FROM texts JOIN items ON items.id = texts.item WHERE item = ?
"""
_PUT_IN = """
    INSERT INTO words (rowid, text)
    SELECT doc, searchable(title, summary) FROM texts JOIN items ON items.id = texts.item
    WHERE item IN (SELECT value FROM json_each(?)) ORDER BY doc
"""
_NUMBER = """
    UPDATE hits SET doc = (SELECT doc FROM texts WHERE texts.item = hits.item)
    WHERE item IN (SELECT value FROM json_each(?))
"""
FIND = """
    SELECT items.* FROM words JOIN texts ON texts.doc = words.rowid JOIN items ON items.id = texts.item
    WHERE words MATCH ? AND seen >= ? ORDER BY words.rowid DESC LIMIT ?
"""
"""What is asked for the items that match, since a moment, the newest first, and so many at most."""


def teach_tokens(connection: sqlite3.Connection) -> None:
    """Give a connection the function that makes an item's tokens."""
    connection.create_function("searchable", 2, searchable, deterministic=True)


def searchable(title: str, summary: str) -> str:
    """Return the tokens of an item, with spaces between."""
    return " ".join(_tokens(f"{title} {summary}"))


def take_out(connection: sqlite3.Connection, items: Iterable[ItemId]) -> None:
    """Remove items from the index while they are still stored as indexed; others are passed over."""
    asked = json.dumps([storable(item) for item in items])
    names = connection.execute(_INDEXED, (asked,)).fetchall()
    connection.executemany(_TAKE_OUT, names)
    connection.executemany("DELETE FROM texts WHERE item = ?", names)


def put_in(connection: sqlite3.Connection, items: Iterable[ItemId]) -> None:
    """Add stored items to the index, the newest of it."""
    names = [(storable(item),) for item in items]
    connection.executemany("INSERT INTO texts (item) VALUES (?)", names)
    connection.execute(_PUT_IN, (json.dumps([name for (name,) in names]),))


def number_hits(connection: sqlite3.Connection, items: Iterable[ItemId]) -> None:
    """Note with the hits of items which numbers these have in the index."""
    connection.execute(_NUMBER, (json.dumps([storable(item) for item in items]),))


def match_of(words: str) -> str:
    """Return what FTS5 is asked for words, "phrases" and beginnings*, all of which must be there.

    Raises:
        UsageError: there is no word in it.
    """
    parts = [
        _asked(phrase or word.removesuffix("*"), begins=bool(star) or word.endswith("*"))
        for phrase, star, word in _PART.findall(words)
    ]
    if not any(parts):
        raise UsageError(
            f"there is no word in {words!r}; "
            'search for words, "a phrase", or the beginning of a word as in launch*'
        )
    return " AND ".join(filter(None, parts))


def match_of_each(needed: Iterable[Iterable[str]]) -> str:
    """Return what FTS5 is asked for items that hold a term of each set; empty if no set can be asked for."""
    return " AND ".join(f"({asked})" for asked in map(_match_of_any, needed) if asked)


def _match_of_any(terms: Iterable[str]) -> str:
    """Return what FTS5 is asked for items that hold one of some terms as analysts write them.

    More is found than holds one. What follows a `*` or a `?` is not asked for; and of a script without
    boundaries only the first two characters, because such a term also matches where a space is or is not.
    An empty string says that a term cannot be asked for.
    """
    asked = set()
    for term in terms:
        words = _WILD.split(term, maxsplit=1)
        found = runs(fold(words[0]))
        joined = next((place for place, run in enumerate(found) if joins_words(run[0])), None)
        if joined is not None:
            found = [*found[:joined], found[joined][:2]]
        # said with spaces, so that folding finds the same runs again
        asked.add(_asked(" ".join(found), begins=len(words) > 1))
    return " OR ".join(f"({each})" for each in sorted(asked)) if all(asked) else ""


def _asked(phrase: str, *, begins: bool) -> str:
    """Return one part of a question; where a script has no boundaries it may begin and end inside a run."""
    found = runs(fold(phrase))
    if not found:
        return ""
    *before, last = found
    joined = joins_words(last[0])
    inside = (_parts(last)[:-1] or [last]) if joined else [last]
    tokens = [token for run in before for token in _parts(run)] + inside
    return f'"{" ".join(tokens)}"{" *" if begins or (joined and len(last) == 1) else ""}'


def _tokens(text: str) -> list[str]:
    found = runs(fold(text))
    return found if text.isascii() else [token for run in found for token in _parts(run)]


def _parts(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run))] if joins_words(run[0]) else [run]
