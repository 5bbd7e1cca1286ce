"""What the page lists is what a plain search through all that was recorded finds, in its order."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import blake2b
from itertools import count
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON, a_hit, an_alert, an_incident, an_item
from tests.store.kinds import Real, maker
from watcher.alerting.review import action_of
from watcher.model.alerts import (
    AlertId,
    Confidence,
    Decision,
    Hit,
    Incident,
    IncidentId,
    Kind,
    LastAlert,
    Reason,
)
from watcher.model.language import Claim, IndicatorId, Severity
from watcher.model.listing import HitBrief, IncidentQuery, IncidentState, ListedIncident, ListPlace, brief_of
from watcher.model.polling import Cycle
from watcher.model.review import Action, ActionKind, Review, Verdict
from watcher.store import listing

INDICATORS = tuple(map(IndicatorId, ("icbm-launch", "talks", "parade")))
FEEDS, OWNERS, LANGUAGES = ("wire-en", "wire-ko", "paper"), ("wire", "paper"), ("en", "ko")
CLAIMS = (Claim.OCCURRED, Claim.DENIED, Claim.SPECULATED)
REASONS = (Reason.NEW, Reason.NOTHING_NEW, Reason.CLOSED)
NAMES = tuple(IncidentId(f"i{number}") for number in range(40))


T = TypeVar("T")


class Dice:
    """Throws the same numbers every time."""

    def __init__(self) -> None:
        self._thrown = count()

    def below(self, most: int) -> int:
        return int.from_bytes(blake2b(b"%d" % next(self._thrown), digest_size=4).digest()) % most

    def one_of(self, *these: T) -> T:
        return these[self.below(len(these))]


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """A store, and what was recorded in it as plain values."""

    store: Real
    incidents: tuple[Incident, ...]
    hits: tuple[Hit, ...]
    alerts: Counter[str]
    actions: tuple[Action, ...]
    decisions: tuple[Decision, ...]

    def __repr__(self) -> str:
        return "<what was recorded>"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def record(request: pytest.FixtureRequest) -> Iterator[Record]:
    """Return a store in which everything occurs that is asked for, each with everything else."""
    dice, store = Dice(), maker(request)()
    incidents, hits, alerts = list[Incident](), list[Hit](), Counter[str]()
    for name in NAMES:
        at = NOON + timedelta(hours=dice.below(96))
        incident = replace(
            an_incident(name),
            indicator=dice.one_of(*INDICATORS),
            severity=dice.one_of(*Severity),
            claim=dice.one_of(*CLAIMS),
            opened=at,
            updated=at,
            closed=dice.one_of(None, None, at + timedelta(days=1)),
            told=dice.one_of(None, _told(at + timedelta(hours=2)), _told(at)),
        )
        items = [
            an_item(
                f"{name} {number}",
                feed=dice.one_of(*FEEDS),
                owner=dice.one_of(*OWNERS),
                language=dice.one_of(*LANGUAGES),
                minutes=60 * dice.below(96),
            )
            for number in range(1 + dice.below(3))
        ]
        own = [a_hit(item, indicator=incident.indicator, incident=name) for item in items]
        told = [
            replace(
                an_alert(alert_id=f"{name} {number}", at=at, incident=name),
                indicator=incident.indicator,
                kind=dice.one_of(Kind.INCIDENT, Kind.BOARD),
            )
            for number in range(dice.below(3))
        ]
        store.record(
            Cycle(items=tuple(items), hits=tuple(own), incidents=(incident,), alerts=tuple(told)), ()
        )
        incidents.append(replace(incident, version=1))
        hits += own
        alerts.update({name: len(told)})
    yield Record(
        store,
        tuple(incidents),
        tuple(hits),
        alerts,
        tuple(_actions(dice, store)),
        tuple(_decisions(dice, store)),
    )
    store.close()


def _told(at: datetime) -> LastAlert:
    return LastAlert(
        at=at, severity=Severity.HIGH, claim=Claim.OCCURRED, step=1, confidence=Confidence.UNCONFIRMED
    )  # fmt: skip


def _actions(dice: Dice, store: Real) -> Iterator[Action]:
    """Answer some incidents, each perhaps more than once, and not in the order of time."""
    for number in range(60):
        kind = dice.one_of(ActionKind.ACKNOWLEDGE, ActionKind.VERDICT, ActionKind.NOTE)
        value = dice.one_of(Verdict.USEFUL, Verdict.NOISE) if kind is ActionKind.VERDICT else ""
        at = NOON + timedelta(hours=dice.below(96), seconds=number)
        action = action_of(kind, dice.one_of(*NAMES[:25]), "kim", at, value=value, why=f"{number}")
        store.add_action(action)
        yield action


def _decisions(dice: Dice, store: Real) -> Iterator[Decision]:
    for number in range(60):
        decision = Decision(
            incident=dice.one_of(*NAMES),
            at=NOON + timedelta(minutes=dice.below(9)),
            reason=dice.one_of(*REASONS),
            item=dice.one_of(*(hit.item.id for hit in store.hits(dice.one_of(*NAMES)))),
            because=str(number),
        )
        store.record(Cycle(decisions=(decision,)), ())
        yield decision


def queries() -> st.SearchStrategy[IncidentQuery]:
    some = st.frozensets(st.sampled_from(NAMES))
    return st.builds(
        IncidentQuery,
        muted=st.frozensets(st.sampled_from([*NAMES, *INDICATORS]), max_size=9),
        state=st.none() | st.sampled_from(IncidentState),
        alerted=st.sampled_from([None, True, False]),
        least=st.sampled_from(Severity),
        indicators=st.none() | st.frozensets(st.sampled_from(INDICATORS)),
        claim=st.none() | st.sampled_from(CLAIMS),
        feed=st.sampled_from(["", "", *FEEDS]),
        owner=st.sampled_from(["", "", *OWNERS]),
        language=st.sampled_from(["", "", *LANGUAGES]),
        since=st.none() | st.integers(-9, 99).map(lambda hours: NOON + timedelta(hours=hours)),
        among=st.none() | some,
        only=st.sampled_from(["", "", "", *NAMES]),
    )


def review(record: Record, incident: Incident) -> Review:
    """Return the last words about an incident."""
    last = {action.kind: action for action in record.actions if action.target == incident.id}
    return Review(acknowledgement=last.get(ActionKind.ACKNOWLEDGE), verdict=last.get(ActionKind.VERDICT))


def place(incident: Incident) -> ListPlace:
    at = incident.told.at if incident.told else incident.updated
    return ListPlace(at=at, incident=incident.id)


def is_in(record: Record, incident: Incident, state: IncidentState, muted: frozenset[str]) -> bool:
    said, at = review(record, incident), place(incident).at
    answered = bool(said.verdict) or bool(said.acknowledgement and said.acknowledgement.at >= at)
    is_muted = bool({incident.id, incident.indicator} & muted)
    return {
        IncidentState.NEW: not is_muted and not answered,
        IncidentState.ACKNOWLEDGED: not is_muted and answered,
        IncidentState.MUTED: is_muted,
        IncidentState.CLOSED: incident.closed is not None,
    }[state]


def found(record: Record, asked: IncidentQuery) -> list[Incident]:
    """Return what is asked for by looking at every incident."""

    def has(holds: Callable[[Hit], bool], incident: Incident) -> bool:
        return any(hit.incident == incident.id and holds(hit) for hit in record.hits)

    wanted = [
        each
        for each in record.incidents
        if each.severity >= asked.least
        and (asked.since is None or place(each).at >= asked.since)
        and (asked.alerted is None or asked.alerted == (each.told is not None))
        and (asked.indicators is None or each.indicator in asked.indicators)
        and (asked.among is None or each.id in asked.among)
        and (not asked.only or each.id == asked.only)
        and (asked.claim is None or each.claim == asked.claim)
        and (asked.state is None or is_in(record, each, asked.state, asked.muted))
        and (not asked.feed or has(lambda hit: hit.item.feed == asked.feed, each))
        and (not asked.owner or has(lambda hit: hit.item.owner == asked.owner, each))
        and (not asked.language or has(lambda hit: hit.item.language == asked.language, each))
    ]
    return sorted(wanted, key=lambda each: (place(each).at, each.id), reverse=True)


@contextmanager
def many_hits_from(number: int) -> Iterator[None]:
    """Have the store take so many hits for many: to record as many as it does would take minutes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing, "_FEW", number)
        yield


