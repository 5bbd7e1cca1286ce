"""What is looked up finds what a comparison with everything would find."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON, an_incident, an_item
from watcher.incidents.index import IndexCache, OpenIncidents
from watcher.incidents.titles import same_story, wording
from watcher.model.alerts import Incident, Sighting
from watcher.model.news import ItemId

DAY = timedelta(days=1)

WORDS = (
    "kim",
    "warns",
    "seoul",
    "over",
    "balloons",
    "2",
    "3",
    "today",
    "again",
    "north",
    "fires",
    "북한",
    "発射",
    "leaflets",
)
titles = st.lists(st.sampled_from(WORDS), max_size=9).map(" ".join)


def an_incident_with(name: str, told: Iterable[str]) -> Incident:
    sightings = tuple(
        Sighting(item=ItemId(f"{name}/{number}"), wording=wording(title)) for number, title in enumerate(told)
    )
    return replace(an_incident(name), sightings=sightings)


@given(st.lists(st.lists(titles, min_size=1, max_size=3), max_size=8), titles)
def test_a_story_is_found_by_its_rarest_words(told: list[list[str]], title: str) -> None:
    known = [an_incident_with(str(number), each) for number, each in enumerate(told)]

    found = OpenIncidents(known, DAY).telling(an_item(title), "missile")

    alike = [
        each
        for each in known
        if any(same_story(wording(title), sighting.wording) for sighting in each.sightings)
    ]
    assert sorted(each.id for each in found) == sorted(each.id for each in alike)


@given(st.lists(st.lists(st.lists(titles, min_size=1, max_size=3), max_size=5), max_size=6), titles)
def test_an_index_that_is_brought_up_to_date_finds_what_a_new_one_would(
    polls: list[list[list[str]]], title: str
) -> None:
    kept = OpenIncidents((), DAY)
    for told in polls:
        known = [an_incident_with(str(number), each) for number, each in enumerate(told)]
        kept.update(known)
        new = OpenIncidents(known, DAY)
        for each in ("missile", "drill"):
            found, expected = kept.telling(an_item(title), each), new.telling(an_item(title), each)
            assert sorted(each.id for each in found) == sorted(each.id for each in expected)
        assert {each.id for each in kept.of_family("missile", NOON)} == {each.id for each in known}
        item = replace(an_item(title), id=ItemId("1/0"))
        assert kept.holding(item, "missile") == new.holding(item, "missile")


def test_an_index_forgets_what_its_incidents_forget() -> None:
    kept = OpenIncidents((), DAY)
    for poll in range(1_500):
        kept.update([an_incident_with(f"i{poll}", [f"story {poll}", "and one more"])])

    (family,) = kept._families.values()
    assert len(family._items) < 1_500


def test_what_one_poll_left_serves_the_next_and_failures_leave_nothing() -> None:
    cache, known = IndexCache(), [an_incident_with("a", ["Kim warns Seoul"])]
    with cache.over(known, DAY) as first, cache.over(known, DAY) as beside:
        assert first is not beside
    with cache.over([], DAY) as second:
        assert second in (first, beside)
        assert second.of_family("missile", NOON) == []
    with pytest.raises(ZeroDivisionError), cache.over(known, DAY) as failed:
        _ = 1 / 0
    with cache.over(known, DAY) as new:
        assert new is not failed


def test_an_item_is_found_where_it_stands() -> None:
    known = OpenIncidents(
        [an_incident_with("a", ["Kim warns"]), an_incident_with("b", ["Missile flies"])], DAY
    )

    holder = known.holding(replace(an_item("Edited since"), id=ItemId("b/0")), "missile")

    assert holder is not None
    assert holder.id == "b"
    assert known.holding(an_item("Never seen"), "missile") is None


def test_what_an_incident_has_forgotten_is_not_found() -> None:
    known = OpenIncidents([an_incident_with("a", ["Kim warns Seoul"])], DAY)
    known.put(
        replace(
            an_incident_with("a", []),
            sightings=(Sighting(item=ItemId("a/9"), wording=wording("Missile flies")),),
        )
    )

    assert known.telling(an_item("Kim warns Seoul"), "missile") == []
    assert [each.id for each in known.telling(an_item("Missile flies"), "missile")] == ["a"]
    assert known.holding(replace(an_item("Kim warns Seoul"), id=ItemId("a/0")), "missile") is None


def test_what_has_been_quiet_for_too_long_is_out_of_sight() -> None:
    known = OpenIncidents([an_incident_with("a", ["Kim warns Seoul"])], DAY)
    soon, late = (an_item("Kim warns Seoul", minutes=minutes) for minutes in (24 * 60, 24 * 60 + 1))

    assert [len(known.telling(item, "missile")) for item in (soon, late)] == [1, 0]
    assert [len(known.of_family("missile", NOON + after)) for after in (DAY, 2 * DAY)] == [1, 0]
    assert known.of_family("rhetoric", NOON) == []
