"""An edit of an indicator is tried on stored items, within the list in use, and nothing is written."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import NOON, an_item
from watcher.config import load_indicators
from watcher.config.shipped import shipped
from watcher.errors import ConfigError
from watcher.lab import workbench
from watcher.lab.archive import read_archive
from watcher.lab.needed import needed_terms
from watcher.lab.source import source_of
from watcher.lab.workbench import only, trial_hits, trial_of, with_edit
from watcher.match import Matcher
from watcher.model.language import IndicatorId
from watcher.model.polling import Cycle
from watcher.model.settings import Settings
from watcher.store import SqliteStore

LIST = """
entities:
  dprk: {names: [North Korea, 북한]}
indicators:
  - id: rail
    title: Trains
    category: precursor
    match: {all: [$dprk, [train*, 열차]]}
    examples: {match: [Trains leave North Korea]}
  - {id: other, title: Other, category: precursor, match: [cement]}
"""
RAIL = IndicatorId("rail")
NEWS = Path(__file__).parents[1] / "data" / "labelled_news.jsonl"


@pytest.fixture
def in_use(tmp_path: Path) -> Path:
    (tmp_path / "indicators.yaml").write_text(LIST)
    return tmp_path / "indicators.yaml"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    titles = [
        "Train leaves North Korea",
        "북한 열차 출발",
        "North Korea ship leaves",
        "Cement for North Korea",
    ]
    items = tuple(an_item(title, guid=title) for title in titles)
    with closing(SqliteStore.open(tmp_path / "watcher.db")) as store:
        store.record(Cycle(items=items), ())
        yield store


def test_an_edit_says_what_it_gains_and_loses(in_use: Path, store: SqliteStore) -> None:
    text = "indicators: [{id: rail, match: {all: [$dprk, [ship*, 열차]]}}]"
    after, warnings = with_edit(in_use, text, RAIL)
    since = NOON - timedelta(days=1)
    before = trial_hits(Matcher(only(load_indicators(in_use), RAIL)), store, since)
    trial = trial_of(before, after, RAIL, store, since, warnings)

    assert [item.title for item in trial.gained] == ["North Korea ship leaves"]
    assert [item.title for item in trial.lost] == ["Train leaves North Korea"]
    assert (trial.before, trial.after) == (2, 2)
    assert "should match and does not" in trial.failures[0]


def test_a_mistake_has_its_line_in_the_text(in_use: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        with_edit(in_use, "indicators:\n  - id: rail\n    severity: huge\n", RAIL)

    assert [str(each).partition(": ")[0] for each in caught.value.mistakes] == ["what you edit:3:15"]


def test_items_seen_before_do_not_count(in_use: Path, store: SqliteStore) -> None:
    listed = load_indicators(in_use)

    assert trial_hits(Matcher(only(listed, RAIL)), store, NOON + timedelta(days=1)).examined == 0


def test_an_indicator_is_shown_as_its_file_has_it(in_use: Path) -> None:
    listed = load_indicators(in_use)
    shown = [source_of(each) for each in listed.indicators]

    assert shown[0].startswith("indicators:\n  - id: rail\n    title: Trains\n")
    assert "cement" not in shown[0]
    assert shown[1] == "indicators:\n  - {id: other, title: Other, category: precursor, match: [cement]}\n"


def test_a_comment_at_the_margin_ends_no_indicator(in_use: Path) -> None:
    in_use.write_text(
        """indicators:
  - id: launch
    title: Launch
    category: provocation
    severity: high
# a comment that an editor has put at the margin
    match:
      - rocket

# what is below is another one
  - id: other
    title: Other
    category: provocation
    severity: low
    match: [other]
