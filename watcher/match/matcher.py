"""An indicator list in, a matcher out; an item in, its hits out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache

from watcher.match.claims import Claims, Verdict
from watcher.match.groups import Mentions, Needs, Node, compile_group, compile_names
from watcher.match.lexicon import Lexicon, Span, View
from watcher.model.alerts import Hit
from watcher.model.language import Claim, EntityId, Indicator, IndicatorList, Scope, Severity
from watcher.model.news import Grade, Item

_MOST_EVIDENCE = 12
_TITLE, _LEAD, _SUMMARY = "title", "lead", "summary"
_LEAD_SENTENCES = 2
"""The lead of a summary carries the news; what comes after it is standing context ("has conducted six nuclear tests since 2006")."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """An indicator with its group compiled and the terms it cannot do without."""

    indicator: Indicator
    node: Node
    needs: Needs


class Matcher:
    """Everything an indicator list looks for, ready to be compared with items. Made by `compile_list`."""

    def __init__(self, listed: IndicatorList) -> None:
        self.listed = listed
        self._lexicon = Lexicon()
        names = cache(lambda entity: compile_names(listed.entities[entity], self._lexicon))
        self.compiled = tuple(self._compile(indicator, names) for indicator in listed.indicators)
        self.claims = Claims(listed.cues, listed.terminators, self._lexicon)

    def match(self, item: Item, grade: Grade = Grade.C) -> tuple[Hit, ...]:
        """Return the hits of an item, in the order of the list. `grade` is that of the item's feed."""
        view = self.view(item)
        return tuple(hit for compiled in self.compiled if (hit := self._hit(compiled, item, grade, view)) is not None)

    def view(self, item: Item) -> View:
        """Return an item folded, with every term that occurs in it."""
        return self._lexicon.view(item.title, item.summary, item_day(item))

    def judge(self, compiled: Compiled, view: View) -> tuple[Mentions, Verdict] | None:
        """Return what of an indicator stands in a text and what is claimed of it, or None when its group does not hold."""
        if any(terms.isdisjoint(view.found) for terms in compiled.needs):
            return None
        mentions = compiled.node.find(view, *_window(compiled.indicator, view))
        if not mentions:
            return None
        return mentions, self.claims.read(view, mentions, compiled.indicator.heeds)

    def _compile(self, indicator: Indicator, names: Callable[[EntityId], Node]) -> Compiled:
        node = compile_group(indicator.match, self._lexicon, names)
        return Compiled(indicator, node, node.needs())

    def _hit(self, compiled: Compiled, item: Item, grade: Grade, view: View) -> Hit | None:
        indicator = compiled.indicator
        if not listens_to(indicator.scope, item, grade):
            return None
        judged = self.judge(compiled, view)
        if judged is None or judged[1].claim is None:
            return None
        mentions, verdict = judged
        severity = severity_of(indicator, verdict.claim)
        if severity is None or verdict.claim is None:
            return None
        return Hit(
            item=item,
            indicator=indicator.id,
            claim=verdict.claim,
            severity=severity,
            score=verdict.score,
            evidence=_evidence(view, mentions),
            cues=verdict.cues,
            grade=grade,
        )


def compile_list(listed: IndicatorList) -> Matcher:
    """Compile an indicator list; every reference in it resolves (config has seen to that)."""
    return Matcher(listed)


def severity_of(indicator: Indicator, claim: Claim | None) -> Severity | None:
    """Return how much a claim matters to an indicator; None is "not at all"."""
    return None if claim is None else indicator.claims.get(claim, indicator.severity)


def listens_to(scope: Scope, item: Item, grade: Grade) -> bool:
    """Say whether an indicator listens to where an item comes from."""
    return (
        (scope.grade is None or grade <= scope.grade)
        and (not scope.owners or item.owner in scope.owners)
        and (not scope.languages or item.language.split("-")[0] in scope.languages)
        and (not scope.feeds or item.feed in scope.feeds)
    )


def item_day(item: Item) -> date:
    """Return the day an item speaks of: when it was published, else when it was seen."""
    return (item.published or item.seen).date()


def _window(indicator: Indicator, view: View) -> Span:
    low = 0 if _TITLE in indicator.look_in else view.title_end
    high = len(view.text) + 1 if _SUMMARY in indicator.look_in else view.title_end
    if _LEAD in indicator.look_in:
        ends = [start for start in view.layout.sentences if start > view.title_end][_LEAD_SENTENCES:]
        high = ends[0] if ends else len(view.text) + 1
    return low, high


def _evidence(view: View, mentions: Mentions) -> tuple[str, ...]:
    spans = sorted({span for mention in mentions for span in mention})
    return tuple(dict.fromkeys(view.words(span) for span in spans))[:_MOST_EVIDENCE]
