"""All terms of all indicators in, and one pass over a text finds every occurrence of each.

An Aho-Corasick automaton over the folded text finds the literals; each find is verified at its place (whole
words, wildcards). Overlaps are all reported, because groups need every term that is there and not the
leftmost.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from itertools import islice
from operator import or_
from typing import Any

from ahocorasick_rs import AhoCorasick, Implementation

from watcher.match.terms import SoughtTerm, compile_term, is_word, runs_on
from watcher.text.fold import fold
from watcher.text.words import Layout, lay_out

Span = tuple[int, int]
TermId = int
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
    _matches: dict[Any, tuple[Span, ...]] = field(default_factory=dict, repr=False)

    @property
    def layout(self) -> Layout:
        """Where words and sentences begin."""
        if self._layout is None:
            self._layout = lay_out(self.text)
        return self._layout

    def matches(self, pattern: Any) -> tuple[Span, ...]:
        """Return where a regular expression matches; it runs once over a text, whatever asks for it."""
        if pattern not in self._matches:
            spans = (match.span() for match in islice(pattern.finditer(self.text), _MOST_FINDS))
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


@dataclass(frozen=True, slots=True)
class Scan:
    """A folded text, and the literals in it: of each its number, where it begins, and where it ends.

    A literal in the middle of a word is left out where each of its terms asks for the beginning of one.
    """

    text: str
    title_end: int
    literals: list[tuple[int, int, int]]


class Lexicon:
    """The terms of a list of indicators, each known by a number."""

    def __init__(self) -> None:
        self._patterns: list[SoughtTerm] = []
        self._plain: list[bool] = []
        self._by_key: dict[str, tuple[TermId, ...]] = {}
        self._keys: tuple[tuple[TermId, ...], ...] = ()
        self._edges: tuple[int, ...] = ()
        """At how many ends of a literal a word must end for any of its terms: at none, the first, or both."""
        self._automaton: AhoCorasick | None = None

    def add(self, typed: str) -> TermId:
        """Return the number of a term; equal spellings share one."""
        pattern = compile_term(typed)
        sharing = self._by_key.get(pattern.key, ())
        known = next((term for term in sharing if self._patterns[term] == pattern), None)
        if known is not None:
            return known
        self._patterns.append(pattern)
        self._plain.append(pattern.is_plain)
        added = len(self._patterns) - 1
        self._by_key[pattern.key] = (*sharing, added)
        self._automaton = None
        return added

    def add_all(self, typed: Iterable[str]) -> tuple[TermId, ...]:
        """Return the numbers of several terms."""
        return tuple(self.add(term) for term in typed)

    def view(self, title: str, summary: str, day: date, language: str = "") -> View:
        """Fold a title and a summary and find every term in them."""
        return self.view_of(self.scan(title, summary), day, language)

    def scan(self, title: str, summary: str) -> Scan:
        """Fold a title and a summary, and find the literals of terms in them."""
        head = fold(title)
        text = f"{head}\n{fold(summary)}" if summary else head
        return Scan(text, len(head), self._scan(text))

    def view_of(self, scan: Scan, day: date, language: str = "") -> View:
        """Find every term in a text, of which at least the literal is there."""
        return View(scan.text, scan.title_end, day, self._verified(scan.text, scan.literals), language)

    def find(self, text: str) -> dict[TermId, list[Span]]:
        """Return where each term occurs in a folded text."""
        return self._verified(text, self._scan(text))

    def gate(self, needs: Sequence[Needs]) -> Callable[[Scan], list[int]]:
        """Return what tells, of a scan, which of some `needs` the text may have: their indexes."""
        sets = {terms: 1 << number for number, terms in enumerate({each for one in needs for each in one})}
        by_term: dict[TermId, int] = {}
        for terms, bit in sets.items():
            for term in terms:
                by_term[term] = by_term.get(term, 0) | bit
        wanted = tuple((index, sum(sets[each] for each in one)) for index, one in enumerate(needs))
        bits: list[int] = []

        def pass_through(scan: Scan) -> list[int]:
            if not bits:
                shared: dict[int, int] = {}  # most keys ask for what others ask for
                every = (reduce(or_, (by_term.get(term, 0) for term in terms)) for terms in self._keys)
                bits.extend([shared.setdefault(both, both) for both in every])  # all, or none if interrupted
                by_term.clear()
            mask = 0
            for key, _, _ in scan.literals:
                mask |= bits[key]
            return [index for index, asked in wanted if mask & asked == asked]

        return pass_through

    def _verified(self, text: str, literals: Iterable[tuple[int, int, int]]) -> dict[TermId, list[Span]]:
        found: dict[TermId, list[Span]] = {}
        varying: dict[TermId, None] = {}
        for key, start, end in literals:
            runs = self._edges[key] < 2 and runs_on(text, start, end)
            for term in self._keys[key]:
                pattern = self._patterns[term]
                if self._plain[term]:
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

    def _scan(self, text: str) -> list[tuple[int, int, int]]:
        if self._automaton is None:
            self._keys = tuple(self._by_key.values())
            self._edges = tuple(min(self._patterns[term].edges for term in terms) for terms in self._keys)
            self._automaton = AhoCorasick(list(self._by_key), implementation=Implementation.ContiguousNFA)
        found, edges, length = [], self._edges, len(text)
        for each in self._automaton.find_matches_as_indexes(text, overlapping=True):
            key, start, end = each
            wanted = edges[key]
            if wanted and start and is_word(text[start - 1]) and is_word(text[start]):
                continue
            if wanted == 2 and end < length and is_word(text[end]) and is_word(text[end - 1]):
                continue
            found.append(each)
        return found
