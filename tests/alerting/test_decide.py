"""Every alert about an incident has a reason, and there is one alert for each new thing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON, a_hit, a_list, an_incident, an_item
from watcher.alerting.build import Situation, alert_about, alert_id, alert_of_rejection, level_of, trial_alert
from watcher.alerting.decide import Circumstances, decide, tell
from watcher.alerting.summaries import sum_up
from watcher.errors import Mistake
from watcher.model.alerts import Alert, Confidence, Context, Held, Hit, Incident, Kind, Level, Reason
from watcher.model.language import Claim, IndicatorId, Severity

HOUR = timedelta(hours=1)
SEEDING = Held(reason=Reason.SEEDING, since=NOON)

LISTED = a_list("""
indicators:
  - {id: icbm-launch, title: ICBM test, category: provocation, severity: critical, match: [ICBM*]}
  - {id: missile-launch, title: Missile launch, category: provocation, match: [missile*]}
""")
INDICATORS = {indicator.id: indicator for indicator in LISTED.indicators}
SITUATION = Situation(now=NOON, indicators=INDICATORS, vocabulary=LISTED.vocabulary)

QUIET = replace(an_incident(), severity=Severity.MEDIUM, claim=Claim.SPECULATED, step=1)
TOLD = tell(QUIET, NOON)


def summary_of(incidents: Sequence[Incident], hits: Sequence[Hit] = ()) -> Alert:
    """Return the alert that sums up what a start has shown."""
    cycle = sum_up(
        [replace(incident, held=SEEDING) for incident in incidents],
        lambda _: hits,
        SITUATION,
    )
    assert cycle
    (alert,) = cycle.alerts
    return alert


# --- reasons ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("incident", "hours", "reason"),
    [
        pytest.param(QUIET, 0, Reason.NEW, id="never told"),
        pytest.param(replace(QUIET, held=SEEDING), 0, Reason.SEEDING, id="seen on first polls only"),
        pytest.param(TOLD, 1, Reason.NOTHING_NEW, id="as told"),
        pytest.param(
            replace(TOLD, items=40, owners=frozenset({"a", "b", "c"})),
            1,
            Reason.NOTHING_NEW,
            id="more copies",
        ),
        pytest.param(replace(TOLD, severity=Severity.HIGH), 1, Reason.ESCALATED, id="a higher severity"),
        pytest.param(replace(TOLD, step=2), 1, Reason.ESCALATED, id="a higher step"),
        pytest.param(replace(TOLD, claim=Claim.OCCURRED), 1, Reason.CLAIM_ROSE, id="a stronger claim"),
        pytest.param(replace(TOLD, claim=Claim.DENIED), 1, Reason.NOTHING_NEW, id="a weaker claim"),
        pytest.param(
            replace(TOLD, confidence=Confidence.CORROBORATED), 1, Reason.CORROBORATED, id="origins agree"
        ),
        pytest.param(TOLD, 12, Reason.REMINDER, id="told long ago"),
        pytest.param(TOLD, 11.99, Reason.NOTHING_NEW, id="told not so long ago"),
        pytest.param(
            replace(TOLD, severity=Severity.HIGH, claim=Claim.OCCURRED),
            13,
            Reason.ESCALATED,
            id="the first reason counts",
        ),
        pytest.param(
            replace(TOLD, claim=Claim.OCCURRED, confidence=Confidence.CORROBORATED),
            13,
            Reason.CLAIM_ROSE,
            id="then the next",
        ),
        pytest.param(
            replace(TOLD, severity=Severity.LOW, step=0), 1, Reason.NOTHING_NEW, id="less than told"
        ),
    ],
)
def test_there_is_a_reason_for_an_alert_or_for_none(incident: Incident, hours: float, reason: Reason) -> None:
    assert decide(incident, NOON + hours * HOUR).reason is reason


def test_an_echo_is_no_reminder() -> None:
    assert decide(TOLD, NOON + 48 * HOUR, Circumstances(fresh=False)).reason is Reason.NOTHING_NEW
    assert (
        decide(replace(TOLD, severity=Severity.HIGH), NOON, Circumstances(fresh=False)).reason
        is Reason.ESCALATED
    )


def test_silent_reasons_make_no_alert() -> None:
    assert {reason for reason in Reason if not reason.makes_alert} == {
        Reason.SEEDING,
        Reason.LATE,
        Reason.BUDGET,
        Reason.MUTED,
        Reason.INHIBITED,
        Reason.NOTHING_NEW,
        Reason.CLOSED,
        Reason.MERGED,
        Reason.SPLIT,
    }


incidents = st.builds(
    lambda severity, claim, step, confidence: replace(
        QUIET, severity=severity, claim=claim, step=step, confidence=confidence
    ),
    st.sampled_from(Severity),
    st.sampled_from(Claim),
    st.integers(0, 4),
    st.sampled_from(Confidence),
)


@given(incidents, st.floats(0, 11.9))
def test_what_was_just_said_is_not_said_again(incident: Incident, hours: float) -> None:
    told = tell(incident, NOON)

    assert decide(told, NOON + hours * HOUR).reason is Reason.NOTHING_NEW
    assert told == replace(incident, told=told.told)


def test_what_is_told_is_no_longer_waiting_for_the_summary() -> None:
    told = tell(replace(QUIET, held=SEEDING), NOON)

    assert (told.held, decide(told, NOON).reason) == (None, Reason.NOTHING_NEW)


def test_how_soon_a_reminder_comes_is_for_the_circumstances_to_say() -> None:
    soon = Circumstances(repeat_after=3 * HOUR)

    assert decide(TOLD, NOON + 3 * HOUR, soon).reason is Reason.REMINDER
    assert decide(TOLD, NOON + 2.9 * HOUR, soon).reason is Reason.NOTHING_NEW


# --- alerts -------------------------------------------------------------------------------------------------

FLASH = a_hit(an_item("North Korea fires missile"), indicator="missile-launch")
ICBM = replace(
    a_hit(an_item("North Korea fires ICBM, JCS says", feed="yonhap-en", minutes=5)),
    evidence=("north korea", "icbm"),
    cues=("speculated: may",),
    timing=("party-day today",),
)


def alert(*hits: Hit, incident: Incident | None = None, reason: Reason = Reason.NEW) -> Alert:
    return alert_about(
        incident or an_incident(items=tuple(hit.item for hit in hits)), hits, reason, SITUATION
    )


def test_an_alert_says_what_is_claimed_and_by_whom() -> None:
    told = alert(FLASH, ICBM)

    assert (told.kind, told.reason, told.at) == (Kind.INCIDENT, Reason.NEW, NOON)
    assert (told.indicator, told.category, told.severity, told.claim, told.level) == (
        "icbm-launch",
        "provocation",
        Severity.CRITICAL,
        Claim.OCCURRED,
        Level.CRITICAL,
    )
    assert told.title == "North Korea fires ICBM, JCS says"
    assert told.why == (
        "First report: ICBM test. It is reported to have happened, "
        "according to South Korea's Joint Chiefs. What matched: north korea, icbm."
    )
    assert (told.evidence, told.origins, told.owners, told.incident) == (
        ("north korea", "icbm"),
        ("jcs",),
        1,
        "i1",
    )
    assert [(item.title, item.feed, item.seen) for item in told.items] == [
        ("North Korea fires missile", "wire-en", NOON),
        ("North Korea fires ICBM, JCS says", "yonhap-en", NOON + timedelta(minutes=5)),
    ]
    assert told.indicator_title == "ICBM test"
    assert told.context == Context(
        confidence=Confidence.UNCONFIRMED,
        indicators=(IndicatorId("icbm-launch"),),
        items_in_all=2,
        step=4,
        cues=("speculated: may",),
        calendar=("party-day today",),
        closes=NOON + timedelta(days=3),
    )


@pytest.mark.parametrize(
    ("reason", "beginning"),
    [
        (Reason.NEW, "First report: "),
        (Reason.ESCALATED, "More is claimed than before: "),
        (Reason.CLAIM_ROSE, "The claim rose: "),
        (Reason.CORROBORATED, "Independent origins agree: "),
        (Reason.REMINDER, "It is still being reported: "),
    ],
)
def test_an_alert_says_its_reason_in_words(reason: Reason, beginning: str) -> None:
    assert alert(ICBM, reason=reason).why.startswith(beginning)


def test_an_alert_of_no_origin_names_none() -> None:
    assert "according to" not in alert(ICBM, incident=replace(an_incident(), origins=frozenset())).why


def test_an_alert_of_other_hits_than_the_leading_ones_shows_those() -> None:
    assert alert(FLASH).title == "North Korea fires missile"


def test_an_alert_names_an_item_once_and_fifty_at_most() -> None:
    hits = [a_hit(an_item(f"ICBM {number}")) for number in range(60)]

    told = alert(*hits, *hits)

    assert [item.title for item in told.items] == [f"ICBM {number}" for number in range(50)]
    assert told.items_not_shown == 10


def test_an_alert_shows_twelve_words_at_most() -> None:
    told = alert(replace(ICBM, evidence=tuple(f"word {number}" for number in range(20))))

    assert told.evidence == tuple(f"word {number}" for number in range(12))


def test_an_incident_whose_indicator_left_the_list_still_has_alerts() -> None:
    orphan = replace(an_incident(), indicator=IndicatorId("renamed-since"))

    told = alert(FLASH, incident=orphan)

    assert (told.indicator, told.title) == ("missile-launch", "North Korea fires missile")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda _: alert(ICBM, reason=Reason.ESCALATED), id="another reason"),
        pytest.param(lambda _: alert(FLASH), id="another item"),
        pytest.param(
            lambda _: alert(replace(ICBM, item=replace(ICBM.item, revision=1))), id="the item edited"
        ),
        pytest.param(lambda _: alert(ICBM, incident=an_incident("i2")), id="another incident"),
    ],
)
def test_another_thing_to_say_is_another_alert(change: Callable[[None], Alert]) -> None:
    assert change(None).id != alert(ICBM).id


def test_the_same_thing_to_say_is_the_same_alert_whenever_it_is_said() -> None:
    again = alert_about(
        an_incident(items=(ICBM.item,)), [ICBM], Reason.NEW, replace(SITUATION, now=NOON + HOUR)
    )

    assert again.id == alert(ICBM).id
    assert alert_id("a", Reason.NEW, "b") == alert_id("a", Reason.NEW, "b") != alert_id("a", Reason.NEW, "c")


@pytest.mark.parametrize(
    ("severity", "level"),
    [
        (Severity.INFO, Level.WATCH),
        (Severity.LOW, Level.WATCH),
        (Severity.MEDIUM, Level.WATCH),
        (Severity.HIGH, Level.ELEVATED),
        (Severity.CRITICAL, Level.CRITICAL),
    ],
)
def test_a_level_follows_the_severity(severity: Severity, level: Level) -> None:
    assert level_of(severity) is level


# --- alerts about the service -------------------------------------------------------------------------------


def test_a_start_is_summed_up_in_one_alert() -> None:
    missile = replace(
        an_incident("i1", items=(FLASH.item,)), severity=Severity.HIGH, title="North Korea fires missile"
    )
    parade = replace(
        an_incident("i2"),
        indicator=IndicatorId("parade"),
        severity=Severity.LOW,
        title="Parade seen",
        origins=frozenset({"imagery"}),
    )

    summary = summary_of([parade, missile], [FLASH])

    assert (summary.kind, summary.reason, summary.severity, summary.level) == (
        Kind.COLLECTION,
        Reason.SEEDING,
        Severity.HIGH,
        Level.QUIET,
    )
    assert summary.title == "Watching began: 2 incidents already in the news"
    assert summary.why.endswith("icbm-launch: North Korea fires missile; parade: Parade seen")
    assert (summary.origins, summary.owners, len(summary.items)) == (("imagery", "jcs"), 1, 1)
    assert summary.incidents == ("i1", "i2")


def test_a_summary_names_five_incidents_and_counts_all() -> None:
    many = [replace(an_incident(f"i{number}"), title=f"Story {number}") for number in range(9)]

    summary = summary_of(many)

    assert summary.title == "Watching began: 9 incidents already in the news"
    assert "Story 4" in summary.why
    assert "Story 5" not in summary.why
    assert "1 incident already" in summary_of(many[:1]).title


def test_the_order_of_incidents_does_not_matter_to_a_summary() -> None:
    many = [replace(an_incident(f"i{number}"), severity=Severity(number % 5)) for number in range(7)]

    assert summary_of(many) == summary_of(many[::-1])
    assert summary_of(many).id != summary_of(many[1:]).id


def test_rejected_yaml_is_told_with_its_mistakes() -> None:
    mistakes = [Mistake(file="i.yaml", line=line, column=1, what="no such word") for line in range(1, 13)]

    one, many = alert_of_rejection(mistakes[:1], NOON), alert_of_rejection(mistakes, NOON)

    assert one.title == "Changed YAML was rejected: i.yaml:1:1: no such word"
    assert many.title == f"{one.title} and 11 more"
    assert "i.yaml:10:1" in many.why
    assert "i.yaml:11:1" not in many.why
    assert (one.kind, one.reason, many.mistakes) == (
        Kind.COLLECTION,
        Reason.CONFIG_REJECTED,
        12,
    )


def test_a_trial_alert_says_that_nothing_has_happened() -> None:
    trial = trial_alert("desk", NOON)

    assert (trial.kind, trial.reason, trial.severity) == (Kind.TEST, Reason.TEST, Severity.INFO)
    assert trial.why.endswith("for desk; nothing has happened.")
    assert trial.id != trial_alert("desk", NOON + HOUR).id
