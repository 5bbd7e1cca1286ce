"""What nodes share, on a PostgreSQL: leases, permits, lists, the right to judge, duties."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from threading import Thread
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import integers

from tests.builders import NOON
from tests.nodes.test_leasing import LEASES, PACE, a_lease
from tests.nodes.test_leasing import NOW as NOON_OF_LEASES
from tests.nodes.test_living import a_sign
from tests.postgres import PostgresServer, PostgresStores
from tests.workspace import wait_until
from watcher.errors import StoreError, TooLateError
from watcher.model.alerts import Level
from watcher.model.board import LevelChange, Subject
from watcher.model.language import IndicatorId, SubjectKind
from watcher.model.news import FeedId
from watcher.model.nodes import Lease, ListVersion, NodeName, Permit
from watcher.model.polling import Cycle, FeedState, Poll, PollStatus
from watcher.nodes import leasing
from watcher.store.postgres import PostgresStore
from watcher.store.values import stamp

A, B = FeedId("a"), FeedId("b")
SEOUL = NodeName("seoul")
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
LEASED = NOON + PACE.lease


@pytest.fixture
def store(postgres_stores: PostgresStores) -> PostgresStore:
    return postgres_stores.fresh()


@pytest.fixture
def other(store: PostgresStore) -> Iterator[PostgresStore]:
    """Return another node's store of the same database."""
    with closing(PostgresStore.open(store._engine.url)) as opened:
        yield opened


def polled(feed: FeedId, due: timedelta = 15 * MINUTE, version: int = 0) -> Cycle:
    state = FeedState(feed=feed, next_due=NOON + due, last_poll=NOON, version=version)
    return Cycle(polls=(Poll(feed=feed, at=NOON, status=PollStatus.NOT_MODIFIED),), states=(state,))


def end(store: PostgresStore, session: "psycopg.Connection[Any]") -> None:
    """End a session, as when its machine is lost."""
    with psycopg.connect(store._engine.url) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", (session.info.backend_pid,))


def under(cycle: Cycle, *leases: Lease, lists: int | None = None) -> Cycle:
    permit = Permit(lists=lists, leases={lease.feed: lease.generation for lease in leases})
    return Cycle(polls=cycle.polls, states=cycle.states, permit=permit)


def write(store: PostgresStore, leases: list[Lease]) -> None:
    with store._engine.writing() as connection:
        connection.execute("DELETE FROM leases")
        connection.executemany(
            "INSERT INTO leases (feed, due, generation, holder, until) VALUES (?, ?, ?, ?, ?)",
            [
                (each.feed, stamp(each.due), each.generation, each.holder, each.until and stamp(each.until))
                for each in leases
            ],
        )


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LEASES, integers(1, 20))
def test_the_database_leases_what_the_function_does(
    store: PostgresStore, leases: list[Lease], most: int
) -> None:
    now = NOON_OF_LEASES
    write(store, leases)
    free = [lease for lease in leases if leasing.may_take(lease, now)]

    due, first = store.due_feeds(now), store.first_due()
    taken = store.take(most, "mine", now, now + PACE.lease)

    assert due == len(free)
    moments = [lease.until or lease.due for lease in leases]
    assert first == min(moments, default=None)
    assert tuple(taken) == leasing.take(leases, most, "mine", now, PACE)
    batch = {lease.feed: lease.generation for lease in taken[::2]}
    held = store.hold_on({**batch, FeedId("feed-99"): 1}, SEOUL, now + MINUTE)
    assert {lease.feed for lease in held} == set(batch)
    store.let_go_of({lease.feed: lease.generation for lease in taken})
    assert store.due_feeds(now) == len(free)


