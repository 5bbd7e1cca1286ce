"""`news.yaml` in, the demo's story out: who publishes what and when, what fails, and what must come of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Annotated, Literal

import yaml
from pydantic import AfterValidator, TypeAdapter

from watcher.model.alerts import Reason
from watcher.model.language import Claim, IndicatorId
from watcher.model.news import FeedId, Grade

Moment = Annotated[datetime, AfterValidator(lambda moment: moment.astimezone(UTC))]

_LEAD, _TAIL = timedelta(minutes=10), timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """Somebody who publishes a feed, and the form it has."""

    id: FeedId
    name: str
    owner: str
    grade: Grade
    language: str
    format: Literal["rss", "atom", "rdf", "json"]
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedAlert:
    """An alert the watcher must raise; any claim will do where none is named."""

    indicator: IndicatorId
    reason: Reason
    claim: Claim | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something an outlet publishes.

    `quiet` is news about something else, of which the watcher must say nothing.
    """

    at: Moment
    by: FeedId
    title: str
    text: str = ""
    alerts: tuple[ExpectedAlert, ...] = ()
    quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """An outlet's server answers with something else than its feed for a while, or for good."""

    outlet: FeedId
    since: Moment
    until: Moment | None = None
    answer: Literal["page", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A stretch of time in which something happens; between two scenes the clock jumps."""

    title: str
    news: tuple[News, ...]

    @property
    def begins(self) -> datetime:
        """A little before its first news."""
        return self.news[0].at - _LEAD

    @property
    def ends(self) -> datetime:
        """When its last news has been polled."""
        return self.news[-1].at + _TAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """All the demo plays. `backlog` is in the feeds before the watcher starts."""

    outlets: tuple[Outlet, ...]
    troubles: tuple[Trouble, ...]
    backlog: tuple[News, ...]
    scenes: tuple[Scene, ...]

    @property
    def length(self) -> timedelta:
        """How long its scenes last together."""
        return sum((scene.ends - scene.begins for scene in self.scenes), timedelta())

    def news(self) -> Iterator[News]:
        """Yield everything that is published, in order of time."""
        yield from self.backlog
        for scene in self.scenes:
            yield from scene.news

    def published(self, outlet: FeedId, now: datetime) -> list[News]:
        """Return what an outlet has published until now, the newest first."""
        return [news for news in self.news() if news.by == outlet and news.at <= now][::-1]

    def trouble(self, outlet: FeedId, now: datetime) -> Trouble | None:
        """Return what is wrong with an outlet's server now."""
        of_outlet = (trouble for trouble in self.troubles if trouble.outlet == outlet)
        return next(
            (each for each in of_outlet if each.since <= now and (each.until is None or now < each.until)),
            None,
        )


def load_story() -> Story:
    """Return the story we ship."""
    text = files("watcher.demo").joinpath("news.yaml").read_text(encoding="utf-8")
    return TypeAdapter(Story).validate_python(yaml.safe_load(text))
