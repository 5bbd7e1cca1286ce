"""The alert log has every alert exactly once, whatever happens to the disk, the file or the process."""

import errno
import fcntl
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import NOON, an_alert
from watcher.channels.log import AlertLog, PosixDisk
from watcher.delivery.render import alert_json
from watcher.errors import DeliveryError
from watcher.model.alerts import Alert

DAY = "2026-10-10.jsonl"


@dataclass
class FaultyDisk(PosixDisk):
    """A disk whose next calls fail as told: None works, a number is the bytes taken, an errno is raised."""

    writes: list[int | str | None] = field(default_factory=list)
    fsyncs: list[str | None] = field(default_factory=list)

    def write(self, descriptor: int, data: bytes) -> int:
        fault = self.writes.pop(0) if self.writes else None
        if isinstance(fault, str):
            raise OSError(getattr(errno, fault), os.strerror(getattr(errno, fault)))
        return super().write(descriptor, data if fault is None else data[:fault])

    def fsync(self, descriptor: int) -> None:
        fault = self.fsyncs.pop(0) if self.fsyncs else None
        if fault:
            raise OSError(getattr(errno, fault), os.strerror(getattr(errno, fault)))
        super().fsync(descriptor)


def ids_in(file: Path) -> list[str]:
    return [json.loads(line)["id"] for line in file.read_text().splitlines()]


def numbered(*numbers: int) -> list[Alert]:
    return [an_alert(f"Report {number}", alert_id=f"a{number}") for number in numbers]


def send_all(log: AlertLog, alerts: list[Alert]) -> None:
    for alert in alerts:
        log.send(alert)


# --- what a line is -----------------------------------------------------------------------------------------


def test_an_alert_is_one_line_in_the_file_of_its_utc_day(tmp_path: Path) -> None:
    late_in_seoul = an_alert(
        alert_id="a2", at=(NOON - timedelta(hours=13)).astimezone(timezone(timedelta(hours=9)))
    )

    send_all(AlertLog(tmp_path / "alerts"), [an_alert(), late_in_seoul])

    assert (tmp_path / "alerts" / DAY).read_text() == alert_json(an_alert()) + "\n"
    assert ids_in(tmp_path / "alerts" / "2026-10-09.jsonl") == ["a2"]


def test_a_title_with_line_breaks_and_half_characters_is_one_line(tmp_path: Path) -> None:
    AlertLog(tmp_path).send(an_alert("ICBM\n\u2028\x85\x00\ud800 \x1b[31mtest"))

    (line,) = (tmp_path / DAY).read_text().splitlines()
    assert json.loads(line)["title"] == "ICBM \ufffd test"


# --- exactly once -------------------------------------------------------------------------------------------


def test_an_alert_sent_again_is_written_once(tmp_path: Path) -> None:
    log = AlertLog(tmp_path)

    send_all(log, numbered(1, 2, 1, 2, 1))

    assert ids_in(tmp_path / DAY) == ["a1", "a2"]


def test_a_new_process_knows_what_is_in_the_file(tmp_path: Path) -> None:
    send_all(AlertLog(tmp_path), numbered(1, 2))

    send_all(AlertLog(tmp_path), numbered(2, 3))

    assert ids_in(tmp_path / DAY) == ["a1", "a2", "a3"]


def test_many_days_are_remembered_by_their_files_and_not_in_memory(tmp_path: Path) -> None:
    log = AlertLog(tmp_path)
    alerts = [an_alert(alert_id=f"a{day}", at=NOON + timedelta(days=day)) for day in range(10)]

    send_all(log, alerts + alerts)

    assert [len(ids_in(file)) for file in tmp_path.iterdir()] == [1] * 10
    assert len(log._days) == 3


def test_two_processes_may_write_by_turns(tmp_path: Path) -> None:
    one, other = AlertLog(tmp_path), AlertLog(tmp_path)

    one.send(an_alert(alert_id="a1"))
    send_all(other, numbered(1, 2))
    send_all(one, numbered(2, 3))

    assert ids_in(tmp_path / DAY) == ["a1", "a2", "a3"]


def test_a_file_another_process_holds_is_tried_again_later(tmp_path: Path) -> None:
    log = AlertLog(tmp_path)
    with (tmp_path / DAY).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(DeliveryError, match="Another process holds it"):
            log.send(an_alert())

    log.send(an_alert())

    assert ids_in(tmp_path / DAY) == ["a1"]


# --- a torn end ---------------------------------------------------------------------------------------------


