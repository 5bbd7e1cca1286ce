"""A group as written in, a node that finds it in a text out.

A node answers with mentions: each is the words of one place where the group holds. `None` is "does not hold",
an empty tuple is "holds, but there is nothing to point at" (a `none` group). A mention of several words is
*joint*: `near` and `sentence` tie their words to one place, and that is where the claim is read.

`needs` gives sets of terms: of each at least one must occur for the node to hold. It lets the matcher skip an
indicator without walking its tree.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any, Protocol

from watcher.match.lexicon import Lexicon, Span, TermId, View
from watcher.model import language as written
from watcher.model.language import Entity, EntityId, Holder

Mention = tuple[Span, ...]
Mentions = tuple[Mention, ...]
Needs = tuple[frozenset[TermId], ...]

_MOST_PLACES = 64
"""A text that repeats itself has no more to say after this many pairs, or sentences."""


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

    def find(self, view: View, low: int, high: int) -> Mentions | None:
        """Find every name that is valid on the item's day."""
        if self.label not in view.named:
            view.named[self.label] = self._named(view)
        return tuple((span,) for span in view.named[self.label] if low <= span[0] < high) or None

    def needs(self) -> Needs:
        """Need one of the names, of whatever day."""
        return (self.names.union(*(terms for _, terms in self.holders)),)

    def _named(self, view: View) -> list[Span]:
        masks = [span for term in self.besides & view.found.keys() for span in view.found[term]]
        spans = {span for term in self._valid(view) & view.found.keys() for span in view.found[term]}
        return sorted(
            span for span in spans if not any(mask[0] <= span[0] and span[1] <= mask[1] for mask in masks)
        )

    def _valid(self, view: View) -> frozenset[TermId]:
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
    pattern: Any
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

    def find(self, view: View, low: int, high: int) -> Mentions | None:
        """Find every part; the first that is missing ends it."""
        mentions: list[Mention] = []
        for part in self.parts:
            found = part.find(view, low, high)
            if found is None:
                return None
            mentions.extend(found)
        return tuple(mentions)

    def needs(self) -> Needs:
        """Need what every part needs."""
        return _together(self.parts)


@dataclass(frozen=True, slots=True)
class AnyNode:
    """At least `count` parts hold."""

    parts: tuple[Node, ...]
    count: int = 1
    label: str = "any"

    def find(self, view: View, low: int, high: int) -> Mentions | None:
        """Find all parts that hold."""
        found = [mentions for part in self.parts if (mentions := part.find(view, low, high)) is not None]
        return (
            tuple(mention for mentions in found for mention in mentions) if len(found) >= self.count else None
        )

    def needs(self) -> Needs:
        """Need what the most selective set of each part asks for, of any of them."""
        fewest = [min(part.needs(), key=len, default=None) for part in self.parts]
        known = [terms for terms in fewest if terms is not None]
        return (frozenset().union(*known),) if len(known) == len(self.parts) else ()


@dataclass(frozen=True, slots=True)
class NoneNode:
    """No part holds."""

    parts: tuple[Node, ...]
    label: str = "none"

    def find(self, view: View, low: int, high: int) -> Mentions | None:
        """Hold, with nothing to point at, when no part does."""
        return None if any(part.find(view, low, high) is not None for part in self.parts) else ()

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

    @property
    def parts(self) -> tuple[Node, ...]:
        """The two sides."""
        return (self.left, self.right)

    def find(self, view: View, low: int, high: int) -> Mentions | None:
        """Find the pairs that are near enough; a pair is one joint mention."""
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
        return _together(self.parts)

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
            return RegexNode(f"regex {pattern}", _linear(pattern))
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


def _linear(pattern: str) -> Any:
    import re2  # noqa: PLC0415 - 3 MB that a list without regular expressions need not hold

    return re2.compile(pattern)


def _together(parts: Iterable[Node]) -> Needs:
    return tuple(dict.fromkeys(terms for part in parts for terms in part.needs()))
