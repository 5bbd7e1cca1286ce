"""A group as written in, a node that finds it in a text out.

A node answers with mentions: each is the words of one place where the group holds. `None` is "does not hold",
an empty tuple is "holds, but there is nothing to point at" (a `none` group). A mention of several words is
*joint*: `near` and `sentence` tie their words to one place, and that is where the claim is read.

`needs` gives sets of terms: of each at least one must occur for the node to hold. It lets the matcher skip an
indicator, and a node skip its parts, without looking at places.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import Protocol

from watcher.match.lexicon import Lexicon, Needs, Span, TermId, View
from watcher.model import language as written
from watcher.model.language import Entity, EntityId, Holder

Mention = tuple[Span, ...]
Mentions = tuple[Mention, ...]

_MOST_SETS = 2
"""Of so many sets of terms an alternative makes use; more of them let few texts less through."""

_MOST_PLACES = 64
"""A text that repeats itself has no more to say after this many pairs, or sentences."""


_Choice = tuple[frozenset[TermId] | None, "Node"]
"""A part, and the most selective set of terms that it needs; None if it needs none."""


class Node(Protocol):
    """A compiled group."""

    @property
    def label(self) -> str:
        """The group as a person would read it, for explanations."""
        ...

    @property
    def parts(self) -> "tuple[Node, ...]":
        """The groups inside."""
        ...

    def find(self, view: View, low: int, high: int) -> Mentions | None:
        """Return the mentions that begin in `view.text[low:high]`, or None when the group does not hold."""
        ...

    def needs(self) -> Needs:
        """Return sets of terms, of each of which one must occur."""
        ...


@dataclass(frozen=True, slots=True)
class TermNode:
    """One term."""

    label: str
    term: TermId
    parts: tuple[Node, ...] = ()

    def find(self, view: View, low: int, high: int) -> Mentions | None:
        """Find the term."""
        return tuple((span,) for span in view.found.get(self.term, ()) if low <= span[0] < high) or None

    def needs(self) -> Needs:
        """Need the term itself."""
        return (frozenset({self.term}),)


@dataclass(frozen=True, slots=True)
class NamesNode:
    """Every name of an entity; a holder's names count on their days, names in a `besides` spelling do not."""

    label: str
    names: frozenset[TermId]
    holders: tuple[tuple[Holder, frozenset[TermId]], ...]
    besides: frozenset[TermId]
    parts: tuple[Node, ...] = ()
    _needs: Needs = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        held = self.names.union(*(terms for _, terms in self.holders)) if self.holders else self.names
        _note_needs(self, (held,))

    def find(self, view: View, low: int, high: int) -> Mentions | None:
        """Find every name that is valid on the item's day."""
        if self.label not in view.named:
            view.named[self.label] = self._named(view)
        return tuple((span,) for span in view.named[self.label] if low <= span[0] < high) or None

    def needs(self) -> Needs:
        """Need one of the names, of whatever day."""
        return self._needs

    def _named(self, view: View) -> list[Span]:
        masks = [span for term in self.besides & view.found.keys() for span in view.found[term]]
        spans = {span for term in self._valid(view) & view.found.keys() for span in view.found[term]}
        return sorted(
            span for span in spans if not any(mask[0] <= span[0] and span[1] <= mask[1] for mask in masks)
        )

    def _valid(self, view: View) -> frozenset[TermId]:
        if not self.holders:
            return self.names
        return self.names.union(
            *(
                terms
                for holder, terms in self.holders
                if (holder.start is None or holder.start <= view.day)
                and (holder.end is None or view.day <= holder.end)
            )
        )


@dataclass(frozen=True, slots=True)
class RegexNode:
    """A regular expression over the folded text, in linear time (RE2)."""

    label: str
    pattern: str
    parts: tuple[Node, ...] = ()

    def find(self, view: View, low: int, high: int) -> Mentions | None:
        """Find every match that is not empty."""
        return tuple((span,) for span in view.matches(self.pattern) if low <= span[0] < high) or None

    def needs(self) -> Needs:
        """Say nothing: a regular expression has no terms."""
        return ()


