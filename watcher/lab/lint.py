"""A YAML tree, a list and what an archive made of it in, warnings out: what is allowed but hardly meant.

Warnings never fail a check. Without an archive: terms that cannot be found, terms that another of the same
list makes idle, texts that are an example and a counterexample at once. With one: indicators that never fire,
that hit all day long, and windows that raise a severity although nothing happens more often inside them.
"""

import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, product

from watcher.config.tree import Data, Path, Tree
from watcher.errors import Mistake
from watcher.lab.backtest import Backtest, BaseRate
from watcher.lab.lift import Lift, lifts
from watcher.match.terms import SoughtTerm, compile_term
from watcher.model.language import Example, Indicator, IndicatorList, Then
from watcher.text.fold import fold

MOST_HITS_A_DAY = 20
"""An indicator that hits more items a day than this has stopped to be a sign of anything."""

_ALTERNATIVES = frozenset({"names", "besides", "any", "none", "with", "terms", "match"})
_OTHER_LISTS = frozenset({"all", "of", "sentence", "title"})
_FILLINGS = ("", "x", "1")
_NEIGHBOURS = ("", "가", "中")

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


def lint_by_news(tested: Backtest) -> Iterator[Mistake]:
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
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in parts:
        if key == "regex" and isinstance(value, str):
            yield (*path, key), value
        else:
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
    if isinstance(data, dict):
        for key, value in data.items():
            if key != "examples":
                yield from _term_lists(value, (*path, key))
    elif isinstance(data, list):
        if _key(path) in _ALTERNATIVES | _OTHER_LISTS:
            texts = ((index, value) for index, value in enumerate(data) if isinstance(value, str))
            yield path, {index: text for index, text in texts if not text.startswith("$")}
        yield from chain.from_iterable(_term_lists(value, (*path, index)) for index, value in enumerate(data))


def _key(path: Path) -> str:
    """Return the key of a list, also when it is a list in a list."""
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _idle(terms: dict[int, str], besides: Sequence[str], *, alternatives: bool) -> Iterator[tuple[int, str]]:
    """Yield the terms of a list that change nothing, by index, and why.

    A term is never found, or every find of it is, as a whole, also a find of another alternative, or of a
    spelling of `besides`, which takes it away.
    """
    patterns = {index: compile_term(typed) for index, typed in terms.items()}
    first = {index: next(_finds(patterns[index], typed), None) for index, typed in terms.items()}
    every = cache(lambda index: tuple(_finds(patterns[index], terms[index])))

    def covers(pattern: SoughtTerm, index: int) -> bool:
        """Say whether a pattern has every find of a term; most of those asked about lack the first."""
        begins = first[index]
        return begins is None or (_finds_all(pattern, [begins]) and _finds_all(pattern, every(index)))

    masks = [(each, compile_term(each)) for each in besides]
    by_beginning: dict[str, list[int]] = {}
    for index, pattern in patterns.items() if alternatives else ():
        by_beginning.setdefault(pattern.pieces[0], []).append(index)
    for index, typed in terms.items():
        if (begins := first[index]) is None:
            yield index, f"`{typed}` can never match, not even a text that spells it out"
            continue
        for other in _beginning_alike(begins, by_beginning):
            if other == index or not covers(patterns[other], index):
                continue
            mutual = covers(patterns[index], other)
            if not mutual or other < index:
                says = "is the same as" if mutual else "is swallowed by"
                yield index, f"`{typed}` {says} `{terms[other]}` in the same list; it changes nothing"
                break
        if mask := next((each for each, pattern in masks if covers(pattern, index)), ""):
            yield index, f"`{typed}` never counts: `{mask}` of `besides` covers it"


def _beginning_alike(find: _Find, by_beginning: Mapping[str, Sequence[int]]) -> list[int]:
    """Return which terms may have a find at the same place, in their order: those that begin as it does."""
    text, start, end = find
    beginnings = (text[start:at] for at in range(start + 1, end + 1))
    return sorted(chain.from_iterable(by_beginning.get(each, ()) for each in beginnings))


def _finds(pattern: SoughtTerm, typed: str) -> Iterator[_Find]:
    """Yield where a term is found among texts that spell it out, alone and run on in scripts that do so."""
    fillings = _FILLINGS if "*" in typed or "?" in typed else ("",)
    spelled = dict.fromkeys(
        fold(typed.replace("*", filling).replace("?", filling or "x")).removeprefix("=")
        for filling in fillings
    )
    for before, after in product(_NEIGHBOURS, repeat=2):
        for text in spelled:
            find = (f"{before}{text}{after}", len(before), len(before) + len(text))
            if _finds_all(pattern, [find]):
                yield find


def _finds_all(pattern: SoughtTerm, finds: Sequence[_Find]) -> bool:
    """Say whether a pattern has all these finds, each at the same place."""
    return all(pattern.end_in(text, start) == end for text, start, end in finds)


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


def _out_of_bounds(indicator: Indicator, rate: BaseRate) -> Iterator[Mistake]:
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
