"""The promises at length: every test of them in its long version, and one table of what was measured.

`python -m tests.faults.long` (`make promises`) takes an hour and a half; `python -m tests.faults.long 0.3`
does three tenths of it. Words after that choose promises by their names and those of their tests: `python -m
tests.faults.long 1 kill soak`.
"""

import os
import sys
from dataclasses import dataclass, field
from time import monotonic
from typing import NamedTuple

import pytest


class Promise(NamedTuple):
    """What must be true, and the tests that say so."""

    words: str
    tests: tuple[str, ...]


PROMISES = (
    Promise("no alert lost or doubled by kill -9", ("tests/faults/test_kill9.py",)),
    Promise("no alert lost or doubled at any step", ("tests/faults/test_every_step.py",)),
    Promise("no feed harms the service", ("tests/faults/test_hostile_feeds.py",)),
    Promise("private networks are not reached", ("tests/fetch/test_decoys.py",)),
    Promise("the clock may be set", ("tests/faults/test_clock.py", "tests/service/test_watch.py")),
    Promise("hung feeds make no other late", ("tests/faults/test_hung.py",)),
    Promise(
        "a wrong file replaces no good one",
        ("tests/flow/test_wrong_files.py", "tests/service/test_running.py"),
    ),
    Promise("thirty days in one sitting", ("tests/faults/test_soak.py", "tests/flow/test_month.py")),
    Promise("stop within ten seconds", ("tests/faults/test_stop.py",)),
    Promise("a full disk loses nothing", ("tests/faults/test_disk.py",)),
    Promise("upgrades lose nothing, killed or not", ("tests/store/test_upgrade.py",)),
    Promise("a restored backup tells nothing again", ("tests/service/test_restore.py",)),
    Promise("the unit is closed", ("tests/deploy/test_unit.py", "tests/deploy/test_closed.py")),
)
"""The promises of the service, each with the tests that hold it to them."""


@dataclass(eq=False)
class Measured:
    """A pytest plugin that keeps what tests say of themselves."""

    passed: int = 0
    others: list[str] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome != "passed":
            self.figures += [str(words) for name, words in report.user_properties if name == "figure"]
            if report.passed:
                self.passed += 1
            else:
                self.others.append(f"{report.outcome}: {report.nodeid}")

    @property
    def verdict(self) -> str:
        if any(each.startswith("failed") for each in self.others):
            return "FAIL"
        return "pass" if self.passed and not self.others else "in part"

    @property
    def words(self) -> str:
        return "; ".join([f"{self.passed} tests", *self.figures, *self.others])


def main() -> int:
    """Run the promises that were asked for; print the table, and return how many were broken."""
    share, *wanted = sys.argv[1:] or ["1"]
    os.environ["LONG"] = share
    chosen = [
        each
        for each in PROMISES
        if not wanted or any(word in " ".join((each.words, *each.tests)) for word in wanted)
    ]
    rows = [_row(promise) for promise in chosen]
    sys.stdout.write(
        "\n".join(
            ["", "promise | figure | result | minutes", "--- | --- | --- | ---", *map(" | ".join, rows), ""]
        )
    )
    return sum(row[2] != "pass" for row in rows)


def _row(promise: Promise) -> tuple[str, str, str, str]:
    measured, began = Measured(), monotonic()
    pytest.main(
        ["-q", "-p", "no:cacheprovider", "-m", "slow or not slow", *promise.tests], plugins=[measured]
    )
    return promise.words, measured.words, measured.verdict, f"{(monotonic() - began) / 60:.1f}"


if __name__ == "__main__":
    sys.exit(main())
