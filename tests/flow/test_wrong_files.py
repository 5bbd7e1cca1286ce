"""Wrong YAML under a running service: the last good list stays, an alert says where, a good one is taken."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import an_item
from tests.flow.harness import Harness, harness
from watcher import pipeline
from watcher.config import load_feeds, load_indicators, parts_of
from watcher.model.alerts import Alert, Reason
from watcher.service.daemon import Daemon, Plan
from watcher.service.files import ListFiles

INDICATORS = """\
version: 1
entities: {dprk: {names: [North Korea*]}}
indicators:
  - id: launch
    title: Launch
    category: provocation
    severity: high
    match: {all: [$dprk, missile]}
"""
FEEDS = """\
version: 1
feeds:
  - {id: wire, url: "https://wire.example/rss", every: 1m, seed: false}
"""

WRONG_INDICATORS: dict[str, Callable[[str], str | bytes]] = {
    "half-written": lambda good: good[: good.index("all:")],
    "empty": lambda _: "",
    "no YAML": lambda good: good.replace("indicators:", "indicators: [}"),
    "a tab": lambda good: good.replace("    title", "\ttitle"),
    "not UTF-8": lambda good: good.encode().replace(b"Launch", b"L\xff\xfe"),
    "an unknown key": lambda good: good.replace("severity:", "severty:"),
    "a key twice": lambda good: good.replace("    title: Launch", "    title: Launch\n    title: Lunch"),
    "a missing key": lambda good: good.replace("    category: provocation\n", ""),
    "an unknown word": lambda good: good.replace("high", "huge"),
    "an unknown name": lambda good: good.replace("$dprk", "$drpk"),
    "a pattern that cannot run": lambda good: good.replace("missile]", "{regex: '(a)\\1'}]"),
    "an alias": lambda good: good.replace("missile]", "&x missile, *x]"),
    "a list where a text belongs": lambda good: good.replace("title: Launch", "title: [Launch]"),
    "an indicator twice": lambda good: good + good[good.index("  - id") :],
    "too large": lambda good: good + "#" * 5_000_001,
}
WRONG_FEEDS: dict[str, Callable[[str], str | bytes]] = {
    "half-written": lambda good: good[:-20],
    "empty": lambda _: "",
    "a missing address": lambda good: good.replace('url: "https://wire.example/rss", ', ""),
    "no address": lambda good: good.replace("https://", "gopher://"),
    "no duration": lambda good: good.replace("1m", "soon"),
    "a feed twice": lambda good: good + good[good.index("  - {") :],
    "an unknown key": lambda good: good.replace("every", "evry"),
    "another version": lambda good: good.replace("version: 1", "version: 2"),
}
CASES = [("indicators.yaml", name) for name in WRONG_INDICATORS] + [
    ("feeds.yaml", name) for name in WRONG_FEEDS
]


@dataclass
class Running:
    """A service with real files, a fake world, and its tick in the test's hand."""

    folder: Path

    def __post_init__(self) -> None:
        self.write("indicators.yaml", INDICATORS)
        self.write("feeds.yaml", FEEDS)
        self.harness: Harness = harness("wire")
        indicators, feeds = self.folder / "indicators.yaml", self.folder / "feeds.yaml"
        files = ListFiles(parts_of)
        self.daemon = Daemon(
            self.harness.world, self._plan(), self._plan, lambda: files.fingerprint(indicators, feeds)
        )

    def write(self, name: str, text: str | bytes) -> None:
        """Swap in a file, as an editor does."""
        new = self.folder / f"{name}.new"
        new.write_bytes(text if isinstance(text, bytes) else text.encode())
        new.replace(self.folder / name)

    def tick(self, title: str) -> list[Alert]:
        """Publish something, let a tick come, and return what people are told."""
        before = len(self.harness.channel.taken)
        self.harness.news.publishes("wire", an_item(title))
        self.harness.clock.now += timedelta(minutes=2)
        self.daemon._tick()
        self.harness.delivers()
        return [
            alert
            for alert in self.harness.channel.taken[before:]
            if alert.reason in {Reason.NEW, Reason.CONFIG_REJECTED}
        ]

    def _plan(self) -> Plan:
        indicators, feeds = self.folder / "indicators.yaml", self.folder / "feeds.yaml"
        return Plan(feeds=load_feeds(feeds), rules=pipeline.rules_of(load_indicators(indicators)))


