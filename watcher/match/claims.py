"""Mentions and cues in, what the text claims of them out.

The method is NegEx (Chapman et al. 2001, J Biomed Inform 34:301) in the form ConText gave it (Harkema et al.
2009, J Biomed Inform 42:839): a cue has a direction and a scope; it changes the status of what stands in its
scope; terminators end the scope; a pseudo-cue (`says: none`) looks like a cue but is not one and hides the
cues that begin inside it. Two things differ from the clinical original. A headline states its news in the
title, so what the title claims wins over the summary. And a text may claim several things of one kind of
happening ("fires missile, may fire more"): the strongest claim is what the item reports. The longest cue wins
("what could be" is no "could"), and a cue that is itself what the indicator found says nothing of it ("the
pact is scrapped" denies no hostility), except that preparations found are preparations, and a suspicion found
is one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from watcher.match.groups import Mention, Mentions
from watcher.match.languages import languages_of
from watcher.match.lexicon import Lexicon, Span, TermId, View
from watcher.model.language import Claim, Cue

BACKGROUND = "background"
ECHO = "echo"
PSEUDO = "none"

_DECISIVE = (BACKGROUND, Claim.DENIED, Claim.HISTORICAL)
"""Of several cues for a mention, the first of these decides at any distance: a denied plan is denied."""

_GRADES = (Claim.IMMINENT, Claim.THREATENED, Claim.SPECULATED)
"""Of these the nearest decides ("may test, as it prepares to fire"); of equally near ones the first."""

_STRONGEST_CLAIM = (
    Claim.OCCURRED,
    Claim.IMMINENT,
    Claim.THREATENED,
    Claim.SPECULATED,
    Claim.DENIED,
    Claim.HISTORICAL,
)
"""When mentions of one item differ, the first of these is what the item reports."""


_MOST_CUES = 200
"""A text made of cues says nothing clear; what comes after so many is not read."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a text says of a match: a claim, or None for background, and the deciding cues, as "claim: words".

    `score` is how directly it says so, as `Hit.score`.
    """

    claim: Claim | None
    cues: tuple[str, ...]
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class _Reach:
    says: str
    direction: str
    words: int
    language: str


@dataclass(frozen=True, slots=True)
class _Find:
    span: Span
    reaches: tuple[_Reach, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a text says of one mention, by which cues."""

    says: str
    cues: tuple[str, ...]
    in_title: bool
    joint: bool
    echoes: bool

    @property
    def score(self) -> float:
        if not self.in_title:
            return 0.7 if self.joint else 0.5
        if not self.joint:
            return 0.8
        return 0.9 if self.echoes else 1.0


class Claims:
    """The cue lexicon, ready to read claims with."""

    def __init__(self, cues: Sequence[Cue], terminators: Sequence[str], lexicon: Lexicon) -> None:
        self._reaches: dict[TermId, list[_Reach]] = {}
        for cue in cues:
            for term in lexicon.add_all(cue.terms):
                self._reaches.setdefault(term, []).append(
                    _Reach(cue.says, cue.reach, cue.words, cue.language)
                )
        self._terminators = lexicon.add_all(terminators)

    def read(
        self, view: View, mentions: Mentions, heeds: frozenset[str] | None = None, *, lone: bool = False
    ) -> Claimed:
        """Return what the text claims of the mentions; `heeds` limits which cues count (None: all).

        `lone` says that the words mentioned are all that was asked for, so that who names them reports them.
        """
        finds, stops = self._finds(view, heeds), self._stops(view)
        readings = [self._read(view, mention, finds, stops, lone=lone) for mention in _places(view, mentions)]
        for in_title in (True, False):
            said = [reading for reading in readings if reading.in_title == in_title]
            for claim in _STRONGEST_CLAIM:
                if deciding := [reading for reading in said if reading.says == claim]:
                    return Claimed(claim, _cues(deciding), max(reading.score for reading in deciding))
        return Claimed(None, _cues(readings))

    def _finds(self, view: View, heeds: frozenset[str] | None) -> list[_Find]:
        if view.cues is None:
            view.cues = self._unhidden(view)
        heeded = (
            _Find(find.span, tuple(reach for reach in find.reaches if _counts(reach, heeds)))
            for find in view.cues
        )
        return [find for find in heeded if find.reaches]

    def _unhidden(self, view: View) -> list[_Find]:
        """Return the cues of a text, in its languages, that no longer cue hides, in order."""
        languages = languages_of(view.text, view.language) | {""}
        known = {
            term: tuple(reach for reach in self._reaches[term] if reach.language in languages)
            for term in view.found.keys() & self._reaches.keys()
        }
        every = (
            _Find(span, reaches) for term, reaches in known.items() if reaches for span in view.found[term]
        )
        finds = sorted(every, key=lambda find: find.span)[:_MOST_CUES]
        kept = []
        for find in finds:
            over = [
                other
                for other in finds
                if other.span != find.span and other.span[0] <= find.span[0] < other.span[1]
            ]
            kept.append(
                _Find(
                    find.span, tuple(reach for reach in find.reaches if not _outdone(reach, find.span, over))
                )
            )
        return kept

    def _stops(self, view: View) -> list[Span]:
        return [span for term in self._terminators for span in view.found.get(term, ())]

    def _read(
        self, view: View, mention: Mention, finds: Iterable[_Find], stops: Sequence[Span], *, lone: bool
    ) -> _Reading:
        reaching: dict[str, Span] = {}
        for find in sorted(finds, key=lambda find: _away(view, find.span, mention)):
            for reach in find.reaches:
                if _reaches(view, find.span, reach, mention, stops):
                    reaching.setdefault(reach.says, find.span)
        says = _decides({says: _away(view, cue, mention) for says, cue in reaching.items()})
        cues = tuple(f"{kind}: {view.words(reaching[kind])}" for kind in (says, ECHO) if kind in reaching)
        return _Reading(
            says, cues, mention[0][0] < view.title_end, lone or len(mention) > 1, ECHO in reaching
        )


