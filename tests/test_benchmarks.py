"""The benchmarks run, and compare what they say they compare; their figures are not looked at here."""

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import pytest

from benchmarks import engines, inside, pieces
from benchmarks.cost import Cost
from benchmarks.report import table
from watcher.store import SqliteStore

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_every_stage_runs_and_gives_a_table_and_json(tmp_path: Path) -> None:
    found = tmp_path / "costs.json"
    command = [sys.executable, "-m", "benchmarks", "--share", "100", "--json", str(found)]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr
    rows = json.loads(found.read_text())["costs"]["here"]
    assert all(f"| {row} | " in ran.stdout for row in rows)
    assert {row.partition(",")[0] for row in rows} >= {"cold", "nothing changed", "a tenth changed"}
    assert all(cost["wall"] > 0 or cost["note"] for runs in rows.values() for cost in runs)
    beside = json.loads(found.read_text())["costs"]["a bare loop"]
    assert beside.keys() <= rows.keys()


@pytest.mark.slow
def test_every_page_and_filter_is_asked_for(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.pages", "--times", "2", "--data", str(tmp_path / "made")]

    ran, again = (
        subprocess.run([*command, *more], cwd=ROOT, capture_output=True, text=True, check=False)
        for more in (("--items", "30000"), ("--only", "board"))
    )

    assert ran.returncode == 0, ran.stderr
    for row in (
        "board",
        "incidents: feed, rare",
        "incidents: word, common",
        "incidents: next page",
        "alert log",
    ):
        assert f"| {row} | " in ran.stdout
    assert "| try it: kim-yo-jong, 30 days | " in ran.stdout
    for each in (ran, again):
        assert "30,000 items" in each.stdout


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_every_piece_of_the_work_of_a_node_is_measured(
    kind: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    pieces.main(request.getfixturevalue("postgres_url") if kind == "postgres" else "", "100", "10")

    printed = capsys.readouterr().out
    assert "| a feed with one new item that hits | " in printed
    assert ("| a tick, of 100 feeds | " in printed) == (kind == "postgres")


def test_as_many_items_are_matched_as_the_table_divides_by(tmp_path: Path) -> None:
    items = [*inside._items(0, 7)]
    with (
        closing(SqliteStore.open(tmp_path / "watcher.db")) as store,
        patch("benchmarks.inside._items", lambda begin, count: items[begin : begin + count]),
        patch("watcher.match.Matcher.match") as match,
    ):
        inside.PARTS["matching"](store, 5)

    assert match.call_count == 1 + 5  # the first compiles the rest of the list


def test_what_took_no_time_that_can_be_measured_has_no_ratio() -> None:
    costs = {"here": {"idle": [Cost(0.01, 60, 2)]}, "there": {"idle": [Cost(0.0, 60, 2)]}}

    assert "| idle | 0.01, 60 | 0.00, 60 | - |" in table(costs)


def test_cycles_on_postgresql_are_compared_with_cycles_on_sqlite(
    postgres_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_FEEDS", 5)
    monkeypatch.setattr(engines, "_CYCLES", 1)
    monkeypatch.setattr(sys, "argv", ["engines", postgres_url])

    engines.main()

    assert "CPU in all: " in capsys.readouterr().out