@dataclass(frozen=True, slots=True)
class AllNode:
    """Every part holds."""

    parts: tuple[Node, ...]
    label: str = "all"
    _needs: Needs = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _note_needs(self, _together(self.parts))

    def find(self, view: View, low: int, high: int) -> Mentions | None:
        """Find every part; the first that is missing ends it."""
        if lacks(view, self._needs):
            return None
        mentions: list[Mention] = []
        for part in self.parts:
            found = part.find(view, low, high)
            if found is None:
                return None
            mentions.extend(found)
        return tuple(mentions)

    def needs(self) -> Needs:
        """Need what every part needs."""
        return self._needs


@dataclass(frozen=True, slots=True)
class AnyNode:
    """At least `count` parts hold."""

    parts: tuple[Node, ...]
    count: int = 1
    label: str = "any"
    _choices: tuple[_Choice, ...] = field(init=False, repr=False, compare=False)
    _needs: Needs = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_choices", _choices(self.parts))
        _note_needs(self, _of_any(self.parts))

    def find(self, view: View, low: int, high: int) -> Mentions | None:
        """Find all parts that hold."""
        if lacks(view, self._needs):
            return None
        found = [
            mentions
            for fewest, part in self._choices
            if (fewest is None or not fewest.isdisjoint(view.found))
            and (mentions := part.find(view, low, high)) is not None
        ]
        return (
            tuple(mention for mentions in found for mention in mentions) if len(found) >= self.count else None
        )

    def needs(self) -> Needs:
        """Need one of what the parts need, rank by rank."""
        return self._needs