"""
    )

    text = source_of(load_indicators(in_use).indicators[0])

    assert "- rocket" in text
    assert "other" not in text
    assert with_edit(in_use, text, IndicatorId("launch"))


def test_every_shipped_indicator_can_be_edited_as_it_is_shown() -> None:
    path = shipped("indicators.yaml")
    listed = load_indicators(path)
    # one of each kind of pattern: to read the list takes a while
    for indicator in {type(each.pattern): each for each in listed.indicators}.values():
        after, _ = with_edit(path, source_of(indicator), indicator.id)
        again = next(each for each in after.indicators if each.id == indicator.id)
        assert (again.pattern, again.severity, again.claims) == (
            indicator.pattern,
            indicator.severity,
            indicator.claims,
        )


def test_the_search_index_finds_all_that_an_indicator_hits(tmp_path: Path) -> None:
    listed = load_indicators(shipped("indicators.yaml"))
    items = tuple(read_archive(NEWS, NOON))
    matcher = Matcher(listed)
    hits = {item.id: {hit.indicator for hit in matcher.match(item)} for item in items}
    with closing(SqliteStore.open(tmp_path / "watcher.db", durable=False)) as store:
        store.record(Cycle(items=items), ())
        for indicator in listed.indicators:
            for terms in needed_terms(indicator, listed.entities):
                held = {item.id for item in store.items_holding([terms], min(each.seen for each in items))}
                assert {each for each in hits if indicator.id in hits[each]} <= held, indicator.id


def test_the_process_answers_line_by_line_and_survives_a_bad_edit(in_use: Path, store: SqliteStore) -> None:
    item = next(each for each in store.items() if each.title.startswith("Train"))
    edit = {"do": "try", "indicator": "rail", "days": "30"}
    asked = [
        {**edit, "text": "indicators: [{id: rail, severity: huge}]"},
        {**edit, "text": "indicators: [{id: rail, match: [ship*]}]"},
        {"do": "why", "item": item.id},
        {"do": "why", "item": "gone"},
    ]
    command = [sys.executable, "-m", "watcher.lab.workbench", str(in_use.parent), str(in_use)]
    lines = "".join(f"{json.dumps(each)}\n" for each in asked)
    done = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=120, check=True)
    bad, good, why, gone = map(json.loads, done.stdout.splitlines())

    assert "unknown severity" in bad["mistakes"][0]
    assert (good["gained"], good["lost"]) == (1, 2)
    assert why["explained"][0]["indicator"] == "rail"
    assert gone == {"error": "no item has this id"}
    assert only(load_indicators(in_use), RAIL).indicators[0].id == RAIL
    assert in_use.read_text() == LIST


def test_news_and_revisions_between_two_edits_are_no_gain_and_no_loss_of_an_edit(
    in_use: Path, store: SqliteStore
) -> None:
    bench = workbench._Workbench(Settings(data=str(in_use.parent), indicators=str(in_use)))
    same = {"do": "try", "indicator": "rail", "days": "30", "text": "indicators: [{id: rail, title: Rail}]"}
    first = bench.answer(same)
    train = next(each for each in store.items() if each.title.startswith("Train"))
    store.record(Cycle(items=(replace(train, title="Nothing leaves North Korea", revision=1),)), ())

    second = bench.answer(same)

    assert (first["before"], first["gained"], first["lost"]) == (first["after"], 0, 0)
    assert (second["before"], second["gained"], second["lost"]) == (first["before"] - 1, 0, 0)


def test_a_question_that_takes_too_much_is_told_so_and_the_next_one_is_answered() -> None:
    program = """if True:
        from watcher.lab import workbench

        def answer(bench, asked):
            if asked["do"] == "spin":
                while True: pass
            return {"filled": len(bytearray(asked["bytes"]))}

        workbench._SECONDS = 1
        workbench._Workbench.answer = answer
        workbench.main()
    """
    asked = [{"do": "spin"}, {"do": "fill", "bytes": 4 << 30}, {"do": "fill", "bytes": 1}]
    lines = "".join(f"{json.dumps(each)}\n" for each in asked)
    command = [sys.executable, "-c", program, "data", "indicators.yaml"]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, timeout=120, check=True)
    spun, filled, after = map(json.loads, done.stdout.splitlines())

    assert "more than 1 seconds of processor time" in spun["error"]
    assert "more than 1,024 MiB of memory" in filled["error"]
    assert after == {"filled": 1}
