"""An indicator list in, every inline example that does not come out as written out."""

from collections.abc import Iterator
from datetime import UTC, datetime, time

from watcher.errors import Mistake
from watcher.judge.timing import place_in_time
from watcher.match import Matcher
from watcher.model.language import Example, Indicator
from watcher.model.news import FeedId, Item, ItemId, ItemKeys

_SOME_DAY = datetime(2026, 7, 1, tzinfo=UTC)


def failing(matcher: Matcher) -> Iterator[Mistake]:
    """Yield a mistake for every example that hits and should not, does not and should, or claims something else."""
    for compiled in matcher.compiled:
        for example in compiled.indicator.examples:
            if problem := _problem(matcher, compiled.indicator, example):
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
    at = datetime.combine(example.day, time(12), UTC) if example.day else _SOME_DAY
    own = (hit for hit in matcher.match(an_item(example.text, at=at)) if hit.indicator == indicator.id)
    hit = next((placed for hit in own if (placed := place_in_time(hit, indicator, matcher.listed.calendars))), None)
    shown = f"example {example.text!r} of {indicator.id}"
    if hit is None:
        return f"{shown} should match and does not; see `watcher explain` with this text" if example.hits else ""
    if not example.hits:
        return f"{shown} should not match and does, by {', '.join(hit.evidence)}"
    if example.claim and example.claim != hit.claim:
        return f"{shown} should claim {example.claim} and claims {hit.claim}" + (f" ({'; '.join(hit.cues)})" if hit.cues else "")
    return ""