@dataclass(frozen=True, slots=True)
class NoneNode:
    """No part holds."""

    parts: tuple[Node, ...]
    label: str = "none"
    _choices: tuple[_Choice, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_choices", _choices(self.parts))

    def find(self, view: View, low: int, high: int) -> Mentions | None:
        """Hold, with nothing to point at, when no part does."""
        for fewest, part in self._choices:
            if fewest is not None and fewest.isdisjoint(view.found):
                continue
            if part.find(view, low, high) is not None:
                return None
        return ()

    def needs(self) -> Needs:
        """Say nothing: absence needs no term."""
        return ()


@dataclass(frozen=True, slots=True)
class NearNode:
    """A find of the left and one of the right within so many words."""

    left: Node
    right: Node
    words: int
    ordered: bool
    label: str
    _needs: Needs = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _note_needs(self, _together(self.parts))

    @property
    def parts(self) -> tuple[Node, ...]:
        """The two sides."""
        return (self.left, self.right)

    def find(self, view: View, low: int, high: int) -> Mentions | None:
        """Find the pairs that are near enough; a pair is one joint mention."""
        if lacks(view, self._needs):
            return None
        left = self.left.find(view, low, high)
        if left is None:
            return None
        right = self.right.find(view, low, high)
        if right is None:
            return None
        pairs = (self._pair(view, one, other) for one, other in product(left, right))
        return tuple(pair for _, pair in zip(range(_MOST_PLACES), filter(None, pairs), strict=False)) or None

    def needs(self) -> Needs:
        """Need what both sides need."""
        return self._needs

    def _pair(self, view: View, one: Mention, other: Mention) -> Mention | None:
        if self.ordered and one[-1][0] > other[0][0]:
            return None
        if set(one) & set(other):
            return None
        nearest = min(view.distance(a, b) for a, b in product(one, other))
        return tuple(sorted({*one, *other})) if nearest <= self.words else None


@dataclass(frozen=True, slots=True)
class SentenceNode:
    """Every part holds inside one sentence.

    What is joint already stays as it is, because that is where the claim is read; otherwise the words of the
    sentence are joint.
    """

    inside: Node
    label: str = "sentence"

    @property
    def parts(self) -> tuple[Node, ...]:
        """What must stand in the sentence."""
        return self.inside.parts

    def find(self, view: View, low: int, high: int) -> Mentions | None:
        """Find the sentences in which all parts hold."""
        if lacks(view, self.inside.needs()):
            return None
        bounds = (*view.layout.sentences, len(view.text) + 1)
        found: list[Mention] = []
        for start, end in pairwise(bounds):
            mentions = self.inside.find(view, max(low, start), min(high, end))
            if mentions and any(len(mention) > 1 for mention in mentions):
                found.extend(mentions)
            elif mentions:
                found.append(tuple(sorted({span for mention in mentions for span in mention})))
            if len(found) >= _MOST_PLACES:
                break
        return tuple(found) or None

    def needs(self) -> Needs:
        """Need what all parts together need."""
        return self.inside.needs()


@dataclass(frozen=True, slots=True)
class TitleNode:
    """Every part holds inside the title."""

    inside: Node
    label: str = "title"

    @property
    def parts(self) -> tuple[Node, ...]:
        """What must stand in the title."""
        return self.inside.parts

    def find(self, view: View, low: int, high: int) -> Mentions | None:
        """Find all parts in the title."""
        return self.inside.find(view, low, min(high, view.title_end))

    def needs(self) -> Needs:
        """Need what all parts together need."""
        return self.inside.needs()


def compile_group(  # noqa: C901 - one case for every kind of group, and nothing else
    group: written.Group, lexicon: Lexicon, names: Callable[[EntityId], Node]
) -> Node:
    """Compile a group; its terms are added to the lexicon, and `names` has the node of each entity."""

    def many(groups: Sequence[written.Group]) -> tuple[Node, ...]:
        return tuple(compile_group(part, lexicon, names) for part in groups)

    match group:
        case written.Term(text):
            return TermNode(text, lexicon.add(text))
        case written.Names(entity):
            return names(entity)
        case written.Regex(pattern):
            return RegexNode(f"regex {pattern}", pattern)
        case written.AllOf(parts):
            return AllNode(many(parts))
        case written.AnyOf(parts):
            return AnyNode(many(parts))
        case written.NoneOf(parts):
            return NoneNode(many(parts))
        case written.AtLeast(count, parts):
            return AnyNode(many(parts), count, f"at least {count}")
        case written.Near(words, left, right, ordered):
            label = f"near, {words} words{', in order' if ordered else ''}"
            return NearNode(AnyNode(many(left)), AnyNode(many(right)), words, ordered, label)
        case written.Sentence(parts):
            return SentenceNode(AllNode(many(parts)))
        case written.Title(parts):
            return TitleNode(AllNode(many(parts)))


def compile_names(entity: Entity, lexicon: Lexicon) -> NamesNode:
    """Compile the names of an entity; they are added to the lexicon."""
    return NamesNode(
        f"${entity.id}",
        frozenset(lexicon.add_all(entity.names)),
        tuple((holder, frozenset(lexicon.add_all(holder.names))) for holder in entity.holders),
        frozenset(lexicon.add_all(entity.besides)),
    )


def lacks(view: View, needs: Needs) -> bool:
    """Say whether a text has none of the terms of some set."""
    found = view.found
    for terms in needs:  # noqa: SIM110 - a generator would cost more than the look itself, for every node
        if terms.isdisjoint(found):
            return True
    return False


def _choices(parts: Iterable[Node]) -> tuple[_Choice, ...]:
    return tuple((min(part.needs(), key=len, default=None), part) for part in parts)


def _of_any(parts: Sequence[Node]) -> Needs:
    """Return what any of some parts needs: of each part one of its sets, whichever.

    Taken are of each the smallest, of each the second smallest, and so on.
    """
    if len(parts) == 1:
        return parts[0].needs()
    ranked = [sorted(part.needs(), key=len) for part in parts]
    if not all(ranked):
        return ()
    ranks = range(min(_MOST_SETS, max(map(len, ranked), default=0)))
    sets = (frozenset().union(*(each[min(rank, len(each) - 1)] for each in ranked)) for rank in ranks)
    return tuple(dict.fromkeys(sets))


def _note_needs(node: Node, needs: Needs) -> None:
    object.__setattr__(node, "_needs", needs)


def _together(parts: Iterable[Node]) -> Needs:
    return tuple(dict.fromkeys(terms for part in parts for terms in part.needs()))