@pytest.fixture
def running(tmp_path: Path) -> Running:
    return Running(tmp_path)


@pytest.mark.parametrize(("file", "mistake"), CASES, ids=str)
def test_a_wrong_file_changes_nothing_and_is_told_of_with_its_place_until_it_is_mended(
    running: Running, file: str, mistake: str
) -> None:
    good = INDICATORS if file == "indicators.yaml" else FEEDS
    wrong = (WRONG_INDICATORS if file == "indicators.yaml" else WRONG_FEEDS)[mistake](good)
    running.tick("North Korea fires a missile at dawn")

    running.write(file, wrong)
    told = running.tick("North Korea shows a second missile on a parade")
    again = running.tick("North Korea tests the engine of a third missile")
    running.write(file, good.replace("missile]", "missile, engine]").replace("every: 1m", "every: 90s"))
    mended = running.tick("North Korea builds a missile factory in the north")

    rejected = [alert for alert in told if alert.reason is Reason.CONFIG_REJECTED]
    assert [re.search(rf"{file}:\d+:\d+: ", alert.title) is not None for alert in rejected] == [True]
    assert [alert.title for alert in told if alert.reason is Reason.NEW] == [
        "North Korea shows a second missile on a parade"
    ]
    assert [alert.title for alert in again] == ["North Korea tests the engine of a third missile"]
    assert [alert.reason for alert in mended] == ([] if file == "indicators.yaml" else [Reason.NEW])
    assert running.harness.store.noted("config_rejected") == ""


def test_a_file_that_is_gone_for_a_moment_keeps_the_last_good_list(running: Running) -> None:
    (running.folder / "indicators.yaml").unlink()

    (rejected, new) = running.tick("North Korea fires a missile at dawn")

    assert (rejected.reason, new.reason) == (Reason.CONFIG_REJECTED, Reason.NEW)
    assert "indicators.yaml" in rejected.title


def test_the_plan_is_always_the_last_good_one(running: Running) -> None:
    running.write("indicators.yaml", INDICATORS.replace("missile]", "missile, engine]"))
    running.tick("North Korea fires a missile at dawn")
    taken = running.daemon.plan
    running.write("indicators.yaml", "")
    running.tick("North Korea shows a second missile on a parade")

    assert taken.rules == running.daemon.plan.rules
    assert "engine" in str(taken.rules.indicators)


def test_a_changed_new_or_missing_part_is_noticed_and_a_part_that_appears_mends_the_list(
    running: Running,
) -> None:
    running.write("indicators.yaml", f"include: [desk/*.yaml]\n{INDICATORS}")
    (missing,) = running.tick("Weather fine in the north")
    (running.folder / "desk").mkdir()
    running.write("desk/a.yaml", "indicators: [{id: engine, category: precursor, match: engine}]")
    (told,) = running.tick("An engine is tested")
    running.write("desk/a.yaml", "indicators: [{id: engine, category: precursor, match: motor}]")
    (changed,) = running.tick("A motor roars")
    running.write("desk/b.yaml", "indicators: [{id: parade, category: precursor, match: parade}]")
    (added,) = running.tick("A parade begins")
    running.write("desk/b.yaml", "indicators: [{id: parade, category: precursor, match: $parade}]")
    (wrong,) = running.tick("Nothing happens")
    (running.folder / "desk" / "b.yaml").unlink()

    assert missing.reason is Reason.CONFIG_REJECTED
    assert "indicators.yaml:1:11: no file matches `desk/*.yaml`" in missing.title
    assert [each.indicator for each in (told, changed, added)] == ["engine", "engine", "parade"]
    assert "desk/b.yaml:1:55: unknown entity `$parade`" in wrong.title
    assert running.tick("Another parade begins") == []
    assert running.harness.store.noted("config_rejected") == ""


def test_a_part_that_is_named_and_missing_is_told_once_and_taken_when_it_is_there(running: Running) -> None:
    running.write("indicators.yaml", f"include: mine.yaml\n{INDICATORS}")
    told = [running.tick("Weather fine in the north"), running.tick("Weather fine in the south")]

    running.write("mine.yaml", "indicators: [{id: engine, category: precursor, match: engine}]")
    (taken,) = running.tick("An engine is tested")

    assert [[each.reason for each in some] for some in told] == [[Reason.CONFIG_REJECTED], []]
    assert taken.indicator == "engine"
