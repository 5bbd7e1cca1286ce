"""An indicator list in, a matcher out; an item in, its hits out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property, partial

from watcher.match.authority import Ranks, ranks_of, together
from watcher.match.claims import Claimed, Claims
from watcher.match.directness import DirectnessReader, Report
from watcher.match.gate import Gate
from watcher.match.groups import Mentions, Node, compile_group, compile_names, lacks
from watcher.match.lexicon import Lexicon, Needs, Span, View, folded
from watcher.match.seismic import described, missing, quake_of
from watcher.match.steps import Step, Steps, steps_of
from watcher.model.alerts import REPORTED, UNCERTAIN, Hit
from watcher.model.language import (
    AllOf,
    AnyOf,
    AuthorityPattern,
    Claim,
    EntityId,
    Group,
    HistoryPattern,
    Indicator,
    IndicatorId,
    IndicatorList,
    Names,
    NoneOf,
    Pattern,
    Reads,
    Regex,
    Scope,
    SeismicPattern,
    Sentence,
    Severity,
    SilencePattern,
    Term,
    Title,
)
from watcher.model.news import Item

_MOST_EVIDENCE = 12
_NAMES_IT = 0.8
"""The score of a number that was measured: it names a quake, and reports no test."""

_DONE = frozenset({Claim.OCCURRED, Claim.SPECULATED})
"""What is done or suspected is certain by the words of the deed; what is ahead needs none."""

_TITLE, _LEAD, _SUMMARY = "title", "lead", "summary"
_LEAD_SENTENCES = 2
"""The lead of a summary is news; the rest is background ("has conducted six nuclear tests since 2006")."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """An indicator with its compiled group, its necessary terms, and the ranks of speakers, if it has any."""

    indicator: Indicator
    node: Node
    needs: Needs
    ranks: Ranks | None = None
    lone: bool = False
    """Whether it asks for one thing only, so that there are never two words to stand together."""
    steps: Steps | None = None
    """The steps that the title of a report may reach, if its incidents have any."""
    certain: Node | None = None
    """What the title of a critical report must hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one item amounts to: its hits, in the order of the list, and which silences it ends."""

    hits: tuple[Hit, ...]
    heard: frozenset[IndicatorId]


NOTHING_FOUND = Found(hits=(), heard=frozenset())


class _Words:
    """What the indicators of a list look for in texts, compiled."""

    def __init__(self, listed: IndicatorList) -> None:
        self.lexicon = Lexicon()
        names = cache(lambda entity: compile_names(listed.entities[entity], self.lexicon))
        worded = [
            self._compile(each, words, names)
            for each in listed.indicators
            if (words := _words_of(each.pattern)) is not None
        ]
        self.of_texts = tuple(each for each in worded if each.indicator.kind.reads is Reads.TEXT)
        listening = (each for each in worded if each.indicator.kind.reads is Reads.SILENCE)
        self.claims = Claims(listed.cues, listed.terminators, self.lexicon)
        self.every = (*self.of_texts, *listening)
        self.gate = Gate((each.node for each in self.every), self.lexicon)
        self.reader = DirectnessReader(listed.roles)

    def _compile(self, indicator: Indicator, words: Group, names: Callable[[EntityId], Node]) -> Compiled:
        compiled = partial(compile_group, lexicon=self.lexicon, names=names)
        node = compiled(words)
        ranks = (
            ranks_of(indicator.pattern, compiled) if isinstance(indicator.pattern, AuthorityPattern) else None
        )
        steps = (
            steps_of(indicator.joining, compiled) if indicator.joining and indicator.joining.steps else None
        )
        certain = compiled(indicator.certain) if indicator.certain else None
        return Compiled(indicator, node, node.needs(), ranks, _asks_for_one_thing(words), steps, certain)


class Matcher:
    """Everything an indicator list looks for, to be compared with items. Made by `compile_list`."""

    def __init__(self, listed: IndicatorList) -> None:
        self.listed = listed
        self.seismic = tuple(
            (each, each.pattern) for each in listed.indicators if isinstance(each.pattern, SeismicPattern)
        )
        self._silences = tuple(
            (each.id, each.pattern) for each in listed.indicators if isinstance(each.pattern, SilencePattern)
        )
        self._awaited = frozenset(silence.feed for _, silence in self._silences)

    @cached_property
    def _words(self) -> _Words:
        """Compiled when the first text comes: a poll that brings no news does without."""
        return _Words(self.listed)

    @property
    def compiled(self) -> tuple[Compiled, ...]:
        """The indicators that look for words in texts, in the order of the list."""
        return self._words.of_texts

    @property
    def listens(self) -> bool:
        """Whether the list has indicators of silence."""
        return bool(self._silences)

    def prepare(self) -> None:
        """Compile what is compiled when the first text comes, for who waits for that text."""
        words = self._words
        words.gate.ways("")
        words.lexicon.literals("")

    def match(self, item: Item) -> tuple[Hit, ...]:
        """Return the hits of an item."""
        return self.read(item).hits

    def hit_of(self, name: IndicatorId, item: Item) -> Hit | None:
        """Return the hit of one indicator in an item, if it hits."""
        found = [
            self._hit(compiled, item, view)
            for compiled, view in self.may_hold(item)
            if compiled.indicator.id == name and compiled.indicator.kind.reads is Reads.TEXT
        ]
        if item.point:
            found += (
                _measured(indicator, seismic, item)
                for indicator, seismic in self.seismic
                if indicator.id == name
            )
        return next(filter(None, found), None)

    def hits(self, item: Item) -> bool:
        """Say whether an item hits, without reading all that a hit says of it."""
        return any(
            self._verdict(compiled, item, view)
            for compiled, view in self.may_hold(item)
            if compiled.indicator.kind.reads is Reads.TEXT
        ) or any(_measured(indicator, seismic, item) for indicator, seismic in self.seismic if item.point)

    def read(self, item: Item) -> Found:
        """Return all that an item amounts to."""
        candidates = self.may_hold(item)
        if not candidates and not item.point and item.feed not in self._awaited:
            return NOTHING_FOUND  # as most news
        found, named = list[Hit | None](), list[IndicatorId]()
        for compiled, view in candidates:
            if compiled.indicator.kind.reads is Reads.TEXT:
                found.append(self._hit(compiled, item, view))
            elif self._hears(compiled, item, view):
                named.append(compiled.indicator.id)
        if item.point:
            found += (_measured(indicator, seismic, item) for indicator, seismic in self.seismic)
        hits = tuple(hit for hit in found if hit is not None)
        for name, silence in self._silences:
            if item.feed == silence.feed or any(hit.indicator == silence.indicator for hit in hits):
                named.append(name)
        return Found(hits=hits, heard=frozenset(named))

    def may_hold(self, item: Item) -> Sequence[tuple[Compiled, View]]:
        """Return the indicators whose words are in an item, with what is found in it."""
        words, (text, title_end) = self._words, folded(item.title, item.summary)
        if not (ways := words.gate.ways(text)):
            return ()
        literals = words.lexicon.literals(text)
        if not (held := words.gate.groups(ways, literals)):
            return ()
        view = View(text, title_end, item_day(item), words.lexicon.find(text, literals), item.language)
        return [(words.every[number], view) for number in held]

    def view(self, item: Item) -> View:
        """Return an item folded, with every term that occurs in it."""
        return self._words.lexicon.view(item.title, item.summary, item_day(item), item.language)

    def judge(self, compiled: Compiled, view: View) -> tuple[Mentions, Claimed] | None:
        """Return an indicator's finds in a text and their claim, or None when its group does not hold."""
        if lacks(view, compiled.needs):
            return None
        mentions = compiled.node.find(view, *_window(compiled.indicator, view))
        if not mentions:
            return None
        return mentions, self._words.claims.read(view, mentions, compiled.indicator.heeds, lone=compiled.lone)

    def step(self, compiled: Compiled, verdict: Claimed, view: View) -> Step | None:
        """Return the step that the title of a report reaches.

        A step that it denies, expects or looks back at ("after an IRBM") does not count.
        """
        if compiled.steps is None or not _reports(verdict):
            return None
        heeds = compiled.indicator.heeds
        return compiled.steps.reached(
            view, lambda mention: _reports(self._words.claims.read(view, (mention,), heeds, lone=True))
        )

    def report(self, compiled: Compiled, item: Item, view: View, mentions: Mentions, claim: Claim) -> Report:
        """Return how an item speaks of what an indicator found in it, and who acts."""
        if view.parsed is None:
            view.parsed = self._words.reader.parsed(view, item)
        return self._words.reader.read(view.parsed, mentions, compiled.indicator, claim)

    def _hears(self, listener: Compiled, item: Item, view: View) -> bool:
        judged = self.judge(listener, view) if listens_to(listener.indicator.scope, item) else None
        return judged is not None and judged[1].claim is Claim.OCCURRED

    def _verdict(
        self, compiled: Compiled, item: Item, view: View
    ) -> tuple[Mentions, Claimed, Claim, Severity] | None:
        """Return what an indicator finds in an item, and how much that matters; None if it does not hit."""
        if not listens_to(compiled.indicator.scope, item):
            return None
        judged = self.judge(compiled, view)
        if judged is None or judged[1].claim is None:
            return None
        mentions, verdict = judged
        severity = severity_of(compiled.indicator, verdict.claim)
        return None if severity is None else (mentions, verdict, judged[1].claim, severity)

    def _hit(self, compiled: Compiled, item: Item, view: View) -> Hit | None:
        found = self._verdict(compiled, item, view)
        if found is None:
            return None
        indicator = compiled.indicator
        mentions, verdict, claim, severity = found
        held = compiled.ranks.highest(view, mentions) if compiled.ranks else None
        step = self.step(compiled, verdict, view)
        # who speaks in a form of his own does so himself, whatever it is about
        report = Report() if compiled.ranks else self.report(compiled, item, view, mentions, claim)
        if claim in _DONE and compiled.certain and not compiled.certain.find(view, 0, view.title_end):
            report = replace(report, because=(*report.because, UNCERTAIN))
        return Hit(
            item=item,
            indicator=indicator.id,
            claim=claim,
            severity=severity,
            score=verdict.score,
            evidence=(*((held.issuer, held.form) if held else ()), *_evidence(view, mentions, step)),
            cues=verdict.cues,
            step=held.step if held else step.step if step else 0,
            directness=report.directness,
            actor=report.actor,
            roles=report.because,
        )


