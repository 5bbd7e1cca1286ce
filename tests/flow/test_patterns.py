"""Patterns of several incidents, of instruments and of silence: stories from the feed to the alert."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOON, an_item
from tests.flow.harness import Harness, a_store, harness, rules
from watcher import pipeline
from watcher.model.alerts import Alert, Incident, Kind, Reason
from watcher.model.language import Claim, Severity
from watcher.model.news import Point
from watcher.model.polling import Cycle
from watcher.pipeline.naming import take_names

pytestmark = pytest.mark.usefixtures("each_store")

LIST = """
board: {speak: []}
entities: {dprk: {names: [North Korea*]}, kim: {names: [Kim Jong Un]}}
indicators:
  - id: launch
    title: Missile launch
    category: provocation
    severity: high
    match: {near: {words: 8, any: [$dprk], with: [missile*]}}
    joins: {family: launch, by: happening, quiet: 6h}
    claims: {speculated: low}
  - {id: drill, title: Drill, category: trigger, severity: low, match: [allied drill*],
     joins: {family: drill, by: happening, quiet: 6h}}
  - id: nuclear-test
    title: Nuclear test
    category: provocation
    severity: critical
    match: {near: {words: 8, any: [$dprk], with: [nuclear test*]}}
    joins: {family: test, by: happening, rung: 2, quiet: 72h}
    claims: {speculated: medium}
"""
CUES = "cues:\n  - {says: speculated, terms: [may], reach: after}\n"
TEMPO = "  - {id: tempo, title: Tempo, category: precursor, tempo: {of: launch, within: 30d, count: 3}}\n"
SEQUENCE = """
  - {id: answer, title: Answer, category: precursor, sequence: {first: drill, then: launch, within: 14d}}
"""
ABSENCE = (
    "  - {id: absence, title: Absence of Kim, category: precursor, silence: {entity: kim, longer: 14d}}\n"
)
QUAKE = """  - id: quake
    title: Quake at the test site
    category: precursor
    severity: high
    seismic: {near: [41.30, 129.08], km: 50, magnitude: 3.5, depth: 10, natural_after: 48h}
    joins: {family: test, by: happening, rung: 1, quiet: 72h}
