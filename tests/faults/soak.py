"""The guarantees at length: every test of them in its long version, and one table of what was measured.

`python -m tests.faults.soak` (`make soak`) takes an hour and a half; `python -m tests.faults.soak 0.3`
does three tenths of it. Words after that choose guarantees by their names and those of their tests:
`python -m tests.faults.soak 1 kill disk`.
"""

import os
import sys
from dataclasses import dataclass, field
from time import monotonic
from typing import NamedTuple

import pytest


class Guarantee(NamedTuple):
    """What must be true, and the tests that say so."""

    words: str
    tests: tuple[str, ...]


GUARANTEES = (
    Guarantee("no alert lost or doubled by kill -9", ("tests/faults/test_kill9.py",)),
    Guarantee("no alert lost or doubled by nodes that die", ("tests/faults/test_nodes.py",)),
    Guarantee("two nodes judge as one", ("tests/nodes/test_judging.py",)),
    Guarantee("no alert lost or doubled at any step", ("tests/faults/test_every_step.py",)),
    Guarantee("no feed harms the service", ("tests/faults/test_hostile_feeds.py",)),
    Guarantee("private networks are not reached", ("tests/fetch/test_decoys.py",)),
    Guarantee("the clock may be set", ("tests/faults/test_clock.py", "tests/service/test_watch.py")),
    Guarantee("hung feeds make no other late", ("tests/faults/test_hung.py",)),
    Guarantee(
        "a wrong file replaces no good one",
        ("tests/flow/test_wrong_files.py", "tests/service/test_running.py"),
    ),
    Guarantee("thirty days in one sitting", ("tests/faults/test_soak.py", "tests/flow/test_month.py")),
    Guarantee("stop within ten seconds", ("tests/faults/test_stop.py",)),
    Guarantee("a full disk loses nothing", ("tests/faults/test_disk.py",)),
    Guarantee("upgrades lose nothing, killed or not", ("tests/store/test_upgrade.py",)),
    Guarantee("a restored backup tells nothing again", ("tests/service/test_restore.py",)),
    Guarantee("the unit is closed", ("tests/deploy/test_unit.py", "tests/deploy/test_closed.py")),
)
"""What the service guarantees, each with its tests."""


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
    """Run the guarantees that were asked for; print the table, and return how many were broken."""
    share, *wanted = sys.argv[1:] or ["1"]
    os.environ["SOAK"] = share
    chosen = [
        each
        for each in GUARANTEES
        if not wanted or any(word in " ".join((each.words, *each.tests)) for word in wanted)
    ]
    rows = [_row(guarantee) for guarantee in chosen]
    sys.stdout.write(
        "\n".join(
            ["", "guarantee | figure | result | minutes", "--- | --- | --- | ---", *map(" | ".join, rows), ""]
        )
    )
    return sum(row[2] != "pass" for row in rows)


def _row(guarantee: Guarantee) -> tuple[str, str, str, str]:
    measured, began = Measured(), monotonic()
    pytest.main(
        ["-q", "-p", "no:cacheprovider", "-m", "slow or not slow", *guarantee.tests], plugins=[measured]
    )
    return guarantee.words, measured.words, measured.verdict, f"{(monotonic() - began) / 60:.1f}"


if __name__ == "__main__":
    sys.exit(main())
