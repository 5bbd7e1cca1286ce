"""Who speaks and in what form in, how high they rank out.

The issuer counts first, the form second: a press statement of the leader's sister ranks above a statement of
the ministry, and of two statements of the ministry the one in the name of the government is the graver.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from watcher.match.groups import Mention, Mentions, Node
from watcher.match.lexicon import Span, View
from watcher.model.language import AuthorityPattern, Group, Near


@dataclass(frozen=True, slots=True)
class Ranked:
    """How high somebody ranks who speaks; the rung is higher the higher both rank."""

    step: int
    issuer: str
    form: str


@dataclass(frozen=True, slots=True)
class Ranks:
    """The ranks of issuers and of forms, each from the highest down, and where to find them."""

    issuers: tuple[tuple[str, Node], ...]
    forms: tuple[tuple[str, Node], ...]

    def highest(self, view: View, mentions: Mentions) -> Ranked:
        """Return the highest standing of any mention, which is an issuer and a form near each other."""
        issuers, forms = _ranked(self.issuers, view), _ranked(self.forms, view)
        pairs = ((_highest(mention, issuers), _highest(mention, forms)) for mention in mentions)
        who, how = min(pairs)
        return Ranked(
            step=(len(self.issuers) - who) * (len(self.forms) + 1) + len(self.forms) - how,
            issuer=f"{self.issuers[who][0]} (rank {who + 1} of {len(self.issuers)})",
            form=f"{self.forms[how][0]} (rank {how + 1} of {len(self.forms)})",
        )


def together(authority: AuthorityPattern) -> Group:
    """Return the group that any issuer makes with any form."""
    return Near(
        authority.words,
        tuple(each.group for each in authority.issuers),
        tuple(each.group for each in authority.forms),
    )


def ranks_of(authority: AuthorityPattern, compiled: Callable[[Group], Node]) -> Ranks:
    """Return the ladder of an indicator of authority."""
    return Ranks(
        issuers=tuple((rank.name, compiled(rank.group)) for rank in authority.issuers),
        forms=tuple((rank.name, compiled(rank.group)) for rank in authority.forms),
    )


def _ranked(ranks: Sequence[tuple[str, Node]], view: View) -> dict[Span, int]:
    """Return the rank of every find: a "statement" inside a "press statement" is part of that."""
    finds = {
        span: rank for rank, (_, node) in reversed(list(enumerate(ranks))) for span in _spans(node, view)
    }
    return {span: finds[_longest(span, finds)] for span in finds}


def _spans(node: Node, view: View) -> set[Span]:
    return {span for mention in node.find(view, 0, len(view.text) + 1) or () for span in mention}


def _longest(span: Span, finds: Iterable[Span]) -> Span:
    return max(
        (other for other in finds if other[0] <= span[0] and span[1] <= other[1]),
        key=lambda other: (other[1] - other[0], other),
    )


def _highest(mention: Mention, ranked: Mapping[Span, int]) -> int:
    return min(ranked[span] for span in mention if span in ranked)
