"""What each channel takes, and when, as people write it."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from watcher.config.routes import ROUTE_KEYS, route_of
from watcher.model.alerts import ChannelId, Kind, Reason
from watcher.model.language import Severity
from watcher.model.routes import EVERY_DAY, Hours, Route, Schedule

DESK = ChannelId("desk")


def the_route(**table: object) -> Route | None:
    """Return the route of a table in which nothing is wrong."""
    found, mistakes = route_of(DESK, table)
    assert mistakes == {}
    return found


def mistake(key: str, value: object) -> str:
    _, mistakes = route_of(DESK, {key: value})
    assert list(mistakes) == [key]
    return mistakes[key]


def test_a_channel_that_says_nothing_has_no_route() -> None:
    assert the_route(type="webhook", url="https://desk.example") is None


def test_all_of_a_route_is_taken() -> None:
    found = the_route(
        severity="high",
        indicators=["icbm-launch", "parade"],
        categories="provocation",
        kinds=["incident", "board"],
        reasons=["new", "escalated"],
        hours="08:00-20:00",
        days=["mon-fri", "sun"],
        quiet="22:00-07:00",
        digest="daily 08:00",
        renotify="30m",
        timezone="Asia/Seoul",
    )

    assert found == Route(
        channel=DESK,
        least=Severity.HIGH,
        indicators=frozenset({"icbm-launch", "parade"}),
        categories=frozenset({"provocation"}),
        kinds=frozenset({Kind.INCIDENT, Kind.BOARD}),
        reasons=frozenset({Reason.NEW, Reason.ESCALATED}),
        hours=Hours(begins=time(8), ends=time(20)),
        days=frozenset({0, 1, 2, 3, 4, 6}),
        quiet=Hours(begins=time(22), ends=time(7)),
        digest=Schedule(name="daily 08:00", times=(time(8),), days=EVERY_DAY),
        renotify=timedelta(minutes=30),
        zone=ZoneInfo("Asia/Seoul"),
    )


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("Sat, Sun", {5, 6}),
        ("fri-mon", {4, 5, 6, 0}),
        (["wed"], {2}),
        ("mon-sun", set(EVERY_DAY)),
    ],
)
def test_days_are_names_and_spans_that_may_go_past_sunday(written: object, days: set[int]) -> None:
    assert the_route(days=written) == Route(channel=DESK, days=frozenset(days))


@pytest.mark.parametrize(
    ("written", "times", "days"),
    [
        ("daily 08:00", [8], EVERY_DAY),
        ("weekly mon 08:00", [8], {0}),
        ("Weekly SUN 23:00", [23], {6}),
        ("shift 06:00 14:00 22:00", [6, 14, 22], EVERY_DAY),
    ],
)
def test_a_digest_is_daily_weekly_or_for_every_shift(written: str, times: list[int], days: set[int]) -> None:
    schedule = Schedule(name=written, times=tuple(map(time, times)), days=frozenset(days))

    assert the_route(digest=written) == Route(channel=DESK, digest=schedule)


def test_midnight_is_written_either_way() -> None:
    assert the_route(hours="20:00-24:00") == the_route(hours="20:00-00:00")


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("severity", "hihg", "did you mean `high`?"),
        ("severity", 3, "expected a severity"),
        ("indicators", [], "an empty list takes nothing"),
        ("indicators", ["a b"], "is no id"),
        ("categories", ["provocations"], "expected a category (provocation"),
        ("kinds", ["incidents"], "did you mean `incident`?"),
        ("reasons", "newer", "did you mean `new`?"),
        ("hours", "8-20", "expected a time of the day such as 08:00, found `8`"),
        ("hours", "08:00", 'expected hours such as "08:00-20:00"'),
        ("hours", "08:00-24:30", "found `24:30`"),
        ("hours", 8, "expected text"),
        ("days", "weekdays", 'expected days such as "mon-fri"'),
        ("days", "", "expected days"),
        ("quiet", "night", "expected hours"),
        ("digest", "hourly", "expected `daily 08:00`, `weekly mon 08:00` or `shift"),
        ("digest", "weekly 08:00", "expected `daily 08:00`"),
        ("digest", "shift", "expected `daily 08:00`"),
        ("digest", "daily noon", "expected a time of the day"),
        ("renotify", "1s", "write at least 1m"),
        ("renotify", "soon", "is no duration"),
        ("timezone", "Asia/Seol", "did you mean `Asia/Seoul`?"),
        ("timezone", "../../etc/passwd", "no such time zone"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_write(key: str, value: object, what: str) -> None:
    assert what in mistake(key, value)


@pytest.mark.parametrize("key", ROUTE_KEYS)
@pytest.mark.parametrize(
    "value",
    [None, True, {}, {"a": 1}, [None], [[]], 7, 7.5, "", " ", "\0", "x" * 30_000, "-", "00:00-00:00-00:00"],
)
def test_any_value_is_taken_or_a_mistake(key: str, value: object) -> None:
    found, said = route_of(DESK, {key: value})

    assert bool(said) != bool(found)
