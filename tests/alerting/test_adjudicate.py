"""Mutes, graver incidents, a day's budget and a late feed keep an incident silent, each with its because."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.builders import NOON, a_hit, a_list, an_incident, an_item
from watcher.alerting.adjudicate import Decided, decide_all
from watcher.alerting.build import Situation, alert_about
from watcher.alerting.decide import tell
from watcher.alerting.review import action_of, mutes
from watcher.alerting.summaries import sum_up
from watcher.model.alerts import HELD, Held, Hit, Incident, IncidentSource, Reason
from watcher.model.language import IndicatorId, Severity
from watcher.model.news import Grade
from watcher.model.review import Action, ActionKind

HOUR = timedelta(hours=1)
LAUNCH, DRILL = "icbm-launch", "drill"


RULES = """
indicators:
  - {id: icbm-launch, category: provocation, severity: critical, match: [ICBM]}
  - {id: drill, category: provocation, severity: medium, match: [drill]}
"""
INDICATORS = {indicator.id: indicator for indicator in a_list(RULES).indicators}


def of(
    name: str, severity: Severity = Severity.CRITICAL, *, indicator: str = LAUNCH, minutes: float = 0
) -> Incident:
    """Return an incident of an indicator; of the same name are its hits."""
    return replace(
        an_incident(name, minutes=minutes),
        indicator=IndicatorId(indicator),
        indicators=frozenset({IndicatorId(indicator)}),
        severity=severity,
    )


def hit(
    incident: str, title: str = "North Korea fires missile", *, indicator: str = LAUNCH, score: float = 1.0
) -> Hit:
    return a_hit(an_item(title), indicator=indicator, incident=incident, score=score)


def situation(
    *,
    now: datetime = NOON,
    actions: Sequence[Action] = (),
    spent: int = 0,
    budget: int | None = None,
    late: str = "",
) -> Situation:
    """Return a session; budget and spent are of severity high and critical alike."""
    both = (Severity.HIGH, Severity.CRITICAL)
    return Situation(
        now=now,
        indicators=INDICATORS,
        muted=mutes(actions, now),
        spent=dict.fromkeys(both, spent),
        budget={} if budget is None else dict.fromkeys(both, budget),
        late=late,
    )


def said(decided: Sequence[Decided]) -> dict[str, Reason]:
    return {one.incident.id: one.decision.reason for one in decided}


def one(incident: Incident, held: Situation, *hits: Hit) -> Decided:
    (decided,) = decide_all([incident], hits or [hit(incident.id)], held)
    return decided


# --- mutes --------------------------------------------------------------------------------------------------


def a_mute(target: str, *, hours: float = 6, at: datetime = NOON - HOUR) -> Action:
    return action_of(ActionKind.MUTE, target, "kim", at, why="a drill, announced", until=at + hours * HOUR)


@pytest.mark.parametrize("target", ["i1", LAUNCH, "provocation"])
def test_a_muted_incident_indicator_or_category_is_silent_and_says_by_whom(target: str) -> None:
    muted = one(of("i1"), situation(actions=[a_mute(target)]))

    assert (muted.decision.reason, muted.alert) == (Reason.MUTED, None)
    assert muted.decision.because == f"{target} until 2026-10-10 17:00Z by kim: a drill, announced"
    assert muted.incident.told is None


def test_a_mute_of_something_else_silences_nothing() -> None:
    assert one(of("i1"), situation(actions=[a_mute("i2"), a_mute(DRILL)])).alert


def test_when_the_mute_ends_and_the_incident_still_grows_there_is_an_alert() -> None:
    muted = one(of("i1"), situation(actions=[a_mute("i1")])).incident
    grown = replace(muted, items=9)

    told = one(grown, situation(now=NOON + 5 * HOUR, actions=[a_mute("i1")]))

    assert (told.decision.reason, bool(told.alert)) == (Reason.NEW, True)


def test_what_rose_while_it_was_muted_is_said_afterwards() -> None:
    told = tell(of("i1", Severity.HIGH), NOON - 2 * HOUR)
    risen = one(replace(told, severity=Severity.CRITICAL), situation(actions=[a_mute("i1")])).incident

    assert (
        one(risen, situation(now=NOON + 5 * HOUR, actions=[a_mute("i1")])).decision.reason is Reason.ESCALATED
    )


def test_an_unmute_ends_a_mute_and_the_last_word_counts() -> None:
    unmute = action_of(ActionKind.UNMUTE, "i1", "lee", NOON - HOUR / 2)

    assert one(of("i1"), situation(actions=[a_mute("i1"), unmute])).alert
    assert not one(of("i1"), situation(actions=[a_mute("i1"), unmute, a_mute("i1", at=NOON)])).alert


def test_a_mute_made_by_a_clock_that_ran_ahead_does_not_hold_yet() -> None:
    assert one(of("i1"), situation(actions=[a_mute("i1", at=NOON + HOUR)])).alert


def test_nothing_new_is_nothing_new_also_when_it_is_muted() -> None:
    told = tell(of("i1"), NOON - HOUR)

    assert one(told, situation(actions=[a_mute("i1")])).decision.reason is Reason.NOTHING_NEW


def test_what_waits_for_a_summary_is_not_named_in_one_while_it_is_muted() -> None:
    held = one(of("i1", Severity.HIGH), situation(budget=0)).incident
    two_hours_later, next_day = (
        situation(now=NOON + later * HOUR, actions=[a_mute("i1")]) for later in (2, 24)
    )

    assert sum_up([held], lambda _: [hit("i1")], two_hours_later) is None
    assert sum_up([held], lambda _: [hit("i1")], next_day)


# --- inhibition ---------------------------------------------------------------------------------------------

RED, AMBER = of("red"), of("amber", Severity.MEDIUM, indicator=DRILL)


def test_a_drill_that_a_report_of_a_launch_mentions_is_part_of_that_report() -> None:
    hits = [hit("red"), hit("amber", indicator=DRILL, score=0.5)]

    red, amber = decide_all([AMBER, RED], hits, situation())

    assert (red.decision.reason, amber.decision.reason) == (Reason.NEW, Reason.INHIBITED)
    assert amber.decision.because == f"{LAUNCH}: {RED.title} (red)"
    assert amber.incident.told is None


def test_a_drill_with_a_report_of_its_own_is_alerted_beside_the_launch() -> None:
    hits = [
        hit("red"),
        hit("amber", indicator=DRILL, score=0.5),
        hit("amber", "North Korea holds drill", indicator=DRILL),
    ]

    assert said(decide_all([RED, AMBER], hits, situation())) == {"red": Reason.NEW, "amber": Reason.NEW}


def test_a_report_that_is_as_direct_about_both_is_of_both() -> None:
    hits = [hit("red"), hit("amber", indicator=DRILL)]

    assert said(decide_all([RED, AMBER], hits, situation())) == {"red": Reason.NEW, "amber": Reason.NEW}


def test_a_launch_that_nobody_was_told_of_silences_nothing() -> None:
    hits = [hit("red"), hit("amber", indicator=DRILL, score=0.5)]

    assert said(decide_all([RED, AMBER], hits, situation(actions=[a_mute("red")]))) == {
        "red": Reason.MUTED,
        "amber": Reason.NEW,
    }


def test_what_is_as_grave_is_not_inhibited() -> None:
    hits = [hit("red"), hit("other", indicator=DRILL, score=0.5)]

    assert said(decide_all([RED, of("other", indicator=DRILL)], hits, situation()))["other"] is Reason.NEW


def test_an_inhibited_incident_that_grows_by_itself_is_alerted_later() -> None:
    hits = [hit("red"), hit("amber", indicator=DRILL, score=0.5)]
    _, amber = decide_all([RED, AMBER], hits, situation())

    later = one(
        amber.incident, situation(now=NOON + HOUR), hit("amber", "North Korea holds drill", indicator=DRILL)
    )

    assert (later.decision.reason, bool(later.alert)) == (Reason.NEW, True)


# --- budget and late ----------------------------------------------------------------------------------------


def test_within_the_budget_incidents_are_alerted_and_beyond_it_they_are_kept_not_dropped() -> None:
    three = [of(f"i{number}", Severity.HIGH, minutes=number) for number in range(3)]

    decided = decide_all(
        three, [hit(incident.id, f"Report {incident.id}") for incident in three], situation(budget=3, spent=1)
    )

    assert list(said(decided).values()) == [Reason.NEW, Reason.NEW, Reason.BUDGET]
    held = decided[-1].incident.held
    assert held
    assert (held.reason, held.since, decided[-1].decision.because) == (Reason.BUDGET, NOON, held.because)
    assert held.because == "3 alerts of severity high a day are allowed, and today's are used up"


def test_what_is_critical_is_never_held_for_want_of_budget_or_for_being_late() -> None:
    assert one(of("i1"), situation(budget=0, spent=9)).alert
    assert one(of("i1"), situation(late="not seen for 9 hours")).alert


def test_a_kept_incident_that_becomes_critical_is_alerted_at_once() -> None:
    kept = one(of("i1", Severity.HIGH), situation(budget=0)).incident

    told = one(replace(kept, severity=Severity.CRITICAL), situation(budget=0))

    assert told.alert
    assert told.incident.held is None


def test_a_late_feed_keeps_its_news_for_one_alert_with_the_reason_why() -> None:
    late = one(of("i1", Severity.HIGH), situation(late="not seen for 9 hours"))

    assert (late.decision.reason, late.decision.because, late.alert) == (
        Reason.LATE,
        "not seen for 9 hours",
        None,
    )
    assert late.incident.held
    assert late.incident.held.reason in HELD


def test_a_mute_comes_before_inhibition_before_late_before_budget() -> None:
    hits = [hit("red"), hit("amber", indicator=DRILL, score=0.5)]
    every = situation(actions=[a_mute("amber")], late="late", budget=0)
    unmuted = replace(every, muted={})

    assert said(decide_all([RED, AMBER], hits, every))["amber"] is Reason.MUTED
    assert said(decide_all([RED, AMBER], hits, unmuted))["amber"] is Reason.INHIBITED
    assert one(of("i1", Severity.HIGH), unmuted).decision.reason is Reason.LATE
    assert one(of("i1", Severity.HIGH), replace(unmuted, late="")).decision.reason is Reason.BUDGET


def test_the_gravest_is_decided_first_whatever_the_order_they_come_in() -> None:
    incidents = [of("slight", Severity.LOW), of("grave"), of("high", Severity.HIGH)]
    hits = [hit(incident.id, f"Report {incident.id}") for incident in incidents]

    orders = [decide_all(order, hits, situation()) for order in (incidents, incidents[::-1])]

    assert [[one.incident.id for one in decided] for decided in orders] == [["grave", "high", "slight"]] * 2
    assert orders[0] == orders[1]


# --- told later ---------------------------------------------------------------------------------------------


def kept_late(incident: Incident) -> Incident:
    return replace(
        incident, held=Held(reason=Reason.LATE, since=NOON, because="wire had not been polled for 9 hours")
    )


def test_what_was_kept_and_has_left_the_list_since_is_still_told() -> None:
    gone = kept_late(of("i1", Severity.HIGH, indicator="gone"))

    told = sum_up([gone], lambda name: [hit(name, indicator="gone")], situation())

    assert told is not None
    assert [(alert.reason, alert.incident, alert.title) for alert in told.alerts] == [
        (Reason.LATE, "i1", "Seen late: 1 incident from a time without polls")
    ]


def test_a_reminder_that_was_kept_is_not_given_when_the_list_asks_for_fewer_by_now() -> None:
    reminder = kept_late(tell(of("i1", Severity.HIGH), NOON - HOUR))

    told = sum_up([reminder], lambda name: [hit(name)], situation())

    assert told is not None
    assert (told.alerts, [decision.reason for decision in told.decisions]) == ((), [Reason.NOTHING_NEW])
    assert told.incidents == (replace(reminder, held=None),)


@pytest.mark.parametrize("reason", [Reason.LATE, Reason.BUDGET])
def test_a_summary_that_is_made_again_is_the_same_alert_and_one_of_later_news_another(reason: Reason) -> None:
    def summary(later: float, since: float = 0) -> str:
        held = [
            replace(of(f"i{number}"), held=Held(reason=reason, since=NOON + since * number * HOUR))
            for number in range(4)
        ]
        told = sum_up(held, lambda name: [hit(name)], situation(now=NOON + later * HOUR))
        assert told is not None
        return told.alerts[0].id

    assert summary(later=5) == summary(later=6)
    assert summary(later=5) != summary(later=5, since=1)


# --- the knobs of an indicator ------------------------------------------------------------------------------


def test_an_indicator_says_how_soon_a_reminder_comes_and_what_corroborates() -> None:
    listed = a_list("""
indicators:
  - {id: icbm-launch, category: provocation, severity: critical, match: [ICBM],
     repeat_after: 3h, corroborate: {origins: 1, within: 2h}}
""")
    by_rule = replace(
        situation(now=NOON + 3 * HOUR), indicators={each.id: each for each in listed.indicators}
    )
    told = tell(of("i1"), NOON)
    by_jcs = replace(told, origin_sources=(IncidentSource(name="jcs", grade=Grade.C, at=NOON),))

    assert one(told, by_rule).decision.reason is Reason.REMINDER
    assert one(told, situation(now=NOON + 3 * HOUR)).decision.reason is Reason.NOTHING_NEW
    assert one(by_jcs, by_rule).decision.reason is Reason.CORROBORATED


@pytest.mark.parametrize("scores", [(0.6, 1.0), (1.0, 0.6)])
def test_an_alert_is_titled_by_an_item_whose_title_says_it(scores: tuple[float, float]) -> None:
    hits = [hit("i1", f"Scored {score}", score=score) for score in scores]

    assert alert_about(an_incident("i1"), hits, Reason.NEW, situation()).title == "Scored 1.0"
    assert alert_about(an_incident("i1"), hits[:1], Reason.NEW, situation()).title == f"Scored {scores[0]}"
