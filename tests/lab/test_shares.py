"""What is true of shares and of their intervals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.lab.shares import of_f1, share, wilson

COUNTS = st.integers(min_value=0, max_value=500)


@pytest.mark.parametrize(
    ("part", "whole", "interval"),
    [(5, 10, (0.2366, 0.7634)), (0, 10, (0.0, 0.2775)), (10, 10, (0.7225, 1.0)), (81, 263, (0.2553, 0.3662))],
)
def test_an_interval_is_that_of_wilson(part: int, whole: int, interval: tuple[float, float]) -> None:
    """The last is the first example of R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872."""
    assert wilson(part, whole) == interval


@given(COUNTS, COUNTS)
def test_an_interval_holds_its_share_and_stays_between_nothing_and_all(part: int, rest: int) -> None:
    found, middle = wilson(part, part + rest), share(part, part + rest)

    assert (found is None) == (middle is None) == (part + rest == 0)
    if found and middle is not None:
        assert 0 <= found[0] <= middle <= found[1] <= 1


@given(COUNTS, COUNTS)
def test_the_interval_of_f1_holds_f1(right: int, wrong: int) -> None:
    found, f1 = of_f1(right, wrong), share(2 * right, 2 * right + wrong)

    if found and f1 is not None:
        assert found[0] - 0.0001 <= f1 <= found[1] + 0.0001


def test_more_of_the_same_says_more() -> None:
    few, many = wilson(8, 10), wilson(800, 1000)

    assert few
    assert many
    assert many[1] - many[0] < few[1] - few[0]
