"""Judged reports and how many stored items hold a term in, terms to add to an indicator or to exclude out.

One report speaks for each incident that was judged, the first that the indicator hit, so that a long story
weighs as much as a short one. Two rates are compared by their log-odds, each with a prior that says "as often
as in all that is stored" and weighs as much as `_PRIOR` reports, and with half a report on either side (B. L.
Monroe, M. P. Colaresi, K. M. Quinn, "Fightin' Words", Political Analysis 16 (2008), 372-403): what is in
three of three reports, but in half of all items, proves little. `z` is the difference in standard errors.
Nothing is proposed below `_LEAST_Z`, nor for fewer than `_LEAST` reports.

A term is up to three words in a row of one sentence; in Korean a word without its particle; in a run of Han
or kana two to six characters, not in hiragana alone, which is grammar. Of terms that say the same of every
report, the longest is shown.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from math import log, sqrt

from watcher.lab.explain import explain
from watcher.match import Matcher
from watcher.model.language import Entity, EntityId, Group, Indicator, IndicatorId, Names, Near, Regex, Term
from watcher.model.news import Item
from watcher.text.fold import fold
from watcher.text.words import joins_words, lay_out, runs

_LEAST, _LEAST_Z, _PRIOR = 3, 1.96, 2.0
_MOST, _MOST_COUNTED = 12, 200
"""How many terms are proposed, and how many of the likeliest are looked up in all that is stored."""

_WORDS, _LONGEST_RUN = 3, 6
_SHORTEST = 3
"""Letters of a word of a script with spaces; what is shorter is grammar, mostly."""

_GRAMMAR = frozenset((
    "a", "about", "after", "amid", "an", "and", "are", "as", "at", "be", "been", "but", "by", "for",
    "from", "had", "has", "have", "he", "her", "his", "in", "into", "is", "it", "its", "no", "not", "of",
    "on", "or", "over", "said", "say", "says", "she", "that", "the", "their", "they", "this", "to", "was",
    "were", "who", "will", "with", "would",
))  # fmt: skip
_PARTICLE = re.compile(
    "(?:에서|으로|에게|까지|부터|께서|이라고|라고|은|는|이|가|을|를|의|에|로|와|과|도|만)$"
)
_HANGUL_OR_NOT = re.compile("[\uac00-\ud7a3]+|[^\uac00-\ud7a3]+")
_HIRAGANA = re.compile("[\u3040-\u309f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedReports:
    """The reports that reviewers judged, as far as they say something of one indicator."""

    useful: tuple[Item, ...] = ()
    noise: tuple[Item, ...] = ()
    missed: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedTerm:
    """A term, in how many reports of each verdict it is and in how many items of all, and how sure it is."""

    term: str
    useful: int
    noise: int
    missed: int
    stored: int
    z: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """Terms to add and terms to exclude, the surest first; how many reports and items there are in all."""

    add: tuple[ProposedTerm, ...]
    exclude: tuple[ProposedTerm, ...]
    useful: int
    noise: int
    missed: int
    stored: int

    @property
    def short_of(self) -> tuple[str, ...]:
        """What there is too little of to propose anything."""
        return tuple(
            f"{count} of {_LEAST} verdicts `{verdict}` that it takes to propose a term to {what}"
            for count, verdict, what in (
                (self.missed, "missed", "add"),
                (self.noise, "noise", "exclude"),
            )
            if count < _LEAST
        )

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        return asdict(self) | {"short_of": list(self.short_of)}


def propose(
    judged: JudgedReports, known: Collection[str], held: Callable[[str], int], stored: int
) -> Proposals:
    """Propose terms; `known` are those that it has, `held` says how many of `stored` items hold one.

    What to exclude is in noise, and seldom in what was useful or missed. What to add is in what was missed,
    more often than in all that is stored, and in no noise.
    """
    useful, noise, missed = (
        [terms_of(f"{each.title}\n{each.summary}") for each in reports]
        for reports in (judged.useful, judged.noise, judged.missed)
    )
    have = [fold(each) for each in known]
    counted = [
        _Counted(term, *(sum(term in each for each in reports) for reports in (useful, noise, missed)))
        for term in _longest_alike((*useful, *noise, *missed))
        if not any(_covers(each, term) for each in have)
    ]
    wanted = len(useful) + len(missed)
    against = sorted(
        (each for each in counted if each.noise >= _LEAST),
        key=lambda each: (each.useful + each.missed - each.noise, each.term),
    )
    missing = sorted(
        (each for each in counted if each.missed >= _LEAST and not each.noise),
        key=lambda each: (-each.missed, each.term),
    )
    exclude, add = [], []
    for each in against[:_MOST_COUNTED]:
        usual = held(each.term), stored
        z = _difference((each.noise, len(noise)), (each.useful + each.missed, wanted), usual)
        exclude.append(each.proposed(usual[0], z))
    for each in missing[:_MOST_COUNTED]:
        usual = held(each.term), stored
        add.append(each.proposed(usual[0], _difference((each.missed, len(missed)), usual, usual)))
    return Proposals(
        add=_surest(add),
        exclude=_surest(exclude),
        useful=len(useful),
        noise=len(noise),
        missed=len(missed),
        stored=stored,
    )


def terms_of(text: str) -> frozenset[str]:
    """Return the terms that a text holds, folded."""
    folded = fold(text)
    begins = lay_out(folded).sentences
    sentences = [folded[start:end] for start, end in pairwise((*begins, len(folded)))]
    return frozenset(term for sentence in sentences for term in _terms(sentence))


def known_terms(indicator: Indicator, entities: Mapping[EntityId, Entity]) -> frozenset[str]:
    """Return the terms that an indicator has, also by its entities, and those that it excludes."""
    return (
        frozenset(_named(indicator.pattern, entities))
        if isinstance(indicator.pattern, Group)
        else frozenset()
    )


def nearest(matcher: Matcher, item: Item) -> IndicatorId | None:
    """Return the indicator that comes nearest to an item that nothing hits; None where nothing is there."""
    near = [each for each in explain(matcher, item) if each.outcome == "near"]
    best = max(near, key=lambda each: (each.claim is not None, each.share), default=None)
    return best.indicator if best else None


@dataclass(frozen=True, slots=True)
class _Counted:
    """In how many reports of each verdict a term is."""

    term: str
    useful: int
    noise: int
    missed: int

    def proposed(self, stored: int, z: float) -> ProposedTerm:
        return ProposedTerm(
            term=self.term,
            useful=self.useful,
            noise=self.noise,
            missed=self.missed,
            stored=stored,
            z=round(z, 2),
        )


def _difference(one: tuple[int, int], other: tuple[int, int], usual: tuple[int, int]) -> float:
    """Return by how many standard errors the log-odds of one share are above those of another."""
    prior = _PRIOR * (usual[0] + 0.5) / (usual[1] + 1)
    odds, variance = [], 0.0
    for part, whole in (one, other):
        there, absent = part + prior + 0.5, whole - part + _PRIOR - prior + 0.5
        odds.append(log(there / absent))
        variance += 1 / there + 1 / absent
    return (odds[0] - odds[1]) / sqrt(variance)


def _surest(found: Iterable[ProposedTerm]) -> tuple[ProposedTerm, ...]:
    sure = (each for each in found if each.z >= _LEAST_Z)
    return tuple(sorted(sure, key=lambda each: (-each.z, each.stored, each.term))[:_MOST])


def _longest_alike(reports: Sequence[frozenset[str]]) -> list[str]:
    """Return the terms of reports, but of those that the same reports hold no part of a longer one."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, terms in enumerate(reports):
        for term in terms:
            places[term].append(place)
    alike: defaultdict[tuple[int, ...], list[str]] = defaultdict(list)
    for term, where in places.items():
        if len(where) >= _LEAST:
            alike[tuple(where)].append(term)
    return [
        term
        for terms in alike.values()
        for term in terms
        if not any(term != longer and term in longer for longer in terms)
    ]


