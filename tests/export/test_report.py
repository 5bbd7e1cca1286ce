"""A report is one page that asks nobody for anything, or the same figures in Markdown."""

import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from markupsafe import Markup

from tests.builders import NOON
from watcher.export.report import Section, report_markdown, report_page
from watcher.pictures.charts import Bar, ShareInterval, bars, columns, grid, intervals

HOSTILE = '<script>alert(1)</script>" onload="x()" \'a\' & 북한 | b\n# c\u202e'
CHARTS = {
    "grid": grid([(HOSTILE, [0, 3]), ("two", [1, 0])], [HOSTILE, "8 Oct"], HOSTILE),
    "bars": bars([Bar(label=HOSTILE, parts={"fine": 3, "failed": 1}, words=HOSTILE)], HOSTILE),
    "columns": columns([(NOON.date(), 3)], {NOON.date(): HOSTILE}, HOSTILE),
    "intervals": intervals(
        [ShareInterval(label=HOSTILE, share=0.5, low=0.2, high=0.8, words=HOSTILE)], HOSTILE
    ),
    "nothing": grid([], [], "nothing") + bars([], "nothing") + columns([], {}, "nothing") + intervals([], ""),
}


@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_is_well_formed_and_named_whatever_the_words(chart: str) -> None:
    root = ET.fromstring(f'<all xmlns="http://www.w3.org/1999/xhtml">{CHARTS[chart]}</all>')

    drawn = list(root)
    assert all(each.get("role") == "img" for each in drawn)
    assert {each.tag.rpartition("}")[2] for each in root.iter()} <= {
        "all", "svg", "rect", "text", "title", "line", "path", "circle",
    }  # fmt: skip
    assert not [name for each in root.iter() for name in each.attrib if name.startswith("on")]


def a_section(picture: Markup) -> Section:
    return Section(
        title=HOSTILE,
        says=HOSTILE,
        headings=("what", HOSTILE),
        rows=[(HOSTILE, 3), ("share", 0.25)],
        pictures=[(HOSTILE, picture)],
    )


def test_the_page_asks_nobody_for_anything_and_runs_nothing() -> None:
    page = report_page(HOSTILE, HOSTILE, [a_section(CHARTS["bars"])])

    assert "<script" not in page
    assert not re.search(r"https?://|src=|href=|url\(|@import", page)
    assert "default-src 'none'" in page
    assert "\u202e" not in page
    assert "북한" in page


def test_markdown_has_the_same_figures_in_a_table_that_no_word_breaks() -> None:
    text = report_markdown("Report", "of a month", [a_section(CHARTS["bars"])])

    assert "<script" not in text.replace("\\<script", "")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {3}
    assert "| share | 0.25 |" in text
    assert sum(line.startswith("# ") for line in text.splitlines()) == 1


def test_a_section_without_figures_says_so_in_its_words() -> None:
    empty = Section(title="Feeds", says="No poll is remembered.")

    assert "No poll is remembered." in report_page("Report", "", [empty])
    assert "<table" not in report_page("Report", "", [empty])
    assert report_markdown("Report", "", [empty]).endswith("## Feeds\n\nNo poll is remembered.\n")


def test_days_and_marks_stand_at_their_place() -> None:
    days = [(NOON.date() + timedelta(days=number), number) for number in range(3)]

    drawn = columns(days, {NOON.date(): "party-day"}, "Alerts by day")

    assert drawn.count("<rect") == 2
    assert "<title>2026-10-10: party-day</title>" in drawn
