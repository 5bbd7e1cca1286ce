"""A story and what the watcher stored of it in, how the demo went out: what was said, what was not, and whether that is right."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from watcher.demo.story import Expected, News, Story
from watcher.lab.explain import explain
from watcher.match import Matcher
from watcher.model.alerts import Alert, Decision, IncidentId
from watcher.model.news import Feed, Item
from watcher.model.polling import PollStatus
from watcher.service.health import Health, health_of
from watcher.store import SqliteStore

_ALL = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One decision about an incident, and the item it was made on."""

    decision: Decision
    item: Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaid:
    """News with the words of an indicator in it, of which nothing was said, and the reason."""

    news: News
    indicator: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """How the polls of one feed went: how many brought news, nothing new, or failed, and what the last failure was, if any."""

    feed: Feed
    counts: Counter[PollStatus]
    failing: bool
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How the demo went.

    `leading` is the alert that matters most, `course` all that was decided about its incident.

    `unsaid` is quiet news that an indicator nearly took for its own, `unasked` the other quiet news.
    """

    alerts: tuple[Alert, ...]
    leading: Alert | None
    course: tuple[Judged, ...]
    unsaid: tuple[Unsaid, ...]
    unasked: tuple[News, ...]
    items: int
    polled: tuple[Polled, ...]
    health: Health
    missing: tuple[str, ...]
    unwanted: tuple[str, ...]

    @property
    def good(self) -> bool:
        """Whether every expected alert is there, and no news that is none of our business was alerted."""
        return not self.missing and not self.unwanted


def outcome_of(story: Story, store: SqliteStore, feeds: Sequence[Feed], matcher: Matcher) -> Outcome:
    """Look at what the watcher stored, at the moment the story ends."""
    alerts = tuple(sorted(store.alerts(limit=_ALL), key=lambda alert: (alert.at, -alert.severity, alert.id)))
    leading = max(alerts, key=lambda alert: (alert.severity, len(alert.origins)), default=None)
    items = store.items()
    unsaid = tuple(_unsaid(story, items, matcher))
    return Outcome(
        alerts=alerts,
        leading=leading,
        course=tuple(_course(leading, store)) if leading else (),
        unsaid=unsaid,
        unasked=tuple(
            news
            for scene in story.scenes
            for news in scene.news
            if news.quiet and news not in {each.news for each in unsaid}
        ),
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


def _course(alert: Alert, store: SqliteStore) -> Iterator[Judged]:
    for decision in store.decisions(IncidentId(alert.incident)):
        if item := store.item(decision.item):
            yield Judged(decision=decision, item=item)


def _unsaid(story: Story, items: Sequence[Item], matcher: Matcher) -> Iterator[Unsaid]:
    """Yield the quiet news that an indicator asks for, was it not for the words around it."""
    quiet = {(news.by, news.title): news for news in story.news() if news.quiet}
    for item in items:
        if news := quiet.get((item.feed, item.title)):
            for explained in explain(matcher, item):
                if explained.outcome == "near" and explained.cues:
                    yield Unsaid(news=news, indicator=explained.indicator, because=explained.because)


def _polled(feed: Feed, store: SqliteStore) -> Polled:
    polls = store.polls(feed.id, limit=_ALL)
    error = next((poll.error for poll in polls if poll.status is PollStatus.ERROR), "")
    failing = polls[0].status is PollStatus.ERROR
    return Polled(feed=feed, counts=Counter(poll.status for poll in polls), failing=failing, error=error)


def _names(alert: Alert, news: News) -> bool:
    return any(item.feed == news.by and item.title == news.title for item in alert.items)


def _is(alert: Alert, expected: Expected) -> bool:
    return (alert.indicator, alert.reason) == (expected.indicator, expected.reason) and expected.claim in (
        None,
        alert.claim,
    )
