"""What the service sees of itself and of its machine: the clock, the disk, and whether its work gets on."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.builders import NOON, an_alert, posted
from tests.flow.harness import harness
from watcher.errors import StoreError
from watcher.model.alerts import ALERT_LOG, Alert, DeliveryState, Reason
from watcher.model.news import FeedId
from watcher.model.polling import Cycle, FeedState
from watcher.pipeline import World
from watcher.service.progress import DUE_FEEDS, ROUND, Progress
from watcher.service.watch import Instruments, Space, Watch, is_well, space_of

GIB = 1 << 30


@dataclass
class Machine:
    """A machine with a wall clock that can be set, one that cannot, and a disk; and a watch over it."""

    wall: datetime = NOON
    seconds: float = 1000.0
    free: int = 30 * GIB
    world: World = field(default_factory=lambda: harness("wire").world)

    def __post_init__(self) -> None:
        self.progress = Progress(lambda: self.seconds)
        self.watch = self.a_watch()

    def a_watch(self) -> Watch:
        instruments = Instruments(
            wall=lambda: self.wall, monotonic=lambda: self.seconds, space=lambda _: Space(40 * GIB, self.free)
        )
        return Watch(self.world, Path(), self.progress, instruments)

    def look(self, seconds: float = 5.0, *, working: bool = True) -> list[Alert]:
        """Let time pass and look."""
        self.seconds += seconds
        self.wall += timedelta(seconds=seconds)
        if working:
            self.progress.sign(ROUND)
        return [alert for cycle in self.watch.look() for alert in cycle.alerts]

    def looks(self, times: int, seconds: float = 60.0) -> list[Reason]:
        return [alert.reason for _ in range(times) for alert in self.look(seconds)]


@pytest.mark.parametrize(
    "step", [timedelta(hours=-1), timedelta(hours=8), timedelta(days=3650), timedelta(seconds=61)], ids=str
)
def test_a_clock_that_is_set_is_told_of_with_both_times(step: timedelta) -> None:
    machine = Machine()
    assert machine.look() == []

    machine.wall += step
    (alert,) = machine.look()

    assert alert.reason is Reason.CLOCK_STEPPED
    assert "from 2026-10-10 12:00:10Z to " in alert.title
    assert machine.looks(100) == []


def test_a_clock_that_is_put_right_by_a_minute_is_no_step() -> None:
    machine = Machine()
    machine.look()

    machine.wall += timedelta(seconds=59)

    assert machine.look() == []


def test_a_clock_that_jumps_to_and_fro_is_told_of_once_an_hour() -> None:
    machine = Machine()
    alerts = []
    for minute in range(180):
        machine.wall += timedelta(hours=8 if minute % 2 else -8)
        alerts += machine.look(60)

    assert [alert.reason for alert in alerts] == [Reason.CLOCK_STEPPED] * 3
    assert "after 59 other steps" in alerts[-1].title


def test_a_disk_that_fills_is_told_of_once_and_once_more_when_there_is_room() -> None:
    machine = Machine()
    assert machine.looks(5) == []

    machine.free = 1 * GIB
    assert machine.looks(60) == [Reason.DISK_LOW]
    machine.watch = machine.a_watch()
    assert machine.looks(60) == []
    machine.free = 20 * GIB
    assert machine.looks(60) == [Reason.RECOVERED]


def test_a_disk_that_cannot_be_measured_stops_no_other_look(caplog: pytest.LogCaptureFixture) -> None:
    def gone(_: Path) -> Space:
        raise OSError("no such folder")

    machine = Machine()
    watch = Watch(
        machine.world,
        Path("gone"),
        machine.progress,
        Instruments(wall=lambda: NOON, monotonic=lambda: 1.0, space=gone),
    )

    assert list(watch.look()) == []
    assert caplog.messages == ["disk_not_measured"]


def test_the_disk_of_a_folder_is_measured(tmp_path: Path) -> None:
    assert 0 <= space_of(tmp_path).free <= space_of(tmp_path).total


def test_an_alert_log_that_cannot_be_written_is_told_of_until_it_can() -> None:
    machine = Machine()
    machine.world.store.record(Cycle(alerts=(an_alert(),)), posted([an_alert()], ALERT_LOG))
    (delivery,) = machine.world.store.lease(ALERT_LOG, NOON, NOON + timedelta(hours=1), 9)
    assert machine.looks(2) == []

    machine.world.store.settle(replace(delivery, attempts=1, error="Read-only file system."), NOON)
    (alert,) = machine.look()
    assert machine.looks(2) == []
    (again,) = machine.world.store.lease(ALERT_LOG, NOON, NOON + timedelta(hours=1), 1)
    machine.world.store.settle(replace(again, state=DeliveryState.DELIVERED, error=""), NOON)

    assert alert.reason is Reason.LOG_UNWRITABLE
    assert alert.why.startswith("Read-only file system. The other channels")
    assert machine.looks(1) == [Reason.RECOVERED]


def test_a_service_that_gets_on_no_more_is_told_of_and_so_is_that_it_kept_pace_again() -> None:
    machine = Machine()
    machine.look()

    stuck = [alert for _ in range(60) for alert in machine.look(working=False)]

    assert [(alert.reason, alert.title) for alert in stuck] == [
        (Reason.LAGGING, "The service lags: no sign of polling for 2 minutes")
    ]
    assert machine.looks(59) == []
    assert machine.looks(3) == [Reason.RECOVERED]


def test_a_restart_between_a_lag_and_its_end_still_tells_the_end() -> None:
    machine = Machine()
    machine.look()
    assert machine.look(200, working=False)

    machine.progress, machine.watch = Progress(lambda: machine.seconds), machine.a_watch()
    machine.watch = machine.a_watch()

    assert machine.looks(62) == [Reason.RECOVERED]


def test_what_could_not_be_recorded_is_told_at_the_next_look() -> None:
    made = harness("wire")
    machine = Machine(world=made.world)
    machine.look()
    made.store.full = True
    machine.wall += timedelta(hours=8)
    with pytest.raises(StoreError):
        machine.look()

    made.store.full = False

    assert [alert.reason for alert in machine.look()] == [Reason.CLOCK_STEPPED]


# --- progress -----------------------------------------------------------------------------------------------


def test_each_part_is_waited_for_from_its_first_sign_on() -> None:
    now = [0.0]
    progress = Progress(lambda: now[0])
    assert progress.stuck() == ()

    progress.sign(ROUND)
    progress.sign("the delivery thread of channel desk")
    now[0] = 200.0
    progress.sign(DUE_FEEDS)

    assert progress.stuck() == ("no sign of polling for 3 minutes",)
    assert progress.steady() is None
    now[0] = 301.0
    progress.sign(ROUND)
    assert progress.stuck() == ("no sign of the delivery thread of channel desk for 5 minutes",)


# --- is all well? -------------------------------------------------------------------------------------------


def a_working_world() -> World:
    world = harness("wire").world
    world.store.record(
        Cycle(states=(FeedState(feed=FeedId("wire"), next_due=NOON + timedelta(minutes=9)),)), ()
    )
    return world


def test_all_is_well_while_work_gets_on_a_feed_works_and_the_log_is_written() -> None:
    assert is_well(a_working_world(), Progress())


def test_all_is_not_well_when_every_feed_fails_or_none_is_asked() -> None:
    failing, forgotten = a_working_world(), a_working_world()
    (state,) = failing.store.states().values()
    failing.store.record(Cycle(states=(replace(state, next_due=NOON, failures=1),)), ())
    forgotten.store.record(Cycle(states=(replace(state, next_due=NOON - timedelta(minutes=9)),)), ())

    assert not is_well(failing, Progress())
    assert not is_well(forgotten, Progress())


def test_all_is_not_well_when_the_alert_log_cannot_be_written() -> None:
    world = a_working_world()
    world.store.record(Cycle(alerts=(an_alert(),)), posted([an_alert()], ALERT_LOG))
    (delivery,) = world.store.lease(ALERT_LOG, NOON, NOON, 1)
    world.store.settle(replace(delivery, attempts=3, error="the disk is full"), NOON)

    assert not is_well(world, Progress())


def test_all_is_not_well_when_nothing_gets_on() -> None:
    now = [0.0]
    progress = Progress(lambda: now[0])
    progress.sign(ROUND)
    now[0] = 100.0

    assert not is_well(a_working_world(), progress)
