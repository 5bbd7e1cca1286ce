"""A seed and a number in, so many mutants run against the contract and story suites, those that survive out.

    python -m tests.mutants [--sample 300] [--seed 10] [--only outbox.py]

The suites run once, to see which functions each test enters. Then every mutant runs in a process forked from
that one: its code replaces ours, and the tests that enter the changed function run, the quickest first, until
one fails. The fake store has no mutants.
"""

import argparse
import ast
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from pathlib import Path
from types import FrameType

import pytest
from _pytest.runner import runtestprotocol

from tests.mutants.mutate import Mutant, mutants_of
from tests.mutants.swap import swap_in

ROOT = Path(__file__).parents[2]
CONTRACT = ("contract", "levels", "listing", "tick", "search", "pruning", "opening", "round_trip")
SUITES = (*(f"tests/store/test_{name}.py" for name in CONTRACT), "tests/export/test_parts.py", "tests/flow")
LONG = "not month and not outage and not lists_again and not every_text"
"""Tests of many seconds each, which would be most of the half minute that the suites may take."""

NOT_FORKED = "not postgres"
"""A connection to a server cannot be shared by forked processes; the statements are the same on SQLite."""

ROOMS = ("store", "store/sqlite", "pipeline")
APART = ("schema", "opening", "trouble", "restore", "rebuild", "lines", "copying", "recalling", "__init__")
"""Steps of the schema, files, copies, and the way back from a log: they have suites of their own."""

AT_LOADING = ("rows", "values", "tables")
"""What these make is made once, before any test."""

PATIENCE = 300
WORKERS = 2
LEAST = 0.9

Function = tuple[str, int]
say = partial(print, flush=True)


class Hunt:
    """Runs the tests that were collected, first as they are, then against mutants."""

    def __init__(self, mutants: Sequence[Mutant]) -> None:
        self.mutants, self.survivors = mutants, list[Mutant]()
        self.entered: dict[pytest.Item, set[Function]] = {}
        self.seconds: dict[pytest.Item, float] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Do all of it in place of a plain run."""
        began = time.monotonic()
        for item, following in zip(session.items, [*session.items[1:], None], strict=True):
            self._observe(item, following)
        say(f"{len(session.items)} tests take {time.monotonic() - began:.1f} s")
        unchanged = replace(self.mutants[0], number=-1, what="unchanged")
        if not list(self._survivors([unchanged], session.items)):
            sys.exit("the tests fail when they run a second time")
        self.survivors = list(self._survivors(self.mutants, session.items))
        return True

    def _observe(self, item: pytest.Item, following: pytest.Item | None) -> None:
        entered: set[Function] = set()

        def note(frame: FrameType, event: str, _: object) -> None:
            if event == "call":
                entered.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))

        began = time.monotonic()
        sys.setprofile(note)
        try:
            reports = runtestprotocol(item, nextitem=following, log=False)
        finally:
            sys.setprofile(None)
        if any(report.failed for report in reports):
            sys.exit(f"{item.nodeid} fails without a mutant")
        self.seconds[item], self.entered[item] = time.monotonic() - began, entered

    def _survivors(self, mutants: Sequence[Mutant], items: Sequence[pytest.Item]) -> Iterator[Mutant]:
        waiting, running = list(reversed(mutants)), dict[int, Mutant]()
        while waiting or running:
            while waiting and len(running) < WORKERS:
                mutant = waiting.pop()
                running[self._start(mutant, items)] = mutant
            process, status = os.wait()
            mutant = running.pop(process)
            say(f"{'caught' if status else 'SURVIVED':8} {mutant}")
            if not status:
                yield mutant

    def _start(self, mutant: Mutant, items: Iterable[pytest.Item]) -> int:
        """Run the tests that go into what a mutant changes, in a process of its own; return the process."""
        if child := os.fork():
            return child
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        signal.alarm(PATIENCE)
        functions = functions_of(mutant)
        meant = [item for item in items if functions & self.entered[item]]
        if not meant or mutant.path.stem in AT_LOADING or mutant.number < 0:
            meant = list(items)
        try:
            swap_in(mutant.module, mutant.source)
            for item in sorted(meant, key=self.seconds.__getitem__):
                item._initrequest()  # type: ignore[attr-defined]  # or it would have the fixtures of its first run
                if any(report.failed for report in runtestprotocol(item, nextitem=None, log=False)):
                    os._exit(1)
        except BaseException:  # noqa: BLE001 - it cannot even be loaded
            os._exit(1)
        os._exit(0)


def functions_of(mutant: Mutant) -> set[Function]:
    """Return the functions that a mutant changes: the one around it, or those that use the name it is given.

    There is none if it changes what is made when the module is loaded.
    """
    tree = ast.parse(mutant.path.read_text(encoding="utf-8"))
    defined = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.Lambda)]
    around = [each for each in defined if each.lineno <= mutant.line <= (each.end_lineno or 0)]
    if not around:
        constants = [each for each in tree.body if isinstance(each, ast.Assign)]
        (names, *_) = [
            {target.id for target in each.targets if isinstance(target, ast.Name)}
            for each in constants
            if each.lineno <= mutant.line <= (each.end_lineno or 0)
        ] or [set()]
        around = [
            each
            for each in defined
            if any(isinstance(node, ast.Name) and node.id in names for node in ast.walk(each))
        ]
    first = (
        min([each.lineno, *(line.lineno for line in getattr(each, "decorator_list", ()))]) for each in around
    )
    return {(str(mutant.path.resolve()), line) for line in first}


def main() -> None:
    """Choose, run, report; exit 1 when too many survive."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--sample", type=int, default=300)
    asked.add_argument("--seed", type=int, default=10)
    asked.add_argument("--only", default="", help="mutants whose text contains this")
    options = asked.parse_args()
    os.chdir(ROOT)
    rooms = [path for room in ROOMS for path in sorted(Path("watcher", room).glob("*.py"))]
    mutants = [mutant for path in rooms if path.stem not in APART for mutant in mutants_of(path)]
    mutants = [mutant for mutant in mutants if options.only in str(mutant)]
    by_hash = sorted(mutants, key=lambda each: blake2b(f"{options.seed} {each}".encode()).digest())
    chosen = sorted(by_hash[: options.sample])
    hunt = Hunt(chosen)
    pytest.main(
        ["-q", "-s", "-p", "no:cacheprovider", "--assert=plain", "-k", f"{LONG} and {NOT_FORKED}", *SUITES],
        plugins=[hunt],
    )
    caught = len(chosen) - len(hunt.survivors)
    say(f"\n{len(chosen)} of {len(mutants)} mutants, {caught} caught: {caught / len(chosen):.1%}; survivors:")
    say(*hunt.survivors, sep="\n")
    sys.exit(caught < LEAST * len(chosen))


if __name__ == "__main__":
    main()
