"""What is old goes, a little at a time; what could make somebody be told twice stays."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NOON, a_hit, a_list, an_alert, an_incident, an_item, posted
from tests.faults.test_every_step import Agencies, Desktop
from tests.store.kinds import Either, Real
from tests.workspace import ONE_TERM
from watcher.model.alerts import AlertId, ChannelId, DeliveryState, Held, Incident, IncidentId, Reason
from watcher.model.news import Feed, FeedId, Item, ItemKeys
from watcher.model.polling import Cycle
from watcher.model.retention import Pruned
from watcher.model.review import Action, ActionKind
from watcher.pipeline import DELIVERY_LEASE, World, poll, rules_of
from watcher.read.identity import unseen
from watcher.store import SqliteStore

OLD = an_item("Old missile launch")
YOUNG = an_item("New missile launch", minutes=100)
CUT = NOON + timedelta(minutes=50)
DESK = ChannelId("desk")


def prune_all(store: Real, before: datetime = CUT, most: int = 500) -> list[Pruned]:
    """Prune step by step to the end."""
    steps = [store.prune(before, most=most)]
    while steps[-1].after is not None:
        steps.append(store.prune(before, steps[-1].after, most))
    return steps


def told(item: Item, *, closed: bool = True, name: str = "i1") -> Cycle:
    """Return the cycle of an item that made an incident and an alert."""
    incident = replace(an_incident(name, items=(item,)), closed=NOON if closed else None, updated=item.seen)
    alert = replace(an_alert(alert_id=f"a-{name}"), at=item.seen, incident=name)
    return Cycle(
        items=(item,), hits=(a_hit(item, incident=IncidentId(name)),), incidents=(incident,), alerts=(alert,)
    )


def deliver_all(store: Real, state: DeliveryState = DeliveryState.DELIVERED) -> None:
    for delivery in store.lease(
        DESK, NOON + timedelta(days=1), NOON + timedelta(days=1) + DELIVERY_LEASE, 100
    ):
        store.settle(replace(delivery, state=state), NOON + timedelta(days=1))


def rows(store: Real, *tables: str) -> list[int]:
    counts = store.counts()
    return [counts[table] for table in tables]


# --- what goes ----------------------------------------------------------------------------------------------


def test_what_a_clock_that_ran_ahead_left_behind_holds_up_nothing(database: Real) -> None:
    ahead = tuple(an_item(f"Of the future {number}", minutes=10_000) for number in range(5))
    for items in (ahead, (OLD,), (YOUNG,)):
        database.record(Cycle(items=items), ())

    prune_all(database, most=2)

    assert {item.id for item in database.items()} == {item.id for item in (*ahead, YOUNG)}


def test_what_is_old_goes_with_its_words_and_what_is_young_stays(database: Real) -> None:
    database.record(Cycle(items=(OLD, YOUNG)), ())

    assert prune_all(database)[0].items == 1

    assert list(database.items()) == [YOUNG]
    assert list(database.search("missile")) == [YOUNG]


def test_an_item_that_has_gone_is_recognised_by_its_keys(
    store: Either,
) -> None:
    store.record(Cycle(items=(OLD, YOUNG)), ())
    before = store.known(OLD.feed, [OLD.keys])

    assert store.oldest() == OLD.seen
    assert store.prune(CUT).items == 1
    found = store.known(OLD.feed, [OLD.keys])

    assert list(found) == list(before)
    assert unseen([OLD], found) == ()
    assert list(store.known(FeedId("other"), [OLD.keys])) == []
    assert store.oldest() == YOUNG.seen


def test_an_item_that_has_gone_is_recognised_when_one_of_its_keys_changed(database: Real) -> None:
    database.record(Cycle(items=(OLD,)), ())
    moved = replace(OLD, keys=replace(OLD.keys, guid="another"))

    prune_all(database)

    assert unseen([moved], database.known(OLD.feed, [moved.keys])) == ()


def test_an_item_without_a_key_is_not_taken_for_another_without_it(database: Real) -> None:
    bare = replace(OLD, keys=ItemKeys(guid="", link="", title="old missile launch"))
    database.record(Cycle(items=(bare,)), ())

    prune_all(database)
    (found,) = database.known(OLD.feed, [ItemKeys(guid="", link="", title="old missile launch")])

    assert found.keys == bare.keys
    assert list(database.known(OLD.feed, [ItemKeys(guid="", link="", title="")])) == []


def test_an_item_that_has_gone_and_is_edited_comes_back_as_its_next_revision(
    database: Real,
) -> None:
    database.record(Cycle(items=(OLD,)), ())
    prune_all(database)
    (edited,) = unseen([replace(OLD, summary="Two", text_hash="two")], database.known(OLD.feed, [OLD.keys]))

    database.record(Cycle(items=(edited,)), ())

    assert edited.revision == 1
    assert database.item(OLD.id) == edited
    assert rows(database, "forgotten") == [0]
    assert len(database.known(OLD.feed, [OLD.keys])) == 1


def test_an_incident_that_is_over_goes_with_its_items_and_alerts(database: Real) -> None:
    cycle = told(OLD)
    database.record(cycle, posted(cycle.alerts, DESK))
    deliver_all(database)

    prune_all(database)

    tables = ("items", "hits", "incidents", "decisions", "alerts", "deliveries")
    assert rows(database, *tables) == [0] * len(tables)


def test_alerts_that_are_about_no_incident_go_when_they_are_as_old_as_what_was_pruned(
    database: Real,
) -> None:
    middle = an_item("Middle", minutes=40)
    old, late = (
        replace(an_alert(alert_id=name), incident=name, at=at)
        for name, at in (("old", NOON), ("late", middle.seen))
    )
    open_one = told(YOUNG, name="young", closed=False)
    early = replace(open_one.alerts[0], at=NOON)
    database.record(Cycle(items=(OLD, middle), alerts=(old, late)), posted((old, late), DESK))
    database.record(replace(open_one, alerts=(early,)), posted((early,), DESK))
    deliver_all(database)

    assert prune_all(database)[0].alerts == 1

    assert [alert.id for alert in database.alerts()] == ["late", early.id]


def test_a_hit_that_joined_no_incident_holds_no_item(database: Real) -> None:
    joined = told(an_item("Old and open", minutes=1), closed=False)
    database.record(Cycle(items=(OLD,), hits=(a_hit(OLD, incident=None),)), ())
    database.record(joined, ())

    assert prune_all(database)[0].items == 1

    assert list(database.items()) == list(joined.items)


def test_what_a_channel_is_owed_of_one_incident_keeps_no_other(database: Real) -> None:
    over, owed = told(OLD), told(an_item("Another", minutes=1), name="i2")
    database.record(over, posted(over.alerts, DESK))
    deliver_all(database)
    database.record(owed, posted(owed.alerts, DESK))

    prune_all(database)

    assert [database.incident(IncidentId(name)) is None for name in ("i1", "i2")] == [True, False]


def test_an_incident_that_waits_for_a_summary_stays(database: Real) -> None:
    cycle = told(OLD)
    held = replace(cycle.incidents[0], held=Held(reason=Reason.SEEDING, since=NOON))
    database.record(replace(cycle, incidents=(held,)), ())

    prune_all(database)

    assert database.incident(held.id) == held


def test_it_makes_no_difference_how_small_the_steps_are(fresh: Callable[[], Real]) -> None:
    left = []
    for most in (1, 3, 500):
        with closing(fresh()) as store:
            for number in range(10):
                store.record(told(an_item(f"Launch {number}", minutes=number * 10), name=f"i{number}"), ())
            prune_all(store, most=most)
            left.append((store.items(), rows(store, "incidents", "alerts", "forgotten")))

    assert left[0] == left[1] == left[2]
    assert left[0][1] == [5, 5, 5]


# --- what stays ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("closed", "gone"), [(False, (0, 0, 0)), (True, (1, 1, 1))])
def test_an_incident_that_something_may_join_keeps_all_it_has(
    store: Either, *, closed: bool, gone: tuple[int, int, int]
) -> None:
    store.record(told(OLD, closed=closed), ())

    step = store.prune(CUT)

    assert (step.items, step.incidents, step.alerts) == gone
    assert (store.item(OLD.id) is None) == closed
    assert bool(store.hits(IncidentId("i1"))) != closed


def test_an_incident_that_grew_lately_keeps_its_old_items(database: Real) -> None:
    incident: Incident = replace(an_incident(items=(OLD, YOUNG)), closed=YOUNG.seen, updated=YOUNG.seen)
    hits = (a_hit(OLD, incident=incident.id), a_hit(YOUNG, incident=incident.id))
    database.record(Cycle(items=(OLD, YOUNG), hits=hits, incidents=(incident,)), ())

    prune_all(database)

    assert list(database.hits(incident.id)) == list(hits)


@pytest.mark.parametrize("state", [DeliveryState.PENDING, DeliveryState.DEAD])
def test_what_a_channel_is_owed_stays_with_all_that_explains_it(database: Real, state: DeliveryState) -> None:
    cycle = told(OLD)
    lone = replace(an_alert(alert_id="feeds"), incident="feeds", at=NOON)
    database.record(replace(cycle, alerts=(*cycle.alerts, lone)), posted((*cycle.alerts, lone), DESK))
    if state is DeliveryState.DEAD:
        deliver_all(database, state)

    prune_all(database)

    assert rows(database, "items", "hits", "incidents", "alerts", "deliveries") == [1, 1, 1, 2, 2]


def test_what_reviewers_did_and_what_the_service_remembers_stays(database: Real) -> None:
    database.record(told(OLD), ())
    database.add_action(
        Action(id="v", at=NOON, by="kim", kind=ActionKind.VERDICT, target="i1", value="useful")
    )
    database.note("last_tick", "then")

    prune_all(database)

    assert rows(database, "incidents", "actions", "notes") == [0, 1, 1]


# --- and is news once all the same --------------------------------------------------------------------------

RULES = rules_of(a_list(ONE_TERM))
WIRE = Feed(id=FeedId("wire"), url="https://wire.example/f", owner="wire", seed=False)
TITLE = st.sampled_from([*(f"ICBM number {number} launched" for number in range(6)), "Weather fine", "Rain"])
CHAPTER = st.lists(TITLE, min_size=1, max_size=5, unique=True)


def alerts_of(
    fresh: Callable[[], Real], chapters: Sequence[list[str]], *, keep: timedelta | None
) -> list[AlertId]:
    """Poll a feed every ten days; return the ids of the alerts."""
    ids: list[AlertId] = []
    with closing(fresh()) as store:
        for number, chapter in enumerate(chapters):
            now = NOON + number * timedelta(days=10)
            world = World(
                fetcher=Agencies({"wire": chapter}),
                reader=Desktop(),
                store=store,
                channels=(),
                clock=lambda now=now: now,
            )
            ids += [
                alert.id
                for cycle in poll([WIRE], world, RULES)
                for alert in cycle.alerts
                if alert.kind == "incident"
            ]
            if keep:
                prune_all(store, now - keep, most=2)
        return ids


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(chapters=st.lists(CHAPTER, min_size=2, max_size=8))
def test_what_a_feed_lists_again_after_it_was_taken_out_is_not_told_again(
    fresh: Callable[[], Real], chapters: list[list[str]]
) -> None:
    assert alerts_of(fresh, chapters, keep=timedelta(days=15)) == alerts_of(fresh, chapters, keep=None)


# --- and the file shrinks -----------------------------------------------------------------------------------


def fill(store: SqliteStore) -> None:
    for start in range(0, 2000, 200):
        items = tuple(
            an_item(f"Story {number} {'words and more ' * 20}") for number in range(start, start + 200)
        )
        store.record(Cycle(items=items), ())


def test_a_file_gives_back_what_was_taken_out(path: Path) -> None:
    with closing(SqliteStore.open(path, durable=False)) as store:
        fill(store)
        full, _ = store.size()
        prune_all(store, NOON + timedelta(days=1))
        _, free = store.size()
        assert store.give_back(10) <= free / 4096 - 10
        while store.give_back():
            pass
        emptied = store.size()

    assert free > full / 2
    assert emptied[1] == 0
    assert path.stat().st_size < full / 2


def test_a_file_made_before_files_could_shrink_does_so_once_it_is_written_anew(path: Path) -> None:
    with closing(sqlite3.connect(path)) as made:
        made.execute(
            "CREATE TABLE _sqlite_migrations "
            "(id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT)"
        )
    with closing(SqliteStore.open(path, durable=False)) as store:
        fill(store)
        prune_all(store, NOON + timedelta(days=1))
        assert store.give_back() > 0
        store.compact()
        assert store.size()[1] == 0

        fill(store)
        assert list(store.search('"story 1999"'))
        assert store.integrity() == []
