"""An export takes what was recorded after its cursor, once, in the order in which it was recorded."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import NOON, an_alert
from tests.export.records import NAME, close, database, ids, record, told
from watcher.errors import UsageError
from watcher.model.exported import ExportCursor, ExportPart, export_cursor
from watcher.model.polling import Cycle
from watcher.store import SqliteStore

START = ExportCursor()


def test_parts_after_one_another_have_everything_once(tmp_path: Path) -> None:
    with database(tmp_path) as store:
        record(store, *(told(number=number) for number in range(5)))
        close(store)
        parts, after = list[ExportPart](), START
        while not parts or parts[-1].more:
            parts.append(store.export_part(after, limit=2))
            after = parts[-1].end
        nothing = store.export_part(after, limit=2)

    assert [ids(part.alerts) for part in parts] == [
        [f"{number:020x}" for number in numbers] for numbers in ((0, 1), (2, 3), (4,))
    ]
    assert [each.id for part in parts for each in part.closed] == [NAME]
    assert parts[-1].closed
    assert (nothing.alerts, nothing.closed, nothing.end, nothing.more) == ((), (), after, False)


def test_no_closing_is_exported_before_an_alert_that_was_recorded_before_it(tmp_path: Path) -> None:
    class Watched(SqliteStore):
        """Reads while the service writes: after the first question an alert, then the closing, are there."""

        asked = 0

        def _rows(self, query: str, values: Any = ()) -> list[sqlite3.Row]:
            found = super()._rows(query, values)
            Watched.asked += 1
            if Watched.asked == 2:
                record(store, told(number=2))
                close(store)
            return found

    with database(tmp_path) as store:
        record(store, told(number=1))
        with closing(Watched.open_readonly(tmp_path / "watcher.db")) as reader:
            part = reader.export_part(START, limit=9)
            rest = reader.export_part(part.end, limit=9)

    assert [*ids(part.alerts), *ids(rest.alerts)] == [f"{1:020x}", f"{2:020x}"]
    assert [each.id for each in rest.closed] == [NAME]


def test_an_alert_that_is_recorded_late_is_exported_whatever_its_time(tmp_path: Path) -> None:
    with database(tmp_path) as store:
        record(store, told(number=2))
        end = store.export_part(START, limit=9).end
        record(store, told(number=1))

        assert ids(store.export_part(end, limit=9).alerts) == [f"{1:020x}"]


def test_an_incident_is_closed_once_however_often_it_is_written(tmp_path: Path) -> None:
    with database(tmp_path) as store:
        record(store, told())
        close(store)
        end = store.export_part(START, limit=9).end
        known = store.incident(NAME)
        assert known is not None
        store.record(Cycle(incidents=(replace(known, title="renamed"),)), [])

        assert store.export_part(end, limit=9).closed == ()


def test_an_incident_that_a_late_report_opens_again_is_exported_again_when_it_closes(tmp_path: Path) -> None:
    with database(tmp_path) as store:
        record(store, told())
        close(store)
        first = store.export_part(START, limit=9)
        known = store.incident(NAME)
        assert known is not None
        store.record(Cycle(incidents=(replace(known, closed=None),)), [])
        still_open = store.export_part(START, limit=9)
        close(store)
        again = store.export_part(first.end, limit=9)

    assert [each.id for each in first.closed] == [NAME]
    assert still_open.closed == ()
    assert [each.id for each in again.closed] == [NAME]


def test_an_incident_that_nobody_was_told_of_closes_in_silence(tmp_path: Path) -> None:
    with database(tmp_path) as store:
        record(store, told())
        close(store)
        known = store.incident(NAME)
        assert known is not None
        store.record(Cycle(incidents=(replace(known, told=None),)), [])

        assert store.export_part(START, limit=9).closed == ()


def test_an_export_since_a_time_leaves_out_what_was_before(tmp_path: Path) -> None:
    with database(tmp_path) as store:
        record(store, told(number=1), told(number=3))

        part = store.export_part(START, since=NOON + timedelta(hours=2), limit=9)

    assert ids(part.alerts) == [f"{3:020x}"]


def test_an_export_since_a_time_leaves_out_what_was_closed_before(tmp_path: Path) -> None:
    with database(tmp_path) as store:
        record(store, told())
        close(store)
        found = [
            store.export_part(START, since=NOON + timedelta(days=days), limit=9).closed for days in (1, 3)
        ]

    assert [len(closed) for closed in found] == [1, 0]


def test_a_cursor_of_another_database_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    with database(tmp_path) as store:
        store.record(Cycle(alerts=(an_alert(),)), [])

        for cursor in ("2-0", "1-1"):
            with pytest.raises(UsageError, match="another database"):
                store.export_part(export_cursor(cursor), limit=9)


@pytest.mark.parametrize("typed", ["", "1", "1-", "-1", "a-b", "1-2-3", "１-２", "1" * 19 + "-0"])
def test_what_is_no_cursor_is_refused(typed: str) -> None:
    with pytest.raises(UsageError, match="no such cursor"):
        export_cursor(typed)


def test_a_cursor_is_typed_as_it_is_printed() -> None:
    cursor = ExportCursor(alert=17, closing=3)

    assert export_cursor(str(cursor)) == cursor
    assert export_cursor("start") == START
