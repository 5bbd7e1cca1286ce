"""A question in, what SQLite's FTS5 is asked out; items into its index and out of it.

The index holds no text: to remove an item, it needs the same tokens again. Items with hits are in a small
index of their own beside it, which lists of incidents are asked of: most items have none.
"""

import sqlite3
from collections.abc import Collection, Iterable, Mapping

from watcher.model.news import ItemId
from watcher.store.engine import Connection, Phrase, Question, Words
from watcher.store.search import searchable
from watcher.store.values import storable, to_json
from watcher.text.fold import fold

_INDEXED = "SELECT item FROM texts WHERE item IN (SELECT value FROM json_each(?))"
# By number, here and below: the index writes what it has gathered whenever a number is lower than the last.
_TAKE_OUT = """
    INSERT INTO words (words, rowid, text)
    SELECT 'delete', doc, searchable(title, summary) FROM texts JOIN items ON items.id = texts.item
    WHERE item IN (SELECT value FROM json_each(?)) ORDER BY doc
"""
_PUT_IN = """
    INSERT INTO words (rowid, text)
    SELECT doc, searchable(title, summary) FROM texts CROSS JOIN items ON items.id = texts.item
    WHERE doc > ? ORDER BY doc
"""
_TAKE_OUT_HITS = """
    DELETE FROM words_of_hits
    WHERE rowid IN (SELECT doc FROM texts WHERE item IN (SELECT value FROM json_each(?)))
"""
_HITS = """
    INSERT INTO words_of_hits (rowid, text)
    SELECT doc, searchable(title, summary) FROM texts JOIN items ON items.id = texts.item
    WHERE EXISTS (SELECT 1 FROM hits WHERE hits.item = texts.item) {beside} ORDER BY doc
"""
_PUT_IN_HITS = _HITS.format(
    beside="""AND item IN (SELECT value FROM json_each(?))
    AND NOT EXISTS (SELECT 1 FROM words_of_hits WHERE words_of_hits.rowid = doc)"""
)
_FILL = """
    INSERT INTO words (rowid, text)
    SELECT doc, searchable(title, summary) FROM texts JOIN items ON items.id = texts.item ORDER BY doc
"""


def teach_tokens(connection: sqlite3.Connection) -> None:
    """Give a connection the function that makes an item's tokens."""
    connection.create_function("searchable", 2, tokenized, deterministic=True)


def tokenized(title: str, summary: str) -> str:
    """Return a text of which the tokenizer `ascii` makes the tokens of an item."""
    folded = f"{fold(title)} {fold(summary)}"
    return folded if folded.isascii() else searchable(title, summary)


class Fts5(Words):
    """The index as a table of FTS5 without content."""

    of_hits = "words_of_hits"

    def take_out(self, connection: Connection, items: Iterable[ItemId]) -> Collection[ItemId]:
        asked = to_json([storable(item) for item in items])
        names = connection.execute(_INDEXED, (asked,)).fetchall()
        if names:
            connection.execute(_TAKE_OUT_HITS, (asked,))
            connection.execute(_TAKE_OUT, (asked,))
            connection.executemany("DELETE FROM texts WHERE item = ?", names)
        return [name for (name,) in names]

    def put_in(self, connection: Connection, items: Iterable[ItemId]) -> None:
        (last,) = connection.execute("SELECT coalesce(max(doc), 0) FROM texts").fetchone()
        connection.executemany("INSERT INTO texts (item) VALUES (?)", [(storable(item),) for item in items])
        connection.execute(_PUT_IN, (last,))

    def put_in_hits(self, connection: Connection, items: Iterable[ItemId]) -> None:
        connection.execute(_PUT_IN_HITS, (to_json([storable(item) for item in items]),))

    def fill(self, connection: Connection) -> None:
        connection.execute(_FILL)
        connection.execute(_HITS.format(beside=""))

    def condition(self, question: Question, table: str = "words") -> tuple[str, Mapping[str, object]]:
        asked = " AND ".join(f"({' OR '.join(map(_asked, phrases))})" for phrases in question)
        return f"{table} MATCH :words", {"words": asked}


def _asked(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.tokens)}"{" *" if phrase.begins else ""}'
