"""The board's history is kept, and its last lines are the present."""

from datetime import timedelta

import pytest

from tests.builders import NOON, an_incident
from tests.fakes import sign_of
from tests.store.kinds import Either
from watcher.model.alerts import IncidentId, Level
from watcher.model.board import PROBLEM, LevelChange, Subject
from watcher.model.language import SubjectKind
from watcher.model.polling import Cycle

RHETORIC = Subject(kind=SubjectKind.CATEGORY, name="rhetoric")


def a_standing(
    level: Level, subject: Subject = PROBLEM, *, hours: float = 0, overridden: bool = False
) -> LevelChange:
    return LevelChange(
        subject=subject,
        level=level,
        before=Level.WATCH,
        since=NOON + timedelta(hours=hours),
        pressure=1.75,
        because=("1.75 rhetoric", "북한 “담화”"),
        incidents=(IncidentId("i1"),),
        overridden=overridden,
    )


def test_how_a_subject_stands_is_its_last_change(store: Either) -> None:
    first, second, other = (
        a_standing(Level.CRITICAL),
        a_standing(Level.ELEVATED, hours=1),
        a_standing(Level.WATCH, RHETORIC, overridden=True),
    )
    store.record(Cycle(levels=(first, other)), ())
    store.record(Cycle(levels=(second,)), ())

    assert list(store.board()) == [other, second]
    assert store.levels(NOON) == [first, other, second]
    assert store.levels(NOON + timedelta(minutes=1)) == [second]


def test_the_first_change_of_all_is_on_the_board(store: Either) -> None:
    assert list(store.board()) == []

    store.record(Cycle(levels=(a_standing(Level.CRITICAL),)), ())

    assert list(store.board()) == [a_standing(Level.CRITICAL)]


def test_the_last_change_counts_also_when_the_clock_was_set_back(store: Either) -> None:
    store.record(Cycle(levels=(a_standing(Level.CRITICAL, hours=5),)), ())
    store.record(Cycle(levels=(a_standing(Level.ELEVATED),)), ())

    (standing,) = store.board()

    assert standing.level is Level.ELEVATED


def test_a_change_recorded_twice_is_there_once(store: Either) -> None:
    store.record(Cycle(levels=(a_standing(Level.CRITICAL),)), ())
    store.record(Cycle(levels=(a_standing(Level.CRITICAL),)), ())

    assert len(store.levels(NOON)) == 1


@pytest.mark.parametrize("minutes", [0, 90])
def test_the_board_knows_of_an_incident_what_it_weighs(store: Either, minutes: float) -> None:
    store.record(Cycle(incidents=(an_incident(), an_incident("i2", minutes=90))), ())

    expected = [sign_of(an_incident())] if minutes == 0 else []
    assert store.signs(NOON + timedelta(minutes=minutes)) == [
        *expected,
        sign_of(an_incident("i2", minutes=90)),
    ]
