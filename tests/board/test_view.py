"""What people see when they look at the board."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOON, a_list, a_sign
from watcher.alerting.review import action_of
from watcher.board.score import weigh
from watcher.board.view import DAYS, BoardRecord, Line, board_lines, nearby_days, scale, subject_called
from watcher.errors import UsageError
from watcher.model.alerts import Level
from watcher.model.board import PROBLEM, LevelChange, Subject, subject_of
from watcher.model.language import BoardRules, Severity
from watcher.model.review import ActionKind

LISTED = a_list("""
calendars: {party-day: {dates: ["10-13"]}, founding: {dates: ["11-01"]}, far-off: {dates: ["05-05"]}}
indicators:
  - {id: talks, title: Talks, category: diplomacy, severity: low, match: [talks]}
  - {id: icbm-launch, title: ICBM test, category: provocation, match: [ICBM*],
     timing: {near: [party-day], before: 30d}}
  - {id: missile-launch, title: Missile launch, category: provocation, match: [missile*],
     timing: {near: [party-day], before: 7d}}
  - {id: diplomacy, title: Diplomacy, category: diplomacy, match: [diplomacy]}
""")
INDICATORS = {indicator.id: indicator for indicator in LISTED.indicators}
DAY = timedelta(days=1)

QUIET, WATCH, ELEVATED, CRITICAL = Level


def stands(subject: str, level: Level, *, days: float, before: Level = QUIET) -> LevelChange:
    found = subject_of(subject)
    assert found
    return LevelChange(subject=found, level=level, since=NOON + days * DAY, before=before)


def seen(*changes: LevelChange, older: tuple[LevelChange, ...] = ()) -> BoardRecord:
    last = {each.subject: each for each in (*older, *changes)}
    return BoardRecord(board=list(last.values()), changes=changes, pressures={}, actions=())


def lines(what: BoardRecord) -> dict[str, Line]:
    return {str(line.subject): line for line in board_lines(what, INDICATORS, NOON)}


def test_the_problem_comes_first_then_the_categories_then_the_most_alarming_indicators() -> None:
    shown = lines(seen(stands("indicator:missile-launch", ELEVATED, days=-1)))

    assert list(shown) == [
        "problem",
        "category:provocation",
        "category:diplomacy",
        "indicator:missile-launch",
        "indicator:diplomacy",
        "indicator:icbm-launch",
        "indicator:talks",
    ]


def test_what_was_never_pressed_is_quiet_since_ever() -> None:
    line = lines(seen())["indicator:talks"]

    assert (line.level, line.since, line.trend) == (QUIET, None, (QUIET,) * DAYS)


def test_a_trend_is_the_highest_level_of_each_day() -> None:
    line = lines(
        seen(
            stands("problem", CRITICAL, days=-3, before=WATCH),
            stands("problem", ELEVATED, days=-2, before=CRITICAL),
            stands("problem", WATCH, days=-1.9, before=ELEVATED),
        )
    )["problem"]

    assert line.trend == (*(WATCH,) * (DAYS - 4), CRITICAL, CRITICAL, WATCH, WATCH)
    assert (line.level, line.since) == (WATCH, NOON - 1.9 * DAY)


def test_a_level_that_has_not_changed_of_late_was_the_same_all_the_time() -> None:
    line = lines(seen(older=(stands("problem", ELEVATED, days=-90),)))["problem"]

    assert line.trend == (ELEVATED,) * DAYS


def test_what_was_set_by_hand_counts_at_once() -> None:
    at = NOON - timedelta(minutes=1)
    act = action_of(
        ActionKind.OVERRIDE, "problem", "Kim", at, value="critical", why="parade", until=NOON + DAY
    )

    line = lines(replace(seen(), actions=[act]))["problem"]

    assert (line.level, line.since, line.trend[-1]) == (CRITICAL, at, CRITICAL)
    assert line.set_by == "set by Kim until 2026-10-11 12:00Z: parade"


def test_a_line_says_what_presses_now() -> None:
    sign = a_sign("icbm-launch", "Launch", severity=Severity.MEDIUM)
    what = replace(seen(), pressures=weigh([sign], INDICATORS, BoardRules(), NOON))

    assert lines(what)["indicator:icbm-launch"].as_dict() == {
        "subject": "indicator:icbm-launch",
        "title": "ICBM test",
        "level": "quiet",
        "since": None,
        "set_by": None,
        "pressure": 1.0,
        "because": ["+1.00 icbm-launch: Launch (medium, occurred, 0 seconds ago)"],
        "incidents": [sign.id],
        "trend": ["quiet"] * DAYS,
    }


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("problem", "problem"),
        ("provocation", "category:provocation"),
        ("icbm-launch", "indicator:icbm-launch"),
        ("indicator:diplomacy", "indicator:diplomacy"),
    ],
)
def test_a_subject_is_called_by_its_name_or_in_full(name: str, subject: str) -> None:
    assert str(subject_called(name, INDICATORS)) == subject


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("diplomacy", "is a category and an indicator; write category:diplomacy or indicator:diplomacy"),
        ("", "the board has no ''; it has problem, the categories and the indicators"),
        ("icbm", "the board has no 'icbm'"),
    ],
)
def test_a_name_of_two_subjects_or_of_none_is_refused(name: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        subject_called(name, INDICATORS)


@pytest.mark.parametrize("text", ["problem", "category:rhetoric", "indicator:icbm-launch"])
def test_a_subject_is_read_as_it_is_written(text: str) -> None:
    assert str(subject_of(text)) == text


def test_people_call_a_subject_by_its_name() -> None:
    assert (PROBLEM.word, Subject(kind=PROBLEM.kind.CATEGORY, name="rhetoric").word) == (
        "the problem",
        "rhetoric",
    )


def test_windows_in_force_name_what_they_act_on_and_days_to_come_are_within_a_month() -> None:
    in_force, coming = nearby_days(INDICATORS.values(), LISTED.calendars, NOON)

    assert in_force == ["party-day in 3 days (icbm-launch, missile-launch)"]
    assert coming == ["founding in 22 days"]


def test_windows_of_one_calendar_or_of_one_day_are_one_line() -> None:
    listed = a_list("""
calendars: {sun: {dates: ["10-13"]}, parades: {dates: ["10-13", "10-15"]}, vote: {dates: ["10-16"]}}
indicators:
  - {id: a, title: A, category: rhetoric, match: aa, timing: {near: [sun], before: 7d}}
  - {id: b, title: B, category: rhetoric, match: bb, timing: {near: [parades], before: 7d}}
""")

    assert nearby_days(listed.indicators, listed.calendars, NOON) == (
        ["sun, parades in 3 days and in 5 days (a, b)"],
        ["vote in 6 days"],
    )


def test_a_day_to_come_is_one_line_with_every_calendar_that_has_it_the_next_day_first() -> None:
    listed = a_list("""
calendars: {christmas: {dates: ["10-30", "11-05"]}, year-end: {dates: ["10-30"]}, vote: {dates: ["10-11"]}}
indicators: [{id: a, title: A, category: rhetoric, match: aa}]
""")

    assert nearby_days(listed.indicators, listed.calendars, NOON) == (
        [],
        ["vote in 1 day", "christmas, year-end in 20 days", "christmas in 26 days"],
    )


def test_the_scale_is_a_sentence() -> None:
    assert scale(BoardRules()) == (
        "Pressure: watch from 0.75, elevated from 1.5, critical from 3; "
        "a level ends below 50% of that, but not within 1 day of being reached."
    )
