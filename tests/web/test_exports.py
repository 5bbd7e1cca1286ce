"""Beside each list stands the same for other programs, and a Korean title comes back whole from each."""

import csv
import io
import json
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import feedparser
import pytest

from tests.builders import NOON, a_hit, an_alert, an_incident, an_item
from tests.web.test_answering import TOLD
from tests.web.test_pages import get, serving
from watcher.export.days import as_calendar, day_event
from watcher.model.alerts import ALERT_LOG, AlertId, Decision, Delivery, IncidentId, Reason
from watcher.model.polling import Cycle
from watcher.model.settings import Settings
from watcher.store import SqliteStore

KOREAN = '합참 "북한, ICBM 추정 장거리 탄도미사일, 동해상 발사"; 고각'
FORMULA = '=HYPERLINK("http://evil.example") ICBM\x07\u202e'
LISTS = """
calendars:
  party-day: {dates: ["10-10", "11-18"]}
indicators:
  - {id: icbm-launch, title: ICBM launch, category: provocation, severity: critical, match: [ICBM],
     timing: {near: [party-day], before: 3d, then: raise}}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings of a data folder with two incidents that have alerted."""
    (tmp_path / "feeds.yaml").write_text("feeds: [{id: wire-en, url: 'https://wire.example/f.xml'}]")
    (tmp_path / "indicators.yaml").write_text(LISTS)
    with closing(SqliteStore.open(tmp_path / "watcher.db")) as store:
        for number, title in enumerate((KOREAN, FORMULA)):
            item, name = an_item(title, guid=title), IncidentId(f"i{number}")
            incident = replace(an_incident(name, items=(item,)), title=title, told=TOLD)
            alert = replace(an_alert(title, incident=name), id=AlertId(f"a{number}"))
            decision = Decision(incident=name, at=NOON, reason=Reason.NEW, item=item.id, alert=alert.id)
            hit = replace(a_hit(item), incident=name)
            cycle = Cycle(
                items=(item,), hits=(hit,), incidents=(incident,), alerts=(alert,), decisions=(decision,)
            )
            store.record(cycle, [Delivery(alert=alert, channel=ALERT_LOG, next_try=NOON)])
    return Settings(
        data=str(tmp_path), feeds=str(tmp_path / "feeds.yaml"), indicators=str(tmp_path / "indicators.yaml")
    )


@pytest.mark.parametrize("what", ["incidents", "alerts"])
def test_each_list_is_there_as_json_csv_and_atom(settings: Settings, what: str) -> None:
    with serving(settings) as port:
        found, table, feed = (get(port, f"/{what}.{form}") for form in ("json", "csv", "atom"))
    parsed = feedparser.parse(io.BytesIO(feed[1].encode()))

    assert KOREAN in [each["title"] for each in json.loads(found[1])[what]]
    assert KOREAN in [row["title"] for row in csv.DictReader(io.StringIO(table[1]))]
    assert any(KOREAN in entry.title for entry in parsed.entries)
    assert not parsed.bozo
    assert [each[2]["content-type"] for each in (found, table, feed)] == [
        "application/json",
        "text/csv; charset=utf-8",
        "application/atom+xml",
    ]


def test_a_feed_reader_takes_an_alert_for_the_html_that_it_is(settings: Settings) -> None:
    with serving(settings) as port:
        alerts, incidents = (
            feedparser.parse(io.BytesIO(get(port, f"/{what}.atom")[1].encode()))
            for what in ("alerts", "incidents")
        )

    assert {entry.summary_detail.type for entry in alerts.entries} == {"text/html"}
    assert {entry.summary_detail.type for entry in incidents.entries} == {"text/plain"}


def test_a_spreadsheet_runs_nothing_of_a_title(settings: Settings) -> None:
    with serving(settings) as port:
        rows = list(csv.DictReader(io.StringIO(get(port, "/incidents.csv")[1])))

    assert "'=HYPERLINK" in next(row["title"] for row in rows if "HYPERLINK" in row["title"])
    assert not any("\u202e" in row["title"] or "\x07" in row["title"] for row in rows)


def test_an_export_has_the_filters_of_its_list(settings: Settings) -> None:
    with serving(settings) as port:
        found = json.loads(get(port, "/incidents.json?text=%EB%B6%81%ED%95%9C&severity=huge")[1])

    assert [each["id"] for each in found["incidents"]] == ["i0"]
    assert found["left_out"] == ["severity=huge"]
    assert found["next"] is None


def test_an_incident_is_there_as_json(settings: Settings) -> None:
    with serving(settings) as port:
        found, gone, odd = (
            get(port, path) for path in ("/incidents/i0.json", "/incidents/no.json", "/incidents.exe")
        )

    assert json.loads(found[1])["title"] == KOREAN
    assert (gone[0], odd[0]) == (404, 404)


def test_a_calendar_program_reads_days_and_incidents(settings: Settings) -> None:
    with serving(settings) as port:
        text = get(port, "/calendar.ics")[1]
    lines = text.replace("\r\n ", "").split("\r\n")

    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 4
    assert "DTSTART;VALUE=DATE:20261118" in lines
    assert "DESCRIPTION:Indicators: icbm-launch" in lines
    summary = f"SUMMARY:[CRITICAL] {KOREAN}".replace(";", "\\;").replace(",", "\\,")
    assert summary in lines


@pytest.mark.parametrize("form", ["cap", "stix"])
def test_whatever_name_the_page_is_asked_by_the_sender_is_the_same(settings: Settings, form: str) -> None:
    with serving(settings) as port:
        ours, other = (get(port, f"/alerts.{form}", Host=name)[1] for name in ("127.0.0.1", "localhost"))

    assert ours == other
    assert "provocation-watcher@provocation-watcher.invalid" in ours


def test_a_day_without_indicators_says_so() -> None:
    text = as_calendar(day_event(date(2026, 12, 24), ["christmas"], [], NOON)).decode()

    assert "DESCRIPTION:Indicators: none\r\n" in text
