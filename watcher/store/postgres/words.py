"""A question in, what PostgreSQL's index of words is asked out; items into the index and out of it.

PostgreSQL's own parsers know nothing of Korean and Japanese, and what its text functions do depends on the
locale of the cluster. So it is given our tokens and asked for our tokens: a `tsvector` of them says which
items hold all tokens, and where a phrase is asked for, the tokens of an item in their order say whether it is
there.
"""

from collections.abc import Collection, Iterable, Mapping

from watcher.model.news import ItemId
from watcher.store.engine import Connection, Phrase, Question, Words
from watcher.store.search import searchable
from watcher.store.values import storable, to_json

LONGEST = 500
"""Characters of a token that the index holds; PostgreSQL takes 2 KB."""

_TAKE_OUT = "DELETE FROM texts WHERE item IN (SELECT value FROM json_each(?)) RETURNING item"
_NUMBER = (
    "INSERT INTO texts (item) SELECT value FROM json_each(?) WITH ORDINALITY AS given ORDER BY ordinality"
)
_STORED = """
    SELECT doc, title, summary FROM texts JOIN items ON items.id = texts.item
    WHERE item IN (SELECT value FROM json_each(?)) ORDER BY doc
"""
_PUT_IN = "INSERT INTO words (rowid, tokens, vector) VALUES (?, ?, array_to_tsvector(CAST(? AS text[])))"
_NEXT_STORED = """
    SELECT doc, title, summary FROM texts JOIN items ON items.id = texts.item
    WHERE doc > ? ORDER BY doc LIMIT ?
"""
_TOGETHER = 1000


class TokenIndex(Words):
    """The index as a table of tokens; items with hits are asked for in it like all others."""

    of_hits = "words"

    def take_out(self, connection: Connection, items: Iterable[ItemId]) -> Collection[ItemId]:
        asked = to_json([storable(item) for item in items])
        return [name for (name,) in connection.execute(_TAKE_OUT, (asked,)).fetchall()]

    def put_in(self, connection: Connection, items: Iterable[ItemId]) -> None:
        names = to_json([storable(item) for item in items])
        connection.execute(_NUMBER, (names,))
        stored = connection.execute(_STORED, (names,)).fetchall()
        connection.executemany(_PUT_IN, [indexed(*row) for row in stored])

    def put_in_hits(self, connection: Connection, items: Iterable[ItemId]) -> None:
        """Add nothing: they are there."""

    def fill(self, connection: Connection) -> None:
        last = 0
        while stored := connection.execute(_NEXT_STORED, (last, _TOGETHER)).fetchall():
            connection.executemany(_PUT_IN, [indexed(*row) for row in stored])
            last = stored[-1]["doc"]

    def condition(
        self,
        question: Question,
        table: str = "words",  # noqa: ARG002  there is only one
    ) -> tuple[str, Mapping[str, object]]:
        asked = " & ".join(f"({' | '.join(map(_asked, phrases))})" for phrases in question)
        conditions, values = ["vector @@ CAST(:words AS tsquery)"], {"words": asked}
        for number, phrases in enumerate(question):
            if any(map(_is_more_than_its_tokens, phrases)):
                said = {f"said_{number}_{place}": _in_order(each) for place, each in enumerate(phrases)}
                values |= said
                conditions.append(f"({' OR '.join(f'strpos(tokens, :{name}) > 0' for name in said)})")
        return f"({' AND '.join(conditions)})", values


def indexed(number: int, title: str, summary: str) -> tuple[int, str, list[str]]:
    """Return the row of an item in the index."""
    tokens = searchable(title, summary)
    return number, f" {tokens} ", sorted({token[:LONGEST] for token in tokens.split()})


def _asked(phrase: Phrase) -> str:
    """Return what the index is asked for a phrase; more is found than holds it."""
    *before, last = (_quoted(token[:LONGEST]) for token in phrase.tokens)
    return f"({' & '.join([*before, f'{last}:*' if phrase.begins else last])})"


def _quoted(token: str) -> str:
    doubled = token.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"


def _is_more_than_its_tokens(phrase: Phrase) -> bool:
    return len(phrase.tokens) > 1 or len(phrase.tokens[0]) > LONGEST


def _in_order(phrase: Phrase) -> str:
    return f" {' '.join(phrase.tokens)}{'' if phrase.begins else ' '}"
