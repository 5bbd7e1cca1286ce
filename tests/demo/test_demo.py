"""`watcher demo` as a whole: the real service, from loopback feeds to the alert log, and its output."""

import io
import json
import re
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from rich.cells import cell_len

from watcher import bootstrap
from watcher.delivery.render import subject, text
from watcher.demo import perform
from watcher.demo.outcome import Outcome
from watcher.demo.play import TERMINAL
from watcher.demo.report import print_json, print_report
from watcher.demo.story import load_story
from watcher.model.alerts import Alert, Delivery, DeliveryState, IncidentId, Kind, Reason
from watcher.model.polling import PollStatus
from watcher.model.routes import Route
from watcher.model.settings import Settings

pytestmark = pytest.mark.slow

SCREEN = (100, 40)
KEPT = Path("/tmp/watcher-demo-abcdefgh")


@dataclass(frozen=True, slots=True, kw_only=True)
class Performed:
    """A demo that is over, and what it showed meanwhile."""

    outcome: Outcome
    shown: str


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def performed(folder: Path) -> Performed:
    screen = io.StringIO()
    outcome = perform(load_story(), folder, screen)
    return Performed(outcome=outcome, shown=screen.getvalue())


@pytest.fixture
def deliveries(performed: Performed, folder: Path) -> list[Delivery]:
    """What the channel that the demo shows was sent, in the order of the log."""
    with closing(bootstrap.read_store(Settings(data=str(folder)))) as store:
        found = [each for alert in performed.outcome.alerts for each in store.deliveries(alert.id)]
    return [each for each in found if each.channel == TERMINAL.channel]


@pytest.fixture
def messages(deliveries: list[Delivery]) -> list[Alert]:
    """The alerts that spoke in a message of their own."""
    return [each.alert for each in deliveries if not each.told_with]


@pytest.fixture
def outcome(performed: Performed) -> Outcome:
    return performed.outcome


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


def test_the_leading_incident_grew_in_steps_and_its_copies_were_silent(
    outcome: Outcome, folder: Path
) -> None:
    assert outcome.leading
    with closing(bootstrap.read_store(Settings(data=str(folder)))) as store:
        reasons = [decision.reason for decision in store.decisions(IncidentId(outcome.leading.incident))]

    assert [reason for reason in reasons if reason.makes_alert] == [
        Reason.NEW,
        Reason.ESCALATED,
        Reason.CORROBORATED,
    ]
    assert reasons.count(Reason.NOTHING_NEW) >= 4


def test_each_item_is_in_an_alert_or_in_a_silence_with_a_reason(outcome: Outcome) -> None:
    told = {item.id for alert in outcome.alerts for item in alert.items}
    silences = {silence.why: silence.titles for silence in outcome.silences}

    assert len(told) + sum(map(len, silences.values())) == outcome.items
    assert silences["nuclear-test, but historical (on this day)"] == (
        "On this day in 2006: North Korea conducts its first nuclear test",
    )
    assert {"nothing new", "no indicator matches"} <= set(silences)


def test_the_feed_that_dies_is_a_problem_and_the_one_that_recovers_is_not(outcome: Outcome) -> None:
    assert [each.feed.id for each in outcome.polled if each.counts[PollStatus.ERROR]] == [
        "radio-en",
        "bulletin-en",
    ]
    assert [each.feed.id for each in outcome.polled if each.failing] == ["bulletin-en"]
    assert ["bulletin-en" in problem for problem in outcome.health.problems] == [True]


def test_most_polls_find_nothing_new(outcome: Outcome) -> None:
    assert all(each.counts[PollStatus.NOT_MODIFIED] > each.counts[PollStatus.OK] for each in outcome.polled)


def test_messages_are_shown_in_a_line_each_after_a_sentence_that_says_what_they_are(
    performed: Performed, messages: list[Alert]
) -> None:
    announcement, *lines = performed.shown.splitlines()

    assert announcement.startswith("The service polls 7 local feeds of sample news")
    assert [line.removesuffix("…").rstrip() for line in lines] == [
        f"{alert.at:%Y-%m-%d %H:%M} {subject(alert)}"[: len(line.removesuffix("…").rstrip())]
        for alert, line in zip(messages, lines, strict=True)
    ]


def test_a_channel_without_rules_gets_at_most_20_messages_for_44_items_and_none_about_the_board_alone(
    outcome: Outcome, messages: list[Alert]
) -> None:
    assert Route(channel=TERMINAL.channel) == TERMINAL
    assert outcome.items == 44
    assert len(messages) <= 20
    assert not [alert for alert in messages if alert.kind is Kind.BOARD]


