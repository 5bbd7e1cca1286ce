"""How well items that are of one happening are joined, and those that are not are kept apart."""

import json
from pathlib import Path

import pytest

from tests.builders import NOON, a_list
from watcher.config import load_indicators
from watcher.errors import UsageError
from watcher.lab.pairs import Pair, read_pairs, score_pairs
from watcher.pipeline import Rules, rules_of

ROOT = Path(__file__).parents[2]
PAIRS = read_pairs(ROOT / "tests/data/incident_pairs.jsonl", NOON)
STORIES = list(dict.fromkeys(pair.story for pair in PAIRS))
HELD_OUT = [pair for pair in PAIRS if pair.story in STORIES[2::3]]
"""The pairs of every third story, on which nothing is tuned."""

RULES = """
indicators:
  - id: launch
    category: provocation
    severity: high
    match: {near: {words: 5, any: [army], with: [fires]}}
    joins: {family: launch, by: happening, quiet: 24h}
  - id: drill
    category: trigger
    severity: low
    match: {near: {words: 5, any: [allies], with: [drill]}}
    joins: {family: drill, by: happening, quiet: 24h}
"""


def a_pair(first: str, second: str, *, same: bool, hours: int = 1) -> dict[str, object]:
    """Return a line of a file of pairs."""
    return {
        "id": f"{first} / {second}",
        "same": same,
        "a": {"title": first, "seen": "2026-10-10T00:00:00Z"},
        "b": {"title": second, "seen": f"2026-10-{10 + hours // 24}T{hours % 24:02}:00:00Z"},
    }


def pairs_in(folder: Path, *lines: object) -> tuple[Pair, ...]:
    path = folder / "pairs.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    return read_pairs(path, NOON)


@pytest.fixture(scope="module")
def shipped() -> Rules:
    return rules_of(load_indicators(ROOT / "indicators.yaml"))


def test_the_shipped_list_joins_what_belongs_together(shipped: Rules) -> None:
    found = score_pairs([pair for pair in PAIRS if pair not in HELD_OUT], shipped)

    assert found.f1 >= 0.92, found.as_dict()


def test_it_does_so_on_pairs_that_nothing_was_tuned_on(shipped: Rules) -> None:
    found = score_pairs(HELD_OUT, shipped)

    assert found.f1 >= 0.9, found.as_dict()


def test_there_are_enough_pairs_in_five_languages() -> None:
    assert len(PAIRS) >= 400
    assert len(HELD_OUT) >= len(PAIRS) / 4
    assert {item.language for pair in PAIRS for item in (pair.first, pair.second)} == {
        "en",
        "ko",
        "ja",
        "zh",
        "ru",
    }
    assert 0.3 < sum(pair.same for pair in PAIRS) / len(PAIRS) < 0.7


def test_pairs_are_scored_by_what_the_later_item_most_gravely_reports(tmp_path: Path) -> None:
    pairs = pairs_in(
        tmp_path,
        a_pair("Army fires missile", "Missile fired: army fires", same=True),
        a_pair("Army fires missile", "Army fires missile, allies drill", same=True),
        a_pair("Allies drill", "Army fires missile, allies drill", same=False),
        a_pair("Army fires missile", "Army fires missile", same=False),
        a_pair("Army fires missile", "Army fires rocket", same=True, hours=30),
        a_pair("Army fires missile", "Nothing to see", same=True),
    )

    found = score_pairs(pairs, rules_of(a_list(RULES)))

    assert (found.joined_rightly, found.parted_rightly) == (2, 1)
    assert [pair.id for pair in found.joined_wrongly] == ["Army fires missile / Army fires missile"]
    assert [pair.id for pair in found.parted_wrongly] == [
        "Army fires missile / Army fires rocket",
        "Army fires missile / Nothing to see",
    ]
    assert (round(found.precision, 2), round(found.recall, 2), round(found.f1, 2)) == (0.67, 0.5, 0.57)


@pytest.mark.parametrize(
    "line", [{"a": {}, "b": {}}, {"same": True, "a": {}}, {"same": "yes", "a": {}, "b": {}}]
)
def test_a_line_that_is_no_pair_is_refused_with_its_place(tmp_path: Path, line: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=r"pairs\.jsonl:1: a pair has `same`"):
        pairs_in(tmp_path, line)
