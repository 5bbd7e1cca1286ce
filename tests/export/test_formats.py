"""Every format brings a Korean title back whole, to readers that are not ours."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import icalendar
import pytest
import vobject

from tests.builders import NOON, an_alert
from tests.export.records import KOREAN, NAME, close, database, record, told
from watcher.export.formats import FORMATS
from watcher.model.exported import ExportCursor
from watcher.model.polling import Cycle
from watcher.store import SqliteStore


def exported(store: SqliteStore, form: str, after: ExportCursor | None = None, address: str = "") -> str:
    """Return an export of all that was recorded after a cursor."""
    part = store.export_part(after or ExportCursor(), limit=100)
    return "".join(FORMATS[form].write(part, store, address))


def events(text: str) -> list[Any]:
    """Return the events of a calendar."""
    return list(icalendar.Calendar.from_ical(text).walk("VEVENT"))


def by_icalendar(text: str) -> list[str]:
    return [str(event["summary"]) for event in events(text)]


def by_vobject(text: str) -> list[str]:
    return [event.summary.value for event in vobject.readOne(text).vevent_list]


def by_cap(text: str) -> list[str]:
    names = {"cap": "urn:oasis:names:tc:emergency:cap:1.2"}
    messages = map(ET.fromstring, text.splitlines())
    return [each.findtext("cap:info/cap:headline", "", names) for each in messages]


def by_stix(text: str) -> list[str]:
    return [each["name"] for each in json.loads(text)["objects"] if each["type"] == "report"]


READERS: Mapping[str, tuple[str, Callable[[str], list[str]]]] = {
    "csv": ("csv", lambda text: [row["title"] for row in csv.DictReader(io.StringIO(text))]),
    "jsonl": ("jsonl", lambda text: [json.loads(line)["title"] for line in text.splitlines()]),
    "atom": (
        "atom",
        lambda text: [each.title for each in feedparser.parse(io.BytesIO(text.encode())).entries],
    ),
    "ics by icalendar": ("ics", by_icalendar),
    "ics by vobject": ("ics", by_vobject),
    "cap": ("cap", by_cap),
    "stix": ("stix", by_stix),
}
"""By what reads it: the format, and what returns the titles in a text."""


def test_every_format_is_read_by_something() -> None:
    assert {form for form, _ in READERS.values()} == set(FORMATS)


@pytest.mark.parametrize("reader", READERS)
def test_a_korean_title_comes_back_whole(tmp_path: Path, reader: str) -> None:
    form, titles = READERS[reader]
    with database(tmp_path) as store:
        record(store, told())

        found = titles(exported(store, form))

    assert len(found) == 1
    assert KOREAN in found[0]


@pytest.mark.parametrize("form", FORMATS)
def test_two_exports_of_the_same_agree(tmp_path: Path, form: str) -> None:
    with database(tmp_path) as store:
        record(store, told(number=1), told(number=2))
        close(store)

        assert exported(store, form) == exported(store, form)


@pytest.mark.parametrize("form", FORMATS)
def test_an_alert_about_no_incident_does_no_harm(tmp_path: Path, form: str) -> None:
    with database(tmp_path) as store:
        store.record(Cycle(alerts=(an_alert("Feed wire-en fails", incident="", items=()),)), [])

        assert "Traceback" not in exported(store, form)


def test_an_event_of_a_calendar_lasts_from_the_first_report_to_the_last(tmp_path: Path) -> None:
    with database(tmp_path) as store:
        record(store, told(number=1), told(number=2))
        (event,) = events(exported(store, "ics"))
        end = store.export_part(ExportCursor(), limit=9).end
        close(store)
        (later,) = events(exported(store, "ics", end))

    assert event["uid"] == later["uid"] == f"{NAME}@provocation-watcher.invalid"
    assert (event["dtstart"].dt, event["dtend"].dt.hour) == (NOON, 14)
    assert event["dtstamp"].dt < later["dtstamp"].dt
    assert "closed" in later["description"]


def test_an_entry_of_a_feed_leads_to_the_page_or_else_to_the_news(tmp_path: Path) -> None:
    with database(tmp_path) as store:
        record(store, told(number=1))
        page, none = (
            feedparser.parse(io.BytesIO(exported(store, "atom", address=address).encode()))
            for address in ("https://watch.example", "")
        )

    assert page.entries[0].link == f"https://watch.example/alerts/{1:020x}"
    assert none.entries[0].link == "https://wire.example/1"
    assert not page.bozo
