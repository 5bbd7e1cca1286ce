"""README and the page about measuring promise no more than what is measured."""

import re
from functools import cache
from pathlib import Path

import pytest

from watcher.clock import utc_now
from watcher.config import load_indicators
from watcher.lab.evaluate import on_items
from watcher.lab.labels import read_labelled
from watcher.lab.progress import no_progress_bar
from watcher.lab.scoring import Scores
from watcher.lab.shares import Bounds
from watcher.pipeline import Rules, rules_of

ROOT = Path(__file__).parent.parent.parent
README, PAGE = ROOT / "README.md", ROOT / "docs" / "measuring.md"
ROUNDING = 0.005 + 1e-9
FIGURE = r"(\d\.\d+)(?: \((\d\.\d+) to (\d\.\d+)\))?"


@cache
def shipped() -> Rules:
    return rules_of(load_indicators(ROOT / "indicators.yaml"))


@cache
def measured(name: str) -> Scores:
    items, labels = read_labelled([ROOT / "tests" / "data" / f"{name}.jsonl"], utc_now())
    return on_items(items, labels, shipped(), 0, no_progress_bar).scores


def test_the_shipped_list_is_as_good_on_the_labelled_news_as_the_page_says() -> None:
    page = PAGE.read_text(encoding="utf-8")
    said = re.search(r"^all +(?P<precision>\S+) +(?P<recall>\S+) +(?P<f1>\S+)", page, re.MULTILINE)
    said_claims = re.search(r"claims right (\S+) of", page)

    scores = measured("labelled_news")

    assert said
    assert said_claims
    assert (scores.micro.f1 or 0) >= float(said["f1"]) - ROUNDING
    assert (scores.claim_accuracy or 0) >= float(said_claims[1]) - ROUNDING


@pytest.mark.parametrize(
    ("document", "row", "name"),
    [
        (README, "hold-out", "holdout_news"),
        (PAGE, "hold-out", "holdout_news"),
        (PAGE, "labelled news", "labelled_news"),
        (PAGE, "exam", "exam_news"),
    ],
)
def test_the_figures_of_the_sets_in_the_repository_are_those_measured(
    document: Path, row: str, name: str
) -> None:
    """A little better is fine; what is worse than a document says has to be said there."""
    found = re.search(
        rf"^\| {row}: [^|]*\| (\d+) \|(.+)\|$", document.read_text(encoding="utf-8"), re.MULTILINE
    )
    assert found
    said = re.findall(FIGURE, found[2])
    scores, bounds = measured(name), measured(name).intervals
    figures: tuple[tuple[float | None, Bounds | None], ...] = (
        (scores.micro.precision, bounds["precision"]),
        (scores.micro.recall, bounds["recall"]),
        (scores.micro.f1, bounds["f1"]),
        (scores.claim_accuracy, bounds["claim_accuracy"]),
    )

    assert int(found[1]) == scores.items
    for (value, low, high), (figure, ends) in zip(said, figures, strict=True):
        assert (figure or 0) >= float(value) - ROUNDING
        if low and ends:
            assert ends[0] >= float(low) - ROUNDING
            assert float(high) - float(low) == pytest.approx(ends[1] - ends[0], abs=2 * ROUNDING)
