"""What reviewers merge is one incident, and what they split are two, over any course of reports."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON, VOCABULARY, a_list, an_item
from watcher import pipeline
from watcher.alerting.build import Situation, alert_about
from watcher.alerting.by_hand import (
    Joins,
    first_opened,
    items_called,
    merge,
    split,
    why_not_merged,
    why_not_split,
)
from watcher.alerting.decide import decide, tell
from watcher.incidents.correlate import correlate, gathered
from watcher.model.alerts import Held, Hit, Incident, IncidentId, Reason
from watcher.model.news import Item

RULES = pipeline.rules_of(
    a_list("""
indicators:
  - {id: launch, title: Launch, category: provocation, severity: high, match: [missile*],
     joins: {family: launch, by: happening, rung: 1, quiet: 3h}}
  - {id: icbm, title: ICBM, category: provocation, severity: critical, match: [ICBM*],
     joins: {family: launch, by: happening, rung: 2, quiet: 3h}}
  - {id: talks, title: Talks, category: diplomacy, severity: low, match: [talks]}
""")
)
JOINS = Joins(indicators=RULES.indicators, joinings=RULES.joinings, vocabulary=VOCABULARY)
TITLES = (
    "North Korea fires missile, Seoul military says",
    "North Korea fires ICBM toward sea, Japan coast guard says",
    "Pyongyang fires cruise missile into the Yellow Sea",
    "Analysis: what the missile launch means",
    "Seoul denies missile report",
    "North Korea may fire missile soon",
    "Japan protests missile launch",
    "Third missile this month lands near Hokkaido",
)


@dataclass(frozen=True)
class Course:
    """The incidents that reports have made, and the hits of each."""

    incidents: Sequence[Incident]
    hits: Sequence[Hit]

    def of(self, *incidents: Incident) -> list[Hit]:
        return [hit for hit in self.hits if hit.incident in {each.id for each in incidents}]


def reported(*items: Item) -> Course:
    """Return what becomes of items that come one by one."""
    known: dict[str, Incident] = {}
    hits: list[Hit] = []
    for item in items:
        found = correlate(pipeline.hits_of([item], RULES), list(known.values()), RULES.joinings, VOCABULARY)
        known |= {incident.id: incident for incident in found.incidents}
        hits += found.hits
    return Course(list(known.values()), hits)


def joins(course: Course, item: Item, *incidents: Incident) -> str | None:
    """Return which of some incidents a new item joins."""
    found = correlate(pipeline.hits_of([item], RULES), incidents, RULES.joinings, VOCABULARY)
    names = {incident.id for incident in incidents}
    return next((hit.incident for hit in found.hits if hit.incident in names), None)


def as_found(incident: Incident) -> Incident:
    """Return an incident without what reviewers said of it."""
    return replace(incident, parts=(), apart=())


@st.composite
def courses(draw: st.DrawFn) -> Course:
    """Draw reports over two days, each an item of its own."""
    told = draw(
        st.lists(st.tuples(st.sampled_from(TITLES), st.integers(0, 2 * 24 * 60)), min_size=2, max_size=12)
    )
    ordered = sorted(told, key=lambda each: each[1])
    items = [
        an_item(title, guid=f"g{number:02}", owner=f"o{number % 3}", minutes=minutes)
        for number, (title, minutes) in enumerate(ordered)
    ]
    return reported(*items)


@given(courses())
def test_the_hits_of_an_incident_make_it_again(course: Course) -> None:
    for incident in course.incidents:
        assert gathered(course.of(incident), RULES.joinings, VOCABULARY) == incident


@given(courses(), st.data())
def test_two_incidents_become_one_and_two_again(course: Course, data: st.DataObject) -> None:
    if len(course.incidents) < 2:
        return
    one, other = data.draw(st.permutations(course.incidents))[:2]
    kept, gone = first_opened(one, other)
    hits = course.of(one, other)

    merged = merge(kept, gone, hits, JOINS)
    moved = [replace(hit, incident=kept.id) for hit in hits]
    halves = split(merged, moved, items_called(merged, [gone.id]), (), JOINS)

    assert (kept, gone) == first_opened(other, one)
    assert merged.items == kept.items + gone.items
    assert merged.id == kept.id
    assert (as_found(halves.kept), as_found(halves.new)) == (kept, gone)
    assert {hit.item.id for hit in halves.hits} == {hit.item.id for hit in course.of(gone)}
    assert {hit.incident for hit in halves.hits} == {gone.id}
    assert not halves.kept.parts
    assert not halves.new.parts


@given(courses(), st.sampled_from(TITLES), st.integers(0, 6 * 60), st.data())
def test_what_would_join_either_joins_the_one(
    course: Course, title: str, later: int, data: st.DataObject
) -> None:
    if len(course.incidents) < 2:
        return
    one, other = data.draw(st.permutations(course.incidents))[:2]
    item = an_item(title, guid="next", minutes=2 * 24 * 60 + later)
    merged = merge(*first_opened(one, other), course.of(one, other), JOINS)

    if joins(course, item, one) or joins(course, item, other):
        assert joins(course, item, merged) == merged.id


@given(courses(), st.data())
def test_every_report_is_in_exactly_one_of_two_halves_and_its_copies_never_come_back(
    course: Course, data: st.DataObject
) -> None:
    incident = data.draw(st.sampled_from(course.incidents)) if course.incidents else None
    hits = course.of(incident) if incident else []
    items = sorted({hit.item.id for hit in hits})
    if incident is None or len(items) < 2:
        return
    off = data.draw(st.sets(st.sampled_from(items), min_size=1, max_size=len(items) - 1))

    halves = split(incident, hits, off, (), JOINS)

    own, moved = ({each.item for each in half.sightings} for half in (halves.kept, halves.new))
    assert own | moved == set(items)
    assert not own & moved
    assert halves.kept.id == incident.id != halves.new.id
    for hit in halves.hits:
        again = replace(an_item(hit.item.title, guid="copy"), seen=incident.updated + timedelta(minutes=1))
        assert joins(course, again, halves.kept) is None


@given(courses(), st.data())
def test_what_people_were_told_is_no_news_of_what_is_merged(course: Course, data: st.DataObject) -> None:
    if len(course.incidents) < 2:
        return
    one, other = data.draw(st.permutations(course.incidents))[:2]
    now = NOON + timedelta(days=3)
    kept, gone = first_opened(tell(one, now), tell(other, now))

    merged = merge(kept, gone, course.of(one, other), JOINS)

    assert decide(merged, now).reason is Reason.NOTHING_NEW


SITUATION = Situation(now=NOON, indicators=RULES.indicators)
LAUNCH = an_item("North Korea fires missile, Seoul military says", guid="a")
SECOND = an_item("Missile lands near Hokkaido, Tokyo says", guid="b", minutes=30)
TALKS = an_item("Talks resume", guid="c", minutes=40)


def test_a_half_that_no_alert_has_shown_was_never_told() -> None:
    course = reported(LAUNCH, SECOND)
    (incident,) = course.incidents
    told = tell(incident, NOON)
    alert = alert_about(told, course.hits[:1], Reason.NEW, SITUATION)

    halves = split(told, course.hits, {SECOND.id}, [alert], JOINS)

    assert halves.kept.told == told.told
    assert halves.new.told is None
    assert halves.alerts == ()


def test_an_alert_goes_with_the_reports_that_it_shows() -> None:
    course = reported(LAUNCH, SECOND)
    (incident,) = course.incidents
    told = tell(incident, NOON)
    first, second = (alert_about(told, [hit], Reason.NEW, SITUATION) for hit in course.hits)

    halves = split(told, course.hits, {SECOND.id}, [first, second], JOINS)

    assert halves.alerts == (second.id,)
    assert halves.new.told


def test_who_has_the_first_report_keeps_the_id_whatever_is_split_off() -> None:
    course = reported(LAUNCH, SECOND)
    (incident,) = course.incidents

    one = split(incident, course.hits, {LAUNCH.id}, (), JOINS)
    other = split(incident, course.hits, {SECOND.id}, (), JOINS)

    assert one == other
    assert one.kept.title == LAUNCH.title


def test_what_only_a_first_poll_has_seen_does_not_keep_the_one_waiting() -> None:
    one, other = reported(LAUNCH), reported(SECOND)
    (seen,), (seeded,) = one.incidents, other.incidents
    seeded = replace(seeded, held=Held(reason=Reason.SEEDING, since=NOON))

    assert merge(seen, seeded, (*one.hits, *other.hits), JOINS).held is None


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (LAUNCH, "is one incident already"),
        (TALKS, "is of family launch, and .* is of family talks"),
    ],
)
def test_what_cannot_be_one_is_refused(other: Item, why: str) -> None:
    (one,), (two,) = reported(LAUNCH).incidents, reported(other).incidents

    assert re.search(why, why_not_merged(one, two, ()))


def test_what_is_over_is_neither_merged_nor_split() -> None:
    course = reported(LAUNCH, SECOND)
    (incident,) = course.incidents
    over = replace(incident, closed=NOON)

    assert why_not_merged(over, replace(incident, id=IncidentId("other")), ()).endswith(
        "nothing joins it any more"
    )
    assert why_not_split(over, course.hits, {SECOND.id}).endswith("nothing joins it any more")


def test_a_split_names_some_reports_of_the_incident_and_leaves_some() -> None:
    course = reported(LAUNCH, SECOND)
    (incident,) = course.incidents

    assert why_not_split(incident, course.hits, {TALKS.id}) == f"{incident.id} has no report {TALKS.id}"
    for items in ((), {LAUNCH.id, SECOND.id}):
        assert why_not_split(incident, course.hits, items).startswith("name some of the 2 reports")
    assert why_not_split(incident, course.hits, {SECOND.id}) == ""