def _decides(away: Mapping[str, int]) -> str:
    """Return the joint meaning of the cues that reach a mention, given the least distance of each kind."""
    for says in _DECISIVE:
        if says in away:
            return says
    return min((says for says in _GRADES if says in away), key=away.__getitem__, default=Claim.OCCURRED)


def _cues(readings: Iterable[_Reading]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cue for reading in readings for cue in reading.cues))


def _counts(reach: _Reach, heeds: frozenset[str] | None) -> bool:
    return reach.says != PSEUDO and (heeds is None or reach.says == ECHO or reach.says in heeds)


def _outdone(reach: _Reach, span: Span, over: Sequence[_Find]) -> bool:
    """Say whether another cue hides one: a longer one what lies in it, a pseudo-cue also what begins in it.

    Cues for an echo and cues for a claim never hide each other.
    """
    return any(
        (_inside(span, find.span) and (other.says == PSEUDO or (other.says == ECHO) == (reach.says == ECHO)))
        or (other.says == PSEUDO and find.span[0] < span[0])
        for find in over
        for other in find.reaches
    )


def _places(view: View, mentions: Mentions) -> Mentions:
    """Return the places to read in the title and in the summary.

    These are the joint mentions, or, when there are none, the words of each sentence together.
    """
    title = tuple(mention for mention in mentions if mention[0][0] < view.title_end)
    summary = tuple(mention for mention in mentions if mention[0][0] >= view.title_end)
    return _places_of(view, title) + _places_of(view, summary)


def _places_of(view: View, mentions: Mentions) -> Mentions:
    joint = tuple(mention for mention in mentions if len(mention) > 1)
    if joint:
        return joint
    sentences: dict[int, set[Span]] = {}
    for mention in mentions:
        for span in mention:
            sentences.setdefault(view.layout.sentence_at(span[0]), set()).add(span)
    return tuple(tuple(sorted(spans)) for _, spans in sorted(sentences.items()))


def _reaches(view: View, cue: Span, reach: _Reach, mention: Mention, stops: Sequence[Span]) -> bool:
    if reach.direction == "text":
        return True
    if reach.direction == "title":
        return cue[0] < view.title_end
    if reach.says not in (Claim.IMMINENT, Claim.SPECULATED) and any(_inside(cue, span) for span in mention):
        return False
    return any(_covers(view, cue, reach, span, stops) for span in mention)


def _covers(view: View, cue: Span, reach: _Reach, span: Span, stops: Sequence[Span]) -> bool:
    if cue[0] < span[1] and span[0] < cue[1]:
        return True
    forward = span[0] >= cue[1]
    if reach.direction not in ("both", "after" if forward else "before"):
        return False
    layout = view.layout
    if layout.sentence_at(cue[0]) != layout.sentence_at(span[0]) or view.distance(cue, span) > reach.words:
        return False
    low, high = (cue[1], span[0]) if forward else (span[1], cue[0])
    return not any(low <= stop[0] and stop[1] <= high for stop in stops)


def _away(view: View, cue: Span, mention: Mention) -> int:
    """Return how many words lie between a cue and the nearest word of a mention."""
    return min(view.distance(cue, span) for span in mention)


def _inside(span: Span, mask: Span) -> bool:
    return mask[0] <= span[0] and span[1] <= mask[1]
