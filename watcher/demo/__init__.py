"""Nothing in, the real service at work out: sample news from a local server, a fast clock, and a report."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from ipaddress import ip_network
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import TextIO

import yaml

from watcher import bootstrap
from watcher.config.durations import as_typed
from watcher.config.feeds import load_feeds
from watcher.demo.outcome import Outcome, outcome_of
from watcher.demo.play import EVERY, StoryClock, play
from watcher.demo.report import follow, print_json, print_report
from watcher.demo.server import HOST, FeedServer
from watcher.demo.story import Outlet, Story, load_story
from watcher.errors import UsageError
from watcher.model.news import Feed
from watcher.model.settings import FetchSettings, Settings
from watcher.service.daemon import Plan
from watcher.service.lock import only_instance
from watcher.service.logs import logging_to


def show(*, as_json: bool, keep: bool, data: Path | None = None) -> bool:
    """Play the demo and print what came of it; say whether that is what should come of it.

    The data folder stays for the commands that the report names: the given one, or a new one among the
    temporary files; with `as_json` only if `keep` or `data` says so.

    Raises:
        UsageError: the given folder is not empty.
        WatcherError: the service stopped, or stands still.
    """
    began = time.monotonic()
    with _folder(keep=keep or not as_json, data=data) as folder:
        outcome = perform(load_story(), folder, sys.stderr if as_json else sys.stdout)
        seconds = time.monotonic() - began
        if as_json:
            print_json(outcome, seconds, folder if keep or data else None)
        else:
            print_report(outcome, seconds, folder)
    return outcome.good


def perform(story: Story, folder: Path, screen: TextIO) -> Outcome:
    """Run the service through a story, with everything it makes in a folder, and look at what it stored.

    The messages to a channel are shown on the screen as they arrive.
    """
    settings = Settings(
        data=str(folder),
        indicators=str(bootstrap.shipped("indicators.yaml")),
        feeds=str((folder / "feeds.yaml").absolute()),
        fetch=FetchSettings(allow_private=(ip_network(f"{HOST}/32"),)),
    )
    clock = StoryClock(story.scenes[0].begins)
    rules = bootstrap.load_rules(settings)
    log = (folder / "service.log").open("w", encoding="utf-8")  # the terminal belongs to the story
    with log, logging_to(log), FeedServer(story, clock) as server, only_instance(folder):
        feeds = _listed(story.outlets, server, Path(settings.feeds))
        bootstrap.remember_lists(settings)
        world = bootstrap.open_world(settings, clock)
        try:
            with closing(play(story, clock, world, Plan(feeds=feeds, rules=rules))) as beats:
                follow(beats, story, screen)
        finally:
            world.reader.close()
            world.store.note("service", "")  # it is over, and nobody misses the service
            world.store.close()
    with closing(bootstrap.read_store(settings)) as store:
        return outcome_of(story, store, feeds, rules.matcher)


@contextmanager
def _folder(*, keep: bool, data: Path | None) -> Iterator[Path]:
    if data:
        if data.exists() and any(data.iterdir()):
            raise UsageError(f"{data} is not empty: give the demo a new folder, or remove this one")
        data.mkdir(parents=True, exist_ok=True)
        yield data
        return
    if keep:
        yield Path(mkdtemp(prefix="watcher-demo-"))
        return
    with TemporaryDirectory(prefix="watcher-demo-") as folder:
        yield Path(folder)


def _listed(outlets: Sequence[Outlet], server: FeedServer, file: Path) -> tuple[Feed, ...]:
    """Write the list of the outlets' feeds, so that later commands find it too, and return the feeds."""
    feeds = [
        {
            "id": outlet.id,
            "url": server.url(outlet.id),
            "owner": outlet.owner,
            "grade": outlet.grade.value,
            "language": outlet.language,
            "title": outlet.name,
        }
        for outlet in outlets
    ]
    every = as_typed(EVERY)
    listed = {"version": 1, "defaults": {"every": every, "at_most": every}, "feeds": feeds}
    heading = "# The feeds of the demo. Their server ran only as long as the demo.\n"
    file.write_text(heading + yaml.safe_dump(listed, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return load_feeds(file)
