"""When an incident counts as corroborated: by whom, in which feeds, within what time, and never by copies."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOON, VOCABULARY, a_list, an_incident, an_item
from watcher.alerting.build import Situation, alert_about
from watcher.incidents.correlate import correlate
from watcher.incidents.corroboration import confidence_of, support_of
from watcher.model.alerts import Confidence, Hit, Incident, IncidentSource, Reason
from watcher.model.language import Claim, Corroboration, IndicatorId, JoinBy, Joining, Severity
from watcher.model.news import Grade

HOUR = timedelta(hours=1)
MISSILE = IndicatorId("missile")
JOININGS = {MISSILE: Joining(family="launch", by=JoinBy.HAPPENING)}
TWO = Corroboration(origins=2, within=6 * HOUR)
OWNERS_TOO = Corroboration(origins=2, owners=3, grade=Grade.B, within=6 * HOUR)


def seen(name: str, hours: float = 0, grade: Grade = Grade.C) -> IncidentSource:
    return IncidentSource(name=name, grade=grade, at=NOON + hours * HOUR)


def an_incident_by(
    *origins: IncidentSource,
    owners: tuple[IncidentSource, ...] = (),
    before: Confidence = Confidence.UNCONFIRMED,
) -> Incident:
    return replace(an_incident(), origin_sources=origins, owner_sources=owners, confidence=before)


def a_report(
    title: str, summary: str = "", *, owner: str = "wire", minutes: float = 0, grade: Grade = Grade.B
) -> Hit:
    item = an_item(title, summary, owner=owner, feed=owner, grade=grade, minutes=minutes)
    return Hit(
        item=item,
        indicator=MISSILE,
        claim=Claim.OCCURRED,
        severity=Severity.HIGH,
        score=1.0,
        evidence=("missile",),
    )


def told_by(*hits: Hit) -> Incident:
    (incident,) = correlate(hits, (), JOININGS, VOCABULARY).incidents
    return incident


def is_corroborated(incident: Incident, demand: Corroboration) -> bool:
    return confidence_of(incident, demand) is Confidence.CORROBORATED


# --- the demand ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("incident", "enough"),
    [
        pytest.param(an_incident_by(), False, id="nobody is named"),
        pytest.param(an_incident_by(seen("jcs")), False, id="one origin"),
        pytest.param(an_incident_by(seen("jcs"), seen("kcna", 6)), True, id="two in time"),
        pytest.param(an_incident_by(seen("jcs"), seen("kcna", 6.01)), False, id="the second too late"),
        pytest.param(
            an_incident_by(seen("jcs"), seen("jcs", grade=Grade.B)), False, id="one origin in two feeds"
        ),
        pytest.param(
            an_incident_by(seen("jcs"), owners=tuple(seen(name) for name in "abcdef")),
            False,
            id="many owners do not count",
        ),
        pytest.param(
            an_incident_by(before=Confidence.CORROBORATED), True, id="what was corroborated stays so"
        ),
    ],
)
def test_two_origins_agree_within_a_time(incident: Incident, *, enough: bool) -> None:
    assert is_corroborated(incident, TWO) == enough


GOOD = tuple(seen(name, grade=Grade.B) for name in ("a", "b", "c"))


@pytest.mark.parametrize(
    ("incident", "enough"),
    [
        pytest.param(
            an_incident_by(seen("jcs", grade=Grade.B), owners=GOOD), True, id="one origin and three owners"
        ),
        pytest.param(
            an_incident_by(seen("jcs", grade=Grade.B), owners=GOOD[:2]), False, id="one origin and two owners"
        ),
        pytest.param(an_incident_by(owners=GOOD), False, id="three owners and no origin"),
        pytest.param(
            an_incident_by(seen("jcs", grade=Grade.C), owners=GOOD),
            False,
            id="an origin that only a poor feed names",
        ),
        pytest.param(
            an_incident_by(seen("jcs", grade=Grade.A), seen("kcna", grade=Grade.B)), True, id="two origins"
        ),
        pytest.param(
            an_incident_by(seen("jcs", grade=Grade.A), seen("kcna", grade=Grade.D)),
            False,
            id="the second in a poor feed",
        ),
        pytest.param(
            an_incident_by(seen("jcs", grade=Grade.B), owners=(*GOOD[:2], seen("c", grade=Grade.D))),
            False,
            id="the third owner is poor",
        ),
        pytest.param(
            an_incident_by(seen("jcs", grade=Grade.B), owners=(*GOOD[:2], seen("c", 7, Grade.A))),
            False,
            id="the third is late",
        ),
    ],
)
def test_owners_stand_in_for_a_second_origin_if_the_analyst_says_so(
    incident: Incident, *, enough: bool
) -> None:
    assert is_corroborated(incident, OWNERS_TOO) == enough


def test_where_nobody_asked_for_corroboration_there_is_none() -> None:
    incident = an_incident_by(seen("jcs"), seen("kcna"), seen("usgs"))

    assert confidence_of(incident, None) is Confidence.UNCONFIRMED
    assert support_of(incident, None) == ""


def test_what_is_there_and_what_is_missing_is_said() -> None:
    assert support_of(an_incident_by(seen("jcs")), TWO) == "1 of 2 origins"
    assert (
        support_of(an_incident_by(seen("jcs", grade=Grade.B), owners=GOOD[:2]), OWNERS_TOO)
        == "1 of 2 origins, or one and 2 of 3 owners"
    )


def test_an_alert_says_what_is_missing() -> None:
    listed = a_list(
        "indicators:\n  - {id: missile, category: provocation, match: [missile*], corroborate: {origins: 2}}"
    )
    hit = a_report("North Korea fires missile, JCS says")
    incident = told_by(hit)
    situation = Situation(now=NOON, indicators={each.id: each for each in listed.indicators})

    alert = alert_about(incident, [hit], Reason.NEW, situation)

    assert (alert.context.confidence, alert.context.corroboration) == (
        Confidence.UNCONFIRMED,
        "1 of 2 origins",
    )


# --- copies -------------------------------------------------------------------------------------------------


def test_twenty_rewrites_of_one_wire_stay_one() -> None:
    wire = (
        "South Korea's Joint Chiefs of Staff said a ballistic missile was fired at 7:12 am, Yonhap reported."
    )
    rewrites = [
        a_report(f"{verb} {where} {how}", wire, owner=f"outlet-{verb}-{number}", minutes=number)
        for number, (verb, where, how) in enumerate(
            (verb, where, how)
            for verb in (
                "North Korea fires missile",
                "Pyongyang launches projectile",
                "Missile launched by North Korea",
                "Kim tests weapon",
            )
            for where in ("into sea", "off east coast")
            for how in ("Seoul says", "again raising tension", "neighbours protest")
        )
    ]

    incident = told_by(*rewrites)

    assert incident.origins == {"jcs"}
    assert {source.name for source in incident.owner_sources} == {"yonhap"}
    assert not is_corroborated(incident, TWO)
    assert not is_corroborated(incident, OWNERS_TOO)


def test_who_repeats_a_title_word_by_word_is_no_further_owner() -> None:
    reports = [
        a_report("North Korea fires missile, JCS says", owner=name, minutes=at)
        for at, name in enumerate(("a", "b", "c", "d"))
    ]

    assert {source.name for source in told_by(*reports).owner_sources} == {"a"}


def test_a_better_feed_makes_a_source_of_an_owner_that_was_poor() -> None:
    incident = told_by(
        a_report("North Korea fires missile, JCS says", grade=Grade.D),
        a_report("Joint Chiefs: ballistic missile flew 600 km", minutes=5, grade=Grade.A),
    )

    assert [(source.name, source.grade) for source in incident.origin_sources] == [
        ("jcs", Grade.D),
        ("jcs", Grade.A),
    ]


def test_independent_words_corroborate() -> None:
    incident = told_by(
        a_report("North Korea fires missile, JCS says"),
        a_report("防衛省「北朝鮮がミサイル発射」", owner="nhk", minutes=4),
    )

    assert is_corroborated(incident, TWO)
