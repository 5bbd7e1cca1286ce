"""Costs in, a table for people and JSON for programs out."""

import os
import platform
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from statistics import median

from benchmarks.cost import Cost

Costs = Mapping[str, Mapping[str, Sequence[Cost]]]
"""The costs of every run, by product and by row."""


def machine() -> dict[str, str]:
    """Return what the figures depend on beside the product."""
    return {
        "system": platform.platform(),
        "processors": str(os.cpu_count()),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def table(costs: Costs) -> str:
    """Return the medians as a Markdown table; with two products the ratio of the first to the second."""
    first, *others = costs
    heads = ["what", *(f"{name}: CPU s, MB" for name in costs), *(f"ratio to {name}" for name in others)]
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    for row in costs[first]:
        cells = [_cell(costs[name].get(row, ())) for name in costs]
        ratios = [_ratio(costs[first][row], costs[name].get(row, ())) for name in others]
        lines.append(f"| {' | '.join((row, *cells, *ratios))} |")
    facts = ", ".join(f"{name} {value}" for name, value in machine().items())
    return "\n".join((*lines, "", f"Medians with their spread; {facts}.", ""))


def as_dict(costs: Costs) -> dict[str, object]:
    """Return the JSON form: every run of every row."""
    rows = {
        name: {row: [asdict(cost) for cost in runs] for row, runs in each.items()}
        for name, each in costs.items()
    }
    return {"machine": machine(), "costs": rows}


def _cell(runs: Sequence[Cost]) -> str:
    if not runs:
        return "-"
    cpu = [run.cpu for run in runs]
    spread = f" ({min(cpu):.2f} to {max(cpu):.2f})" if len(cpu) > 1 else ""
    note = f"; {runs[-1].note}" if runs[-1].note else ""
    return f"{median(cpu):.2f}{spread}, {max(run.peak for run in runs):.0f}{note}"


def _ratio(runs: Sequence[Cost], others: Sequence[Cost]) -> str:
    mine, theirs = (median(run.cpu for run in each) if each else 0.0 for each in (runs, others))
    return f"{mine / theirs:.2f}" if mine and theirs else "-"