@given(asked=queries(), limit=st.integers(1, 9), many=st.integers(1, 50))
def test_pages_after_one_another_list_what_is_asked_for(
    record: Record, asked: IncidentQuery, limit: int, many: int
) -> None:
    listed, after = list[ListedIncident](), None
    with many_hits_from(many):
        while page := record.store.incidents(asked, after=after, limit=limit):
            assert len(page) <= limit
            listed += page
            after = ListPlace(at=page[-1].at, incident=page[-1].incident.id)

    wanted = found(record, asked)
    assert [each.incident for each in listed] == list(map(brief_of, wanted))
    assert [each.review for each in listed] == [review(record, each) for each in wanted]
    assert [each.alerts for each in listed] == [record.alerts[each.id] for each in wanted]


@given(asked=queries(), many=st.integers(1, 50))
def test_counts_are_those_of_the_list(record: Record, asked: IncidentQuery, many: int) -> None:
    wanted = found(record, asked)
    whatever_state = found(record, replace(asked, state=None))

    with many_hits_from(many):
        assert record.store.count_incidents(asked) == len(wanted)
        assert record.store.count_by_indicator(asked) == Counter(each.indicator for each in wanted)
        assert record.store.count_by_state(asked) == {"all": len(whatever_state)} | {
            state: sum(is_in(record, each, state, asked.muted) for each in whatever_state)
            for state in IncidentState
        }


