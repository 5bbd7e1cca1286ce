"""Reviewers merge and split incidents: what was said stays said, and what comes later joins as they said."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOON, an_item
from tests.flow.harness import Harness, harness
from tests.flow.newsroom import Newsroom, Opening
from watcher.alerting.review import mutes
from watcher.errors import UsageError
from watcher.model.alerts import Decision, Incident, IncidentId, Reason
from watcher.model.language import IndicatorId
from watcher.model.review import Verdict
from watcher.pipeline.by_hand import JOINED_BY_HAND
from watcher.pipeline.reviewing import Reviewer

pytestmark = pytest.mark.usefixtures("each_store")

FIRST = "North Korea fires ballistic missile toward sea, Seoul military says"
SECOND = "North Korea missile lands near Hokkaido, Tokyo government says"


def incidents(made: Harness) -> Sequence[Incident]:
    return made.store.open_incidents(NOON - timedelta(days=1))


def kim(made: Harness, name: str = "kim") -> Reviewer:
    return Reviewer(made.store, name, made.clock())


def titles(made: Harness, incident: str) -> set[str]:
    return {hit.item.title for hit in made.store.hits(IncidentId(incident))}


def by_hand(made: Harness, incident: str) -> list[Decision]:
    found = made.store.decisions(IncidentId(incident))
    return [each for each in found if each.reason in (Reason.MERGED, Reason.SPLIT)]


@pytest.fixture
def apart() -> Harness:
    """Return a desk that was told of two incidents, eight hours apart."""
    made = harness()
    assert len(made.publishes(FIRST)) == 1
    made.clock.passes(8)
    assert len(made.publishes(SECOND)) == 1
    assert len(incidents(made)) == 2
    return made


@pytest.fixture
def together() -> Harness:
    """Return a desk that was told of one incident with two reports."""
    made = harness()
    assert len(made.publishes(FIRST)) == 1
    made.publishes(SECOND)
    assert len(incidents(made)) == 1
    return made


def test_two_incidents_are_one_and_later_reports_of_either_join_it(apart: Harness) -> None:
    first, second = incidents(apart)

    kim(apart).merge(second.id, first.id, "the same launch")
    assert apart.later() == []

    (one,) = incidents(apart)
    assert (one.id, one.items) == (first.id, 2)
    assert titles(apart, one.id) == {FIRST, SECOND}
    apart.publishes("North Korea missile: what landed near Hokkaido")
    assert [each.id for each in incidents(apart)] == [first.id]
    (said,) = by_hand(apart, one.id)
    assert (said.reason, said.because) == (
        Reason.MERGED,
        f"{second.id} ({SECOND}) is part of it (kim: the same launch)",
    )


def test_what_was_said_of_both_is_said_once_and_found_by_either_name(apart: Harness) -> None:
    first, second = incidents(apart)
    before = list(apart.store.alerts())
    kim(apart, "lee").judge(second.id, Verdict.USEFUL)

    kim(apart).merge(first.id, second.id)
    apart.later()

    found = apart.store.alerts_of(first.id)
    assert {alert.id for alert in found} == {alert.id for alert in before}
    assert [replace(each, incident=first.id) for each in before] == apart.store.alerts()
    assert apart.store.incident(second.id) == apart.store.incident(first.id)
    assert {action.target for action in apart.store.actions()} == {first.id}
    assert apart.channel.taken == list(reversed(before))
    assert kim(apart).acknowledge(second.id) == first.id


def test_a_merge_is_taken_back_by_splitting_off_what_was_merged(apart: Harness) -> None:
    first, second = incidents(apart)
    kim(apart).merge(first.id, second.id)
    apart.later()

    kim(apart).split(first.id, [second.id], "two launches after all")
    assert apart.later() == []

    one, other = incidents(apart)
    assert (one.id, other.id) == (first.id, second.id)
    assert (titles(apart, one.id), titles(apart, other.id)) == ({FIRST}, {SECOND})
    assert [alert.title for alert in apart.store.alerts_of(other.id)] == [SECOND]
    assert (one.told, other.told) != (None, None)
    assert one.parts == other.parts == ()


def test_a_report_of_another_event_is_news_and_its_copies_stay_with_it(together: Harness) -> None:
    (incident,) = incidents(together)
    (item,) = (hit.item.id for hit in together.store.hits(incident.id) if hit.item.title == SECOND)

    kim(together).split(incident.id, [item], "another launch")
    told = together.later()

    assert [(alert.reason, alert.title) for alert in told] == [(Reason.NEW, SECOND)]
    one, other = incidents(together)
    assert (one.id, other.id) == (incident.id, told[0].incident)
    together.news.publishes("wire", an_item(SECOND, guid="copy"))
    together.later()
    assert [each.items for each in incidents(together)] == [1, 2]
    assert [each.reason for each in by_hand(together, one.id)] == [Reason.SPLIT]
    assert f"split from {one.id}" in by_hand(together, other.id)[0].because


def test_a_split_is_taken_back_by_a_merge_and_nothing_is_told_twice(together: Harness) -> None:
    (incident,) = incidents(together)
    (item,) = (hit.item.id for hit in together.store.hits(incident.id) if hit.item.title == SECOND)
    kim(together).split(incident.id, [item])
    together.later()
    one, other = incidents(together)

    kim(together).merge(one.id, other.id)
    assert together.later() == []
    (merged,) = incidents(together)
    assert (merged.id, merged.items, merged.apart) == (incident.id, 2, ())

    kim(together).split(one.id, [item])
    assert together.later() == []
    assert [each.id for each in incidents(together)] == [one.id, other.id]
    assert len(together.store.alerts()) == 2


def test_an_edited_report_stays_where_the_reviewer_put_it(together: Harness) -> None:
    (incident,) = incidents(together)
    (item,) = (hit.item for hit in together.store.hits(incident.id) if hit.item.title == SECOND)
    kim(together).split(incident.id, [item.id])
    together.later()

    together.news.publishes("wire", replace(item, title=FIRST, text_hash="edited", revision=1))
    together.later()

    assert [each.items for each in incidents(together)] == [1, 1]


def test_two_reviewers_at_once_lose_nothing_of_each_other(apart: Harness) -> None:
    apart.clock.passes(8)
    third = "North Korea fires missile from submarine, Seoul military says"
    apart.publishes(third)
    first, second, last = incidents(apart)

    kim(apart, "kim").merge(first.id, second.id)
    kim(apart, "lee").merge(second.id, last.id)
    first_word = apart.store.actions()[0]
    apart.later()
    apart.store.add_action(replace(first_word, id="as ri saw it before", by="ri"))
    apart.later()

    (one,) = incidents(apart)
    assert titles(apart, one.id) == {FIRST, SECOND, third}
    assert [each.because.rpartition("(")[2] for each in by_hand(apart, one.id)] == [
        "by kim)",
        "by lee)",
        "by ri)",
    ]
    assert by_hand(apart, one.id)[-1].because == f"not done: {one.id} is one incident already (by ri)"
    assert {part.id for part in one.parts} == {first.id, second.id, last.id}
    kim(apart).split(one.id, [second.id])
    apart.later()
    assert {each.id for each in incidents(apart)} == {first.id, second.id}


@pytest.mark.parametrize(
    ("ask", "why"),
    [
        (
            lambda one, made: one.merge(incidents(made)[0].id, incidents(made)[0].id),
            "is one incident already",
        ),
        (
            lambda one, made: one.merge(incidents(made)[0].id, "none"),
            "no alert or incident has the id 'none'",
        ),
        (lambda one, made: one.split(incidents(made)[0].id, ["none"]), "has no report none"),
        (lambda one, made: one.split(incidents(made)[0].id, []), "name some of the 1 report"),
    ],
)
def test_what_makes_no_sense_is_refused_and_not_written(
    apart: Harness, ask: Callable[[Reviewer, Harness], object], why: str
) -> None:
    with pytest.raises(UsageError, match=why):
        ask(kim(apart), apart)

    assert apart.store.actions() == []


def test_what_has_closed_meanwhile_stays_as_it_is_and_says_so(apart: Harness) -> None:
    first, second = incidents(apart)
    kim(apart).merge(first.id, second.id)
    held, apart.store.joins_asked = apart.store.joins_asked, lambda after: ()  # type: ignore[method-assign]
    apart.later(hours=100)
    apart.store.joins_asked = held  # type: ignore[method-assign]

    apart.later()

    assert len(incidents(apart)) == 2
    (said,) = by_hand(apart, first.id)
    assert "not done" in said.because
    assert "is closed" in said.because


@pytest.mark.parametrize("place", [0, 1])
def test_an_incident_without_its_reports_is_not_merged(apart: Harness, place: int) -> None:
    first, second = incidents(apart)
    kim(apart).merge(first.id, second.id)
    hits, gone = apart.store.hits, (first, second)[place].id
    apart.store.hits = lambda incident: () if incident == gone else hits(incident)  # type: ignore[method-assign]

    apart.later()

    assert "is gone" in by_hand(apart, first.id)[0].because
    assert len(incidents(apart)) == 2


def test_what_is_split_off_while_a_mute_keeps_it_back_is_told_when_that_ends() -> None:
    made = harness()
    name = IndicatorId("missile-launch")
    kim(made).mute(name, made.clock() + timedelta(days=1), "a drill", [name])
    assert made.publishes(FIRST, SECOND) == []
    (held,) = incidents(made)
    kim(made).split(held.id, [str(held.sightings[-1].item)])
    assert made.later() == []
    assert [each.held is not None for each in incidents(made)] == [True, True]

    kim(made).unmute(name)

    assert {alert.title for alert in made.later()} == {FIRST, SECOND}


def test_a_mute_of_one_silences_no_other_by_a_merge(apart: Harness) -> None:
    first, second = incidents(apart)
    kim(apart).mute(second.id, apart.clock() + timedelta(days=3), "known", ())

    with pytest.raises(UsageError, match=f"{second.id} is muted and {first.id} is not"):
        kim(apart).merge(first.id, second.id)


def test_a_mute_that_comes_before_the_merge_is_done_stops_it(apart: Harness) -> None:
    first, second = incidents(apart)
    kim(apart).merge(first.id, second.id)
    kim(apart, "lee").mute(second.id, apart.clock() + timedelta(days=3), "known", ())

    apart.later()

    assert len(incidents(apart)) == 2
    (said,) = by_hand(apart, first.id)
    assert "not done" in said.because
    assert "is muted" in said.because


def test_two_that_are_muted_are_one_that_is_muted(apart: Harness) -> None:
    first, second = incidents(apart)
    for each in (first, second):
        kim(apart).mute(each.id, apart.clock() + timedelta(days=3), "known", ())
    kim(apart).merge(first.id, second.id)

    apart.later()

    (one,) = incidents(apart)
    assert one.id in mutes(apart.store.actions_in_force(apart.clock()), apart.clock())


def test_a_bug_in_one_merge_is_said_and_holds_up_no_other(
    apart: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = incidents(apart)
    kim(apart).merge(first.id, second.id)
    kim(apart, "lee").merge(second.id, first.id)
    monkeypatch.setattr("watcher.pipeline.by_hand.merge", None)

    apart.later()

    assert all("not done: internal: TypeError" in each.because for each in by_hand(apart, first.id))
    assert apart.store.joins_asked(apart.store.noted(JOINED_BY_HAND)) == []


def test_a_merge_waits_for_nobody_and_loses_nothing_when_news_comes_meanwhile(opening: Opening) -> None:
    one, other = (Newsroom(opening, name) for name in ("yonhap", "kyodo"))
    with closing(one.store), closing(other.store):
        one.publishes(FIRST)
        one.polls()
        for room in (one, other):
            room.clock.passes(8)
        one.publishes(SECOND)
        one.polls()
        first, second = one.store.open_incidents(NOON - timedelta(days=1))
        Reviewer(other.store, "kim", one.clock()).merge(first.id, second.id)
        other.publishes("North Korea missile lands near Hokkaido, Pentagon says")
        one.clock.passes(1)
        other.clock.passes(1)
        one.store.before = iter([lambda: None, other.polls])

        one.polls()
        other.polls()

        (merged,) = one.store.open_incidents(NOON - timedelta(days=1))
        assert merged.items == 3
        assert merged.owners == {"yonhap", "kyodo"}
