from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.read.dates import parse_date

_FIRST, _LAST = datetime(1990, 1, 1), datetime(2099, 12, 31)  # noqa: DTZ001 - a zone is drawn beside it
moments = st.datetimes(min_value=_FIRST, max_value=_LAST).map(lambda at: at.replace(microsecond=0))
zones = st.integers(min_value=-12 * 4, max_value=14 * 4).map(
    lambda quarters: timezone(timedelta(minutes=15 * quarters))
)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Fri, 27 Feb 2026 15:04:05 GMT", "2026-02-27T15:04:05"),
        ("Fri, 27 Feb 2026 15:04:05 KST", "2026-02-27T06:04:05"),
        ("Fri, 27 Feb 2026 15:04:05 JST", "2026-02-27T06:04:05"),
        ("Fri, 27 Feb 2026 15:04 EST", "2026-02-27T20:04:00"),
        ("Fri, 27 Feb 2026 15:04:05 +0900 (KST)", "2026-02-27T06:04:05"),
        ("27 February 26 15:04:05 -0330", "2026-02-27T18:34:05"),
        ("Sat, 31 Dec 2016 23:59:60 GMT", "2016-12-31T23:59:59"),
        ("2026-02-27T15:04:05.123+09:00", "2026-02-27T06:04:05.123"),
        ("2026-02-27T15:04:05Z", "2026-02-27T15:04:05"),
        ("2026-02-27 15:04:05 +0900", "2026-02-27T06:04:05"),
        ("2026-02-27 15:04:05 UTC+9", "2026-02-27T06:04:05"),
        ("2026-02-27", "2026-02-27T00:00:00"),
        ("20260227", "2026-02-27T00:00:00"),
        ("2026.02.27", "2026-02-27T00:00:00"),
        ("2026. 2. 27.", "2026-02-27T00:00:00"),
        ("2026.02.27 15:04", "2026-02-27T15:04:00"),
        ("2026/02/27 15:04", "2026-02-27T15:04:00"),
        ("2026년 5월 3일", "2026-05-03T00:00:00"),
        ("2026년 5월 3일 (일) 오후 3:04", "2026-05-03T15:04:00"),
        ("2026년 5월 3일 오전 12시 4분", "2026-05-03T00:04:00"),
        ("2026年5月3日", "2026-05-03T00:00:00"),
        ("2026年5月3日15時04分", "2026-05-03T15:04:00"),
        ("２０２６年５月３日 日曜日", "2026-05-03T00:00:00"),
        ("May 3, 2026 3:04 PM EDT", "2026-05-03T19:04:00"),
        ("Sun, May 3, 2026 at 3:04 pm", "2026-05-03T15:04:00"),
        ("Sun May  3 15:04:05 PDT 2026", "2026-05-03T22:04:05"),
        ("Thu, 01 Sept 2016 10:00:00 GMT", "2016-09-01T10:00:00"),
    ],
)
def test_a_date_means_what_a_person_reads_in_it(text: str, meant: str) -> None:
    assert parse_date(text) == datetime.fromisoformat(meant).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "garbage",
            "0",
            "-1",
            "1772150400",
            "1772150400000",
            "9" * 400,
            "2026",
            "2026-02",
            "12:30",
        ),
        *("2026-13-45", "Sat, 30 Feb 2026 12:00:00 GMT", "Tue, 03 Mar 2026 25:61:61 GMT", "2026년 13월 3일"),
        *(
            "03/04/2026",
            "Tue, 03 Mar 2026 12:00:00 XYZ",
            "Tue, 03 Mar 2026 12:00:00 +9999",
            "Sun, 29 Mar 2026 02:30:00 Europe/Berlin",
        ),
        *(
            "Mon, 01 Jan 99999 00:00:00 GMT",
            "Вт, 03 мар 2026 12:00:00 +0300",
            "\u202e2026",
            "2026-02-27T00:00:00+99:00",
        ),
    ],
)
def test_what_is_no_date_for_certain_is_none(text: str) -> None:
    assert parse_date(text) is None


@given(moments, zones)
def test_what_computers_write_is_read_back_exactly(moment: datetime, zone: timezone) -> None:
    stamped = moment.replace(tzinfo=zone)

    assert parse_date(stamped.isoformat()) == stamped
    assert parse_date(format_datetime(stamped)) == stamped


@given(st.text(max_size=100) | st.from_regex(r"[0-9:./+ -]{1,40}", fullmatch=True))
def test_any_text_is_a_moment_in_utc_or_none(text: str) -> None:
    moment = parse_date(text)

    assert moment is None or moment.utcoffset() == timedelta()