def compile_list(listed: IndicatorList) -> Matcher:
    """Compile an indicator list; every reference in it resolves (config has seen to that)."""
    return Matcher(listed)


def _asks_for_one_thing(group: Group) -> bool:
    """Say whether any one of the words asked for is enough, whatever else must not be there."""
    match group:
        case Term() | Names() | Regex():
            return True
        case AnyOf(parts):
            return all(map(_asks_for_one_thing, parts))
        case AllOf(parts) | Sentence(parts) | Title(parts):
            wanted = [part for part in parts if not isinstance(part, NoneOf)]
            return len(wanted) == 1 and _asks_for_one_thing(wanted[0])
    return False


def severity_of(indicator: Indicator, claim: Claim | None) -> Severity | None:
    """Return how much a claim matters to an indicator; None is "not at all"."""
    return None if claim is None else indicator.claims.get(claim, indicator.severity)


def listens_to(scope: Scope, item: Item) -> bool:
    """Say whether an indicator listens to where an item comes from."""
    return (
        (scope.grade is None or item.grade <= scope.grade)
        and (not scope.owners or not scope.owners.isdisjoint((item.owner, item.carrier)))
        and (not scope.languages or item.language.split("-")[0] in scope.languages)
        and (not scope.feeds or item.feed in scope.feeds)
    )