def test_nodes_that_lease_at_once_share_no_feed(store: PostgresStore, other: PostgresStore) -> None:
    store.enlist({FeedId(f"feed-{number}"): NOON for number in range(300)})
    taken: list[FeedId] = []

    def lease_all(node: PostgresStore, name: str) -> None:
        while leases := node.take(7, name, NOON, LEASED):
            taken.extend(lease.feed for lease in leases)

    threads = [Thread(target=lease_all, args=each) for each in ((store, "one"), (other, "other"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == sorted({FeedId(f"feed-{number}") for number in range(300)})


def test_a_lease_that_another_has_taken_cannot_record(store: PostgresStore, other: PostgresStore) -> None:
    store.enlist({A: NOON})
    (slow,) = store.take(1, "slow", NOON, LEASED)
    (fast,) = other.take(1, "fast", LEASED, LEASED + PACE.lease)

    with pytest.raises(TooLateError):
        store.record(under(polled(A), slow), ())
    other.record(under(polled(A), fast), ())
    with pytest.raises(TooLateError):
        store.record(under(polled(A, version=1), slow), ())
    with pytest.raises(TooLateError):
        other.record(under(polled(A, version=1), fast), ())

    assert store.first_due() == NOON + 15 * MINUTE
    assert len(store.polls(A)) == 1
    assert store.hold_on({A: slow.generation}, SEOUL, NOON) == []


def test_a_poll_that_somebody_asks_for_makes_a_feed_due(store: PostgresStore) -> None:
    store.enlist({A: NOON})
    (lease,) = store.take(1, "one", NOON, LEASED)
    store.record(under(polled(A), lease), ())

    store.poll_soon(A, NOON + 2 * MINUTE)

    assert store.due_feeds(NOON + MINUTE) == 0
    assert store.due_feeds(NOON + 2 * MINUTE) == 1


def test_only_listed_feeds_are_leased(store: PostgresStore) -> None:
    store.enlist({A: NOON, B: NOON + MINUTE})
    (lease,) = store.take(5, "one", NOON, LEASED)
    store.enlist({A: NOON + 9 * MINUTE, FeedId("c"): NOON})

    assert store.hold_on({A: lease.generation}, SEOUL, LEASED)[0].due == NOON
    assert [each.feed for each in store.take(5, "one", NOON + MINUTE, LEASED + MINUTE)] == ["a", "c"]


def told(version: int, by: str = "seoul") -> ListVersion:
    return ListVersion(version=version, content=f"lists {version}", told_by=NodeName(by), at=NOON)


def test_what_was_judged_by_older_lists_is_not_recorded_once_new_ones_are_told(
    store: PostgresStore, other: PostgresStore
) -> None:
    assert store.lists_told() is None
    assert store.tell_lists(told(1))
    store.record(under(polled(A), lists=1), ())

    assert other.tell_lists(told(2))
    assert not store.tell_lists(told(2, by="busan"))

    assert store.lists_told() == told(2)
    with pytest.raises(TooLateError, match="version 1"):
        store.record(under(polled(B), lists=1), ())
    store.record(under(polled(B), lists=2), ())


def test_what_goes_with_older_lists_is_not_written_once_new_ones_are_told(
    store: PostgresStore, other: PostgresStore
) -> None:
    store.tell_lists(told(1))
    with store.going_by(1):
        store.enlist({A: NOON})
    other.tell_lists(told(2))

    with pytest.raises(TooLateError, match="version 1"), store.going_by(1):
        store.enlist({B: NOON})

    assert [lease.feed for lease in store.take(2, "batch", NOON, LEASED)] == [A]


def test_a_node_sees_the_levels_by_the_names_that_another_gave_them(
    store: PostgresStore, other: PostgresStore
) -> None:
    old, new = IndicatorId("missile-launch"), IndicatorId("rocket-launch")
    change = LevelChange(subject=Subject(kind=SubjectKind.INDICATOR, name=old), level=Level.WATCH, since=NOON)
    store.record(Cycle(levels=(change,)), ())
    assert [each.subject.name for each in other.board()] == [old]
    store.tell_lists(told(1))
    with store.going_by(1):
        store.rename(old, new)

    with other.going_by(1):
        pass

    assert [each.subject.name for each in other.board()] == [new]


def test_who_tells_new_lists_waits_for_what_is_being_recorded(
    store: PostgresStore, other: PostgresStore
) -> None:
    store.tell_lists(told(1))
    telling = Thread(target=other.tell_lists, args=(told(2),))

    with store.judging():
        store.record(under(polled(A), lists=1), ())
        telling.start()
        telling.join(0.2)
        waits = telling.is_alive()
    telling.join()

    assert waits
    assert store.lists_told() == told(2)


def test_one_judges_at_a_time_and_what_fails_is_as_if_it_was_never_read(
    store: PostgresStore, other: PostgresStore
) -> None:
    order: list[str] = []

    def judge() -> None:
        with other.judging():
            order.append("other")
            other.record(polled(A), ())

    waiting = Thread(target=judge)

    def fails() -> None:
        with store.judging():
            store.record(polled(A), ())
            waiting.start()
            waiting.join(0.2)
            order.append("one")
            raise StoreError("the network is gone")

    with pytest.raises(StoreError):
        fails()
    waiting.join()

    assert order == ["one", "other"]
    assert len(store.polls(A)) == 1
    assert store.states() == other.states()


def test_the_right_to_judge_is_free_when_its_holder_is_dead(
    store: PostgresStore, other: PostgresStore
) -> None:
    def dies() -> None:
        with store.judging():
            end(store, store._engine._connection.raw)
            with other.judging():
                other.record(polled(A), ())
            store.record(polled(B), ())

    with pytest.raises(StoreError):
        dies()

    assert set(store.states()) == {A}


def test_who_holds_the_right_to_judge_and_hangs_loses_it(store: PostgresStore, other: PostgresStore) -> None:
    impatient = f"{store._engine.url}&options=-cidle_in_transaction_session_timeout%3D200"

    def hangs(slow: PostgresStore) -> None:
        with slow.judging():
            slow.record(polled(B), ())
            with other.judging():  # waits until the database has ended the session of the other
                other.record(polled(A), ())
            slow.record(polled(A), ())

    with closing(PostgresStore.open(impatient)) as slow:
        with pytest.raises(StoreError):
            hangs(slow)

        assert set(slow.states()) == set(other.states()) == {A}


def test_a_duty_has_one_holder_and_goes_on_when_its_session_ends(
    store: PostgresStore, other: PostgresStore
) -> None:
    assert store.has_duty("charge")
    assert store.has_duty("charge")
    assert not other.has_duty("charge")
    assert other.has_duty("another")
    assert store.missing({"charge", "another", "node x"}) == {"node x"}
    session = store._duties._session
    assert session

    end(store, session)

    wait_until(lambda: other.has_duty("charge"), "another has the duty")
    assert not store.has_duty("charge")
    assert not store.has_duty("charge")
    store._duties.close()


def test_a_duty_that_cannot_be_asked_for_is_not_another_s(
    postgres: PostgresServer, store: PostgresStore
) -> None:
    assert store.has_duty("charge")
    postgres.stop()
    with pytest.raises(StoreError, match="it cannot be reached; start the server"):
        store.has_duty("charge")
    postgres.start()

    assert store.has_duty("charge")
    store._duties.close()


def test_nodes_give_signs_and_leave_nothing_held_when_they_are_forgotten(store: PostgresStore) -> None:
    store.give_sign(a_sign("seoul"))
    store.give_sign(a_sign("busan", recent=1))
    store.give_sign(a_sign("busan", recent=2))

    assert store.nodes() == [a_sign("busan", recent=2), a_sign("seoul")]
    store.enlist({A: NOON, B: NOON})
    leases = store.take(2, "batch", NOON, LEASED)
    store.hold_on({A: leases[0].generation}, SEOUL, LEASED)
    store.hold_on({B: leases[1].generation}, NodeName("busan"), LEASED)
    store.forget_node(NodeName("busan"))
    assert store.nodes() == [a_sign("seoul")]
    assert store.due_feeds(NOON) == 1
    store.free_of(a_sign("seoul"))
    assert store.due_feeds(NOON) == 2


def test_the_clock_of_the_database_is_asked(store: PostgresStore) -> None:
    assert store.now().tzinfo
    assert store.now() <= store.now()
    assert a_lease("x").generation == 0
