from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import format_datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.read.dates import days_in, parse_date, zone_of

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
        ("20260227150405", "2026-02-27T15:04:05"),
        ("202602271504", "2026-02-27T15:04:00"),
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
        ("2026-02-27 15:04 GMT+9", "2026-02-27T06:04:00"),
        ("Fri, 27 Feb 2026 15:04:05 UTC+09:00", "2026-02-27T06:04:05"),
        ("Fri, 27 Feb 2026 15:04:05 GMT +0900", "2026-02-27T06:04:05"),
        ("2026.02.27 15:04 (KST)", "2026-02-27T06:04:00"),
        ("Fri Feb 27 2026 15:04:05 GMT+0900 (Korean Standard Time)", "2026-02-27T06:04:05"),
        ("Fri,27 Feb 2026", "2026-02-27T00:00:00"),
        ("Fri,27 Feb 2026 15:04:05 GMT", "2026-02-27T15:04:05"),
        ("27 02 2026", "2026-02-27T00:00:00"),
        ("27.02.2026 15:04", "2026-02-27T15:04:00"),
        ("03.02.2026", "2026-02-03T00:00:00"),
        ("27/02/2026", "2026-02-27T00:00:00"),
        ("02/27/2026 3:04 PM", "2026-02-27T15:04:00"),
        ("02/02/2026", "2026-02-02T00:00:00"),
        ("Fri, 02/27/2026 - 15:04", "2026-02-27T15:04:00"),
        ("Tue, 02/03/2026 - 15:04", "2026-02-03T15:04:00"),
        ("Mon, 02/03/2026 - 15:04", "2026-03-02T15:04:00"),
        ("Friday, February 27, 2026 - 15:04", "2026-02-27T15:04:00"),
        ("Fri, 27 Feb 26 15:04:05 GMT", "2026-02-27T15:04:05"),
        ("27.02.26 15:04", "2026-02-27T15:04:00"),
        ("26년 2월 27일 15:04", "2026-02-27T15:04:00"),
        ("27/02/98", "1998-02-27T00:00:00"),
        ("令和8年2月27日 15時4分", "2026-02-27T15:04:00"),
        ("令和元年5月1日(水)", "2019-05-01T00:00:00"),
        ("R8.2.27", "2026-02-27T00:00:00"),
        ("平成30年2月27日", "2018-02-27T00:00:00"),
        ("주체115(2026)년 2월 27일", "2026-02-27T00:00:00"),
        ("주체115(2026).2.27.", "2026-02-27T00:00:00"),
        ("주체115년 2월 27일", "2026-02-27T00:00:00"),
        ("February 27, Juche 115 (2026)", "2026-02-27T00:00:00"),
        ("Juche115.2.27", "2026-02-27T00:00:00"),
        ("主体115(2026)年2月27日", "2026-02-27T00:00:00"),
        ("民國115年2月27日", "2026-02-27T00:00:00"),
        ("27th February 2026, 15:04", "2026-02-27T15:04:00"),
        ("2026-Feb-27", "2026-02-27T00:00:00"),
        ("Juche 115 (2026), February 27", "2026-02-27T00:00:00"),
        ("2026-02-27 15:04:05 +0900 KST", "2026-02-27T06:04:05"),
        ("2026-02-27T15:04:05+09:00[Asia/Seoul]", "2026-02-27T06:04:05"),
        ("Fri, 27 Feb 2026 15:04:05 Asia/Tokyo", "2026-02-27T06:04:05"),
        ("Fri, 27 Feb 2026 24:00:00 +0000", "2026-02-28T00:00:00"),
        ("Пт, 27 фев 2026 15:04:05 +0300", "2026-02-27T12:04:05"),
        ("пятница, 27 февраля 2026 г. 15:04", "2026-02-27T15:04:00"),
        ("7 мая 2026, 15:04 MSK", "2026-05-07T12:04:00"),
    ],
)
def test_a_date_means_what_a_person_reads_in_it(text: str, meant: str) -> None:
    assert parse_date(text) == datetime.fromisoformat(meant).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "text", "meant"),
    [
        ("ko", "2026-02-27 15:04:05", "2026-02-27T06:04:05"),
        ("ko-KR", "2026-02-27T15:04:05", "2026-02-27T06:04:05"),
        ("ko", "2026. 2. 27. 오후 3:04", "2026-02-27T06:04:00"),
        ("ko", "26.02.27 15:04", "2026-02-27T06:04:00"),
        ("ko", "2026-02-27", "2026-02-26T15:00:00"),
        ("ko", "Fri, 27 Feb 2026 15:04:05", "2026-02-27T06:04:05"),
        ("ko", "Fri, 27 Feb 2026 15:04:05 GMT", "2026-02-27T15:04:05"),
        ("ja", "2026/02/27 15:04:05", "2026-02-27T06:04:05"),
        ("zh-Hans", "2026-02-27 15:04:05", "2026-02-27T07:04:05"),
        ("zh-TW", "Fri, 27 Feb 2026 15:04:05 CST", "2026-02-27T07:04:05"),
        ("en", "Fri, 27 Feb 2026 15:04:05 CST", "2026-02-27T21:04:05"),
        ("en", "Fri, 27 Feb 2026 15:04:05", "2026-02-27T15:04:05"),
        ("", "26-02-27 15:04", ""),
    ],
)
def test_a_time_without_a_zone_is_that_of_the_place_where_its_language_is_spoken(
    language: str, text: str, meant: str
) -> None:
    expected = datetime.fromisoformat(meant).replace(tzinfo=UTC) if meant else None

    assert parse_date(text, zone_of(language)) == expected


