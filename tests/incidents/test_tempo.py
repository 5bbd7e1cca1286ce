"""What is true of a tempo: how often within a time, against what is usual."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from watcher.incidents.kinds.tempo import Tempo, is_fast, tempo_at
from watcher.model.language import IndicatorId, TempoPattern

START = datetime(2026, 1, 1, tzinfo=UTC)
MONTH = timedelta(days=30)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def tempo(*days: float) -> Tempo:
    """Return the tempo on the last of some days."""
    return tempo_at([day(each) for each in days], MONTH, day(days[-1]))


def a_tempo(*, count: int = 0, times: int = 0) -> TempoPattern:
    return TempoPattern(of=(IndicatorId("launch"),), within=MONTH, count=count, times=times)


def test_what_counts_is_what_happened_within_the_time() -> None:
    assert tempo(0, 29, 31).count == 2


def test_a_launch_exactly_so_long_ago_counts_no_more() -> None:
    assert tempo(0, 30).count == 1


def test_what_is_usual_is_not_known_until_three_times_the_time_lies_before() -> None:
    assert tempo(0, 100, 119).usual is None
    assert tempo(0, 60, 110, 120).usual == 2 / 3


def test_what_is_usual_does_not_count_what_is_looked_at() -> None:
    assert tempo(0, 150, 151, 152, 153).usual == tempo(0, 153).usual


def test_more_than_in_any_such_time_before_is_a_record() -> None:
    assert tempo(0, 1, 100, 200, 201, 202).is_record
    assert not tempo(0, 1, 2, 100, 200, 201, 202).is_record
    assert not tempo(0, 1, 2).is_record


def test_every_condition_that_is_written_must_hold() -> None:
    assert is_fast(Tempo(count=5), a_tempo(count=5))
    assert not is_fast(Tempo(count=4), a_tempo(count=5))
    assert is_fast(Tempo(count=3, usual=1.0), a_tempo(times=3))
    assert not is_fast(Tempo(count=3, usual=1.1), a_tempo(times=3))
    assert not is_fast(Tempo(count=4, usual=1.0), a_tempo(count=5, times=3))
    assert not is_fast(Tempo(count=9), a_tempo(times=3))


def test_one_alone_is_no_tempo() -> None:
    assert not is_fast(Tempo(count=1, usual=0.1), a_tempo(times=3))


def test_a_pace_is_told_in_words() -> None:
    assert Tempo(count=5, usual=1.23, most=4).in_words("launch", MONTH) == (
        "5th launch within 30 days",
        "usually 1.2",
        "more than ever before: 4",
    )
    assert Tempo(count=2).in_words("launch", MONTH) == (
        "2nd launch within 30 days",
        "what is usual is not known yet",
    )
    assert [Tempo(count=each).in_words("x", MONTH)[0].split()[0] for each in (1, 3, 11, 12, 13, 21, 112)] == [
        "1st",
        "3rd",
        "11th",
        "12th",
        "13th",
        "21st",
        "112th",
    ]


@given(st.lists(st.integers(0, 400), min_size=1, max_size=40).map(sorted))
def test_no_pace_is_above_the_number_of_moments_nor_the_most_above_all_that_lie_before(
    days: list[int],
) -> None:
    found = tempo(*days)

    assert 1 <= found.count <= len(days)
    assert found.most is None or 1 <= found.most <= len(days) - found.count
