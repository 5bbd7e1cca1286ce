"""`watcher demo` whole: the real service, from feeds on loopback to the alert log, and what is printed of it."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from watcher.demo import perform
from watcher.demo.outcome import Outcome
from watcher.demo.report import print_json, print_report
from watcher.demo.story import load_story
from watcher.model.alerts import Reason
from watcher.model.polling import PollStatus

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def outcome(folder: Path) -> Outcome:
    return perform(load_story(), folder)


def test_every_alert_of_the_story_is_raised_and_other_news_is_met_with_silence(outcome: Outcome) -> None:
    assert (outcome.missing, outcome.unwanted) == ((), ())
    assert outcome.good
    assert outcome.items == len(list(load_story().news()))


def test_the_alert_log_holds_every_alert_once(outcome: Outcome, folder: Path) -> None:
    logged = [
        json.loads(line)["id"]
        for day in sorted((folder / "alerts").glob("*.jsonl"))
        for line in day.read_text(encoding="utf-8").splitlines()
    ]

    assert sorted(logged) == sorted(alert.id for alert in outcome.alerts)


def test_what_was_there_before_is_one_alert(outcome: Outcome) -> None:
    assert Counter(alert.reason for alert in outcome.alerts)[Reason.SEEDING] == 1


def test_the_leading_incident_grew_in_steps_and_its_copies_were_silent(outcome: Outcome) -> None:
    reasons = [judged.decision.reason for judged in outcome.course]

    assert [reason for reason in reasons if reason.speaks] == [
        Reason.NEW,
        Reason.ESCALATED,
        Reason.ESCALATED,
        Reason.CORROBORATED,
    ]
    assert reasons.count(Reason.NOTHING_NEW) >= 4


def test_the_feed_that_dies_is_a_problem_and_the_one_that_recovers_is_not(outcome: Outcome) -> None:
    assert [each.feed.id for each in outcome.polled if each.counts[PollStatus.ERROR]] == [
        "radio-en",
        "bulletin-en",
    ]
    assert [each.feed.id for each in outcome.polled if each.failing] == ["bulletin-en"]
    assert ["bulletin-en" in problem for problem in outcome.health.problems] == [True]


def test_most_polls_find_nothing_new(outcome: Outcome) -> None:
    assert all(each.counts[PollStatus.NOT_MODIFIED] > each.counts[PollStatus.OK] for each in outcome.polled)


def test_people_read_the_alerts_the_silences_the_feeds_and_what_to_try_next(
    outcome: Outcome, capsys: pytest.CaptureFixture[str]
) -> None:
    print_report(outcome, 12.0, None)
    shown = capsys.readouterr().out

    assert outcome.leading
    assert f"[CRITICAL] ICBM launch: {outcome.leading.title}" in shown
    assert "nuclear-test: it is historical" in shown
    assert "failing: gone: 410 Gone" in shown
    assert "Every alert that the story asks for is there" in shown
    assert "watcher demo --keep" in shown


def test_what_is_missing_is_said_in_plain_words(outcome: Outcome, capsys: pytest.CaptureFixture[str]) -> None:
    print_report(replace(outcome, missing=("parade (new) about 'A parade'",)), 12.0, None)

    assert "missing: parade (new) about 'A parade'" in capsys.readouterr().out


def test_what_is_kept_can_be_looked_into(
    outcome: Outcome, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    print_report(outcome, 12.0, folder)
    shown = capsys.readouterr().out

    assert f"watcher alerts list --data {folder}" in shown
    assert (folder / "service.log").stat().st_size > 0


def test_machines_read_the_alerts_as_in_the_log(
    outcome: Outcome, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    print_json(outcome, 12.04, folder)
    summary = json.loads(capsys.readouterr().out)

    assert [line["id"] for line in summary["alerts"]] == [alert.id for alert in outcome.alerts]
    assert (summary["good"], summary["seconds"], summary["data"]) == (True, 12.0, str(folder))
    assert [feed["id"] for feed in summary["feeds"] if feed["status"] == "error"] == ["bulletin-en"]
