"""What is true of silence: it is counted in days with news, against the gaps there were before."""

from datetime import date, timedelta

from watcher.incidents.kinds.silence import Stretch, is_unusual, stretch_of
from watcher.model.language import SilencePattern

FIRST = date(2026, 1, 1)


def days(*numbers: int) -> list[date]:
    return [FIRST + timedelta(days=number) for number in numbers]


EVERY_DAY = days(*range(400))


def stretch(*heard: int, today: int, watched: list[date] | None = None) -> Stretch | None:
    return stretch_of(days(*heard), EVERY_DAY if watched is None else watched, FIRST + timedelta(days=today))


def unusual(*heard: int, today: int, longer: int = 14) -> bool:
    found = stretch(*heard, today=today)
    return found is not None and is_unusual(found, SilencePattern(longer=timedelta(days=longer)))


def test_who_was_hardly_ever_heard_is_not_missed() -> None:
    assert stretch(0, 1, 2, 3, today=90) is None


def test_silence_is_longer_than_the_analyst_allows() -> None:
    assert not unusual(0, 1, 2, 3, 4, today=18)
    assert unusual(0, 1, 2, 3, 4, today=19)


def test_silence_is_longer_than_every_gap_so_far_while_there_are_few() -> None:
    assert not unusual(0, 1, 31, 32, 33, today=63)
    assert unusual(0, 1, 31, 32, 33, today=64)


def test_one_gap_in_a_hundred_is_no_measure() -> None:
    often = [*range(150), *range(190, 220)]

    assert unusual(*often, today=219 + 15)


def test_days_on_which_nothing_was_read_are_no_silence() -> None:
    found = stretch(0, 1, 2, 3, 4, today=40, watched=days(*range(10), *range(38, 41)))

    assert found is not None
    assert found.days == 8


def test_a_stretch_is_told_in_words() -> None:
    found = stretch(0, 1, 4, 5, 6, today=20)

    assert found is not None
    assert found.in_words == (
        "unheard for 14 days with news, last on 2026-01-07",
        "usual gap 1, longest 3, of 4",
    )
