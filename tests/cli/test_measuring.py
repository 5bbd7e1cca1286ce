"""What is true of measuring at the command line."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.lab.news import LIST, an_archive, line
from watcher.cli import main

LAUNCH = "North Korea fires missile into sea"
NEWS = [
    line(LAUNCH, item="n1", labels=[["missile-launch", "occurred"]]),
    line("Pyongyang fires a rocket, Seoul says", item="n2", hours=2, labels=[["missile-launch", "occurred"]]),
    line("North Korea may hold parade this week", item="n3", hours=50, labels=[["parade", "imminent"]]),
    line("North Korea sells missile parts", item="n4", hours=90, labels=[]),
]
EVENTS = "event_id,date,type\nE1,2022-10-01,ballistic_missile\nE2,2022-10-09,ballistic_missile\n"


@dataclass(frozen=True, slots=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Desk:
    """A folder with a list, an archive and documented events, and the commands at work in it."""

    def __init__(self, folder: Path, captured: pytest.CaptureFixture[str]) -> None:
        self.folder, self._captured = folder, captured
        self.indicators = self.write("indicators.yaml", LIST)
        self.events = self.write("events.csv", EVENTS)
        self.archive = an_archive(folder / "news.jsonl", NEWS)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def call(self, *words: str | Path) -> Said:
        with pytest.raises(SystemExit) as left:
            main([*map(str, words), "--indicators", str(self.indicators)])
        out, err = self._captured.readouterr()
        return Said(int(left.value.code or 0), out, err)


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def test_evaluate_scores_the_labels_in_the_archive(desk: Desk) -> None:
    found = desk.call("evaluate", desk.archive, "--json").json["items"]

    assert found["micro"] == {"precision": 0.6667, "recall": 0.6667, "f1": 0.6667, "tp": 2, "fp": 1, "fn": 1}
    assert found["by_indicator"]["parade"]["f1"] == 1
    assert (found["items"], found["missing_predictions"], found["annotators_f1"]) == (4, 0, None)
    assert found["intervals"]["precision"] == [0.2077, 0.9385]
    assert found["intervals"]["f1"][0] < found["micro"]["f1"] < found["intervals"]["f1"][1]


def test_evaluate_shows_the_worst_misses_and_false_alarms_with_the_words(desk: Desk) -> None:
    said = desk.call("evaluate", desk.archive)

    assert said.code == 0
    assert "`near, 10 words` failed: found pyongyang, but none of missile*" in said.out
    assert "by north korea, missile (no cue applies to them)" in said.out
    assert "all             0.667      0.667   0.667" in said.out


def test_evaluate_takes_the_labels_of_two_annotators(desk: Desk) -> None:
    pair = {
        "id": "n1",
        "a": [["missile-launch", "occurred"]],
        "b": [["missile-launch", "occurred"], ["parade", "occurred"]],
    }
    labels = an_archive(desk.folder / "labels.jsonl", [pair])

    found = desk.call("evaluate", desk.archive, "--labels", labels, "--json").json["items"]

    assert (found["items"], found["micro"]["f1"], found["annotators_f1"]) == (1, 1, 0.6667)


def test_evaluate_plays_the_archive_and_looks_for_the_events(desk: Desk) -> None:
    found = desk.call(
        "evaluate",
        desk.archive,
        "--events",
        desk.events,
        "--from",
        "2022-10-01",
        "--to",
        "2022-10-10",
        "--json",
    )

    missiles = found.json["events"]["missile"]
    assert (missiles["events"], missiles["alerted"], missiles["median_minutes"], missiles["unalerted"]) == (
        1,
        1,
        0,
        [],
    )
    assert found.json["events"]["all"]["from"] == "2022-10-01"
    assert found.json["events"]["all"]["alerts_per_day"] > 0


def test_evaluate_names_alerts_that_no_event_is_in_reach_of(desk: Desk) -> None:
    desk.write("events.csv", EVENTS.replace("2022-10-01", "2021-10-01"))

    said = desk.call("evaluate", desk.archive, "--events", desk.events)

    assert f"missile: no event near 2022-10-01 00:00Z {LAUNCH}" in said.out


def test_evaluate_without_anything_to_measure_against_is_wrong_use(desk: Desk) -> None:
    bare = an_archive(desk.folder / "bare.jsonl", [line(LAUNCH)])

    said = desk.call("evaluate", bare)

    assert said.code == 2
    assert "--labels, --events" in said.err


def test_backtest_says_how_often_each_indicator_would_have_fired(desk: Desk) -> None:
    said = desk.call("backtest", desk.archive)

    assert said.code == 0
    assert "last on 2022-10-03" in said.out
    assert "on 3 days with news" in said.out


def test_backtest_takes_what_a_replay_has_stored(desk: Desk) -> None:
    desk.call("replay", desk.archive, "--data", desk.folder / "data")

    stored = desk.call("backtest", "--data", desk.folder / "data", "--json").json
    archived = desk.call("backtest", "--archive", desk.archive, "--json").json

    assert stored == archived
    assert stored["by_indicator"]["missile-launch"]["hits"] == 2


def test_backtest_without_news_says_where_it_looked(desk: Desk) -> None:
    said = desk.call("backtest", "--data", desk.folder / "nowhere")

    assert said.code == 3
    assert "nowhere" in said.err


def test_backtest_against_a_list_that_had_labelled_hits_this_one_loses_exits_1(desk: Desk) -> None:
    before = desk.write("before.yaml", LIST)
    desk.write("indicators.yaml", LIST.replace("[missile*]", "[missile parts]"))

    said = desk.call("backtest", desk.archive, "--against", before)

    assert said.code == 1
    assert f"LOST labelled hit of missile-launch: n1, {LAUNCH}" in said.out
    assert (
        f"- missile-launch: {LAUNCH}\n"
        "    `near, 10 words` failed: found north korea, but none of missile parts" in said.out
    )


def test_backtest_against_a_list_that_hit_less_exits_0(desk: Desk) -> None:
    before = desk.write("before.yaml", LIST.replace("[missile*]", "[missile parts]"))

    said = desk.call("backtest", desk.archive, "--against", before, "--events", desk.events, "--json")

    assert said.code == 0
    assert said.json["against"]["by_indicator"]["missile-launch"]["gained"] == 1
    assert said.json["against"]["lost_labelled"] == []


def test_backtest_against_a_revision_compares_with_the_list_as_it_was(desk: Desk) -> None:
    for words in (
        ("init", "-q"),
        ("add", "."),
        ("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "a"),
    ):
        subprocess.run(("git", *words), cwd=desk.folder, check=True, capture_output=True)
    desk.write("indicators.yaml", LIST.replace("with: [missile*]", "with: [missile*, rocket*]"))

    said = desk.call("backtest", desk.archive, "--against", "HEAD")

    assert said.code == 0
    assert (
        "+ missile-launch: Pyongyang fires a rocket, Seoul says\n    by pyongyang, rocket; occurred"
        in said.out
    )


def test_backtest_lift_shows_attached_windows_and_counts_the_rest(desk: Desk) -> None:
    desk.write("indicators.yaml", f"{LIST}    timing: {{near: [party-day], before: 9d, then: raise}}\n")

    said = desk.call("backtest", desk.archive, "--lift")

    assert "party-day -9d +0d" in said.out
    assert "2 more windows have too few firings" in said.out


def test_check_warns_without_failing(desk: Desk) -> None:
    desk.write("indicators.yaml", LIST.replace("parade*]", "{any: [parade*, parades]}]"))

    said = desk.call("check", "--archive", desk.archive)

    assert said.code == 0
    assert "`parades` is swallowed by `parade*` in the same list; it changes nothing" in said.err


def test_check_with_an_archive_names_indicators_that_never_fire(desk: Desk) -> None:
    quiet = an_archive(desk.folder / "quiet.jsonl", [line("Rain in Berlin")])

    said = desk.call("check", "--archive", quiet, "--json")

    assert said.code == 0
    assert [warning.partition(": ")[2] for warning in said.json[0]["warnings"]] == [
        "missile-launch never fires on this news (1 days)",
        "parade never fires on this news (1 days)",
    ]


def test_explain_yaml_prints_an_indicator_or_a_query_as_groups(desk: Desk) -> None:
    assert yaml.safe_load(desk.call("explain", "--yaml", "parade").out) == {
        "match": {"all": [{"all": ["$dprk", "parade*"]}, {"none": ["film"]}]}
    }
    assert yaml.safe_load(desk.call("explain", "--yaml", "$dprk PRE/5 (fires | launches) -film").out) == {
        "match": {
            "all": [
                {"near": {"words": 5, "any": ["$dprk"], "with": ["fires", "launches"], "ordered": True}},
                {"none": ["film"]},
            ]
        }
    }


def test_explain_yaml_of_a_wrong_query_says_where_it_is_wrong(desk: Desk) -> None:
    said = desk.call("explain", "--yaml", "missile NEAR film")

    assert said.code == 2
    assert "as in NEAR/10 (at character 9 of the query)" in said.err
