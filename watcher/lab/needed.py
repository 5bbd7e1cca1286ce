"""An indicator in, sets of terms out: whatever it hits holds a term of each set.

With them, the items that an indicator can hit are found by the search index, without reading the others.
"""

from collections.abc import Iterator, Mapping, Sequence

from watcher.model.language import (
    AllOf,
    AnyOf,
    AtLeast,
    AuthorityPattern,
    Entity,
    EntityId,
    Group,
    Indicator,
    Names,
    Near,
    NoneOf,
    Regex,
    SeismicPattern,
    Sentence,
    SequencePattern,
    SilencePattern,
    TempoPattern,
    Term,
    Title,
)

Terms = frozenset[str]


def needed_terms(indicator: Indicator, entities: Mapping[EntityId, Entity]) -> tuple[Terms, ...]:
    """Return sets of terms; none when nothing is known that every hit must hold."""
    pattern = indicator.pattern
    match pattern:
        case AuthorityPattern(issuers=issuers, forms=forms):
            sides = [_either([rank.group for rank in side], entities) for side in (issuers, forms)]
            return tuple(side for side in sides if side)
        case SequencePattern() | TempoPattern() | SilencePattern() | SeismicPattern():
            return ()
    return tuple(_of(pattern, entities))


def _of(group: Group, entities: Mapping[EntityId, Entity]) -> Iterator[Terms]:  # noqa: C901 - one case for every kind of group
    match group:
        case Term(text=text):
            yield frozenset({text})
        case Names(entity=name):
            entity = entities[name]
            yield frozenset((*entity.names, *(each for holder in entity.holders for each in holder.names)))
        case AllOf(parts=parts) | Sentence(parts=parts) | Title(parts=parts):
            for part in parts:
                yield from _of(part, entities)
        case AnyOf(parts=parts) | AtLeast(parts=parts):
            if found := _either(parts, entities):
                yield found
        case Near(left=left, right=right):
            for side in (left, right):
                if found := _either(side, entities):
                    yield found
        case NoneOf() | Regex():
            return


def _either(parts: Sequence[Group], entities: Mapping[EntityId, Entity]) -> Terms:
    """Return terms of which one is there if one of the parts holds; none when a part may hold without any."""
    found: set[str] = set()
    for part in parts:
        terms = min(_of(part, entities), key=len, default=None)
        if not terms:
            return frozenset()
        found |= terms
    return frozenset(found)
