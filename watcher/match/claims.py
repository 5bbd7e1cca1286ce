"""Mentions and cues in, what the text claims of them out.

The method is NegEx (Chapman et al. 2001, J Biomed Inform 34:301) in the form ConText gave it (Harkema et al. 2009, J Biomed Inform
42:839): a cue has a direction and a scope; it changes the status of what stands in its scope; terminators end the scope; a
pseudo-cue (`says: none`) looks like a cue but is not one and hides the cues inside it. Two things differ from the clinical
original. A headline states its news in the title, so what the title claims wins over the summary. And a text may claim several
things of one kind of happening ("fires missile, may fire more"): the strongest claim is what the item reports. The longest cue
wins ("what could be" is no "could"), and a cue that is itself what the indicator found says nothing of it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from watcher.match.groups import Mention, Mentions
from watcher.match.lexicon import Lexicon, Span, TermId, View
from watcher.model.language import Claim, Cue

BACKGROUND = "background"
ECHO = "echo"
PSEUDO = "none"

_STRONGEST_CUE = (BACKGROUND, Claim.DENIED, Claim.HISTORICAL, Claim.IMMINENT, Claim.THREATENED, Claim.SPECULATED, Claim.OCCURRED)
"""When several cues reach one mention, the first of these decides: a denial of preparations is a denial."""

_STRONGEST_CLAIM = (Claim.OCCURRED, Claim.IMMINENT, Claim.THREATENED, Claim.SPECULATED, Claim.DENIED, Claim.HISTORICAL)
"""When mentions of one item differ, the first of these is what the item reports."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a text says of a match: a claim, or None for background, and the cues that decided, as "claim: words".

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


@dataclass(frozen=True, slots=True)
class _Find:
    span: Span
    reaches: tuple[_Reach, ...]


class Claims:
    """The cue lexicon, ready to read claims with."""

    def __init__(self, cues: Sequence[Cue], terminators: Sequence[str], lexicon: Lexicon) -> None:
        self._reaches: dict[TermId, list[_Reach]] = {}
        for cue in cues:
            for term in lexicon.add_all(cue.terms):
                self._reaches.setdefault(term, []).append(_Reach(cue.says, cue.reach, cue.words))
        self._terminators = lexicon.add_all(terminators)

    def read(self, view: View, mentions: Mentions, heeds: frozenset[str] | None = None) -> Verdict:
        """Return what the text claims of the mentions; `heeds` limits which cues count (None: all)."""
        finds, stops = self._finds(view, heeds), self._stops(view)
        places = _places(view, mentions)
        title = [place for place in places if place[0][0] < view.title_end]
        summary = [place for place in places if place[0][0] >= view.title_end]
        for group in (title, summary):
            readings = [self._status(view, mention, finds, stops) for mention in group]
            for claim in _STRONGEST_CLAIM:
                if claim in (says for says, _ in readings):
                    return Verdict(claim, tuple(dict.fromkeys(cue for says, cue in readings if says == claim and cue)))
        cues = tuple(dict.fromkeys(cue for mention in places if (cue := self._status(view, mention, finds, stops)[1])))
        return Verdict(None, cues)

    def _finds(self, view: View, heeds: frozenset[str] | None) -> list[_Find]:
        finds = [_Find(span, tuple(self._reaches[term])) for term, spans in view.found.items() if term in self._reaches for span in spans]
        kept = []
        for find in finds:
            reaches = tuple(reach for reach in find.reaches if reach.says != PSEUDO and (heeds is None or reach.says in heeds))
            if reaches and not any(_inside(find.span, other.span) and find.span != other.span for other in finds):
                kept.append(_Find(find.span, reaches))
        return kept

    def _stops(self, view: View) -> list[Span]:
        return [span for term in self._terminators for span in view.found.get(term, ())]

    def _status(self, view: View, mention: Mention, finds: Iterable[_Find], stops: Sequence[Span]) -> tuple[str, str]:
        reaching = {
            reach.says: f"{reach.says}: {view.words(find.span)}"
            for find in finds
            for reach in find.reaches
            if _reaches(view, find.span, reach, mention, stops)
        }
        for says in _STRONGEST_CUE:
            if says in reaching:
                return says, reaching[says]
        return Claim.OCCURRED, ""


def _places(view: View, mentions: Mentions) -> Mentions:
    """Return the places to read: joint mentions if there are any, else the words of each sentence together."""
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
    if any(_inside(cue, span) for span in mention):
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


def _inside(span: Span, mask: Span) -> bool:
    return mask[0] <= span[0] and span[1] <= mask[1]
