"""Alerts as other programs take them: every row whole, no cell a formula."""

import csv
import json
import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON, an_alert, an_alert_item
from watcher.delivery.render import alert_line
from watcher.export.alerts import as_csv, as_jsonl
from watcher.model.alerts import Alert, Confidence, Context

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
FORMULAS = [
    '=HYPERLINK("http://evil.example","ICBM")', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1+1)", "\t=1+1",
    "\r\n=1+1", " =1+1", "＝1+1", '"=1+1', "ICBM;=1+1", 'ICBM;"=1+1"', "ICBM\t+1",
]  # fmt: skip


def rows(*alerts: Alert) -> list[dict[str, str]]:
    return list(csv.DictReader(as_csv(alerts), strict=True))


def test_a_row_says_what_happened_and_where_to_look() -> None:
    unsafe, safe = (
        an_alert_item("A", url="javascript:alert(1)"),
        an_alert_item("B", url="https://wire.example/b"),
    )

    (row,) = rows(
        an_alert("북한, ICBM 발사", items=(unsafe, safe), context=Context(confidence=Confidence.CORROBORATED))
    )

    assert row == {
        "at": "2026-10-10T12:00:00Z", "severity": "critical", "kind": "incident", "reason": "new",
        "indicator": "icbm-launch", "category": "provocation", "claim": "occurred", "level": "critical",
        "confidence": "corroborated", "title": "북한, ICBM 발사",
        "why": "New: ICBM test, occurred according to jcs.", "evidence": "north korea, icbm, fires",
        "origins": "jcs", "owners": "1", "items": "2", "url": "https://wire.example/b",
        "incident": "icbm-launch@2026-10-10T12:00:00Z", "id": "a1",
    }  # fmt: skip


@pytest.mark.parametrize("headline", FORMULAS)
def test_a_headline_is_no_formula_whatever_separates_the_cells(headline: str) -> None:
    alert = an_alert(headline, why=headline, evidence=(headline,))

    for line in as_csv([alert]):
        for cell in re.split(r"[,;\t]", line.rstrip("\r\n")):
            assert not re.match(r"""[\s"]*[=+\-@＝＋－＠]""", cell), cell


@given(ANY_TEXT)
def test_whatever_a_headline_says_it_is_one_cell_of_one_row(headline: str) -> None:
    (row,) = rows(an_alert(headline, why=headline, evidence=(headline, headline)))

    assert None not in row
    assert row["id"] == "a1"
    assert row["title"].replace("'", "") == str(alert_line(an_alert(headline))["title"]).replace("'", "")


def test_json_lines_are_the_lines_of_the_log() -> None:
    alerts = [
        an_alert(f"Report {number}", alert_id=f"a{number}", at=NOON + timedelta(hours=number))
        for number in range(3)
    ]

    assert [json.loads(line) for line in as_jsonl(alerts)] == [alert_line(alert) for alert in alerts]


def test_an_export_of_nothing_has_its_column_names() -> None:
    assert len(list(as_csv([]))) == 1
    assert list(as_jsonl([])) == []
