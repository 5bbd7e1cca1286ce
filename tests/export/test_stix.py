"""A STIX bundle validates, two exports of it agree, and a report that changed has a later `modified`."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stix2 import parse

from tests.builders import NOON, an_incident
from tests.export.records import KOREAN, NAME, close, database, record, told
from tests.export.test_formats import exported
from watcher.export.stix import ToldIncident, as_stix
from watcher.model.alerts import Decision, IncidentId, Reason
from watcher.model.exported import ExportCursor
from watcher.model.news import ItemId
from watcher.model.polling import Cycle, Regrouping

SENDER = "provocation-watcher@provocation-watcher.invalid"
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


def validation_of_the_committee() -> ModuleType | None:
    """Return the module of stix2-validator, if it is installed."""
    return import_module("stix2validator") if find_spec("stix2validator") else None


def read(bundle: str) -> Sequence[dict[str, Any]]:
    """Return the objects of a bundle, which is valid, and refers to nothing outside.

    `stix2` refuses what breaks a rule of the standard. The committee's own validator also warns of what is
    only unwise; it runs where it is installed, since a part of it has no wheel that a lock could name.
    """
    assert parse(bundle, version="2.1").objects
    if validator := validation_of_the_committee():
        results = validator.validate_string(bundle, validator.ValidationOptions(version="2.1", strict=True))
        validator.print_results(results)  # pytest shows it when the next line fails
        assert results.is_valid
    objects: Sequence[dict[str, Any]] = json.loads(bundle)["objects"]
    known = {each["id"] for each in objects}
    for each in objects:
        assert {*each.get("object_refs", ()), each.get("created_by_ref", each["id"])} <= known
    return objects


def reports(bundle: str) -> list[dict[str, Any]]:
    return [each for each in read(bundle) if each["type"] == "report"]


def test_an_incident_is_a_report_with_a_note_for_each_alert_and_an_observation_for_each_item(
    tmp_path: Path,
) -> None:
    with database(tmp_path) as store:
        record(store, told(number=1), told(number=2, reason=Reason.ESCALATED))
        objects = read(exported(store, "stix"))

    kinds = [each["type"] for each in objects]
    assert kinds == ["identity", "url", "observed-data", "url", "observed-data", "note", "note", "report"]
    report = objects[-1]
    assert (report["name"], report["lang"]) == (KOREAN, "ko")
    assert (report["created"], report["modified"]) == ("2026-10-10T12:00:00.000Z", "2026-10-10T14:00:00.250Z")
    assert report["labels"] == ["icbm-launch", "provocation", "critical", "occurred"]
    assert [each["external_id"] for each in report["external_references"]] == [NAME]
    assert [each["value"] for each in objects if each["type"] == "url"] == [
        "https://wire.example/1",
        "https://wire.example/2",
    ]


def test_a_report_keeps_its_id_and_is_modified_when_something_is_new(tmp_path: Path) -> None:
    with database(tmp_path) as store:
        record(store, told(number=1))
        (first,) = reports(exported(store, "stix"))
        record(store, told(number=2))
        (second,) = reports(exported(store, "stix"))
        end = store.export_part(ExportCursor(), limit=9).end
        close(store)
        (last,) = reports(exported(store, "stix", end))

    assert first["id"] == second["id"] == last["id"]
    assert UUID(first["id"].removeprefix("report--")).version == 4
    assert first["created"] == last["created"]
    assert first["modified"] < second["modified"] < last["modified"] == "2026-10-12T12:00:00.000Z"
    assert set(first["object_refs"]) < set(second["object_refs"]) == set(last["object_refs"])
    assert last["labels"][-1] == "closed"


def test_a_report_is_modified_later_also_when_the_clock_was_set_back(tmp_path: Path) -> None:
    with database(tmp_path) as store:
        versions = list[dict[str, Any]]()
        for number in (5, 2, 1):
            record(store, told(number=number))
            versions += reports(exported(store, "stix"))
        close(store)
        versions += reports(exported(store, "stix"))

    assert [each["created"] for each in versions] == [versions[0]["created"]] * 4
    modified = [each["modified"] for each in versions]
    assert modified == sorted(set(modified))


def test_a_report_is_modified_when_reviewers_split_what_was_told_of_it(tmp_path: Path) -> None:
    other = IncidentId("another")
    asked = Decision(incident=NAME, at=NOON + timedelta(hours=4), reason=Reason.SPLIT, item=ItemId("3"))
    with database(tmp_path) as store:
        record(store, told(number=1), told(number=3))
        (before,) = reports(exported(store, "stix"))
        moved = Regrouping(alerts={told(number=3).id: other})
        store.record(Cycle(incidents=(an_incident(other),), decisions=(asked,), regrouping=moved), [])
        after = next(each for each in reports(exported(store, "stix")) if each["id"] == before["id"])

    assert len(after["object_refs"]) < len(before["object_refs"])
    assert before["modified"] < "2026-10-10T16:00:00.000Z" <= after["modified"]


def test_a_report_that_is_open_again_is_a_later_version_than_the_closed_one(tmp_path: Path) -> None:
    at = NOON + timedelta(days=2)
    ended = Decision(incident=NAME, at=at, reason=Reason.CLOSED, item=ItemId("1"))
    with database(tmp_path) as store:
        record(store, told())
        known = store.incident(NAME)
        assert known is not None
        store.record(Cycle(incidents=(replace(known, closed=at),), decisions=(ended,)), [])
        (closed,) = reports(exported(store, "stix"))
        known = store.incident(NAME)
        assert known is not None
        store.record(Cycle(incidents=(replace(known, closed=None, updated=at + timedelta(hours=1)),)), [])
        (again,) = reports(exported(store, "stix"))

    assert (closed["labels"][-1], again["labels"][-1]) == ("closed", "occurred")
    assert closed["modified"] < again["modified"]


def test_an_export_of_nothing_is_a_valid_bundle(tmp_path: Path) -> None:
    with database(tmp_path) as store:
        assert [each["type"] for each in read(exported(store, "stix"))] == ["identity"]


def test_an_item_without_an_address_is_in_the_note_alone(tmp_path: Path) -> None:
    alert = told()
    (item,) = alert.items
    with database(tmp_path) as store:
        record(store, replace(alert, items=(replace(item, url="javascript:alert(1)"),)))
        objects = read(exported(store, "stix"))

    assert [each["type"] for each in objects] == ["identity", "note", "report"]


@pytest.mark.parametrize(
    ("address", "uri"),
    [
        ("https://뉴스.example/북한?q=발사 1", "https://%EB%89%B4%EC%8A%A4.example/%EB%B6%81%ED%95%9C?q=%EB%B0%9C%EC%82%AC%201"),
        ("https://wire.example/100%/%41#a#b", "https://wire.example/100%25/%41#a%23b"),
        ("http://[2001:db8::1]:8080/a", "http://[2001:db8::1]:8080/a"),
        ("https://wire.example:port/a", ""),
        ("https://wire.example/a[1]", ""),
    ],
)  # fmt: skip
def test_an_address_is_a_uri_or_left_out(tmp_path: Path, address: str, uri: str) -> None:
    alert = told()
    (item,) = alert.items
    with database(tmp_path) as store:
        record(store, replace(alert, items=(replace(item, url=address),)))

        found = [each["value"] for each in read(exported(store, "stix")) if each["type"] == "url"]

    assert found == ([uri] if uri else [])


@given(ANY_TEXT)
def test_whatever_a_feed_says_the_bundle_is_valid(words: str) -> None:
    alert = told(words)
    items = (replace(alert.items[0], owner=words, url=f"https://wire.example/{words}"),)
    alert = replace(alert, why=words, items=items)

    assert len(reports(as_stix([ToldIncident(incident=an_incident(), told=[alert])], SENDER))) == 1