def test_a_torn_end_is_set_aside_and_its_alert_written_whole(tmp_path: Path) -> None:
    whole = alert_json(an_alert(alert_id="a2"))
    send_all(AlertLog(tmp_path), numbered(1))
    with (tmp_path / DAY).open("a") as file:
        file.write(whole[:40])

    AlertLog(tmp_path).send(an_alert(alert_id="a2"))

    assert ids_in(tmp_path / DAY) == ["a1", "a2"]
    assert (tmp_path / (DAY + ".torn")).read_text() == whole[:40] + "\n"


def test_a_whole_line_that_only_lacks_its_line_break_is_kept(tmp_path: Path) -> None:
    (tmp_path / DAY).write_text(alert_json(an_alert(alert_id="a1")))
    log = AlertLog(tmp_path)

    send_all(log, numbered(1, 2, 2))

    assert ids_in(tmp_path / DAY) == ["a1", "a2"]
    assert len(log._days) == 1
    assert not list(tmp_path.glob("*.torn"))


def test_lines_that_are_no_alerts_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / DAY).write_bytes(b'\xff\xfe\n[1]\n{"no":"id"}\n' + b"[" * 100_000 + b"\n\n")
    before = (tmp_path / DAY).read_bytes()

    AlertLog(tmp_path).send(an_alert())

    assert (tmp_path / DAY).read_bytes() == before + alert_json(an_alert()).encode() + b"\n"


@settings(max_examples=40, deadline=None)
@given(cut=st.integers(min_value=0), again=st.integers(min_value=0, max_value=2))
def test_a_file_cut_anywhere_is_whole_again_after_what_was_pending_is_sent(
    tmp_path_factory: pytest.TempPathFactory, cut: int, again: int
) -> None:
    folder = tmp_path_factory.mktemp("alerts")
    send_all(AlertLog(folder), numbered(0, 1, 2))
    file = folder / DAY
    os.truncate(file, cut % (file.stat().st_size + 1))

    send_all(AlertLog(folder), numbered(0, 1, 2) + numbered(again))

    assert ids_in(file) == ["a0", "a1", "a2"]


# --- a disk that fails --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("disk", "says"),
    [
        (FaultyDisk(writes=[None, 0]), "0 of .* bytes were taken; the disk is probably full"),
        (FaultyDisk(writes=[None, 30]), "30 of .* bytes were taken"),
        (FaultyDisk(writes=[None, "ENOSPC"]), "No space left on device"),
        (FaultyDisk(writes=[None, "EIO"]), "Input/output error"),
        (FaultyDisk(fsyncs=[None, None, None, "EIO"]), "Input/output error"),
        (FaultyDisk(fsyncs=[None, None, None, "ENOSPC"]), "No space left on device"),
    ],
)
def test_a_failing_disk_leaves_the_file_as_it_was_and_the_alert_comes_later(
    tmp_path: Path, disk: FaultyDisk, says: str
) -> None:
    log = AlertLog(tmp_path, disk)
    log.send(an_alert(alert_id="a1"))
    before = (tmp_path / DAY).read_bytes()

    with pytest.raises(DeliveryError, match=says) as caught:
        log.send(an_alert(alert_id="a2"))

    assert not caught.value.permanent
    assert (tmp_path / DAY).read_bytes() == before
    send_all(log, numbered(2, 1, 2))
    assert ids_in(tmp_path / DAY) == ["a1", "a2"]
    assert not list(tmp_path.glob("*.torn"))


def test_an_alert_is_taken_only_when_its_line_is_on_the_disk(tmp_path: Path) -> None:
    """A line written before a kill, and never synced, is synced before it counts."""
    (tmp_path / DAY).write_text(alert_json(an_alert()) + "\n")

    with pytest.raises(DeliveryError, match="Input/output error"):
        AlertLog(tmp_path, FaultyDisk(fsyncs=["EIO"])).send(an_alert())


def test_after_a_failed_sync_nothing_counts_before_the_file_was_read_and_synced_again(tmp_path: Path) -> None:
    log = AlertLog(tmp_path, FaultyDisk(fsyncs=[None, None, None, "EIO", "EIO"]))
    log.send(an_alert(alert_id="a1"))

    for alert in numbered(2, 1):
        with pytest.raises(DeliveryError, match="Input/output error"):
            log.send(alert)

    send_all(log, numbered(1, 2))
    assert ids_in(tmp_path / DAY) == ["a1", "a2"]


