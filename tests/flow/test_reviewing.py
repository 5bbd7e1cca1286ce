"""What a reviewer may do, and what each action is about: the rules that page and command line share."""

from datetime import timedelta

import pytest

from tests.builders import NOON, an_alert, an_item
from tests.flow.harness import a_store
from watcher.errors import UsageError
from watcher.model.alerts import Decision, IncidentId, Level, Reason
from watcher.model.board import PROBLEM, Subject
from watcher.model.language import IndicatorId, SubjectKind
from watcher.model.polling import Cycle
from watcher.model.review import ActionKind, Verdict
from watcher.pipeline.reviewing import Reviewer

pytestmark = pytest.mark.usefixtures("each_store")

LATER = NOON + timedelta(days=1)
ITEM, ALERT = an_item("Harvest report"), an_alert()
INCIDENT = IncidentId(ALERT.incident)
INDICATORS = [IndicatorId("icbm-launch")]


def a_reviewer(name: str = " kim ") -> Reviewer:
    """Return a reviewer of a store with an alert, its incident and an item that no incident holds."""
    store = a_store()
    decision = Decision(incident=INCIDENT, at=NOON, reason=Reason.NEW, item=ITEM.id)
    store.record(Cycle(items=(ITEM,), alerts=(ALERT,), decisions=(decision,)), ())
    return Reviewer(store, name, NOON)


def written(reviewer: Reviewer) -> list[tuple[ActionKind, str, str, str, str]]:
    return [(each.kind, each.by, each.target, each.value, each.why) for each in reviewer.journal.actions()]


def test_who_reviews_says_who_it_is() -> None:
    with pytest.raises(UsageError, match="say who you are"):
        a_reviewer(" ")


@pytest.mark.parametrize("name", [ALERT.id, INCIDENT])
def test_an_incident_goes_by_its_id_and_by_those_of_its_alerts(name: str) -> None:
    reviewer = a_reviewer()

    assert reviewer.acknowledge(name, " seen ") == INCIDENT
    assert reviewer.judge(name, Verdict.USEFUL) == INCIDENT
    assert reviewer.mute(name, LATER, "drill", INDICATORS) == INCIDENT

    assert written(reviewer) == [
        (ActionKind.ACKNOWLEDGE, "kim", INCIDENT, "", "seen"),
        (ActionKind.VERDICT, "kim", INCIDENT, "useful", ""),
        (ActionKind.MUTE, "kim", INCIDENT, "", "drill"),
    ]
    assert reviewer.unmute(name) == INCIDENT


def test_only_what_is_muted_can_be_unmuted_and_what_is_muted_is_named() -> None:
    reviewer = a_reviewer()

    with pytest.raises(UsageError, match="'i9' is not muted; muted: nothing"):
        reviewer.unmute("i9")
    reviewer.mute("icbm-launch", LATER, "drill", INDICATORS)
    with pytest.raises(UsageError, match="'i9' is not muted; muted: icbm-launch"):
        reviewer.unmute("i9")


def test_only_a_verdict_of_missed_may_be_about_an_item() -> None:
    reviewer = a_reviewer()

    assert reviewer.judge(ITEM.id, Verdict.MISSED) == ITEM.id
    assert reviewer.judge(ALERT.id, Verdict.MISSED) == INCIDENT
    with pytest.raises(UsageError, match="no alert or incident has the id"):
        reviewer.judge(ITEM.id, Verdict.NOISE)
    with pytest.raises(UsageError, match="no alert or incident has the id 'i9'"):
        reviewer.acknowledge("i9")


@pytest.mark.parametrize("why", ["", " "])
def test_a_mute_and_a_level_have_a_reason(why: str) -> None:
    reviewer = a_reviewer()

    with pytest.raises(UsageError, match="say why"):
        reviewer.mute(ALERT.id, LATER, why, INDICATORS)
    with pytest.raises(UsageError, match="say why"):
        reviewer.set_level(PROBLEM, Level.WATCH, why)


@pytest.mark.parametrize("name", ["rhetoric", "category:rhetoric"])
def test_a_level_that_was_set_is_cleared_by_its_name_in_full_or_in_short(name: str) -> None:
    reviewer, rhetoric = a_reviewer(), Subject(kind=SubjectKind.CATEGORY, name="rhetoric")
    reviewer.set_level(PROBLEM, Level.WATCH, "calm")
    reviewer.set_level(rhetoric, Level.ELEVATED, "speech")

    assert reviewer.clear_level(name) == "category:rhetoric"
    with pytest.raises(UsageError, match="set are: problem"):
        reviewer.clear_level(name)
    assert reviewer.clear_level("problem") == "problem"
    with pytest.raises(UsageError, match="set are: none"):
        reviewer.clear_level("problem")
