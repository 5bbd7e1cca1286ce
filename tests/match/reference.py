"""A second matcher, slow and plain: one regular expression per term, every group by trying everything.

It shares nothing with the product but the values an analyst's list is made of and the folding of text. A find
is a pair of offsets in the folded text; a mention is the set of finds that hold together.
"""

import re
from collections.abc import Sequence
from itertools import product

from watcher.model.language import AllOf, AnyOf, AtLeast, Group, Near, NoneOf, Sentence, Term, Title
from watcher.text.fold import fold

Find = tuple[int, int]
Mention = frozenset[Find]

_SPACED = "a-z0-9а-я"
_PAIRED = "\u3040-\u30ff\u4e00-\u9fff"
_TOKEN = re.compile(f"[{_SPACED}]+|[가-힣]+|[{_PAIRED}]{{1,2}}")
_EDGE = f"(?:(?<![{_SPACED}])|(?![{_SPACED}]))"

_BREAK = r"(?:\b|(?<=[가-힣])(?=[^\W가-힣])|(?<=[^\W가-힣])(?=[가-힣]))"


class Reference:
    """Knows one text."""

    def __init__(self, title: str, summary: str) -> None:
        self.title_end = len(fold(title))
        self.text = f"{fold(title)}\n{fold(summary)}" if summary else fold(title)

    def mentions(self, group: Group) -> set[Mention] | None:
        """Return every mention of a group, or None when it does not hold."""
        return self._in(group, range(len(self.text) + 1))

    def _in(self, group: Group, where: range) -> set[Mention] | None:
        match group:
            case Term(text):
                return {frozenset({find}) for find in self._finds(text) if find[0] in where} or None
            case AllOf(parts):
                return self._at_least(len(parts), parts, where)
            case AnyOf(parts):
                return self._at_least(1, parts, where)
            case AtLeast(count, parts):
                return self._at_least(count, parts, where)
            case NoneOf(parts):
                return set() if self._at_least(1, parts, where) is None else None
            case Near():
                return self._near(group, where)
            case Sentence(parts):
                return self._sentences(AllOf(parts), where)
            case Title(parts):
                return self._in(AllOf(parts), range(where.start, min(where.stop, self.title_end)))
        raise AssertionError(group)

    def _finds(self, term: str) -> list[Find]:
        whole = term.startswith("=")
        pattern = re.compile(
            _BREAK + fold(term[1:]) + _BREAK if whole else _EDGE + _expression(fold(term)) + _EDGE
        )
        found = (pattern.match(self.text, at) for at in range(len(self.text)))
        return [match.span() for match in found if match]

    def _at_least(self, count: int, parts: Sequence[Group], where: range) -> set[Mention] | None:
        holding = [found for part in parts if (found := self._in(part, where)) is not None]
        return set().union(*holding) if len(holding) >= count else None

    def _near(self, near: Near, where: range) -> set[Mention] | None:
        left, right = self._in(AnyOf(near.left), where), self._in(AnyOf(near.right), where)
        pairs = product(left or (), right or ())
        return {
            one | other for one, other in pairs if not one & other and self._are_near(one, other, near)
        } or None

    def _are_near(self, one: Mention, other: Mention, near: Near) -> bool:
        if near.ordered and max(one)[0] > min(other)[0]:
            return False
        return any(self._words_apart(*sorted((a, b))) <= near.words for a, b in product(one, other))

    def _words_apart(self, first: Find, second: Find) -> float:
        if first[0] < self.title_end <= second[0]:
            return float("inf")
        starts = [match.start() for match in _TOKEN.finditer(self.text)]
        last_of_first = max(
            index for index, start in enumerate(starts) if start <= max(first[0], first[1] - 1)
        )
        first_of_second = max(index for index, start in enumerate(starts) if start <= second[0])
        return max(0, first_of_second - last_of_first)

    def _sentences(self, group: Group, where: range) -> set[Mention] | None:
        found: set[Mention] = set()
        for sentence in re.finditer(r"(?:[^.!?。\n]|[.!?](?!\s|$))+[.!?。\n]?|[.!?。\n]", self.text):
            inside = self._in(
                group, range(max(where.start, sentence.start()), min(where.stop, sentence.end()))
            )
            if inside and any(len(mention) > 1 for mention in inside):
                found |= inside
            elif inside:
                found.add(frozenset().union(*inside))
        return found or None


def _expression(term: str) -> str:
    parts = {"*": f"[{_SPACED}]*", "?": f"[{_SPACED}]"}
    spaces = re.sub(f"(?<=[가-힣{_PAIRED}]) | (?=[가-힣{_PAIRED}])", "\0", term)
    return "".join(
        parts.get(character, " ?" if character == "\0" else re.escape(character)) for character in spaces
    )