@given(indicator=st.sampled_from(INDICATORS), hours=st.integers(-9, 99))
def test_days_count_what_was_seen_and_alerted_on_them(
    record: Record, indicator: IndicatorId, hours: int
) -> None:
    since = NOON + timedelta(hours=hours)
    updated = {each.id for each in record.incidents if each.updated >= since}
    seen = Counter[date](
        hit.item.seen.date()
        for hit in record.hits
        if hit.indicator == indicator and hit.item.seen >= since and hit.incident in updated
    )
    told = Counter[date](
        alert.at.date()
        for alert in record.store.alerts(since=since, limit=999)
        if alert.kind is Kind.INCIDENT and alert.indicator == indicator
    )

    assert record.store.hits_by_day(indicator, since) == seen
    assert record.store.alerts_by_day(indicator, since) == told


@given(targets=st.lists(st.sampled_from([*NAMES, "nobody"]), max_size=4), limit=st.integers(1, 70))
def test_actions_are_listed_by_their_targets_and_from_the_newest(
    record: Record, targets: list[str], limit: int
) -> None:
    assert record.store.actions_on(targets) == [each for each in record.actions if each.target in targets]
    assert record.store.newest_actions(limit=limit) == [*reversed(record.actions)][:limit]


@given(
    reasons=st.sets(st.sampled_from([Reason.NEW, Reason.NOTHING_NEW, Reason.CLOSED])), limit=st.integers(1, 9)
)
def test_pages_of_decisions_list_each_once_the_newest_first(
    record: Record, reasons: set[Reason], limit: int
) -> None:
    listed = list[Decision]()
    while page := record.store.newest_decisions(
        [*reasons], after=listed[-1] if listed else None, limit=limit
    ):
        listed += page

    wanted = [each for each in record.decisions if each.reason in reasons]
    order = sorted(wanted, key=lambda each: (each.at, each.incident, each.item, each.reason), reverse=True)
    assert [replace(each, because="") for each in listed] == [
        replace(each, because="") for each in dict.fromkeys(replace(each, because="") for each in order)
    ]


