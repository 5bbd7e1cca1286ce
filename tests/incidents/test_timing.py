"""A calendar window raises what a hit is worth, lets a hit through only while it is open, or marks it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.builders import a_hit, a_list, an_item
from watcher.incidents.calendar import place_in_time
from watcher.model.alerts import Hit
from watcher.model.language import Severity

RAISE, ONLY, MARK = "then: raise", "then: only", "then: mark"


def placed(*timings: str, on: str = "2026-10-09", severity: Severity = Severity.MEDIUM) -> Hit | None:
    """Place a hit of a day among the windows of an indicator."""
    keys = ", ".join(f"{{{timing}}}" for timing in timings)
    timing = f", timing: [{keys}]" if timings else ""
    listed = a_list(f"""
calendars: {{party-day: {{dates: ["10-10"]}}, army-day: {{dates: ["10-09"]}}, new-year: {{dates: ["01-01"]}}}}
indicators: [{{id: sign, category: provocation, match: [korea]{timing}}}]
""")
    published = datetime.fromisoformat(f"{on}T23:59:00+00:00")
    hit = replace(a_hit(an_item("Korea", published=published)), severity=severity)
    return place_in_time(hit, listed.indicators[0], listed.calendars)


def test_an_indicator_without_timing_leaves_its_hits_alone() -> None:
    hit = placed()

    assert hit is not None
    assert (hit.severity, hit.timing) == (Severity.MEDIUM, ())


@pytest.mark.parametrize(
    ("timings", "severity", "windows"),
    [
        (("near: [party-day], before: 3d, " + RAISE,), Severity.HIGH, ("party-day in 1 day",)),
        (("near: [new-year], before: 3d, " + RAISE,), Severity.MEDIUM, ()),
        (("near: [party-day], before: 3d, " + ONLY,), Severity.MEDIUM, ("party-day in 1 day",)),
        (("near: [party-day], before: 3d, " + MARK,), Severity.MEDIUM, ("party-day in 1 day",)),
        (("near: [new-year], before: 3d, " + MARK,), Severity.MEDIUM, ()),
        (
            ("near: [party-day, army-day], before: 3d, " + RAISE,),
            Severity.HIGH,
            ("party-day in 1 day", "army-day today"),
        ),
        (
            ("near: [party-day], before: 3d, " + RAISE, "near: [army-day], " + RAISE),
            Severity.CRITICAL,
            ("party-day in 1 day", "army-day today"),
        ),
        (
            ("near: [party-day], before: 3d, " + ONLY, "near: [new-year], before: 3d, " + RAISE),
            Severity.MEDIUM,
            ("party-day in 1 day",),
        ),
    ],
)
def test_a_window_raises_by_one_step_or_marks(
    timings: tuple[str, ...], severity: Severity, windows: tuple[str, ...]
) -> None:
    hit = placed(*timings)

    assert hit is not None
    assert (hit.severity, hit.timing) == (severity, windows)


def test_a_window_that_only_marks_names_itself_and_changes_nothing() -> None:
    inside, outside = (
        placed("near: [party-day], before: 3d, then: mark"),
        placed("near: [new-year], before: 3d, then: mark"),
    )

    assert inside is not None
    assert (inside.severity, inside.timing) == (Severity.MEDIUM, ("party-day in 1 day",))
    assert outside is not None
    assert (outside.severity, outside.timing) == (Severity.MEDIUM, ())


def test_nothing_is_raised_beyond_critical() -> None:
    hit = placed("near: [army-day], " + RAISE, severity=Severity.CRITICAL)

    assert hit is not None
    assert hit.severity is Severity.CRITICAL


def test_outside_the_windows_that_let_it_through_there_is_no_hit() -> None:
    assert placed("near: [party-day], before: 3d, " + ONLY, on="2026-10-06") is None
    assert placed("near: [army-day], " + RAISE, "near: [new-year], before: 3d, " + ONLY) is None


def test_an_item_without_a_date_is_of_the_day_it_was_seen() -> None:
    listed = a_list("""
calendars: {party-day: {dates: ["10-10"]}}
indicators: [{id: sign, category: provocation, match: [korea], timing: {near: [party-day], then: only}}]
""")
    seen = a_hit(an_item("Korea"))
    published = a_hit(an_item("Korea", published=datetime(2026, 5, 1, tzinfo=UTC)))

    assert [
        place_in_time(hit, listed.indicators[0], listed.calendars) is None for hit in (seen, published)
    ] == [False, True]
