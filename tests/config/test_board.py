"""What the analyst may say of the board."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from watcher.config import read_indicators
from watcher.errors import ConfigError
from watcher.model.language import BoardRules, Category, SubjectKind

PAGE = Path(__file__).parents[2] / "docs" / "board.md"
LIST = "indicators: [{id: icbm, category: provocation, match: [ICBM*]}]\n"


def board(text: str) -> BoardRules:
    return read_indicators(f"{LIST}board: {text}\n".encode(), "i.yaml").board


def test_a_list_that_says_nothing_of_the_board_has_the_usual_one() -> None:
    assert read_indicators(LIST.encode(), "i.yaml").board == BoardRules()


def test_the_page_of_the_board_shows_the_usual_one() -> None:
    (shown,) = re.findall(
        r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )

    assert read_indicators(f"{LIST}{shown}".encode(), "i.yaml").board == BoardRules()


def test_all_of_the_board_can_be_set() -> None:
    said = """
  half_life: 10d
  thresholds: {watch: 1, elevated: 2.5, critical: 5}
  leave: 0.4
  dwell: 48h
  counter: [diplomacy, trigger]
  speak: [problem, indicator]
"""
    assert board(said) == BoardRules(
        half_life=timedelta(days=10),
        watch=1,
        elevated=2.5,
        critical=5,
        leave=0.4,
        dwell=timedelta(days=2),
        counter=frozenset({Category.DIPLOMACY, Category.TRIGGER}),
        told=frozenset({SubjectKind.PROBLEM, SubjectKind.INDICATOR}),
    )


def test_a_board_may_be_silent() -> None:
    assert board("{speak: [], counter: []}") == BoardRules(told=frozenset(), counter=frozenset())


@pytest.mark.parametrize(
    ("said", "mistake"),
    [
        ("{thresholds: {watch: 2}}", "`watch` (2), `elevated` (1.5) and `critical` (3) must rise"),
        ("{thresholds: {watch: high}}", "expected a number from 0.01 to 1000, found `high`"),
        ("{half_life: 0s}", "an event cannot fade within `0s`; write at least 1m"),
        ("{leave: 2}", "expected a number from 0 to 1, found `2`"),
        ("{speak: [problems]}", "unknown subject of the board `problems`; did you mean `problem`?"),
        ("{counter: [talks]}", "unknown category `talks`"),
        ("{halflife: 3d}", "unknown key `halflife`; did you mean `half_life`?"),
    ],
)
def test_a_mistake_about_the_board_is_told_with_what_was_expected(said: str, mistake: str) -> None:
    with pytest.raises(ConfigError) as raised:
        board(said)

    assert mistake in str(raised.value)
