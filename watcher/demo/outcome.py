"""A story and what the watcher stored in, the outcome out: what was alerted, what not, what is unexpected."""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from watcher.demo.play import TERMINAL
from watcher.demo.story import ExpectedAlert, News, Story
from watcher.lab.explain import explain
from watcher.match import Matcher
from watcher.model.alerts import Alert
from watcher.model.news import Feed, Item
from watcher.model.polling import PollStatus
from watcher.ports import Database
from watcher.service.health import Health, health_of

_ALL = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Items of which no alert was made, and why: titles, in order of time."""

    why: str
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """How the polls of one feed went: how many brought news, nothing new, or failed, and the last error."""

    feed: Feed
    counts: Counter[PollStatus]
    failing: bool
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How the demo went.

    `leading` is the alert that matters most; each item is in an alert or in a silence. Of the alerts, the
    channel got `messages` one by one, and `told_with` together with one of those.
    """

    alerts: tuple[Alert, ...]
    leading: Alert | None
    silences: tuple[Silence, ...]
    messages: int
    told_with: int
    items: int
    polled: tuple[Polled, ...]
    health: Health
    missing: tuple[str, ...]
    unwanted: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether every expected alert is there, and no news that is none of our business was alerted."""
        return not self.missing and not self.unwanted


def outcome_of(story: Story, store: Database, feeds: Sequence[Feed], matcher: Matcher) -> Outcome:
    """Look at what the watcher stored, at the moment the story ends."""
    alerts = tuple(sorted(store.alerts(limit=_ALL), key=lambda alert: (alert.at, -alert.severity, alert.id)))
    leading = max(alerts, key=lambda alert: (alert.severity, len(alert.origins)), default=None)
    items = store.items()
    sent = [
        each for alert in alerts for each in store.deliveries(alert.id) if each.channel == TERMINAL.channel
    ]
    return Outcome(
        alerts=alerts,
        leading=leading,
        silences=tuple(_silences(items, alerts, store, matcher)),
        messages=sum(not each.told_with for each in sent),
        told_with=sum(bool(each.told_with) for each in sent),
        items=len(items),
        polled=tuple(_polled(feed, store) for feed in feeds),
        health=health_of(store, feeds, story.scenes[-1].ends, os.getpid()),
        missing=tuple(missing_alerts(story, alerts)),
        unwanted=tuple(unwanted_alerts(story, alerts)),
    )


def missing_alerts(story: Story, alerts: Sequence[Alert]) -> Iterator[str]:
    """Yield what the story expects and no alert says."""
    for news in story.news():
        about = [alert for alert in alerts if _names(alert, news)]
        for expected in news.alerts:
            if not any(_is(alert, expected) for alert in about):
                claim = f", {expected.claim}" if expected.claim else ""
                yield f"{expected.indicator} ({expected.reason}{claim}) about {news.title!r}"


def unwanted_alerts(story: Story, alerts: Sequence[Alert]) -> Iterator[str]:
    """Yield the alerts about news that should be met with silence."""
    for news in story.news():
        if news.quiet:
            yield from (
                f"{alert.indicator} ({alert.reason}) about {news.title!r}"
                for alert in alerts
                if _names(alert, news)
            )


def _silences(
    items: Sequence[Item], alerts: Sequence[Alert], store: Database, matcher: Matcher
) -> Iterator[Silence]:
    """Yield the reasons for silence, the commonest first."""
    told = {item.id for alert in alerts for item in alert.items}
    titles = defaultdict[str, list[str]](list)
    for item in items:
        if item.id not in told:
            titles[_decided(item, store) or _nearly(item, matcher) or "no indicator matches"].append(
                item.title
            )
    for why in sorted(titles, key=lambda why: len(titles[why]), reverse=True):
        yield Silence(why=why, titles=tuple(titles[why]))


def _decided(item: Item, store: Database) -> str:
    """Return why an item that an indicator matches has no alert, or an empty string when none matches."""
    incidents = {hit.incident for hit in store.hits_on([item.id]).get(item.id, ()) if hit.incident}
    decisions = (decision for incident in sorted(incidents) for decision in store.decisions(incident))
    return next((decision.reason.replace("_", " ") for decision in decisions if decision.item == item.id), "")


def _nearly(item: Item, matcher: Matcher) -> str:
    """Return the indicator that context words keep from matching, with the words, or an empty string."""
    near = next((each for each in explain(matcher, item) if each.outcome == "near" and each.cues), None)
    if near is None:
        return ""
    claim, _, words = near.cues[0].partition(": ")
    return f"{near.indicator}, but {claim} ({words})"


def _polled(feed: Feed, store: Database) -> Polled:
    polls = store.polls(feed.id, limit=_ALL)
    error = next((poll.error for poll in polls if poll.status is PollStatus.ERROR), "")
    failing = polls[0].status is PollStatus.ERROR
    return Polled(feed=feed, counts=Counter(poll.status for poll in polls), failing=failing, error=error)


def _names(alert: Alert, news: News) -> bool:
    return any(item.feed == news.by and item.title == news.title for item in alert.items)


def _is(alert: Alert, expected: ExpectedAlert) -> bool:
    return (alert.indicator, alert.reason) == (expected.indicator, expected.reason) and expected.claim in (
        None,
        alert.claim,
    )
