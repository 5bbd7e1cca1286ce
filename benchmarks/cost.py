"""A command in, what it cost out: CPU and memory of the whole process tree, as the kernel counted them."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


class FailedError(Exception):
    """A command that was to be measured failed; what it printed is in it."""


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU in seconds of a command and its children, largest memory of any of them in MB, wall seconds.

    `note` is what else was seen, in words.
    """

    cpu: float
    peak: float
    wall: float
    note: str = ""


def cost_of(
    command: Sequence[str],
    log: Path,
    *,
    folder: Path | None = None,
    variables: Mapping[str, str] | None = None,
    accepted: Sequence[int] = (0,),
) -> Cost:
    """Run a command in a folder, with what it prints in a file; return its cost.

    `variables` are its whole environment, by default that of this process.

    Raises:
        FailedError: it ended with an exit status that is not accepted.
    """
    began = time.perf_counter()
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - the product, and what it is compared with
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=variables,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in accepted:
        said = log.read_bytes()[-2000:].decode(errors="replace")
        raise FailedError(f"{' '.join(command)} ended with {process.returncode}:\n{said}")
    return Cost(
        cpu=used.ru_utime + used.ru_stime, peak=used.ru_maxrss / 1024, wall=time.perf_counter() - began
    )


def cost_now(process: int, wall: float) -> Cost:
    """Return what a process that still runs and its children have cost so far; its own memory."""
    threads = Path(f"/proc/{process}/task").iterdir()
    children = [int(child) for each in threads for child in (each / "children").read_text("utf-8").split()]
    ticks = sum(map(_ticks, (process, *children)))
    peak = int(of_status(Path(f"/proc/{process}/status"), "VmHWM")) / 1024
    return Cost(ticks / os.sysconf("SC_CLK_TCK"), peak, wall)


def _ticks(process: int) -> int:
    """Return the ticks of the clock that a process and its children that have ended took."""
    used = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()[11:15]
    return sum(map(int, used))


def of_status(file: Path, name: str) -> str:
    """Return the number behind a name in one of the kernel's status files."""
    lines = (line.partition(":") for line in file.read_text(encoding="utf-8").splitlines())
    return next(value for found, _, value in lines if found == name).split()[0]