def _covers(known: str, term: str) -> bool:
    """Say whether a term that the list has, perhaps with a star, finds another wherever it is."""
    stem = known.rstrip("*?")
    return known == term or (stem != known and term.startswith(stem))


def _terms(sentence: str) -> Iterator[str]:
    spaced: list[str] = []
    for run in runs(sentence):
        if joins_words(run[0]):
            spaced.clear()
            for piece in _HANGUL_OR_NOT.findall(run):
                yield from _joined(piece)
            continue
        spaced = [*spaced, run][-_WORDS:]
        for first in range(len(spaced)):
            words = spaced[first:]
            if not {words[0], words[-1]} & _GRAMMAR and all(map(_is_telling, (words[0], words[-1]))):
                yield " ".join(words)


def _is_telling(word: str) -> bool:
    return len(word) >= _SHORTEST and not word.isdigit()


def _joined(piece: str) -> Iterator[str]:
    """Yield the terms of a piece without spaces, which is Hangul, or Han and kana."""
    if "\uac00" <= piece[0] <= "\ud7a3":
        stem = _PARTICLE.sub("", piece)
        found = stem if len(stem) > 1 else piece
        yield from [found] if len(found) > 1 else []
        return
    for start in range(len(piece)):
        for end in range(start + 2, min(start + _LONGEST_RUN, len(piece)) + 1):
            if not (_HIRAGANA.match(piece[start]) or _HIRAGANA.match(piece[end - 1])):
                yield piece[start:end]


def _named(group: Group, entities: Mapping[EntityId, Entity]) -> Iterator[str]:
    match group:
        case Term(text=text):
            yield text
        case Names(entity=name):
            yield from entities[name].names
        case Near(left=left, right=right):
            for part in (*left, *right):
                yield from _named(part, entities)
        case Regex():
            return
        case _:
            for part in group.parts:
                yield from _named(part, entities)
