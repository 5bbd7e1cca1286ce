"""What becomes of hits does not depend on their order, the number of polls, or restarts between them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import VOCABULARY, an_item
from watcher.incidents.correlate import correlate, longest_quiet
from watcher.incidents.corroboration import confidence_of
from watcher.model.alerts import Hit, Incident, IncidentId
from watcher.model.language import Claim, Corroboration, IndicatorId, JoinBy, Joining, Severity
from watcher.model.news import Grade
from watcher.store.values import from_json, to_json

MISSILE, ICBM, WARNING, STATEMENT = map(IndicatorId, ("missile", "icbm", "warning", "statement"))
JOININGS = {
    MISSILE: Joining(family="launch", by=JoinBy.HAPPENING, step=2, quiet=timedelta(hours=12)),
    ICBM: Joining(family="launch", by=JoinBy.HAPPENING, step=4, quiet=timedelta(hours=12)),
    WARNING: Joining(family="rhetoric", quiet=timedelta(hours=6)),
}
DEMAND = Corroboration(origins=2, owners=3, grade=Grade.C)

TITLES = (
    "North Korea fires missile",
    "North Korea fires missile on Saturday, JCS says",
    "North Korea fires second missile in two days",
    "North Korea fires cruise missile again",
    "North Korea says it tested Hwasong-18 ICBM",
    "What we know about the launch",
    "북한, 9일 탄도미사일 발사",
    "北朝鮮がICBM級を発射 防衛省",
    "Kim warns Seoul",
    "Kim warns Seoul over 2 balloons",
    "Kim warns Seoul over balloons again today",
    "Kim warns Seoul over balloons once again",
    "",
)


@st.composite
def hits(draw: st.DrawFn) -> Hit:
    item = an_item(
        draw(st.sampled_from(TITLES)),
        owner=draw(st.sampled_from("xyz")),
        grade=draw(st.sampled_from(Grade)),
        guid=draw(st.sampled_from("abcdefghij")),
        minutes=60 * draw(st.integers(0, 120)),
        revision=draw(st.integers(0, 1)),
    )
    return Hit(
        item=item,
        indicator=draw(st.sampled_from([MISSILE, ICBM, WARNING, STATEMENT])),
        claim=draw(st.sampled_from(Claim)),
        severity=draw(st.sampled_from(Severity)),
        score=draw(st.sampled_from([0.5, 0.8, 0.9, 1.0])),
        evidence=(),
    )


sequences = st.lists(
    hits(), max_size=14, unique_by=lambda hit: (hit.item.id, hit.item.revision, hit.item.seen, hit.indicator)
).map(lambda found: sorted(found, key=lambda hit: hit.item.seen))


def in_polls(polls: Sequence[Sequence[Hit]], *, restarts: bool = False) -> dict[IncidentId, Incident]:
    """Correlate poll by poll, each with what the store would hand out, and return every incident."""
    stored: dict[IncidentId, Incident] = {}
    for poll in filter(None, polls):
        since = min(hit.item.seen for hit in poll) - longest_quiet(JOININGS)
        known = sorted(
            (each for each in stored.values() if each.updated >= since),
            key=lambda each: (each.opened, each.id),
        )
        if restarts:
            known = [from_json(Incident, to_json(each)) for each in known]
        for incident in correlate(poll, known, JOININGS, VOCABULARY).incidents:
            stored[incident.id] = replace(incident, confidence=confidence_of(incident, DEMAND))
    return stored


def in_order_of_time(found: list[Hit], cuts: list[int]) -> list[list[Hit]]:
    """Cut a sequence into polls; what was seen at one moment comes in one poll."""
    places = sorted({0, len(found), *(cut % (len(found) + 1) for cut in cuts)})
    whole = [
        place
        for place in places
        if place in (0, len(found)) or found[place - 1].item.seen != found[place].item.seen
    ]
    return [found[low:high] for low, high in pairwise(whole)]


@settings(max_examples=200)
@given(sequences, st.lists(st.integers(0, 14), max_size=6))
def test_any_division_into_polls_gives_the_same_incidents(found: list[Hit], cuts: list[int]) -> None:
    assert in_polls(in_order_of_time(found, cuts)) == in_polls([found])


@settings(max_examples=100)
@given(sequences.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_any_order_within_a_poll_gives_the_same_incidents(orders: tuple[list[Hit], list[Hit]]) -> None:
    found, shuffled = orders

    assert in_polls([shuffled]) == in_polls([found])


@settings(max_examples=100)
@given(sequences, st.lists(st.integers(0, 14), max_size=6))
def test_a_restart_between_any_two_polls_changes_nothing(found: list[Hit], cuts: list[int]) -> None:
    polls = in_order_of_time(found, cuts)

    assert in_polls(polls, restarts=True) == in_polls(polls)


@settings(max_examples=100)
@given(sequences)
def test_every_hit_stands_in_exactly_one_incident(found: list[Hit]) -> None:
    joined = correlate(found, (), JOININGS, VOCABULARY)

    assert len(joined.hits) == len(found)
    assert {hit.incident for hit in joined.hits} == {incident.id for incident in joined.incidents}
