"""Which days of a year a calendar means, and which windows are open on a day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.incidents.calendar import CalendarError, days_of, windows
from watcher.model.language import Calendar, CalendarId, Then, Timing

PARTY = CalendarId("party-day")


def days(year: int, *dates: str, every: str = "", years: str = "") -> list[str]:
    return [
        f"{day:%m-%d}" for day in days_of(Calendar(id=PARTY, dates=dates, every=every, years=years), year)
    ]


@pytest.mark.parametrize(
    ("dates", "year", "expected"),
    [
        (("10-10",), 2026, ["10-10"]),
        (("10-10", "04-15", "10-10"), 2026, ["04-15", "10-10"]),
        (("2026-06-03",), 2026, ["06-03"]),
        (("2026-06-03",), 2027, []),
        (("2026-06-03", "06-03"), 2026, ["06-03"]),
        (("02-29",), 2024, ["02-29"]),
        (("02-29",), 2026, []),
        (("02-29",), 2000, ["02-29"]),
        (("02-29",), 2100, []),
        ((), 2026, []),
    ],
)
def test_days_are_of_every_year_or_of_one(dates: tuple[str, ...], year: int, expected: list[str]) -> None:
    assert days(year, *dates) == expected


@pytest.mark.parametrize(
    ("rule", "year", "expected"),
    [
        pytest.param(
            "first Tuesday after first Monday of November", 2024, "11-05", id="US elections of 2024"
        ),
        pytest.param(
            "first Tuesday after first Monday of November", 2022, "11-08", id="US elections of 2022"
        ),
        pytest.param(
            "first Tuesday after first Monday of November",
            2027,
            "11-02",
            id="the first Monday is the first day",
        ),
        pytest.param("first Monday of June", 2026, "06-01", id="the first day"),
        pytest.param(
            "second Wednesday of April", 2020, "04-08", id="an assembly election is not always by rule"
        ),
        pytest.param("third Monday of August", 2026, "08-17", id="third"),
        pytest.param("fourth Thursday of November", 2026, "11-26", id="fourth"),
        pytest.param("fifth Monday of August", 2026, "08-31", id="fifth"),
        pytest.param("last Sunday of October", 2026, "10-25", id="last"),
        pytest.param("last Saturday of October", 2026, "10-31", id="last, the last day"),
        pytest.param("last Thursday of December", 2026, "12-31", id="last of the year"),
        pytest.param("last Sunday of February", 2024, "02-25", id="last of a leap month"),
        pytest.param("LAST  sunday of OCTOBER", 2026, "10-25", id="however typed"),
        pytest.param("first Monday after last Friday of May", 2026, "06-01", id="into the next month"),
    ],
)
def test_a_rule_names_a_day_of_every_year(rule: str, year: int, expected: str) -> None:
    assert days(year, every=rule) == [expected]


def test_a_fifth_weekday_is_not_in_every_month() -> None:
    assert days(2026, every="fifth Monday of November") == ["11-30"]
    assert days(2025, every="fifth Monday of November") == []
    assert days(2026, every="fifth Friday of February") == []


@pytest.mark.parametrize(
    ("years", "in_years"),
    [
        ("", [2023, 2024, 2025, 2026, 2027, 2028]),
        ("even", [2024, 2026, 2028]),
        ("odd", [2023, 2025, 2027]),
        ("every 4 from 2024", [2024, 2028]),
        ("every 5 from 2022", [2027]),
        ("every 1 from 2026", [2026, 2027, 2028]),
        ("every 0 from 2026", []),
    ],
)
def test_a_rule_holds_in_its_years(years: str, in_years: list[int]) -> None:
    assert [
        year for year in range(2023, 2029) if days(year, every="first Monday of May", years=years)
    ] == in_years


def test_years_do_not_limit_the_days_beside_the_rule() -> None:
    assert days(2025, "10-10", every="first Monday of May", years="even") == ["10-10"]


@pytest.mark.parametrize("day", ["13-01", "02-30", "2026-02-29", "Oct 10", "", "10/10", "99-99", "ab-cd"])
def test_a_day_that_does_not_exist_is_refused(day: str) -> None:
    with pytest.raises(CalendarError, match=r"no such day: .+; write month-day"):
        days(2024, day)


@pytest.mark.parametrize(
    "rule",
    [
        "Monday of May",
        "first Mayday of May",
        "sixth Monday of May",
        "first Monday of Mai",
        "first Monday after of May",
        "x",
    ],
)
def test_a_rule_that_cannot_be_understood_is_refused(rule: str) -> None:
    with pytest.raises(CalendarError, match=r"no such rule: .+; write e\.g\. 'second Wednesday of April'"):
        days(2026, every=rule)


def test_years_that_cannot_be_understood_are_refused() -> None:
    with pytest.raises(CalendarError, match="no such years: 'sometimes'; write 'even'"):
        days(2026, every="first Monday of May", years="sometimes")


def open_windows(
    today: str, *, dates: tuple[str, ...] = ("10-10",), before: int = 3, after: int = 2
) -> list[str]:
    timing = Timing(
        near=(PARTY,), before=timedelta(days=before), after=timedelta(days=after), then=Then.RAISE
    )
    return list(windows(timing, {PARTY: Calendar(id=PARTY, dates=dates)}, date.fromisoformat(today)))


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2026-10-06", []),
        ("2026-10-07", ["party-day in 3 days"]),
        ("2026-10-09", ["party-day in 1 day"]),
        ("2026-10-10", ["party-day today"]),
        ("2026-10-11", ["party-day 1 day ago"]),
        ("2026-10-12", ["party-day 2 days ago"]),
        ("2026-10-13", []),
    ],
)
def test_a_window_opens_before_a_day_and_closes_after_it(today: str, expected: list[str]) -> None:
    assert open_windows(today) == expected


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2025-12-29", ["party-day in 3 days"]),
        ("2026-12-31", ["party-day in 1 day"]),
        ("2027-01-01", ["party-day today"]),
        ("2027-01-03", ["party-day 2 days ago"]),
        ("2027-01-04", []),
    ],
)
def test_a_window_runs_over_new_year(today: str, expected: list[str]) -> None:
    assert open_windows(today, dates=("01-01",)) == expected


def test_a_window_of_the_last_day_of_the_year_is_open_in_the_next() -> None:
    assert open_windows("2027-01-01", dates=("12-31",)) == ["party-day 1 day ago"]


def test_windows_of_several_days_and_calendars_are_all_named() -> None:
    army = CalendarId("army-day")
    timing = Timing(near=(army, PARTY), before=timedelta(days=9), after=timedelta(), then=Then.RAISE)
    calendars = {
        PARTY: Calendar(id=PARTY, dates=("10-10", "10-12")),
        army: Calendar(id=army, dates=("10-09",)),
    }

    assert list(windows(timing, calendars, date(2026, 10, 8))) == [
        "army-day in 1 day",
        "party-day in 2 days",
        "party-day in 4 days",
    ]


@given(
    st.sampled_from(["first", "second", "third", "fourth", "last"]),
    st.integers(0, 6),
    st.integers(1, 12),
    st.integers(1970, 2200),
)
def test_a_rule_keeps_its_weekday_and_month(ordinal: str, weekday: int, month: int, year: int) -> None:
    name, of = f"{date(2024, 1, 1 + weekday):%A}", f"{date(2024, month, 1):%B}"

    (day,) = days_of(Calendar(id=PARTY, every=f"{ordinal} {name} of {of}"), year)

    assert (day.year, day.month, day.weekday()) == (year, month, weekday)
    week = {"first": 0, "second": 1, "third": 2, "fourth": 3}
    assert (
        (day.day - 1) // 7 == week[ordinal] if ordinal in week else (day + timedelta(days=7)).month != month
    )
