"""The shipped list on labelled news: minimum figures, so that a change that costs detection is noticed."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from watcher.config import load_indicators
from watcher.lab.evaluate import on_items
from watcher.lab.labels import read_labelled
from watcher.pipeline import Rules, rules_of

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def rules() -> Rules:
    return rules_of(load_indicators(ROOT / "indicators.yaml"))


@pytest.mark.parametrize(
    ("name", "f1", "claims"),
    [("labelled_news", 0.90, 0.90), ("exam_news", 0.80, 0.80), ("holdout_news", 0.85, 0.85)],
)
def test_the_shipped_list_finds_what_an_analyst_would(
    rules: Rules, name: str, f1: float, claims: float
) -> None:
    items, labels = read_labelled([ROOT / "tests" / "data" / f"{name}.jsonl"], NOW)

    scores = on_items(items, labels, rules, 0, lambda things, *_: things).scores

    assert scores.micro.f1 is not None
    assert scores.micro.f1 >= f1
    assert scores.claim_accuracy is not None
    assert scores.claim_accuracy >= claims
