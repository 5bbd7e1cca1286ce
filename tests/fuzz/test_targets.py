"""Whatever the bytes are, every target holds: a few hundred inputs a run, `ROUNDS` of them with `-m slow`."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, Target

LONG = int(os.environ.get("ROUNDS", "2000"))


def mutated(target: Target) -> st.SearchStrategy[bytes]:
    """Return a good input of a target, changed in a few places: something cut out, and a token put in."""
    place = st.integers(0, 10_000)
    edit = st.tuples(place, st.integers(0, 40), st.sampled_from(target.pieces) | st.binary(max_size=8))
    return st.builds(_edited, st.sampled_from(target.seeds), st.lists(edit, max_size=6))


def _edited(seed: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for place, cut, piece in edits:
        at = place % (len(seed) + 1)
        seed = seed[:at] + piece + seed[at + cut :]
    return seed


def _hold(name: str, rounds: int) -> None:
    target = TARGETS[name]

    @settings(
        max_examples=rounds,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(st.binary(max_size=300) | mutated(target))
    def holds(raw: bytes) -> None:
        target.run(raw)

    holds()


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_promised_of_any_bytes_holds(name: str) -> None:
    for seed in TARGETS[name].seeds:
        TARGETS[name].run(seed)
    _hold(name, 100)


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_what_is_promised_of_any_bytes_holds_for_long(name: str) -> None:
    _hold(name, LONG)
