"""What is true of durations and sizes as people type them."""

from datetime import timedelta

import pytest

from watcher.config.durations import as_typed, duration, size


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("6 h", timedelta(hours=6)),
        ("30d", timedelta(days=30)),
        ("2w", timedelta(days=14)),
        ("0s", timedelta()),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, meant: timedelta) -> None:
    assert duration(text) == meant


@pytest.mark.parametrize("text", ["90s", "15m", "36h", "30d", "14d", "1h"])
def test_a_duration_is_shown_as_it_is_typed(text: str) -> None:
    assert as_typed(duration(text)) == text


@pytest.mark.parametrize("text", ["", "5", "h", "-5m", "1.5h", "5 months", "9999999w", "٥m"])
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no duration|longer than"):
        duration(text)


@pytest.mark.parametrize(
    ("typed", "meant"), [("10 MiB", 10 << 20), ("512KiB", 512 << 10), ("1 GB", 10**9), ("77", 77), ("5 b", 5)]
)
def test_a_size_is_a_number_and_a_unit(typed: str, meant: int) -> None:
    assert size(typed) == meant


@pytest.mark.parametrize("typed", ["", "MiB", "-1", "1.5 MiB", "3 apples"])
def test_anything_else_is_no_size(typed: str) -> None:
    with pytest.raises(ValueError, match="is no size"):
        size(typed)
