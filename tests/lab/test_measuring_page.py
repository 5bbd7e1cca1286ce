"""The page about measuring promises no more than what is measured."""

import re
from pathlib import Path

from watcher.clock import utc_now
from watcher.config import load_indicators
from watcher.lab.evaluate import on_items
from watcher.lab.labels import read_labelled
from watcher.lab.replay import no_progress_bar
from watcher.pipeline import rules_of

ROOT = Path(__file__).parent.parent.parent
ROUNDING = 0.005


def test_the_shipped_list_is_as_good_on_the_labelled_news_as_the_page_says() -> None:
    page = (ROOT / "docs" / "measuring.md").read_text(encoding="utf-8")
    said = re.search(r"^all +(?P<precision>\S+) +(?P<recall>\S+) +(?P<f1>\S+)", page, re.MULTILINE)
    said_claims = re.search(r"claims right (\S+) of", page)
    rules = rules_of(load_indicators(ROOT / "indicators.yaml"))

    items, labels = read_labelled([ROOT / "tests" / "data" / "labelled_news.jsonl"], utc_now())
    scores = on_items(items, labels, rules, 0, no_progress_bar).scores

    assert said
    assert said_claims
    assert (scores.micro.f1 or 0) >= float(said["f1"]) - ROUNDING
    assert (scores.claim_accuracy or 0) >= float(said_claims[1]) - ROUNDING
