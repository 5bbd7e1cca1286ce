"""All terms of all indicators in, and one pass over a text finds every occurrence of each.

An Aho-Corasick automaton over the folded text finds the literals; each find is verified at its place (whole
words, wildcards). Overlaps are all reported, because groups need every term that is there and not the
leftmost.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import islice
from typing import Any

from ahocorasick_rs import AhoCorasick, Implementation

from watcher.match.terms import SoughtTerm, compile_term, is_word, runs_on
from watcher.text.fold import fold
from watcher.text.words import Layout, lay_out

Span = tuple[int, int]
TermId = int
Literal = tuple[int, int, int]
"""The number of a literal, where it begins in a text, and where it ends."""

Needs = tuple[frozenset[TermId], ...]
"""Sets of terms, of each of which one must occur."""

_MOST_FINDS = 64
"""A text that repeats itself has no more to say after this many finds of one term or regular expression."""

_NEVER_NEAR = 1 << 30


@dataclass(slots=True)
class View:
    """A folded item and the terms found in it: title, line end, summary; offsets count characters of `text`.

    `day` is the item's day, for names that are valid on their days only; `language` is what its feed names,
    or empty. `layout` is made when first asked for.
    """

    text: str
    title_end: int
    day: date
    found: dict[TermId, list[Span]]
    language: str = ""
    named: dict[str, list[Span]] = field(default_factory=dict, repr=False)
    """Where each entity is named, once it was asked for."""
    cues: list[Any] | None = field(default=None, repr=False)
    """The cues in it, once the first claim was read."""
    parsed: Any = field(default=None, repr=False)
    """The title and the lead taken apart, once the first hit was read."""
    _layout: Layout | None = field(default=None, repr=False)
    _matches: dict[str, tuple[Span, ...]] = field(default_factory=dict, repr=False)

    @property
    def layout(self) -> Layout:
        """Where words and sentences begin."""
        if self._layout is None:
            self._layout = lay_out(self.text)
        return self._layout

    def matches(self, pattern: str) -> tuple[Span, ...]:
        """Return where a regular expression matches; it runs once over a text, whatever asks for it."""
        if pattern not in self._matches:
            spans = (match.span() for match in islice(_linear(pattern).finditer(self.text), _MOST_FINDS))
            self._matches[pattern] = tuple(span for span in spans if span[0] < span[1])
        return self._matches[pattern]

    def distance(self, one: Span, other: Span) -> int:
        """Return how many words lie between two finds; one in the title is never near one in the summary."""
        if (one[0] < self.title_end) != (other[0] < self.title_end):
            return _NEVER_NEAR
        first, second = sorted((one, other))
        return max(0, self.layout.word_at(second[0]) - self.layout.word_at(max(first[0], first[1] - 1)))

    def words(self, span: Span) -> str:
        """Return the folded words of a find."""
        return self.text[span[0] : span[1]]


class Literals:
    """Finds literals in folded texts.

    A literal is left out in the middle of a word where each of its terms asks for the beginning of one.
    """

    def __init__(self, edges: Mapping[str, int]) -> None:
        """Take literals, each with at how many ends a word must end: at none, the first, or both."""
        self._edges = tuple(edges.values())
        self._automaton = AhoCorasick(list(edges), implementation=Implementation.ContiguousNFA)

    def find(self, text: str) -> list[Literal]:
        """Return every literal that is in a text."""
        found, edges, length = [], self._edges, len(text)
        for each in self._automaton.find_matches_as_indexes(text, overlapping=True):
            literal, start, end = each
            wanted = edges[literal]
            if wanted and start and is_word(text[start - 1]) and is_word(text[start]):
                continue
            if wanted == 2 and end < length and is_word(text[end]) and is_word(text[end - 1]):
                continue
            found.append(each)
        return found


class Lexicon:
    """The terms of a list of indicators, each known by a number."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._patterns: dict[TermId, SoughtTerm] = {}  # of those that are more than their literal
        self._by_key: dict[str, tuple[TermId, ...]] = {}
        self._literals: Literals | None = None
        self._terms: Sequence[Sequence[TermId]] = ()
        self._edges: Sequence[int] = ()

    def __len__(self) -> int:
        """Return how many terms there are."""
        return len(self._keys)

    def add(self, typed: str) -> TermId:
        """Return the number of a term; equal spellings share one."""
        sought = compile_term(typed)
        pattern, sharing = None if sought.is_plain else sought, self._by_key.get(sought.key, ())
        for term in sharing:
            if self._patterns.get(term) == pattern:
                return term
        added = len(self._keys)
        self._keys.append(sought.key)
        if pattern:
            self._patterns[added] = pattern
        self._by_key[sought.key] = (*sharing, added)
        self._literals = None
        return added

    def add_all(self, typed: Iterable[str]) -> tuple[TermId, ...]:
        """Return the numbers of several terms."""
        return tuple(self.add(term) for term in typed)

    def literal_of(self, term: TermId) -> str:
        """Return the literal that stands wherever a term does."""
        return self._keys[term]

    def edges_of(self, literal: str) -> int:
        """Return at how many ends of a literal a word must end for any term: at none, the first, or both."""
        patterns = self._patterns
        return min(patterns[term].edges if term in patterns else 2 for term in self._by_key[literal])

    @property
    def terms_by_literal(self) -> Sequence[Sequence[TermId]]:
        """The terms of every literal, by its number."""
        return tuple(self._by_key.values())

    def literals(self, text: str) -> list[Literal]:
        """Return the literals of terms in a folded text."""
        if self._literals is None:
            edges = {literal: self.edges_of(literal) for literal in self._by_key}
            self._terms, self._edges = self.terms_by_literal, tuple(edges.values())
            self._literals = Literals(edges)
        return self._literals.find(text)

    def view(self, title: str, summary: str, day: date, language: str = "") -> View:
        """Fold a title and a summary and find every term in them."""
        text, title_end = folded(title, summary)
        return View(text, title_end, day, self.find(text, self.literals(text)), language)

    def find(self, text: str, literals: Iterable[Literal]) -> dict[TermId, list[Span]]:
        """Return where each term occurs in a folded text with these literals."""
        found: dict[TermId, list[Span]] = {}
        varying: dict[TermId, None] = {}
        for literal, start, end in literals:
            runs = self._edges[literal] < 2 and runs_on(text, start, end)
            for term in self._terms[literal]:
                pattern = self._patterns.get(term)
                if pattern is None:
                    if not runs and len(found.get(term, ())) < _MOST_FINDS:
                        found.setdefault(term, []).append((start, end))
                elif pattern.lead is None:
                    varying[term] = None
                elif len(found.get(term, ())) < _MOST_FINDS and (
                    ends := pattern.end_in(text, start - pattern.lead)
                ):
                    found.setdefault(term, []).append((start - pattern.lead, ends))
        for term in varying:
            if spans := list(islice(self._patterns[term].spans_in(text), _MOST_FINDS)):
                found[term] = spans
        return found


def folded(title: str, summary: str) -> tuple[str, int]:
    """Return a title and a summary as one folded text, and where the title ends in it."""
    head = fold(title)
    return (f"{head}\n{fold(summary)}" if summary else head), len(head)


@cache
def _linear(pattern: str) -> Any:
    import re2  # noqa: PLC0415 - 3 MB that need not be held until a regular expression is asked for

    return re2.compile(pattern)
