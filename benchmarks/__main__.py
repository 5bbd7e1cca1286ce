"""Names of stages in, a table of what they cost out, here and at another revision.

    python -m benchmarks [cycles ...] [--against REV] [--reader PYTHON] [--share 10] [--runs 3] [--profile]

Quote ratios of CPU time of one run: machines differ, and are seldom alone. `--share 10` does a tenth of the
work. Where feeds are polled, a bare loop over libcurl is measured beside, and `reader` (PyPI) if a Python is
named that has it. With `--profile`, the stages run once, here only, and where their time went is printed.
"""

import argparse
import json
import pstats
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.cost import Cost
from benchmarks.peers import peer
from benchmarks.product import Product, at, here
from benchmarks.report import as_dict, table
from benchmarks.stages import PEERS, STAGES


def main() -> None:
    """Measure, and print the table; the JSON goes to a file if one is named."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure what the watcher costs."
    )
    parser.add_argument("stages", nargs="*", metavar="stage", help=", ".join(STAGES))
    parser.add_argument("--against", default="", help="a revision to compare with")
    parser.add_argument("--reader", default="", help="a Python in whose environment `reader` is installed")
    parser.add_argument("--share", type=int, default=1, help="do one part in so many of the work")
    parser.add_argument("--runs", type=int, default=1, help="run everything so often")
    parser.add_argument("--json", type=Path, help="write every run to this file")
    parser.add_argument("--profile", action="store_true", help="print where the time of each command goes")
    asked = parser.parse_args()
    if unknown := set(asked.stages) - STAGES.keys():
        parser.error(f"no stage is called {', '.join(sorted(unknown))}; there are {', '.join(STAGES)}")
    names = asked.stages or list(STAGES)
    if asked.profile:
        with here(profiled=True) as product:
            _profile(product, names, asked.share)
        return
    costs: dict[str, dict[str, list[Cost]]] = {}
    for _ in range(asked.runs):
        for name in names:
            for who, row, cost in _measured(name, asked):
                costs.setdefault(who, {}).setdefault(row, []).append(cost)
                print(f"{who}: {row}: {cost.cpu:.2f} s {cost.note}", file=sys.stderr)
    print(table(costs))
    if asked.json:
        asked.json.write_text(json.dumps(as_dict(costs), indent=1) + "\n", encoding="utf-8")


def _measured(name: str, asked: argparse.Namespace) -> Iterator[tuple[str, str, Cost]]:
    """Yield who did what at which cost in a stage: one after the other, so that all meet the same machine."""
    with ExitStack() as stack:
        products = [stack.enter_context(here())]
        if asked.against:
            products.append(stack.enter_context(at(asked.against)))
        for product in products:
            yield from ((product.name, *found) for found in STAGES[name](product, asked.share))
        if name in PEERS:
            peers = [("a bare loop", "loop", sys.executable)]
            peers += [("reader", "reader", asked.reader)] if asked.reader else []
            for other in (stack.enter_context(peer(*each)) for each in peers):
                yield from ((other.name, *found) for found in PEERS[name](other, asked.share))


def _profile(product: Product, names: list[str], share: int) -> None:
    for name in names:
        for row, _ in STAGES[name](product, share):
            print(f"\n## {row}\n")
            newest = max(product.folder.glob("*.profile"), key=lambda path: path.stat().st_mtime)
            pstats.Stats(str(newest)).sort_stats("tottime").print_stats(30)


if __name__ == "__main__":
    main()
