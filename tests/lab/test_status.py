"""What is true of how sequences, tempos and silences stand: it is what would be said of them now."""

from dataclasses import replace
from datetime import timedelta

from tests.builders import NOON, a_hit, an_incident, an_item
from tests.fakes import FakeStore
from tests.lab.news import the_rules
from watcher.incidents.kinds.silence import ANYTHING
from watcher.lab.status import status_of
from watcher.model.language import IndicatorId
from watcher.model.polling import Cycle

LIST = """entities: {kim: {names: [Kim Jong Un]}}
indicators:
  - {id: launch, category: provocation, match: [missile*]}
  - {id: drill, category: trigger, match: [drill*]}
  - {id: tempo, category: precursor, tempo: {of: launch, within: 30d, count: 3, times: 2}}
  - {id: answer, category: precursor, sequence: {first: drill, then: launch, within: 14d}}
  - {id: absence, category: precursor, silence: {entity: kim, longer: 14d}}
"""
RULES = the_rules(LIST)


def standing(name: str, store: FakeStore, *, days: float) -> list[str]:
    return list(
        status_of(
            RULES.indicators[IndicatorId(name)],
            store,
            NOON + timedelta(days=days),
        )
    )


def fired(store: FakeStore, indicator: str, *days: int) -> None:
    """Record an incident of an indicator on each of some days."""
    for day in days:
        item = an_item(f"{indicator} {day}", minutes=day * 24 * 60)
        incident = replace(an_incident(item.id, items=(item,)), opened=item.seen, title=item.title)
        store.record(
            Cycle(
                items=(item,),
                hits=(a_hit(item, indicator=indicator, incident=incident.id),),
                incidents=(incident,),
            ),
            (),
        )


def test_a_tempo_stands_at_a_count_and_asks_for_more() -> None:
    store = FakeStore()
    fired(store, "launch", 0, 100, 130, 140)

    assert standing("tempo", store, days=150) == [
        "2 of launch within 30 days, usually 0.5",
        "asks for at least 3 and at least 2 times as many as usual",
    ]


def test_a_sequence_stands_at_a_rate_and_an_open_case() -> None:
    store = FakeStore()
    fired(store, "drill", 0, 50)
    fired(store, "launch", 3)

    assert standing("answer", store, days=55) == [
        "answered in 1 of 1 earlier cases within 14 days (0.2 by chance), median 3 days",
        "a case is open since 2026-11-29 (drill 50): not answered yet",
    ]


def test_a_silence_stands_at_days_and_gaps() -> None:
    store = FakeStore()
    days = [(NOON + timedelta(days=day)).date() for day in range(30)]
    store.record(Cycle(heard={ANYTHING: frozenset(days)}), ())
    assert standing("absence", store, days=20)[0] == "not heard often enough yet to be missed"

    store.record(Cycle(heard={IndicatorId("absence"): frozenset(days[:6])}), ())

    assert standing("absence", store, days=20) == [
        "unheard for 15 days with news, last on 2026-10-15",
        "usual gap 1, longest 1, of 5",
        "asks for a gap longer than 14 days and than 99 of 100 gaps so far",
    ]


def test_an_indicator_that_reads_single_items_has_no_status() -> None:
    assert [
        RULES.indicators[IndicatorId(name)].kind.reads.is_news for name in ("launch", "tempo", "absence")
    ] == [True, False, False]
    assert standing("launch", FakeStore(), days=0) == []
