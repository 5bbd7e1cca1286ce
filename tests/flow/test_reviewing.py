"""What reviewers do, as the page and the command line share it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.builders import NOON, an_alert, an_item
from tests.fakes import FakeStore
from watcher.errors import UsageError
from watcher.model.alerts import Level
from watcher.model.board import PROBLEM, Subject
from watcher.model.language import IndicatorId, SubjectKind
from watcher.model.polling import Cycle
from watcher.model.review import ActionKind, Verdict
from watcher.pipeline.reviewing import Reviewer

UNTIL = NOON + timedelta(hours=6)


@pytest.fixture
def store() -> FakeStore:
    store = FakeStore()
    store.record(Cycle(alerts=(an_alert(),)), ())
    return store


@pytest.fixture
def reviewer(store: FakeStore) -> Reviewer:
    return Reviewer(store, " kim ", NOON)


def test_every_action_names_its_target_who_did_it_and_when(store: FakeStore, reviewer: Reviewer) -> None:
    alert = an_alert()

    targets = [
        reviewer.mute(alert.id, UNTIL, "a drill", ()),
        reviewer.mute("needle", UNTIL, "a drill", [IndicatorId("needle")]),
        reviewer.acknowledge(alert.id),
        reviewer.judge(alert.id, Verdict.NOISE),
        reviewer.set_level(PROBLEM, Level.WATCH, "a congress"),
        reviewer.clear_level("problem"),
        reviewer.unmute("needle"),
    ]

    actions = store.actions()
    assert [action.target for action in actions] == targets
    assert targets[:2] == [alert.incident, "needle"]
    assert {(action.by, action.at) for action in actions} == {("kim", NOON)}
    assert [action.kind for action in actions[-2:]] == [ActionKind.OVERRIDE, ActionKind.UNMUTE]


def test_an_item_that_no_incident_holds_can_be_missed_and_nothing_else(
    store: FakeStore, reviewer: Reviewer
) -> None:
    item = an_item("North Korea fires missile")
    store.record(Cycle(items=(item,)), ())

    assert reviewer.judge(item.id, Verdict.MISSED) == item.id
    for verdict in (Verdict.USEFUL, Verdict.NOISE):
        with pytest.raises(UsageError, match="no alert or incident has the id"):
            reviewer.judge(item.id, verdict)


def test_who_unmutes_the_wrong_thing_reads_what_is_muted(reviewer: Reviewer) -> None:
    for name in ("needle", "thread"):
        reviewer.mute(name, UNTIL, "a drill", [IndicatorId("needle"), IndicatorId("thread")])

    with pytest.raises(UsageError, match="is not muted; muted: needle, thread"):
        reviewer.unmute("haystack")


def test_a_level_is_cleared_by_its_short_name(store: FakeStore, reviewer: Reviewer) -> None:
    for subject in (
        Subject(kind=SubjectKind.CATEGORY, name="rhetoric"),
        Subject(kind=SubjectKind.INDICATOR, name="needle"),
    ):
        reviewer.set_level(subject, Level.WATCH, "a congress")

    assert reviewer.clear_level("needle") == "indicator:needle"


def test_nobody_reviews_without_a_name(store: FakeStore) -> None:
    with pytest.raises(UsageError, match="say who you are"):
        Reviewer(store, "  ", NOON)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda one: one.mute("needle", UNTIL, " ", [IndicatorId("needle")]), "say why"),
        (lambda one: one.mute("nedle", UNTIL, "why", [IndicatorId("needle")]), "did you mean `needle`"),
        (lambda one: one.unmute("needle"), "is not muted; muted: nothing"),
        (lambda one: one.acknowledge("none"), "no alert or incident has the id 'none'"),
        (lambda one: one.judge("none", Verdict.MISSED), "no alert or incident has the id 'none'"),
        (lambda one: one.set_level(PROBLEM, Level.WATCH, ""), "say why"),
        (lambda one: one.clear_level("problem"), "is not a level that is set by hand; these are: none"),
    ],
)
def test_what_makes_no_sense_is_refused_and_not_written(
    store: FakeStore, reviewer: Reviewer, act: Callable[[Reviewer], str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        act(reviewer)

    assert store.actions() == []
