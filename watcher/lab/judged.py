"""The journal and what is stored in, the reports that reviewers judged as to one indicator out."""

from watcher.lab.suggest import JudgedReports, Proposals, known_terms, nearest, propose
from watcher.match import Matcher
from watcher.model.alerts import IncidentId
from watcher.model.language import Indicator
from watcher.model.news import Item, ItemId
from watcher.model.review import ActionKind, Verdict
from watcher.ports import Database


def proposals_for(indicator: Indicator, matcher: Matcher, store: Database) -> Proposals:
    """Return the terms that the verdicts speak for, to add to an indicator or to exclude."""
    return propose(
        judged_of(indicator, matcher, store),
        known_terms(indicator, matcher.listed.entities),
        lambda term: store.count_found(f'"{term}"'),
        store.counts()["items"],
    )


def judged_of(indicator: Indicator, matcher: Matcher, store: Database) -> JudgedReports:
    """Return a report of each incident judged that the indicator hit, and each item that it missed.

    An item was missed by the indicator that the note names; else by the one that comes nearest to it.
    """
    said = {action.target: action for action in store.actions() if action.kind is ActionKind.VERDICT}
    names = {each.id for each in matcher.listed.indicators}
    found: dict[Verdict, list[Item]] = {each: [] for each in Verdict}
    for target, action in said.items():
        verdict = Verdict(action.value)
        own = (hit.item for hit in store.hits(IncidentId(target)) if hit.indicator == indicator.id)
        report = next(own, None)
        if report is None and verdict is Verdict.MISSED:
            item = store.item(ItemId(target))
            named = names.intersection(action.why.split())
            if item and (indicator.id in named or (not named and nearest(matcher, item) == indicator.id)):
                report = item
        if report:
            found[verdict].append(report)
    return JudgedReports(
        useful=tuple(found[Verdict.USEFUL]),
        noise=tuple(found[Verdict.NOISE]),
        missed=tuple(found[Verdict.MISSED]),
    )
