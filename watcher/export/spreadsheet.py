"""Cells in, a line of CSV out that no spreadsheet takes for a formula.

A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, even if it is quoted. Such a
cell gets an apostrophe before it, as a spreadsheet itself would write it. One that is opened with the wrong
separator begins cells at semicolons and tabs too.
"""

import csv
import io
import re
from collections.abc import Iterable

from watcher.delivery.render import one_line

_LONGEST = 10_000
_FORMULA = re.compile(r"""(?:^|(?<=[;\t]))(?=[\s"']*[=+\-@＝＋－＠])""")


def csv_line(cells: Iterable[str]) -> str:
    """Return a line with its end; every cell is quoted, and one line of text."""
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerow([_cell(cell) for cell in cells])
    return written.getvalue()


def _cell(words: str) -> str:
    return _FORMULA.sub("'", one_line(words, _LONGEST))