def item_day(item: Item) -> date:
    """Return the day an item speaks of: when it was published, else when it was seen."""
    return (item.published or item.seen).date()


def _words_of(pattern: Pattern) -> Group | None:
    """Return the words a pattern looks for, or None if it has none; a kind missing here is a type error."""
    if isinstance(pattern, SeismicPattern | HistoryPattern):
        return None
    match pattern:
        case AuthorityPattern():
            return together(pattern)
        case SilencePattern():
            return pattern.group
    return pattern


def _reports(verdict: Claimed) -> bool:
    return verdict.claim is Claim.OCCURRED and verdict.score >= REPORTED


def _measured(indicator: Indicator, seismic: SeismicPattern, item: Item) -> Hit | None:
    """Return the hit of a quake; what caused it is a guess until somebody says so."""
    quake, severity = quake_of(item), severity_of(indicator, Claim.SPECULATED)
    if (
        quake is None
        or severity is None
        or any(missing(quake, seismic))
        or not listens_to(indicator.scope, item)
    ):
        return None
    return Hit(
        item=item,
        indicator=indicator.id,
        claim=Claim.SPECULATED,
        severity=severity,
        score=_NAMES_IT,
        evidence=described(quake, seismic),
    )


def _window(indicator: Indicator, view: View) -> Span:
    low = 0 if _TITLE in indicator.look_in else view.title_end
    high = len(view.text) + 1 if _SUMMARY in indicator.look_in else view.title_end
    if _LEAD in indicator.look_in:
        ends = [start for start in view.layout.sentences if start > view.title_end][_LEAD_SENTENCES:]
        high = ends[0] if ends else len(view.text) + 1
    return low, high


def _evidence(view: View, mentions: Mentions, step: Step | None) -> tuple[str, ...]:
    spans = sorted({span for mention in (*mentions, *(step.mentions if step else ())) for span in mention})
    return tuple(dict.fromkeys(view.words(span) for span in spans))[:_MOST_EVIDENCE]
