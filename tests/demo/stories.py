"""Small stories to test with."""

from datetime import timedelta
from typing import Literal

from tests.builders import NOON
from watcher.demo.story import ExpectedAlert, News, Outlet, Scene, Story, Trouble
from watcher.model.news import FeedId, Grade

WIRE = FeedId("wire-en")


def some_news(
    title: str,
    *,
    minutes: float = 0,
    alerts: tuple[ExpectedAlert, ...] = (),
    quiet: bool = False,
    text: str = "",
) -> News:
    """Return something a wire publishes some minutes after noon."""
    return News(
        at=NOON + timedelta(minutes=minutes), by=WIRE, title=title, text=text, alerts=alerts, quiet=quiet
    )


def an_outlet(
    form: Literal["rss", "atom", "rdf", "json"] = "rss", *, language: str = "en", encoding: str = "utf-8"
) -> Outlet:
    """Return a wire that publishes in some form."""
    return Outlet(
        id=WIRE,
        name="The <Wire>",
        owner="wire",
        grade=Grade.A,
        language=language,
        format=form,
        encoding=encoding,
    )


def a_story(*news: News, troubles: tuple[Trouble, ...] = ()) -> Story:
    """Return a story of one scene and one outlet."""
    return Story(
        outlets=(an_outlet(),), troubles=troubles, backlog=(), scenes=(Scene(title="A scene", news=news),)
    )
