"""A search string of other tools in, a group out: `"Kim Yo Jong" NEAR/10 (warn* OR threat*) NOT film`.

    either   := both (("OR" | "|") both)*
    both     := one (["AND"] one)*
    one      := ("NOT" | "-") close | close
    close    := piece (nearness piece)*
    nearness := "NEAR/n" | "W/n" | "PRE/n" | "ONEAR/n"
    piece    := word | "a phrase" | $name | "(" either ")"

AND, OR and NOT are written in capitals; words beside each other must all be there. Nearness binds tightest,
then NOT, AND and OR. NEAR and W look in both directions, PRE and ONEAR want the left side first. `-` stands
right before what must be absent.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from watcher.config.terms import reference, term
from watcher.config.typed import shown
from watcher.model.language import AllOf, AnyOf, EntityId, Group, Names, Near, NoneOf, Term

MAX_QUERY = 2000
MAX_NESTING = 20

_TOKEN = re.compile(
    r"""\s*(?:(?P<open>\()|(?P<close>\))|(?P<sign>\||-(?=[^\s-]))|["“”](?P<phrase>[^"“”]*)["“”]|(?P<quote>["“”])"""
    r"""|(?P<word>[^\s()|"“”]+))"""
)
_NEARNESS = re.compile(r"(?:(?P<ordered>PRE|ONEAR)|NEAR|W)/(?P<words>\d{1,3})", re.IGNORECASE)
_LIKE_NEARNESS = re.compile(r"(?:O?NEAR|W|PRE)/.*", re.IGNORECASE)
_NEARNESS_ALONE = ("NEAR", "ONEAR")
_OPERATORS = ("AND", "OR", "NOT")
_SIGNS = {"|": "OR", "-": "NOT"}
_MEANT_IN_CAPITALS = ("and", "or", "not")


class QueryError(ValueError):
    """A query that cannot be read; `offset` is how many characters stand before the trouble."""

    def __init__(self, offset: int, what: str) -> None:
        self.offset = offset
        super().__init__(f"{what} (at character {offset + 1} of the query)")


def parse_query(typed: object, entities: Collection[str]) -> Group:
    """Return the group a query stands for; ValueError says what is wrong with it."""
    if not isinstance(typed, str):
        raise ValueError(f"expected a query, found {shown(typed)}")  # noqa: TRY004 - one kind of error for everything typed
    if len(typed) > MAX_QUERY:
        raise ValueError(f"a query of {len(typed):,} characters; at most {MAX_QUERY:,} are taken")
    return _Reading(_tokens(typed), len(typed), entities).whole()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    offset: int


def _tokens(query: str) -> list[_Token]:
    tokens = []
    for found in _TOKEN.finditer(query):
        kind = found.lastgroup or ""
        offset = found.start(kind) - (kind == "phrase")
        text = found[kind]
        if kind == "quote":
            raise QueryError(offset, "this quotation mark is never closed")
        if kind == "sign" or (kind == "word" and (text in _OPERATORS or _is_nearness(text))):
            kind = "operator"
        if kind == "word" and text in _MEANT_IN_CAPITALS:
            raise QueryError(
                offset,
                f'`{text}` is an operator only in capitals; write {text.upper()}, or put the phrase in "…"',
            )
        tokens.append(_Token(kind, text, offset))
    return tokens


def _is_nearness(text: str) -> bool:
    """Say whether a word means to be one: `near` alone is a word of the language, `w/5` is not."""
    return text in _NEARNESS_ALONE or bool(_LIKE_NEARNESS.fullmatch(text))


class _Reading:
    """Reads tokens from left to right, one method a line of the grammar."""

    def __init__(self, tokens: list[_Token], end: int, entities: Collection[str]) -> None:
        self._tokens, self._entities = tokens, entities
        self._end = _Token("end", "", end)
        self._next = 0
        self._depth = 0

    def whole(self) -> Group:
        if self._seen.kind == "end":
            raise QueryError(0, "an empty query")
        group = self._either()
        if self._seen.kind == "close":
            raise QueryError(self._seen.offset, "this `)` has no matching `(`")
        return group

    def _either(self) -> Group:
        parts = [self._both()]
        while self._take("OR"):
            parts.append(self._both())
        return _joined(AnyOf, parts)

    def _both(self) -> Group:
        start = self._seen.offset
        parts = [self._one()]
        while self._take("AND") or self._seen.kind in ("open", "word", "phrase") or self._sees("NOT"):
            parts.append(self._one())
        if all(isinstance(part, NoneOf) for part in parts):
            raise QueryError(start, "NOT alone matches nearly everything; add what must be there")
        return _joined(AllOf, parts)

    def _one(self) -> Group:
        if self._take("NOT"):
            return NoneOf((self._close(),))
        return self._close()

    def _close(self) -> Group:
        pieces, groups = [self._piece()], list[Group]()
        while found := self._nearness():
            pieces.append(self._piece())
            ordered = found["ordered"] is not None
            groups.append(
                Near(int(found["words"]), _alternatives(pieces[-2]), _alternatives(pieces[-1]), ordered)
            )
        return _joined(AllOf, groups or pieces)

    def _nearness(self) -> re.Match[str] | None:
        token = self._seen
        if token.kind != "operator" or not _is_nearness(token.text):
            return None
        found = _NEARNESS.fullmatch(token.text)
        if not found or not int(found["words"]):
            operator = token.text.partition("/")[0].upper()
            raise QueryError(
                token.offset,
                f"{shown(token.text)} is no operator; write how many words at most, as in {operator}/10",
            )
        self._next += 1
        return found

    def _piece(self) -> Group:
        token = self._seen
        self._next += 1
        match token.kind:
            case "open":
                return self._inside(token)
            case "word" | "phrase":
                return self._leaf(token)
            case "end":
                raise QueryError(token.offset, "the query ends where a word is expected")
        raise QueryError(token.offset, f"expected a word before `{token.text}`")

    def _inside(self, opened: _Token) -> Group:
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise QueryError(opened.offset, f"parentheses nested more than {MAX_NESTING} deep")
        group = self._either()
        if self._seen.kind != "close":
            raise QueryError(opened.offset, "this `(` is never closed")
        self._next += 1
        self._depth -= 1
        return group

    def _leaf(self, token: _Token) -> Group:
        try:
            if token.kind == "word" and token.text.startswith("$"):
                return Names(EntityId(reference(token.text, self._entities)[1:]))
            return Term(term(token.text))
        except ValueError as error:
            raise QueryError(token.offset, str(error)) from error

    def _take(self, operator: str) -> bool:
        taken = self._sees(operator)
        self._next += taken
        return taken

    def _sees(self, operator: str) -> bool:
        token = self._seen
        return token.kind == "operator" and _SIGNS.get(token.text, token.text) == operator

    @property
    def _seen(self) -> _Token:
        return self._tokens[self._next] if self._next < len(self._tokens) else self._end


def _joined(kind: Callable[[tuple[Group, ...]], Group], parts: list[Group]) -> Group:
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def _alternatives(group: Group) -> tuple[Group, ...]:
    return group.parts if isinstance(group, AnyOf) else (group,)