def test_the_counts_of_messages_are_those_of_the_outbox(
    outcome: Outcome, messages: list[Alert], deliveries: list[Delivery]
) -> None:
    assert (outcome.messages, outcome.told_with) == (len(messages), len(deliveries) - len(messages))


def test_a_channel_is_told_of_every_alert_but_of_levels_that_fall(
    performed: Performed, deliveries: list[Delivery]
) -> None:
    told = {each.alert.id for each in deliveries if each.state is DeliveryState.DELIVERED}

    assert told == {alert.id for alert in performed.outcome.alerts if alert.reason is not Reason.LEVEL_FELL}


def test_people_read_the_gravest_alert_the_silences_the_check_and_what_to_try_next(
    outcome: Outcome, capsys: pytest.CaptureFixture[str]
) -> None:
    print_report(outcome, 12.0, KEPT)
    shown = capsys.readouterr().out

    assert outcome.leading
    assert "[CRITICAL] ICBM launch: ICBM fired by North Korea landed" in shown
    assert "1 nuclear-test, but historical (on this day): On this day in 2006" in shown
    assert "Every expected" in shown
    flat = " ".join(shown.split())
    told = (outcome.messages, outcome.told_with, len(outcome.alerts) - outcome.messages - outcome.told_with)
    counted = re.search(r"alerts: (\d+) sent as above, (\d+) told .*?, (\d+) only in the log", flat)
    assert counted
    assert tuple(map(int, counted.groups())) == told
    assert f"watcher explain {outcome.leading.id} --data {KEPT}" in shown
    assert f"watcher alerts list --data {KEPT}" in shown
    assert f"watcher serve --data {KEPT}" in shown


def test_messages_and_report_fit_one_screen_with_room_for_the_prompt(
    performed: Performed, capsys: pytest.CaptureFixture[str]
) -> None:
    columns, rows = SCREEN
    print_report(performed.outcome, 12.0, KEPT)
    lines = (performed.shown + capsys.readouterr().out).splitlines()

    assert max(map(cell_len, lines)) <= columns
    assert len(lines) < rows


def test_the_alert_in_readme_is_one_of_the_demo(outcome: Outcome) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"^```text\n(\[CRITICAL\].*?)^```$", readme, re.MULTILINE | re.DOTALL)

    assert outcome.leading
    assert shown
    assert without_the_moment(shown[1]) == without_the_moment(text(outcome.leading, options=" --data demo"))
    assert f"watcher alerts show {outcome.leading.id} --data demo" in readme


def without_the_moment(alert: str) -> str:
    """Return an alert without what depends on the moment of a poll: times, and who else was polled then."""
    return re.sub(r"\d\d:\d\d(:\d\d)?|\d+(?= more$)", "_", alert, flags=re.MULTILINE)


def test_the_data_folder_knows_the_feeds_of_the_demo(outcome: Outcome, folder: Path) -> None:
    assert bootstrap.feeds_in_use(Settings(data=str(folder))) == tuple(each.feed for each in outcome.polled)


def test_a_narrow_terminal_gets_the_same_report_in_more_lines(
    outcome: Outcome, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    print_report(outcome, 12.0, KEPT)
    *report, explain, alerts_list, serve = capsys.readouterr().out.splitlines()

    assert max(map(cell_len, report)) <= 60
    assert [line.split()[1] for line in (explain, alerts_list, serve)] == ["explain", "alerts", "serve"]


def test_what_is_missing_is_said_in_plain_words(outcome: Outcome, capsys: pytest.CaptureFixture[str]) -> None:
    print_report(replace(outcome, missing=("parade (new) about 'A parade'",)), 12.0, KEPT)

    assert "missing: parade (new) about 'A parade'" in capsys.readouterr().out


def test_the_service_log_is_in_the_data_folder(outcome: Outcome, folder: Path) -> None:
    assert outcome.good
    assert (folder / "service.log").stat().st_size > 0


def test_machines_read_the_alerts_as_in_the_log(
    outcome: Outcome, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    print_json(outcome, 12.04, folder)
    summary = json.loads(capsys.readouterr().out)

    assert set(summary) == {
        "good",
        "alerts",
        "feeds",
        "problems",
        "items",
        "missing",
        "unwanted",
        "seconds",
        "data",
    }
    assert [line["id"] for line in summary["alerts"]] == [alert.id for alert in outcome.alerts]
    assert (summary["good"], summary["seconds"], summary["data"]) == (True, 12.0, str(folder))
    assert [feed["id"] for feed in summary["feeds"] if feed["status"] == "error"] == ["bulletin-en"]
