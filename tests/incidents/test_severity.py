"""What a hit may give an incident: only a direct report of the act earns all of its severity."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.builders import NOON, VOCABULARY, a_hit, an_item
from watcher.alerting.decide import decide, tell
from watcher.incidents.correlate import correlate
from watcher.incidents.corroboration import confidence_of, vouching
from watcher.incidents.severity import is_old, severity_earned
from watcher.model.alerts import BY_THE_LEAD, UNCERTAIN, Confidence, Hit, Incident, Reason
from watcher.model.language import (
    Actor,
    Claim,
    Corroboration,
    Directness,
    Expected,
    IndicatorId,
    JoinBy,
    Joining,
    Severity,
)

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NORTH = Expected.NORTH
TEST, QUARREL = IndicatorId("nuclear-test"), IndicatorId("quarrel")
JOININGS = {
    TEST: Joining(family="test", by=JoinBy.HAPPENING, step=2, quiet=72 * HOUR, expects=NORTH),
    QUARREL: Joining(family="quarrel", by=JoinBy.AFFAIR, quiet=12 * HOUR, expects=Expected.ANY),
}


def report(
    title: str = "North Korea conducts nuclear test",
    *,
    directness: Directness = Directness.DIRECT,
    actor: Actor = Actor.NORTH,
    claim: Claim = Claim.OCCURRED,
    minutes: float = 0,
    indicator: IndicatorId = TEST,
    summary: str = "",
) -> Hit:
    item = an_item(title, summary, minutes=minutes, guid=f"{title} {minutes}")
    hit = a_hit(item, indicator=indicator, incident=None)
    return replace(hit, directness=directness, actor=actor, claim=claim)


def incidents_of(*hits: Hit) -> tuple[Incident, ...]:
    return correlate(hits, (), JOININGS, VOCABULARY).incidents


# --- what one hit earns -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hit", "earned"),
    [
        pytest.param(report(), Severity.CRITICAL, id="the title says that the North did it"),
        pytest.param(report(claim=Claim.IMMINENT), Severity.CRITICAL, id="and that it is about to"),
        pytest.param(report(actor=Actor.UNKNOWN), Severity.HIGH, id="nobody is named who does it"),
        pytest.param(report(claim=Claim.SPECULATED), Severity.HIGH, id="a suspicion"),
        pytest.param(replace(report(), score=0.9), Severity.HIGH, id="a follow-up"),
        pytest.param(replace(report(), roles=(BY_THE_LEAD,)), Severity.MEDIUM, id="by the summary"),
        pytest.param(replace(report(), roles=(UNCERTAIN,)), Severity.MEDIUM, id="no words of the deed"),
        pytest.param(report(directness=Directness.REACTION), Severity.MEDIUM, id="a reaction"),
        pytest.param(report(directness=Directness.MENTION), Severity.LOW, id="a caption, or another's act"),
    ],
)
def test_critical_is_earned_by_a_title_that_says_who_does_what(hit: Hit, earned: Severity) -> None:
    assert severity_earned(hit, NORTH) is earned


def test_what_is_measured_or_counted_is_its_own_report() -> None:
    assert (
        severity_earned(report(directness=Directness.MENTION, actor=Actor.UNKNOWN), None) is Severity.CRITICAL
    )


def test_an_indicator_of_anybodys_acts_asks_for_no_actor() -> None:
    assert severity_earned(report(actor=Actor.OTHER), Expected.ANY) is Severity.CRITICAL


@pytest.mark.parametrize(
    ("published", "url", "old"),
    [
        (NOON - 8 * DAY, "https://wire.example/a", True),
        (NOON - 6 * DAY, "https://wire.example/a", False),
        (None, "https://wire.example/2017/09/03/test", True),
        (None, "https://wire.example/news/20170903-test.html", True),
        (NOON, "https://wire.example/2017-09-03/test", True),
        (None, f"https://wire.example/{NOON:%Y/%m/%d}/test", False),
        (None, "https://wire.example/2017/02/31/test", False),
        (None, "https://wire.example/id/120170903999", False),
        (None, "", False),
    ],
)
def test_an_article_of_years_ago_opens_nothing_above_low(
    published: datetime | None, url: str, old: bool
) -> None:
    item = replace(an_item("North Korea conducts nuclear test"), published=published, url=url)
    hit = replace(report(), item=item)

    assert is_old(item) is old
    assert severity_earned(hit, NORTH) is (Severity.LOW if old else Severity.CRITICAL)


# --- no false story silences the real one -------------------------------------------------------------------


@pytest.mark.parametrize("directness", [Directness.MENTION, Directness.REACTION])
def test_the_first_direct_report_opens_its_own_incident(directness: Directness) -> None:
    story, real = incidents_of(
        report("Spy who sold nuclear test plans is arrested", directness=directness), report(minutes=480)
    )

    assert story.severity < Severity.HIGH
    assert (real.severity, real.directness) == (Severity.CRITICAL, Directness.DIRECT)


def test_a_reaction_joins_the_act_it_reacts_to_and_says_no_more_of_it() -> None:
    first = report(claim=Claim.IMMINENT)
    reaction = report("Japan condemns the test", directness=Directness.REACTION, minutes=60)

    (incident,) = incidents_of(replace(first, severity=Severity.HIGH), reaction)

    assert (incident.severity, incident.claim, incident.items) == (Severity.HIGH, Claim.IMMINENT, 2)
    assert decide(tell(incident, NOON + HOUR), NOON + HOUR).reason is Reason.NOTHING_NEW


def test_a_second_origin_earns_what_one_report_could_not() -> None:
    unsure = report("Nuclear test detected, says South Korea's Joint Chiefs", actor=Actor.UNKNOWN)
    second = report("Nuclear test detected, says Japan's defense ministry", actor=Actor.UNKNOWN, minutes=5)

    (alone,) = incidents_of(unsure)
    (agreed,) = incidents_of(unsure, second)

    assert (alone.severity, agreed.severity) == (Severity.HIGH, Severity.CRITICAL)


# --- origins vouch for what they say ------------------------------------------------------------------------


def test_an_origin_vouches_for_the_step_that_its_own_item_names() -> None:
    demand = Corroboration(origins=2)
    flash = report("South Korea's Joint Chiefs: North Korea fires projectile")
    joinings = {TEST: replace(JOININGS[TEST], step=1)}
    higher = replace(report("North Korea fires ICBM, Japan's defense ministry says", minutes=5), step=4)

    (first,) = correlate([flash], (), joinings, VOCABULARY).incidents
    (incident,) = correlate(
        [higher], [replace(first, confidence=Confidence.CORROBORATED)], joinings, VOCABULARY
    ).incidents

    assert incident.origins == {"jcs", "japan-mod"}
    assert vouching(incident) == {"japan-mod"}
    assert confidence_of(incident, demand) is Confidence.UNCONFIRMED


def test_the_words_of_a_reaction_corroborate_nothing() -> None:
    reaction = report("Pentagon condemns nuclear test", directness=Directness.REACTION, minutes=5)

    (incident,) = incidents_of(report("North Korea conducts nuclear test, Seoul military says"), reaction)

    assert vouching(incident) == {"jcs"}


# --- harm, and affairs --------------------------------------------------------------------------------------


def test_worse_harm_alerts_again_in_the_same_incident() -> None:
    shots = report("North Korea fires artillery rounds into sea", indicator=QUARREL)
    (told,) = (tell(each, NOON) for each in incidents_of(shots))
    harm = report("North Korea shells island, four people killed", indicator=QUARREL, minutes=60)

    (incident,) = correlate([harm], [told], JOININGS, VOCABULARY).incidents

    assert incident.harm == 3
    assert decide(incident, NOON + HOUR).reason is Reason.ESCALATED


def test_an_affair_goes_on_for_days_in_much_the_same_words() -> None:
    visit = "Kim Jong Un arrives in Vladivostok for summit with Putin"
    later = "Kim Jong Un and Putin hold summit in Vladivostok"

    assert (
        len(
            incidents_of(
                *(report(title, indicator=QUARREL, minutes=at) for title, at in ((visit, 0), (later, 1500)))
            )
        )
        == 1
    )
    assert (
        len(
            incidents_of(
                *(report(title, indicator=QUARREL, minutes=at) for title, at in ((visit, 0), (later, 4500)))
            )
        )
        == 2
    )
