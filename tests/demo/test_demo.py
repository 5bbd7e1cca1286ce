"""`watcher demo` as people start it: the real service, from feeds to the alert log."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from watcher.demo.story import load_story

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    environment = {**os.environ, "TMPDIR": str(tmp_path_factory.mktemp("demo"))}
    command = [sys.executable, "-m", "watcher", "demo", "--json", "--keep"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    summary: dict[str, Any] = json.loads(ran.stdout)
    return summary


def test_every_alert_of_the_story_is_raised_and_other_news_is_met_with_silence(shown: dict[str, Any]) -> None:
    assert (shown["good"], shown["missing"], shown["unwanted"]) == (True, [], [])
    assert shown["items"] == len([news for news in load_story().news() if news.by != "bulletin-en" or news.at.year < 2024])


def test_the_alert_log_holds_every_alert_once_as_shown(shown: dict[str, Any]) -> None:
    folder = Path(str(shown["data"]))
    logged = [json.loads(line) for day in sorted((folder / "alerts").glob("*.jsonl")) for line in day.read_text("utf-8").splitlines()]
    assert sorted(line["id"] for line in logged) == sorted(line["id"] for line in shown["alerts"])
    assert len({line["id"] for line in logged}) == len(logged)


def test_the_feed_that_dies_is_named_and_the_one_that_recovers_is_not_a_problem(shown: dict[str, Any]) -> None:
    feeds, problems = shown["feeds"], shown["problems"]

    assert [feed["id"] for feed in feeds if feed["status"] == "error"] == ["bulletin-en"]
    assert [feed["id"] for feed in feeds if feed["polls"]["error"]] == ["radio-en", "bulletin-en"]
    assert len(problems) == 1
    assert "bulletin-en" in problems[0]


def test_most_polls_find_nothing_new(shown: dict[str, Any]) -> None:
    feeds = shown["feeds"]

    assert all(feed["polls"]["not_modified"] > feed["polls"]["ok"] for feed in feeds)
