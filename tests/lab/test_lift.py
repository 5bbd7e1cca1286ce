"""What is true of lift: how much more often something happens inside a calendar window."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lab.news import LIST, the_list
from watcher.lab.lift import Lift, lifts
from watcher.model.language import IndicatorId

PARADE = IndicatorId("parade")
WITH_WINDOW = f"{LIST}    timing: {{near: [party-day], before: 9d, after: 0d, then: raise}}\n"
YEARS = [date(2015, 1, 1) + timedelta(days=day) for day in range(3650)]
INSIDE = [date(year, 10, day) for year in range(2015, 2023) for day in (5, 6, 7)]
OUTSIDE = [date(year, 5, day) for year in range(2015, 2023) for day in (5, 6, 7)]


def the_lift(fired: list[date], days: list[date] = YEARS) -> Lift:
    return next(iter(lifts(the_list(WITH_WINDOW), {PARADE: fired}, days)))


def test_lift_is_observed_over_expected_firings() -> None:
    found = the_lift(INSIDE + OUTSIDE)

    assert (found.indicator, found.attached, found.days, found.windows, found.observed) == (
        "parade",
        True,
        100,
        10,
        24,
    )
    assert found.expected == pytest.approx(48 * 100 / 3650)
    assert found.lift == pytest.approx(24 / (48 * 100 / 3650))


def test_firings_only_outside_are_no_lift() -> None:
    assert the_lift(OUTSIDE).lift == 0


def test_what_never_fires_has_no_lift() -> None:
    assert the_lift([]).lift is None


def test_few_expected_firings_or_few_windows_are_too_few_to_say_anything() -> None:
    one_year = [day for day in YEARS if day.year == 2015]

    assert the_lift(INSIDE[:3]).weight == "too few"
    assert the_lift([date(2015, 10, 5)] * 500, one_year).weight == "too few"


def test_what_could_be_chance_is_called_so() -> None:
    evenly = [*YEARS[::15]]

    assert the_lift(evenly).weight == "could be chance"
    assert the_lift([*evenly, *INSIDE]).weight == "clear"


def test_days_without_news_are_not_days_without_firings() -> None:
    only_windows = [day for day in YEARS if day.month == 10 and day.day <= 10]

    found = the_lift(INSIDE, only_windows)

    assert found.lift == 1


def test_every_calendar_is_tried_with_the_default_window_on_every_indicator() -> None:
    found = [each for each in lifts(the_list(WITH_WINDOW), {PARADE: INSIDE}, YEARS) if not each.attached]

    assert [(each.indicator, each.window) for each in found] == [
        ("missile-launch", "party-day -30d +3d"),
        ("parade", "party-day -30d +3d"),
    ]


@settings(deadline=None)  # the time it takes is the machine's
@given(st.lists(st.sampled_from(YEARS), max_size=2000))
def test_chance_is_a_probability(fired: list[date]) -> None:
    assert 0 <= the_lift(fired).chance <= 1