def test_a_torn_end_that_cannot_be_set_aside_stays_where_it_is(tmp_path: Path) -> None:
    (tmp_path / DAY).write_text('{"id":"a1","at')
    log = AlertLog(tmp_path, FaultyDisk(writes=["ENOSPC"]))

    with pytest.raises(DeliveryError, match="No space left"):
        log.send(an_alert())

    assert (tmp_path / DAY).read_text() == '{"id":"a1","at'
    log.send(an_alert())
    assert ids_in(tmp_path / DAY) == ["a1"]


@settings(max_examples=40, deadline=None)
@given(
    writes=st.lists(st.sampled_from([None, 0, 1, 50, "ENOSPC", "EIO"]), max_size=12),
    fsyncs=st.lists(st.sampled_from([None, None, "EIO"]), max_size=12),
)
def test_whatever_a_disk_does_an_outbox_that_tries_again_ends_with_every_alert_once(
    tmp_path_factory: pytest.TempPathFactory, writes: list[int | str | None], fsyncs: list[str | None]
) -> None:
    folder = tmp_path_factory.mktemp("alerts")
    log = AlertLog(folder, FaultyDisk(writes=writes, fsyncs=fsyncs))
    pending = numbered(0, 1, 2, 3)

    for _ in range(len(writes) + len(fsyncs) + len(pending) + 1):
        still = []
        for alert in pending:
            try:
                log.send(alert)
            except DeliveryError:
                still.append(alert)
        pending = still

    assert sorted(ids_in(folder / DAY)) == ["a0", "a1", "a2", "a3"]


# --- a file that others touch -------------------------------------------------------------------------------


def test_a_file_rotated_away_is_begun_anew(tmp_path: Path) -> None:
    log = AlertLog(tmp_path)
    send_all(log, numbered(1))
    (tmp_path / DAY).rename(tmp_path / "rotated")

    send_all(log, numbered(2))

    assert ids_in(tmp_path / "rotated") == ["a1"]
    assert ids_in(tmp_path / DAY) == ["a2"]


def test_a_file_that_was_emptied_or_restored_is_read_again(tmp_path: Path) -> None:
    log = AlertLog(tmp_path)
    send_all(log, numbered(1, 2))
    backup = (tmp_path / DAY).read_bytes()
    os.truncate(tmp_path / DAY, 0)

    send_all(log, numbered(3))
    (tmp_path / DAY).write_bytes(backup + (tmp_path / DAY).read_bytes())
    send_all(log, numbered(1, 2, 3, 4))

    assert ids_in(tmp_path / DAY) == ["a1", "a2", "a3", "a4"]


def test_a_folder_removed_while_running_is_made_again(tmp_path: Path) -> None:
    log = AlertLog(tmp_path / "alerts")
    send_all(log, numbered(1))
    (tmp_path / "alerts" / DAY).unlink()
    (tmp_path / "alerts").rmdir()

    send_all(log, numbered(2))

    assert ids_in(tmp_path / "alerts" / DAY) == ["a2"]


def test_a_folder_that_may_not_be_written_is_told_clearly(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    if os.access(tmp_path, os.W_OK):
        pytest.skip("this user may write anywhere")

    with pytest.raises(
        DeliveryError, match=r"cannot be written: Permission denied\. Give the watcher the right"
    ):
        AlertLog(tmp_path).send(an_alert())


@pytest.mark.parametrize("in_the_way", ["a file", "a folder"])
def test_something_in_the_way_is_told_clearly(tmp_path: Path, in_the_way: str) -> None:
    if in_the_way == "a file":
        (tmp_path / "alerts").write_text("")
    else:
        (tmp_path / "alerts" / DAY).mkdir(parents=True)

    with pytest.raises(DeliveryError, match=r"alerts/2026-10-10\.jsonl cannot be written: .* tried again"):
        AlertLog(tmp_path / "alerts").send(an_alert())


# --- kill -9 ------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_process_killed_in_the_middle_loses_tears_and_doubles_nothing(tmp_path: Path) -> None:
    told = -1
    for round_ in range(20):
        told = max(told, *_killed_after(tmp_path, first=told + 1, lines=3 + 7 * round_ % 23))

    send_all(AlertLog(tmp_path), numbered(told))
    found = Counter(ids_in(tmp_path / DAY))
    assert {f"a{number}" for number in range(told + 1)} <= set(found)
    assert set(found.values()) == {1}


def _killed_after(folder: Path, *, first: int, lines: int) -> list[int]:
    """Run an appender, kill it after so many alerts, and return the numbers it told."""
    command = [sys.executable, "-m", "tests.channels.appender", str(folder), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as appender:
        assert appender.stdout
        numbers = [int(appender.stdout.readline()) for _ in range(lines)]
        appender.kill()
        rest = [line for line in appender.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    return numbers + [int(line) for line in rest]
