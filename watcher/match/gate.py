"""Compiled groups in, which of them a text may hold out: by the words that are in it, wherever they stand.

A group is written out as the ways in which it can hold, each of them sets of terms, of each of which one must
occur. Of each way one set is chosen, so that the terms of all that are chosen, the *telltales*, are few and
seldom written. A text without a telltale holds no group: that takes one pass of a small automaton, and most
news goes no further.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import product
from operator import or_
from typing import NamedTuple, TypeVar

from watcher.match.groups import AllNode, AnyNode, NearNode, Node, SentenceNode, TitleNode
from watcher.match.lexicon import Lexicon, Literal, Literals, Needs, TermId

_Terms = frozenset[TermId]
Ways = tuple[Needs, ...]
"""A group holds only where one of its ways does, and a way only where each of its sets has a term."""

_MOST_WAYS = 64
"""Where parts that must hold together have more ways than this, some count as a single way."""

_BYTES_FOR_HALF = 4
"""A term is taken for half as frequent as one that is so many bytes (UTF-8) shorter."""


_Holder = TypeVar("_Holder")
_Held = TypeVar("_Held")


class Way(NamedTuple):
    """A way in which a group holds: the number of the group, and the sets, a bit each."""

    group: int
    sets: int


class Gate:
    """Which of some groups a text may hold."""

    def __init__(self, nodes: Iterable[Node], lexicon: Lexicon) -> None:
        self._nodes, self._lexicon = tuple(nodes), lexicon

    def ways(self, text: str) -> Sequence[Way]:
        """Return the ways in which a folded text may hold a group, by its telltales alone."""
        made = self._made
        if not (found := made.telltales.find(text)):
            return made.everywhere
        told = {telltale for telltale, _, _ in found}
        return [*made.everywhere, *(way for telltale in told for way in made.told_by[telltale])]

    def groups(self, ways: Iterable[Way], literals: Iterable[Literal]) -> list[int]:
        """Return the numbers of the groups that hold in one of some ways, by all literals of the text."""
        met, bits = 0, self._made.bits
        for literal, _, _ in literals:
            met |= bits[literal]
        return sorted({group for group, sets in ways if met & sets == sets})

    @cached_property
    def _made(self) -> "_Made":
        """What is made when the first text comes, as most commands match none."""
        return _made([ways_of(node) for node in self._nodes], self._lexicon)


@dataclass(frozen=True, slots=True)
class _Made:
    """Telltales, the ways that each tells of, those that ask for no term, and the sets of each literal."""

    telltales: Literals
    told_by: Sequence[Sequence[Way]]
    everywhere: Sequence[Way]
    bits: Sequence[int]


def ways_of(node: Node) -> Ways:
    """Return the ways in which a group can hold; a way without sets may hold in every text."""
    match node:
        case SentenceNode() | TitleNode():
            return ways_of(node.inside)
        case AllNode() | NearNode():
            return _together(node.parts)
        case AnyNode(count=1):
            return _either([way for part in node.parts for way in ways_of(part)])
    return (node.needs(),)


def _together(parts: Iterable[Node]) -> Ways:
    ways: Ways = ((),)
    for part in parts:
        more = ways_of(part)
        if len(ways) * len(more) > _MOST_WAYS:
            more = (part.needs(),)
        ways = tuple(tuple(dict.fromkeys(one + other)) for one, other in product(ways, more))
    return ways


def _either(ways: Sequence[Needs]) -> Ways:
    """Return the ways of alternatives: all that ask for one set of terms are one way, with all terms."""
    if not all(ways):
        return ((),)
    single = [way[0] for way in ways if len(way) == 1]
    joined = ((frozenset().union(*single),),) if single else ()
    return (*(way for way in ways if len(way) > 1), *joined)


def _made(ways_of_groups: Sequence[Ways], lexicon: Lexicon) -> _Made:
    every = [(group, way) for group, ways in enumerate(ways_of_groups) for way in ways]
    bits = {terms: 1 << number for number, terms in enumerate(_holders(every))}
    asked = [Way(group, sum(bits[terms] for terms in way)) for group, way in every]
    told_by = defaultdict[str, list[Way]](list)
    asked_for = frozenset().union(*bits)
    frequency = {term: _frequency(lexicon.literal_of(term)) for term in asked_for}
    chosen = _chosen([way for _, way in every if way], frequency)
    for way, terms in zip((way for way in asked if way.sets), chosen, strict=True):
        for literal in {lexicon.literal_of(term) for term in terms}:
            told_by[literal].append(way)
    by_term = [0] * len(lexicon)
    for terms, bit in bits.items():
        for term in terms:
            by_term[term] |= bit
    shared: dict[int, int] = {}  # most literals stand for what others stand for
    stands_for = (reduce(or_, map(by_term.__getitem__, terms)) for terms in lexicon.terms_by_literal)
    return _Made(
        telltales=Literals({literal: lexicon.edges_of(literal) for literal in told_by}),
        told_by=tuple(told_by.values()),
        everywhere=tuple(way for way in asked if not way.sets),
        bits=tuple(shared.setdefault(each, each) for each in stands_for),
    )


def _frequency(literal: str) -> int:
    return round(2 ** (30 - len(literal.encode()) / _BYTES_FOR_HALF))


def _chosen(ways: Sequence[Needs], frequency: Mapping[TermId, int]) -> Sequence[_Terms]:
    """Return one set of each way, so that all the terms together are seldom found.

    One by one that set is taken whose terms add least for each of the ways that it tells of.
    """
    holders = _holders(enumerate(ways))
    tells_of = {terms: len(numbers) for terms, numbers in holders.items()}
    adds = {terms: sum(map(frequency.__getitem__, terms)) for terms in holders}
    holding = _holders((terms, terms) for terms in holders)
    without_choice = [way[0] for way in ways if len(way) == 1]
    chosen: dict[int, _Terms] = {}
    while len(chosen) < len(ways):
        terms = (
            without_choice.pop()
            if without_choice
            else max(tells_of, key=lambda each: tells_of[each] / (1 + adds[each]))
        )
        for term in terms:
            for each in holding.pop(term, ()):
                adds[each] -= frequency[term]
        for number in holders[terms]:
            if number not in chosen:
                chosen[number] = terms
                for each in ways[number]:
                    tells_of[each] -= 1
    return [chosen[number] for number in range(len(ways))]


def _holders(holding: Iterable[tuple[_Holder, Iterable[_Held]]]) -> dict[_Held, list[_Holder]]:
    """Return, of what some things hold, by which of them it is held."""
    holders = defaultdict[_Held, list[_Holder]](list)
    for holder, held in holding:
        for each in held:
            holders[each].append(holder)
    return holders
