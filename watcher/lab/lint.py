"""A YAML tree, a list and what an archive made of it in, warnings out: what is allowed but hardly meant.

Warnings never fail a check. Without an archive: terms that cannot be found, terms that another of the same
list makes idle, texts that are an example and a counterexample at once. With one: indicators that never fire,
that hit all day long, and windows that raise a severity although nothing happens more often inside them.
"""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

from watcher.config.tree import Data, Path, Tree
from watcher.errors import Mistake
from watcher.lab.lift import Lift, lifts
from watcher.match.terms import SoughtTerm, compile_term
from watcher.model.language import Example, Indicator, IndicatorList, Then
from watcher.text.fold import fold

if TYPE_CHECKING:
    from watcher.lab.backtest import Backtest, BaseRate

MOST_HITS_A_DAY = 20
"""An indicator that hits more items a day than this has stopped to be a sign of anything."""

_ALTERNATIVES = frozenset({"names", "besides", "any", "none", "with", "terms", "match"})
_OTHER_LISTS = frozenset({"all", "of", "sentence", "title"})
_FILLINGS = ("", "x", "1")
_BESIDES = tuple(product(("", "가", "中"), repeat=2))
"""What stands before and behind a text that spells a term out."""

_QUOTED = re.compile(r"\\\\")
_BOUNDARY = re.compile(r"\\b(?=(?P<opens>[\w(\[])?)")
_OPENING, _CLOSING = r"(?:\((?:\?:|\?P?<\w+>)?|\[)", r"(?:[)\]][?+*]?|[?+*])"
_BESIDE = re.compile(
    rf"\\b{_OPENING}*(?:[^()|]*\|)*{_OPENING}*[^\x00-\x7f]|[^\x00-\x7f]{_CLOSING}*(?:\|[^()|]*)*{_CLOSING}*\\b"
)
_BEFORE, _AFTER = r"(?:^|[^\pL\pN])", r"(?:[^\pL\pN]|$)"
_WORDS = re.compile(r"\\[wW]")
_LETTERS = {r"\w": r"[\pL\pN_]", r"\W": r"[^\pL\pN_]"}

_Find = tuple[str, int, int]


def lint(tree: Tree, listed: IndicatorList) -> Iterator[Mistake]:
    """Yield what can be said of a file by itself."""
    lists = dict(_term_lists(tree.data, ()))
    for path, terms in lists.items():
        besides = lists.get((*path[:-1], "besides"), {}) if _key(path) == "names" else {}
        for index, what in _idle(terms, tuple(besides.values()), alternatives=_key(path) in _ALTERNATIVES):
            yield tree.mistake(tree.place((*path, index)), what)
    for path, expression in _expressions(tree.data, ()):
        if what := _knows_ascii_only(expression):
            yield tree.mistake(tree.place(path), what)
    for indicator in listed.indicators:
        yield from _contradictions(indicator)


def lint_by_news(tested: "Backtest") -> Iterator[Mistake]:
    """Yield what the news of a backtest says of a list."""
    indicators = tested.rules.indicators
    for rate in tested.rates():
        yield from _out_of_bounds(indicators[rate.indicator], rate)
    for each in lifts(tested.rules.matcher.listed, tested.firings(), tested.days):
        if each.attached:
            yield from _without_lift(indicators[each.indicator], each)


# --- regular expressions ------------------------------------------------------------------------------------


