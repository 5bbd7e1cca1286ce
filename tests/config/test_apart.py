"""Lists read in a process of their own: the same values, the same mistakes, none of the memory."""

import subprocess
import sys
from pathlib import Path

import pytest

from watcher.config import load_feeds, load_indicators
from watcher.config.apart import load_feeds_apart, load_indicators_apart, parts_apart
from watcher.errors import ConfigError

INDICATORS = """
version: 1
title: two
entities: {dprk: {names: [North Korea*, 북한]}}
indicators:
  - id: launch
    title: Launch
    category: provocation
    match: {all: [$dprk, missile*]}
    examples: {match: [North Korea fires missile]}
"""
FEEDS = "version: 1\nfeeds: [{id: wire, url: 'https://wire.example/rss', every: 5m}]\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    indicators, feeds = tmp_path / "indicators.yaml", tmp_path / "feeds.yaml"
    indicators.write_text(INDICATORS, encoding="utf-8")
    feeds.write_text(FEEDS, encoding="utf-8")
    return indicators, feeds


def test_a_list_read_apart_is_the_list(files: tuple[Path, Path]) -> None:
    indicators, feeds = files

    assert load_indicators_apart(indicators) == load_indicators(indicators)
    assert load_feeds_apart(feeds) == load_feeds(feeds)


def test_mistakes_come_back_with_their_places(files: tuple[Path, Path]) -> None:
    indicators, _ = files
    indicators.write_text(INDICATORS.replace("$dprk", "$dprx"), encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        load_indicators_apart(indicators)

    assert [(mistake.line, mistake.what) for mistake in caught.value.mistakes] == [
        (9, "unknown entity `$dprx`; did you mean `$dprk`?")
    ]


def test_who_reads_apart_does_not_pay_for_it(files: tuple[Path, Path]) -> None:
    indicators, _ = files
    program = (
        "import sys; from pathlib import Path; from watcher.config.apart import load_indicators_apart; "
        f"load_indicators_apart(Path({str(indicators)!r})); print([name for name in ('pydantic', "
        "'yaml') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_the_parts_of_a_list_are_found_apart(files: tuple[Path, Path]) -> None:
    indicators, feeds = files
    assert parts_apart(indicators) == parts_apart(feeds) == parts_apart(indicators / "none") == ()

    indicators.write_text(f"include: desk/*.yaml\n{INDICATORS}", encoding="utf-16")

    assert parts_apart(indicators) == (f"{indicators.parent}/desk/*.yaml",)