def test_the_newest_item_and_what_was_stored_last_are_told(record: Record) -> None:
    newest = max(record.hits, key=lambda hit: (hit.item.seen, hit.item.id)).item
    before = record.store.last_stored()

    assert record.store.newest() == newest
    record.store.record(Cycle(items=(replace(newest, title="Changed", revision=1),)), ())
    after = record.store.last_stored()
    assert after != before
    record.store.record(Cycle(items=(replace(newest, title="Changed again", revision=2),)), ())
    assert record.store.last_stored() not in (before, after)
    assert AlertId("nobody") not in record.alerts


HELD = {
    "latin": "North Korea fires two missiles",
    "together": "북한 탄도미사일 발사",
    "apart": "북한 탄도 미사일 두 발",
    "later": "Talks about missiles and a parade",
}


@pytest.fixture(params=["sqlite", "postgres"])
def texts(request: pytest.FixtureRequest) -> Iterator[Real]:
    store = maker(request)()
    items = [an_item(text, guid=guid, minutes=60 * hour) for hour, (guid, text) in enumerate(HELD.items())]
    store.record(Cycle(items=tuple(items)), ())
    yield store
    store.close()


@pytest.mark.parametrize(
    ("needed", "hours", "found"),
    [
        ([{"missiles"}], 0, ["later", "latin"]),
        ([{"missile*"}, {"parade", "talk?"}], 0, ["later"]),
        ([{"missiles"}, {"Korea"}], 0, ["latin"]),
        ([{"탄도미사일"}], 0, ["apart", "together"]),
        ([{"발사"}, {"북한"}], 0, ["together"]),
        ([{"fires two"}, {"?"}], 0, ["latin"]),
        ([], 0, ["later", "apart", "together", "latin"]),
        ([], 2, ["later", "apart"]),
        ([{"missiles"}], 1, ["later"]),
        ([{"nothing of it"}], 0, []),
    ],
)
def test_items_that_hold_a_term_of_each_set_are_found_the_newest_first(
    texts: Real, needed: list[set[str]], hours: int, found: list[str]
) -> None:
    held = texts.items_holding(needed, NOON + timedelta(hours=hours))

    assert [each.keys.guid for each in held] == found


def test_the_hits_of_an_incident_in_brief_are_its_hits_with_their_items_as_they_were(texts: Real) -> None:
    first = an_item("A launch", guid="g")
    edited = replace(first, title="A launch, and another", revision=1)
    later = an_item("A third one", minutes=5)
    hits = [
        a_hit(each, indicator=name) for each in (first, edited, later) for name in ("icbm-launch", "talks")
    ]
    texts.record(Cycle(items=(first,), hits=tuple(hits[:2])), ())
    texts.record(Cycle(items=(edited, later), hits=tuple(hits[2:])), ())

    assert texts.hits_in_brief(IncidentId("i1")) == [
        HitBrief(
            item=hit.item.id,
            revision=hit.item.revision,
            seen=hit.item.seen,
            owner=hit.item.owner,
            title=hit.item.title,
            claim=hit.claim,
            directness=hit.directness,
        )
        for hit in texts.hits(IncidentId("i1"))
    ]
    assert [each.revision for each in texts.hits_in_brief(IncidentId("i1"))] == [0, 0, 1, 1, 0, 0]


def test_the_latest_decisions_are_the_last_of_all_that_are_counted(record: Record) -> None:
    for name in NAMES:
        every = record.store.decisions(name)
        assert record.store.count_decisions(name) == len(every)
        assert record.store.decisions(name, latest=2) == every[-2:]