def _expressions(data: Data, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield every regular expression, with where it stands."""
    for key, value in _parts(data):
        if key == "regex" and isinstance(value, str):
            yield (*path, key), value
        elif isinstance(value, dict | list):
            yield from _expressions(value, (*path, key))


def _knows_ascii_only(expression: str) -> str:
    r"""Say which escape of an expression leaves out letters that the expression is about; empty for none.

    RE2 takes ASCII alone for `\b` and `\w`. Text is folded before, so that every digit and every blank is
    ASCII and `\d` and `\s` find what they say.
    """
    bare = _QUOTED.sub("", expression)
    if not any(letter.isalpha() and not letter.isascii() for letter in bare):
        return ""
    if _BESIDE.search(bare):
        better = _BOUNDARY.sub(lambda found: _BEFORE if found["opens"] else _AFTER, expression)
        return (
            "`\\b` works beside ASCII letters only, so it never matches beside others;"
            f" write `{better}`, or leave `\\b` out"
        )
    if found := _WORDS.search(bare):
        return f"`{found[0]}` knows ASCII letters only; write `{_LETTERS[found[0]]}`"
    return ""


# --- terms --------------------------------------------------------------------------------------------------


def _term_lists(data: Data, path: Path) -> Iterator[tuple[Path, dict[int, str]]]:
    """Yield every list in which texts are terms, as its texts by their index."""
    if isinstance(data, list) and _key(path) in _ALTERNATIVES | _OTHER_LISTS:
        texts = ((index, value) for index, value in enumerate(data) if isinstance(value, str))
        yield path, {index: text for index, text in texts if not text.startswith("$")}
    for key, value in _parts(data):
        if isinstance(value, dict | list) and key != "examples":
            yield from _term_lists(value, (*path, key))


def _parts(data: Data) -> Iterable[tuple[str | int, Data]]:
    """Return what a value holds, each with its key or its index."""
    if isinstance(data, dict):
        return data.items()
    return enumerate(data) if isinstance(data, list) else ()


def _key(path: Path) -> str:
    """Return the key of a list, also when it is a list in a list."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _idle(terms: dict[int, str], besides: Sequence[str], *, alternatives: bool) -> Iterator[tuple[int, str]]:
    """Yield the terms of a list that change nothing, by index, and why.

    A term is never found, or every find of it is, as a whole, also a find of another alternative, or of a
    spelling of `besides`, which takes it away.
    """
    patterns = {index: compile_term(typed) for index, typed in terms.items()}
    masks = dict(enumerate(map(compile_term, besides)))
    beginning = {index: each for index, each in patterns.items() if alternatives and each.beginning}
    others, hidden = _Beginnings(beginning), _Beginnings(masks)
    every = cache(lambda index: tuple(_finds(patterns[index], terms[index])))

    def covers(pattern: SoughtTerm, index: int) -> bool:
        return all(pattern.end_in(text, start) == end for text, start, end in every(index))

    for index, typed in terms.items():
        if (begins := next(_finds(patterns[index], typed), None)) is None:
            yield index, f"`{typed}` can never match, not even a text that spells it out"
            continue
        for other in others.may_find(begins):
            if other == index or not covers(patterns[other], index):
                continue
            mutual = covers(patterns[index], other)
            if not mutual or other < index:
                says = "is the same as" if mutual else "is swallowed by"
                yield index, f"`{typed}` {says} `{terms[other]}` in the same list; it changes nothing"
                break
        if mask := next(
            (besides[each] for each in hidden.may_find(begins) if covers(masks[each], index)), ""
        ):
            yield index, f"`{typed}` never counts: `{mask}` of `besides` covers it"


class _Beginnings:
    """Terms by how their finds begin."""

    def __init__(self, patterns: Mapping[int, SoughtTerm]) -> None:
        self._plain, self._others = dict[str, list[int]](), dict[str, list[int]]()
        for number, pattern in patterns.items():
            alike = self._plain if pattern.is_plain else self._others
            alike.setdefault(pattern.beginning, []).append(number)
        self._lengths = sorted(set(map(len, self._others)))

    def may_find(self, find: _Find) -> list[int]:
        """Return which terms may have a find at the same place, in their order."""
        text, start, end = find
        found = self._plain.get(text[start:end], [])
        if not self._lengths:  # as in most lists
            return found
        for length in self._lengths:
            if length <= end - start:
                found = found + self._others.get(text[start : start + length], [])
        return sorted(found)


def _finds(pattern: SoughtTerm, typed: str) -> Iterator[_Find]:
    """Yield where a term is found among texts that spell it out, alone and run on in scripts that do so."""
    if pattern.is_plain:
        yield pattern.key, 0, len(pattern.key)
    for spelled in _spelled(typed):
        for before, after in _BESIDES:
            text, start, end = f"{before}{spelled}{after}", len(before), len(before) + len(spelled)
            if pattern.end_in(text, start) == end:
                yield text, start, end


def _spelled(typed: str) -> Iterator[str]:
    """Yield texts that spell a term out."""
    for filling in _FILLINGS if "*" in typed or "?" in typed else ("",):
        yield fold(typed.replace("*", filling).replace("?", filling or "x")).removeprefix("=")


# --- examples and news --------------------------------------------------------------------------------------


def _contradictions(indicator: Indicator) -> Iterator[Mistake]:
    must = {_shown_by(example): example for example in indicator.examples if example.hits}
    for example in indicator.examples:
        if not example.hits and (other := must.get(_shown_by(example))):
            what = f"`{example.text}`" if example.text else "this"
            file, line, _ = other.place.rsplit(":", 2)
            where = f"line {line}" if example.place.startswith(f"{file}:") else f"line {line} of {file}"
            yield _mistake(
                example.place, f"{indicator.id}: {what} must match on {where} and must not match here"
            )


def _shown_by(example: Example) -> Hashable:
    history = tuple(sorted(example.history.items()))
    return fold(example.text), example.day, example.point, example.heard, history


def _out_of_bounds(indicator: Indicator, rate: "BaseRate") -> Iterator[Mistake]:
    if not rate.hits:
        yield _mistake(indicator.place, f"{indicator.id} never fires on this news ({rate.days} days)")
    elif rate.hits > MOST_HITS_A_DAY * rate.days:
        often = (
            f"{rate.hits / rate.days:.0f} items a day on this news; more than {MOST_HITS_A_DAY} is no sign"
        )
        yield _mistake(indicator.place, f"{indicator.id} hits {often}")


def _without_lift(indicator: Indicator, measured: Lift) -> Iterator[Mistake]:
    raises = any(each.then is Then.RAISE and each.near == measured.calendars for each in indicator.timing)
    if raises and measured.expected >= 1 and measured.observed <= measured.expected:
        seen = f"{measured.observed} firings inside, {measured.expected:.1f} expected"
        weight = f"{measured.windows} windows; {measured.weight}"
        what = f"`then: raise` near {measured.window} has no lift on this news ({seen}, {weight})"
        yield _mistake(indicator.place, f"{indicator.id}: {what}")


def _mistake(place: str, what: str) -> Mistake:
    file, line, column = place.rsplit(":", 2)
    return Mistake(file=file, line=int(line), column=int(column), what=what)
