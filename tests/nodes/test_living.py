"""Which nodes live, what each does, and what time it is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis.strategies import floats

from watcher.model.nodes import ListVersion, NodeName, NodeSign
from watcher.nodes.agreeing import Stand, stand, waiting
from watcher.nodes.clocks import ClockSample, ahead
from watcher.nodes.leasing import Pace
from watcher.nodes.living import ALONE, fleet_of, lateness, living, problems, shares, workers

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
PACE = Pace()
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
TOLD = ListVersion(version=3, content="new", told_by=NodeName("seoul"), at=NOW)


def a_sign(name: str, *, ago: timedelta = timedelta(), recent: int = 0, trouble: str = "") -> NodeSign:
    return NodeSign(
        name=NodeName(name),
        version="1",
        machine=f"{name}.example",
        process=1,
        started=NOW - MINUTE,
        seen=NOW - ago,
        workers=2,
        recent=recent,
        trouble=trouble,
    )


def test_a_node_that_gives_no_sign_is_dead_and_its_workers_are_not_counted() -> None:
    signs = [a_sign("seoul"), a_sign("busan", ago=MINUTE), a_sign("daegu", trouble="other lists")]

    assert [sign.name for sign in living(signs, NOW, PACE)] == ["seoul", "daegu"]
    assert workers(signs, NOW, PACE) == 2
    dead, idle = problems(signs, timedelta(), NOW, PACE)
    assert dead.startswith("node busan on busan.example gave its last sign of life at 2026-11-23 09:59:00Z")
    assert idle == "node daegu: other lists"


def test_the_shares_of_nodes_are_parts_of_one() -> None:
    assert shares([a_sign("seoul", recent=30), a_sign("busan", recent=10)]) == {"seoul": 0.75, "busan": 0.25}
    assert shares([a_sign("seoul")]) == {"seoul": 0}


def test_feeds_that_wait_for_a_node_need_a_person() -> None:
    assert lateness(None, NOW) == lateness(NOW + MINUTE, NOW) == timedelta()
    assert problems([], lateness(NOW - 6 * MINUTE, NOW), NOW, PACE) == (
        "feeds wait 6 minutes for a node; add one",
    )
    assert problems([], MINUTE, NOW, PACE) == ()


def test_the_first_whose_files_change_tells_them_and_the_others_wait_for_theirs() -> None:
    def of(own: str, *, agreed: bool, asked: bool = False, others_agree: bool = True) -> Stand:
        return stand(TOLD, own, agreed=agreed, asked=asked, others_agree=others_agree)

    assert stand(None, "new", agreed=False, asked=False, others_agree=False) is Stand.TELLS
    assert of("new", agreed=False) is Stand.AGREES
    assert of("newer", agreed=True) is Stand.TELLS
    assert of("old", agreed=False) is Stand.WAITS
    assert of("old", agreed=False, asked=True) is Stand.TELLS
    assert of("old", agreed=False, others_agree=False) is Stand.TELLS
    assert "node seoul told at 2026-11-23 10:00Z" in waiting(replace(TOLD))


@given(floats(-90, 90), floats(0, 5), floats(0, 5))
def test_a_clock_is_known_to_half_of_what_asking_took(seconds: float, there: float, back: float) -> None:
    off = timedelta(seconds=seconds)
    arrives = NOW + timedelta(seconds=there)
    quick = ClockSample(at=NOW, shown=arrives - off, answered=arrives + timedelta(seconds=back))
    slow = ClockSample(at=NOW, shown=NOW - off, answered=NOW + 11 * SECOND)

    error = ahead([slow, quick]) - off

    assert abs(error) <= timedelta(seconds=(there + back) / 2 + 1e-3)


def test_people_see_who_lives_what_each_does_and_how_late_feeds_are() -> None:
    signs = [a_sign("seoul", recent=3), a_sign("busan", ago=MINUTE, recent=1)]

    fleet = fleet_of(signs, NOW - 2 * MINUTE, NOW, PACE)

    assert [(line.sign.name, line.lives, line.share) for line in fleet.nodes] == [
        ("seoul", True, 0.75),
        ("busan", False, 0.25),
    ]
    assert fleet.late == 2 * MINUTE
    assert fleet.process == 1
    assert len(fleet.problems) == 1
    assert fleet_of((), None, NOW, PACE) == ALONE