def test_the_short_name_of_a_zone_means_that_of_the_feed() -> None:
    jerusalem = ZoneInfo("Asia/Jerusalem")

    assert parse_date("Fri, 27 Feb 2026 15:04:05 IST", jerusalem) == datetime(
        2026, 2, 27, 13, 4, 5, tzinfo=UTC
    )
    assert parse_date("2026-07-27 15:04", jerusalem) == datetime(2026, 7, 27, 12, 4, tzinfo=UTC)


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
            "Sat, 03/04/2026 - 14:30",
            "03 04 2026",
            "10/11/12",
            "Tue, 03 Mar 2026 12:00:00 XYZ",
            "Tue, 03 Mar 2026 12:00:00 +9999",
            "Sun, 29 Mar 2026 02:30:00 Europe/Berlin",
        ),
        *(
            "Mon, 01 Jan 99999 00:00:00 GMT",
            "Di, 03 März 2026 12:00:00 +0100",
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


@pytest.mark.parametrize(
    ("path", "day"),
    [
        ("2018/10/27/a.html", "2018-10-27"),
        ("english/2018-10/27/c_1.htm", "2018-10-27"),
        ("n1/2018/1027/c1002.html", "2018-10-27"),
        ("NISX_20181027_0001", "2018-10-27"),
        ("view/AEN20181027001200325", "2018-10-27"),
        ("article/201810271234001", "2018-10-27"),
        ("world/2018/oct/27/a", "2018-10-27"),
        ("2018/1/7/a", "2018-01-07"),
        ("2018/10/a", "2018-10-01"),
        ("world-asia-45540133", ""),
        ("19101231-a", ""),
        ("2018102799991", ""),
        ("a?v=20181027", ""),
        ("a/2018/13/27", ""),
    ],
)
def test_the_day_in_a_link_is_found_in_its_usual_forms(path: str, day: str) -> None:
    days = days_in(f"https://paper.example/{path}", UTC)

    assert (f"{days[0]:%Y-%m-%d}" if days else "") == day


_USUAL = (
    r"(Mon, |Sat, |)[0-3]?[0-9] (Jan|Feb|Sep|Dec) [0-9]{4} [0-2][0-9]:[0-5][0-9](:[0-6][0-9])?"
    r" ([+-][01][0-9][0-6]0|GMT)"
)


@given(
    st.from_regex(_USUAL, fullmatch=True),
    st.sampled_from([UTC, ZoneInfo("Asia/Seoul"), ZoneInfo("Europe/London"), ZoneInfo("America/Sao_Paulo")]),
)
def test_a_date_as_most_feeds_write_it_is_read_like_one_written_oddly(text: str, zone: tzinfo) -> None:
    assert parse_date(text, zone) == parse_date(f"{text} ", zone)
