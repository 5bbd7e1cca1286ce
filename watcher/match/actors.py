"""A folded title in, its clauses out: the role words of each, who acts in it, and what opened it."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from watcher.match.lexicon import Lexicon, Span, TermId
from watcher.model.language import Actor, Role, RoleWords
from watcher.text.fold import fold
from watcher.text.words import joins_words

_NAMES = {Role.NORTH: Actor.NORTH, Role.OTHER: Actor.OTHER, Role.PAIR: Actor.UNKNOWN}
_MARKS = frozenset({Role.TOWARD, Role.BY, Role.SUBJECT, Role.AND})
"""What stands beside a name and says nothing alone."""

_OPENERS = frozenset({Role.LINK, Role.SAYS, Role.JOINS})
_POSTPOSED = frozenset({"ko", "ja"})

_BREAKS = re.compile(r"[;:|?!。？！]|\.\.+|\.(?=\s|$)|,")
_SPACED_BREAKS = re.compile(r"[;:|?!。？！,]|\.\.+|(?<![\x00-\x7f]) (?=[^\x00-\x7f]|[a-z])")
"""Where Chinese and Japanese headlines set a space, a clause ends."""

_SCRIPTS = (
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("ja", re.compile("[\u3041-\u30fa]|北朝鮮")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ru", re.compile("[\u0430-\u044f]")),
)


def language_of(text: str) -> str:
    """Return the language of roles that the script of a folded text stands for."""
    return next((language for language, script in _SCRIPTS if script.search(text)), "en")


class Token(NamedTuple):
    """A word of a title that plays a role. `aside` says that it names no subject."""

    role: Role
    span: Span
    words: str
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a title, the words with a role in it, and the word that opened it."""

    span: Span
    tokens: tuple[Token, ...]
    opener: Token | None = None

    def first(self, *roles: Role) -> Token | None:
        """Return the first word of some roles."""
        return next((token for token in self.tokens if token.role in roles), None)


@dataclass(frozen=True)
class Roles:
    """The words of one language that play a role, compiled."""

    language: str
    words: tuple[RoleWords, ...]

    @property
    def verb_last(self) -> bool:
        """Whether the language sets the verb last and marks a name behind it."""
        return self.language in _POSTPOSED

    @cached_property
    def _lexicon(self) -> tuple[Lexicon, dict[TermId, Role], dict[TermId, str]]:
        lexicon, roles, capitals = Lexicon(), dict[TermId, Role](), dict[TermId, str]()
        for each in self.words:
            for term in () if each.role in _MARKS else each.terms:
                number = lexicon.add(term)
                roles[number] = each.role
                if term.isascii() and term.isalpha() and term.isupper():
                    capitals[number] = term
        return lexicon, roles, capitals

    @cached_property
    def _marks(self) -> dict[Role, tuple[str, ...]]:
        marks = {
            role: tuple(fold(term) for each in self.words if each.role is role for term in each.terms)
            for role in _MARKS
        }
        return marks | {Role.SUBJECT: (",", "、", *marks[Role.SUBJECT])}

    def clauses(self, title: str, typed: str) -> tuple[Clause, ...]:
        """Return the clauses of a folded title; `typed` is the title as its outlet writes it."""
        tokens = self._tokens(title, typed)
        starts = {
            0: None,
            **dict.fromkeys(self._breaks(title, tokens)),
            **{t.span[0]: t for t in tokens if t.role in _OPENERS},
        }
        ordered = sorted(starts)
        bounds = [*ordered[1:], len(title)]
        held: list[list[Token]] = [[] for _ in ordered]
        for token in tokens:
            held[bisect_right(ordered, token.span[0]) - 1].append(token)
        return tuple(
            Clause((low, high), tuple(inside), starts[low])
            for low, high, inside in zip(ordered, bounds, held, strict=True)
        )

    def actor(self, title: str, clause: Clause, act: Span) -> Token | None:
        """Return the name of who acts: a subject ahead of the act, else a name of the North in the clause."""
        names = [token for token in clause.tokens if token.role in _NAMES]
        ahead = [token for token in names if token.span[0] <= act[0] and not token.aside]
        if self.language == "ru":
            ahead = ahead[:1]
        if self.verb_last:
            ahead += [
                token for token in ahead if token.role is Role.NORTH and self.marks_subject(title, token)
            ]
        return ahead[-1] if ahead else next((token for token in names if token.role is Role.NORTH), None)

    def marks_subject(self, title: str, token: Token) -> bool:
        """Say whether a name is marked as the subject; where the verb stands second, its place marks it."""
        return not self.verb_last or title.startswith(self._marks[Role.SUBJECT], token.span[1])

    def _tokens(self, title: str, typed: str) -> tuple[Token, ...]:
        lexicon, roles, capitals = self._lexicon
        shouted = set(re.findall(r"[A-Z]+", typed)) if capitals else set()
        found = [
            Token(roles[term], span, title[span[0] : span[1]])
            for term, spans in lexicon.find(title, lexicon.literals(title)).items()
            if term not in capitals or capitals[term] in shouted
            for span in spans
        ]
        kept = [token for token in _unhidden(found) if token.role is not Role.NONE]
        return tuple(self._beside(title, token, kept) if token.role in _NAMES else token for token in kept)

    def _beside(self, title: str, token: Token, tokens: Sequence[Token]) -> Token:
        """Return a name with what the words beside it make of it: no subject, or one of two sides."""
        marks, (start, end) = self._marks, token.span
        if self.verb_last:
            return token._replace(aside=True) if title.startswith(marks[Role.TOWARD], end) else token
        ahead = title[:start].removesuffix("the ").rstrip()
        if mark := _last(ahead, marks[Role.AND]):
            joined = len(ahead[: -len(mark)].rstrip())
            partner = next(
                (other for other in tokens if other.span[1] == joined and other.role in _NAMES), None
            )
            if partner and partner.role is not token.role:
                return token._replace(role=Role.PAIR)
        return token._replace(aside=True) if _last(ahead, marks[Role.TOWARD]) else token

    def _breaks(self, title: str, tokens: Sequence[Token]) -> Iterable[int]:
        pattern = _SPACED_BREAKS if self.language in ("zh", "ja") else _BREAKS
        names = {token.span[1] for token in tokens if token.role in _NAMES}
        starts = {token.span[0] for token in tokens if token.role in _NAMES}
        for found in pattern.finditer(title):
            lists = (
                found[0] == "," and found.start() in names and (self.verb_last or found.end() + 1 in starts)
            )
            goes_on = found[0] == " " and found.start() in names and title[found.end()].isascii()
            if not lists and not goes_on and found.end() < len(title):
                yield found.end()


def _unhidden(tokens: Iterable[Token]) -> list[Token]:
    """Return the words that no longer word contains, in order; of equal ones those without a role first."""
    kept: list[Token] = []
    for token in sorted(
        tokens, key=lambda token: (token.span[0], -token.span[1], token.role is not Role.NONE)
    ):
        if not any(
            other.span != token.span and other.span[1] >= token.span[1]
            for other in kept
            if other.span[0] <= token.span[0]
        ):
            kept.append(token)
    return kept


def _last(text: str, marks: tuple[str, ...]) -> str:
    """Return the mark that a text ends with: a whole word, or a character of a script that sets no spaces."""
    if not text.endswith(marks):
        return ""
    return next(
        (
            mark
            for mark in marks
            if text.endswith(mark) and (joins_words(mark[0]) or text.rpartition(" ")[2] == mark)
        ),
        "",
    )
