"""An indicator list in, every inline example that does not come out as written out."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from watcher.errors import Mistake
from watcher.incidents.calendar import place_in_time
from watcher.incidents.kinds.firings import FiringRule
from watcher.incidents.kinds.patterns import evidence_of, firing_rule
from watcher.incidents.kinds.silence import is_unusual, stretch_of
from watcher.match import Matcher
from watcher.model.alerts import Firing, IncidentId
from watcher.model.language import Example, Indicator, SilencePattern
from watcher.model.news import FeedId, Item, ItemId, ItemKeys

_SOME_DAY = datetime(2026, 7, 1, tzinfo=UTC)


def failing(matcher: Matcher) -> Iterator[Mistake]:
    """Yield a mistake for every example that wrongly hits, wrongly does not, or claims something else."""
    for indicator in matcher.listed.indicators:
        for example in indicator.examples:
            if problem := _problem(matcher, indicator, example):
                file, line, column = example.place.rsplit(":", 2)
                yield Mistake(file=file, line=int(line), column=int(column), what=problem)


def an_item(text: str, *, at: datetime = _SOME_DAY) -> Item:
    """Return a text as an item: what is behind a line end is its summary."""
    title, _, summary = text.partition("\n")
    nothing = ItemKeys(guid="", link="", title="")
    return Item(
        id=ItemId("text"),
        feed=FeedId("text"),
        owner="text",
        title=title,
        summary=summary,
        seen=at,
        published=at,
        keys=nothing,
        text_hash="",
    )


def _problem(matcher: Matcher, indicator: Indicator, example: Example) -> str:
    """Return what is wrong with how an example comes out, or nothing."""
    hit = None
    if rule := firing_rule(indicator.pattern):
        history = "; ".join(
            f"{name} on {', '.join(map(str, days))}" for name, days in example.history.items()
        )
        what, found = f"of {history}", _completed(rule, example)
    elif isinstance(indicator.pattern, SilencePattern):
        what, found = f"of {example.day}", _unheard(indicator.pattern, example)
    else:
        at = datetime.combine(example.day, time(12), UTC) if example.day else _SOME_DAY
        item = replace(an_item(example.text, at=at), point=example.point)
        hit = matcher.hit_of(indicator.id, item)
        hit = hit and place_in_time(hit, indicator, matcher.listed.calendars)
        what, found = f"{example.text!r}", hit.evidence if hit else ()
    shown = f"example {what} of {indicator.id}"
    if example.hits and not found:
        advice = "; see `watcher explain` with this text" if example.text else ""
        return f"{shown} should match and does not{advice}"
    if found and not example.hits:
        return f"{shown} should not match, but matches by {', '.join(found)}"
    if hit and example.claim and example.claim != hit.claim:
        cues = f" ({'; '.join(hit.cues)})" if hit.cues else ""
        return f"{shown} should claim {example.claim} and claims {hit.claim}{cues}"
    return ""


def _completed(rule: FiringRule, example: Example) -> tuple[str, ...]:
    """Return what the last firing of a history completes."""
    firings = [
        Firing(
            indicator=name,
            incident=IncidentId(f"{name} on {day}"),
            at=datetime.combine(day, time(12), UTC),
            title=f"on {day}",
        )
        for name, days in example.history.items()
        for day in days
    ]
    completing = [firing for firing in firings if firing.indicator in rule.completed_by]
    return evidence_of(rule, firings, max(completing, key=lambda firing: firing.at)) if completing else ()


def _unheard(pattern: SilencePattern, example: Example) -> tuple[str, ...]:
    """Return how long it was silent, on every day until the example's, if that is unusually long."""
    assert example.day is not None, "the model guarantees that there is one"
    heard = sorted(example.heard)
    watched = [heard[0] + timedelta(days=days) for days in range((example.day - heard[0]).days + 1)]
    stretch = stretch_of(heard, watched, example.day)
    return stretch.in_words if stretch and is_unusual(stretch, pattern) else ()
