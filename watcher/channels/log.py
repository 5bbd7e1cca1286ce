"""Alerts in, lines of the alert log out: `alerts/YYYY-MM-DD.jsonl`, every alert exactly once.

The outbox tells each alert at least once; this file makes that exactly once, because it knows which ids it
already has. What it knows is what stands in the day's file, never what it remembers of having done: a file
that is not, byte for byte in length and inode, the one it left (killed in between, rotated, truncated,
restored) is read again before the next line.

A line is one `write` on an appending descriptor, then `fsync`. When either fails the file is cut back to
where it was, and is read again next time, for nobody knows what reached the disk. A torn end, left by a kill
or a power cut, is moved to `*.torn` beside the file; an end that only lacks its line break is given one.
Reading ends in an fsync, so that a line that was written but not synced before a kill is safe before anyone
is told that it is there.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path

from watcher.delivery.render import alert_json
from watcher.errors import DeliveryError
from watcher.model.alerts import ALERT_LOG, Alert

_log = logging.getLogger(__name__)
_DAYS_REMEMBERED = 3


class PosixDisk:
    """The two calls that can fail half-way, so that a test can make them fail."""

    def write(self, descriptor: int, data: bytes) -> int:
        """Write once and return how many bytes were taken."""
        return os.write(descriptor, data)

    def fsync(self, descriptor: int) -> None:
        """Return when everything written has reached the disk."""
        os.fsync(descriptor)


@dataclass(slots=True)
class _Day:
    """What one day's file held when it was last touched here."""

    inode: int
    size: int
    ids: set[str] = field(default_factory=set)


class AlertLog:
    """The channel that is always there: one JSON object a line, a file for every UTC day of `at`."""

    id = ALERT_LOG

    def __init__(self, folder: Path, disk: PosixDisk | None = None) -> None:
        self._folder = folder
        self._disk = disk or PosixDisk()
        self._days: dict[Path, _Day] = {}

    def send(self, alert: Alert, _also: Sequence[Alert] = ()) -> None:
        """Append the alert, unless its line is already there; returning means that it is on the disk.

        Raises:
            DeliveryError: it is not there; the file is as it was, and trying again is right.
        """
        path = self._path(alert)
        try:
            with self._opened(path) as descriptor:
                day = self._known(path, descriptor)
                if alert.id not in day.ids:
                    self._append(day, descriptor, alert)
        except OSError as error:
            self._days.pop(path, None)
            advice = "The alert is kept and tried again."
            if isinstance(error, BlockingIOError):
                advice = "Another process holds it; the alert is kept and tried again."
            if isinstance(error, PermissionError):
                advice = "Give the watcher the right to write there; the alert is kept and tried again."
            raise DeliveryError(f"{path} cannot be written: {error.strerror or error}. {advice}") from error

    def has(self, alert: Alert) -> bool:
        """Say whether the alert's line stands in its file, by reading that."""
        try:
            with self._path(alert).open("rb") as file:
                return any(_id_of(line) == alert.id for line in file)
        except OSError:
            return False

    @contextmanager
    def _opened(self, path: Path) -> Iterator[int]:
        """Open the day's file for this process alone."""
        if not self._folder.is_dir():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._sync_folder(self._folder.parent)
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield descriptor
        finally:
            os.close(descriptor)

    def _known(self, path: Path, descriptor: int) -> _Day:
        """Return what the file holds, from memory if nobody else has touched it."""
        now = os.fstat(descriptor)
        day = self._days.get(path)
        if day is None or (day.inode, day.size) != (now.st_ino, now.st_size):
            day = self._load(path, descriptor)
            self._days.pop(path, None)
            self._days[path] = day
            while len(self._days) > _DAYS_REMEMBERED:
                del self._days[next(iter(self._days))]
        return day

    def _load(self, path: Path, descriptor: int) -> _Day:
        """Read the whole file, mend its end, and make sure of it on the disk."""
        ids: set[str] = set()
        size, rest = 0, b""
        with os.fdopen(os.dup(descriptor), "rb") as file:
            for line in file:
                ids.add(_id_of(line))
                if line.endswith(b"\n"):
                    size += len(line)
                else:
                    rest = line
        if rest:
            size += self._mend(path, descriptor, size, rest)
        self._disk.fsync(descriptor)
        self._sync_folder(self._folder)
        return _Day(os.fstat(descriptor).st_ino, size, ids)

    def _mend(self, path: Path, descriptor: int, size: int, rest: bytes) -> int:
        """Complete or set aside what follows the last line break; return by how much the whole lines grew."""
        if _id_of(rest):
            self._write_whole(descriptor, b"\n")
            return len(rest) + 1
        torn = path.with_name(path.name + ".torn")
        aside = os.open(torn, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            self._write_whole(aside, rest + b"\n")
            self._disk.fsync(aside)
        finally:
            os.close(aside)
        os.ftruncate(descriptor, size)
        _log.warning(
            "alert_log_mended", extra={"file": str(path), "torn_bytes": len(rest), "kept_in": str(torn)}
        )
        return 0

    def _append(self, day: _Day, descriptor: int, alert: Alert) -> None:
        line = alert_json(alert).encode() + b"\n"
        try:
            self._write_whole(descriptor, line)
            self._disk.fsync(descriptor)
        except OSError:
            with suppress(
                OSError
            ):  # the first error is told; a torn end is mended when the file is next read
                os.ftruncate(descriptor, day.size)
            raise
        day.size += len(line)
        day.ids.add(alert.id)

    def _write_whole(self, descriptor: int, data: bytes) -> None:
        written = self._disk.write(descriptor, data)
        if written != len(data):
            raise OSError(f"only {written} of {len(data)} bytes were taken; the disk is probably full")

    def _sync_folder(self, folder: Path) -> None:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._disk.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _path(self, alert: Alert) -> Path:
        return self._folder / f"{alert.at.astimezone(UTC):%Y-%m-%d}.jsonl"


def _id_of(line: bytes) -> str:
    """Return the id of a whole line, or an empty string for one that is no alert."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):  # bytes that are not UTF-8 are a ValueError too
        return ""
    return str(found.get("id", "")) if isinstance(found, dict) else ""