"""


SITE = Point(latitude=41.3, longitude=129.08, depth=0.0)
LAUNCH = "North Korea fires missile"


def watching(pattern: str, *, seed: bool = False) -> Harness:
    return harness(seed=seed, text=LIST + pattern + CUES)


def told(watch: Harness, title: str, *, after: float = 48, point: Point | None = None) -> list[Alert]:
    """Return what people are told of incidents when a title is published some hours later."""
    item = an_item(title, guid=f"{title} at {watch.clock.now + timedelta(hours=after)}")
    watch.news.publishes("wire", replace(item, point=point))
    return [alert for alert in watch.later(hours=after) if alert.kind is Kind.INCIDENT]


def indicators_told(watch: Harness, *titles: str) -> list[str]:
    """Return the indicators of the alerts of titles that come two days apart."""
    return [alert.indicator for title in titles for alert in told(watch, title)]


def the_incident(watch: Harness, indicator: str) -> Incident:
    (found,) = [each for each in watch.store.open_incidents(NOON) if indicator in each.indicators]
    return found


def decisions(watch: Harness, incident: Incident) -> list[tuple[Reason, str]]:
    return [(each.reason, each.because) for each in watch.store.decisions(incident.id)]


# --- tempo and sequence -------------------------------------------------------------------------------------


def test_so_many_incidents_within_a_time_are_an_alert_on_the_last_of_them() -> None:
    watch = watching(TEMPO)

    assert indicators_told(watch, LAUNCH, LAUNCH) == ["launch", "launch"]
    launch, tempo = told(watch, LAUNCH)

    assert (launch.indicator, tempo.indicator) == ("launch", "tempo")
    assert tempo.title == "Tempo: 3rd launch within 30 days"
    assert (
        tempo.why
        == "First report: Tempo. What shows it: 3rd launch within 30 days; what is usual is not known yet."
    )
    assert [item.title for item in tempo.items] == [LAUNCH]


def test_a_tempo_is_told_once_in_its_time_however_long_it_lasts() -> None:
    watch = watching(TEMPO)
    indicators_told(watch, LAUNCH, LAUNCH, LAUNCH)

    later = indicators_told(watch, *[LAUNCH] * 15)

    assert later.count("tempo") == 1


def test_copies_are_one_launch_and_no_tempo() -> None:
    watch = watching(TEMPO)

    found = [
        alert.indicator for hour in range(4) for alert in told(watch, f"{LAUNCH}, report {hour}", after=1)
    ]

    assert found == ["launch"]


def test_what_may_happen_is_no_tempo() -> None:
    assert "tempo" not in indicators_told(watching(TEMPO), *["North Korea may fire missile"] * 5)


def test_what_was_there_before_us_is_history_and_no_news() -> None:
    watch = watching(TEMPO, seed=True)
    before = [
        replace(an_item(LAUNCH, guid=f"{day}"), published=NOON - timedelta(days=day)) for day in (2, 4, 6, 8)
    ]
    watch.news.publishes("wire", *before)
    watch.later(hours=0)

    assert not [
        each for each in watch.store.open_incidents(NOON - timedelta(days=9)) if "tempo" in each.indicators
    ]
    assert set(indicators_told(watch, LAUNCH)) == {"launch", "tempo"}


def test_a_launch_that_follows_a_drill_is_an_alert_that_says_how_often_one_does() -> None:
    watch = watching(SEQUENCE)
    told(watch, "Allied drill begins")

    _, answer = told(watch, LAUNCH, after=72)

    assert answer.title == "Answer: 3 days after drill (Allied drill begins)"
    assert answer.evidence[1] == "no earlier case to compare with"
    assert indicators_told(watch, LAUNCH) == ["launch"]
    told(watch, "Allied drill begins again", after=24 * 30)
    assert told(watch, LAUNCH)[1].evidence[1].startswith("answered in 1 of 1 earlier cases within 14 days")


def test_a_restart_does_not_tell_a_tempo_again() -> None:
    watch = watching(TEMPO)
    indicators_told(watch, LAUNCH, LAUNCH, LAUNCH)
    again = replace(watch, rules=rules(LIST + TEMPO + CUES))

    assert indicators_told(again, LAUNCH) == ["launch"]


def test_it_makes_no_difference_in_how_many_batches_news_comes() -> None:
    rules_now, items = rules(LIST + TEMPO + SEQUENCE + CUES), [an_item("Allied drill begins", minutes=-60)]
    items += [an_item(LAUNCH, guid=f"{day}", minutes=day * 24 * 60) for day in range(0, 12, 2)]

    found = []
    for size in (1, 2, len(items)):
        store = a_store()
        for start in range(0, len(items), size):
            batch = items[start : start + size]
            concluded = pipeline.process(batch, rules_now, store, batch[-1].seen)
            store.record(Cycle(items=tuple(batch), hits=concluded.hits, incidents=concluded.incidents), ())
        found.append([(each.id, each.indicator) for each in store.open_incidents(NOON - timedelta(days=1))])

    assert found[0] == found[1] == found[2]
    assert {indicator for _, indicator in found[0]} == {"drill", "launch", "tempo", "answer"}


def test_a_calendar_counts_for_what_is_made_of_several_incidents_too() -> None:
    calendar = "calendars: {party-day: {dates: ['10-10']}}\n"
    tempo = TEMPO.replace("count: 3}", "count: 3}, timing: {near: [party-day], after: 7d, then: raise}")
    watch = Harness(harness("wire").feeds, rules(calendar + LIST + tempo + CUES))
    told(watch, LAUNCH)
    told(watch, LAUNCH)

    assert told(watch, LAUNCH)[1].severity is Severity.HIGH


# --- silence ------------------------------------------------------------------------------------------------


def test_who_has_not_been_heard_of_for_long_is_an_alert_once_and_its_end_is_a_decision() -> None:
    watch = watching(ABSENCE)
    for day in range(6):
        told(watch, f"Kim Jong Un visits farm {day}", after=24)
    silent = [told(watch, f"Weather of day {day}", after=24) for day in range(20)]

    (alert,) = [alert for alerts in silent for alert in alerts]
    assert silent[14] == [alert]
    assert alert.title == "Absence of Kim: nothing heard for 15 days"
    assert alert.evidence == (
        "unheard for 15 days with news, last on 2026-10-16",
        "usual gap 1, longest 1, of 5",
    )
    absence = the_incident(watch, "absence")
    assert absence.closed is None
    assert told(watch, "Kim Jong Un visits factory") == []
    assert decisions(watch, absence) == [(Reason.NEW, ""), (Reason.CLOSED, "heard again on 2026-11-07")]


def test_a_silence_that_was_told_is_not_told_again_under_a_new_name() -> None:
    watch = watching(ABSENCE)
    for day in range(6):
        told(watch, f"Kim Jong Un visits farm {day}", after=24)
    before = [alert for day in range(16) for alert in told(watch, f"Weather of day {day}", after=24)]

    watch.rules = rules(LIST + ABSENCE.replace("id: absence", "id: unseen, was: absence") + CUES)
    take_names(watch.rules.matcher.listed, watch.store)
    after = [alert for day in range(3) for alert in told(watch, f"Weather of week {day}", after=24)]

    assert [alert.indicator for alert in before] == ["absence"]
    assert after == []


def test_days_on_which_we_read_nothing_are_nobody_s_silence() -> None:
    watch = watching(ABSENCE)
    for day in range(6):
        told(watch, f"Kim Jong Un visits farm {day}", after=24)

    assert told(watch, "Weather after a long night", after=24 * 30) == []


def test_guesses_at_what_somebody_may_do_are_no_sign_of_him() -> None:
    watch = watching(ABSENCE)
    for day in range(6):
        told(watch, f"Kim Jong Un visits farm {day}", after=24)

    silent = [
        alert
        for day in range(15)
        for alert in told(watch, f"Experts say, may see Kim Jong Un {day}", after=24)
    ]

    assert [alert.indicator for alert in silent] == ["absence"]


# --- quakes -------------------------------------------------------------------------------------------------


def test_a_quake_is_told_as_a_guess_and_joins_the_news_of_a_test() -> None:
    watch = watching(QUAKE)

    (quake,) = told(watch, "M 6.3 - 22 km ENE of Sungjibaegam", point=SITE)
    (test,) = told(watch, "North Korea conducts nuclear test", after=3)

    assert (quake.reason, quake.severity, quake.claim) == (Reason.NEW, Severity.HIGH, Claim.SPECULATED)
    assert quake.evidence == ("magnitude 6.3", "0 km deep", "0 km away")
    assert (test.reason, test.severity, test.claim) == (Reason.ESCALATED, Severity.CRITICAL, Claim.OCCURRED)
    assert test.incident == quake.incident


def test_a_quake_that_is_read_after_the_news_is_part_of_it() -> None:
    watch = watching(QUAKE)

    (test,) = told(watch, "North Korea conducts nuclear test")

    assert told(watch, "M 6.3 - 22 km ENE of Sungjibaegam", after=1, point=SITE) == []
    assert the_incident(watch, "quake").id == test.incident


def test_a_quake_of_which_no_word_of_a_test_comes_is_taken_as_natural() -> None:
    watch = watching(QUAKE)
    (quake,) = told(watch, "M 3.9 - 22 km ENE of Sungjibaegam", point=SITE)
    watch.later(hours=47)
    assert the_incident(watch, "quake").closed is None

    watch.later(hours=1)

    incident = the_incident(watch, "quake")
    natural = "no word of a test within 2 days, so it counts as natural"
    assert incident.closed == watch.clock.now
    assert decisions(watch, incident)[-1] == (
        Reason.CLOSED,
        f"{natural}; people were told of it on {quake.at:%Y-%m-%d %H:%MZ}",
    )


def test_a_quake_that_the_news_took_for_a_test_is_not_taken_as_natural() -> None:
    watch = watching(QUAKE)
    told(watch, "M 6.3 - 22 km ENE of Sungjibaegam", point=SITE)
    told(watch, "North Korea conducts nuclear test", after=3)

    watch.later(hours=60)

    assert the_incident(watch, "quake").closed is None
