"""Queries of every poll and round use an index, so that months of history do not slow them down."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from tests.builders import NOON, an_alert
from tests.store.kinds import Either
from watcher.alerting.review import action_of, mutes, overrides
from watcher.model.polling import Cycle
from watcher.model.review import Action, ActionKind
from watcher.store import SqliteStore

DAY = timedelta(days=1)


def an_action(
    kind: ActionKind, target: str, *, days: float, value: str = "", until: float | None = None
) -> Action:
    """Return what Kim did some days from noon."""
    ends = None if until is None else NOON + until * DAY
    return action_of(kind, target, "Kim", NOON + days * DAY, value=value, why="북한", until=ends)


OLD_MUTE = an_action(ActionKind.MUTE, "parade", days=-90)
OLD_LEVEL = an_action(ActionKind.OVERRIDE, "parade", days=-80, value="watch", until=9)
YOUNG = an_action(ActionKind.ACKNOWLEDGE, "i2", days=-0.5)
AHEAD = an_action(ActionKind.MUTE, "parade", days=2)


def acted(store: Either, *actions: Action) -> Either:
    for action in actions:
        store.add_action(action)
    return store


QUESTIONS: Mapping[str, Callable[[SqliteStore], object]] = {
    "alerts_by_severity": lambda store: store.alerts_by_severity(NOON),
    "track_records": lambda store: store.track_records(NOON),
    "actions_in_force": lambda store: store.actions_in_force(NOON),
    "dead_counts": SqliteStore.dead_counts,
    "last_dead": SqliteStore.last_dead,
    "newest": SqliteStore.newest,
}


def plan(store: SqliteStore, question: str) -> list[str]:
    """Ask a store something and return the plans of the statements that it took."""
    connection, asked = store._engine.connection, list[str]()
    connection.set_trace_callback(asked.append)
    QUESTIONS[question](store)
    connection.set_trace_callback(None)
    return [
        row["detail"]
        for each in asked
        if "SELECT" in each
        for row in connection.execute(f"EXPLAIN QUERY PLAN {each}")
    ]


def test_what_was_done_long_ago_counts_only_if_it_still_holds(store: Either) -> None:
    over = (
        an_action(ActionKind.VERDICT, "i1", days=-50, value="noise"),
        an_action(ActionKind.ACKNOWLEDGE, "i1", days=-50),
    )
    run_out = an_action(ActionKind.MUTE, "drill", days=-50, until=-40)
    lifted = (an_action(ActionKind.MUTE, "test", days=-50), an_action(ActionKind.UNMUTE, "test", days=-49))

    acted(store, OLD_MUTE, *over, OLD_LEVEL, run_out, *lifted, YOUNG)

    assert store.actions_in_force(NOON - DAY) == [OLD_MUTE, OLD_LEVEL, YOUNG]
    assert store.actions_in_force(NOON) == [OLD_MUTE, OLD_LEVEL]


def test_of_two_mutes_of_a_target_the_last_one_holds_even_if_it_ends_first(store: Either) -> None:
    acted(store, OLD_MUTE, an_action(ActionKind.MUTE, "parade", days=-30, until=-29))

    assert store.actions_in_force(NOON) == []


def test_what_was_done_by_a_clock_that_ran_ahead_hides_nothing(store: Either) -> None:
    acted(store, OLD_MUTE, AHEAD)

    assert store.actions_in_force(NOON) == [OLD_MUTE, AHEAD]


@pytest.mark.parametrize("hours", range(-72, 73, 12))
def test_what_is_in_force_means_the_same_as_the_whole_journal(store: Either, hours: float) -> None:
    now = NOON + timedelta(hours=hours)
    story = [
        (ActionKind.MUTE, ""),
        (ActionKind.OVERRIDE, "watch"),
        (ActionKind.UNMUTE, ""),
        (ActionKind.OVERRIDE, ""),
        (ActionKind.MUTE, ""),
    ]
    for number, (kind, value) in enumerate(story * 3):
        until = number - 6 if number % 2 else None
        acted(store, an_action(kind, f"t{number % 4}", days=number % 5 - 2, value=value, until=until))

    narrow, whole = store.actions_in_force(now), store.actions()

    assert mutes(narrow, now) == mutes(whole, now)
    assert overrides(narrow, now) == overrides(whole, now)


def test_how_many_are_dead_is_not_asked_of_those_that_were_delivered(sqlite_store: SqliteStore) -> None:
    assert plan(sqlite_store, "dead_counts") == ["SCAN deliveries USING INDEX deliveries_dead"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_table_is_read_from_end_to_end(sqlite_store: SqliteStore, question: str) -> None:
    sqlite_store.record(Cycle(alerts=(an_alert(),)), ())

    steps = plan(sqlite_store, question)

    assert steps
    assert not {"SCAN alerts", "SCAN actions", "SCAN deliveries", "SCAN items"}.intersection(steps)


def test_the_openings_of_a_year_are_counted_in_an_index_alone(sqlite_store: SqliteStore) -> None:
    sqlite_store.record(Cycle(alerts=(an_alert(),)), ())

    assert "SCAN alerts USING COVERING INDEX alerts_openings" in plan(sqlite_store, "track_records")


def test_what_was_spoken_today_is_looked_up_by_time(sqlite_store: SqliteStore) -> None:
    assert "SEARCH alerts USING INDEX alerts_by_time (at>?)" in plan(sqlite_store, "alerts_by_severity")
