"""Live news, `explain`, `backtest` and `replay` agree on which feeds an indicator listens to."""

from dataclasses import replace

import pytest

from tests.builders import NOON, rss
from tests.flow.harness import RULES, a_store, harness, rules
from watcher.errors import UsageError
from watcher.lab.archive import item_of
from watcher.lab.backtest import backtest
from watcher.lab.explain import explain
from watcher.lab.progress import no_progress_bar
from watcher.lab.replay import replay
from watcher.model.news import FeedId, Grade
from watcher.read.document import read

pytestmark = pytest.mark.usefixtures("each_store")

TITLE = "North Korea fires missile"
GRADED = rules(
    RULES.replace("title: Missile launch", "title: Missile launch\n    feeds: {grade: B or better}")
)


@pytest.mark.parametrize(("grade", "alerts"), [(Grade.B, 1), (Grade.C, 0)])
def test_the_grade_of_a_feed_counts_live_and_afterwards(grade: Grade, alerts: int) -> None:
    watching = harness("wire")
    watching.rules = GRADED
    (feed,) = watching.feeds = (replace(watching.feeds[0], grade=grade),)
    (item,) = read(rss(f"<title>{TITLE}</title>").encode(), feed=feed, seen=NOON).items
    watching.news.publishes(feed.id, item)

    assert len(watching.later()) == alerts

    stored = watching.store.item(item.id)
    assert stored is not None
    explained, *_ = explain(GRADED.matcher, stored)
    assert (explained.indicator, explained.outcome) == ("missile-launch", "hit" if alerts else "near")
    assert len(backtest([stored], GRADED, no_progress_bar).alerts) == alerts
    (replayed,) = replay([stored], a_store(), (), GRADED)
    assert replayed[1].alerts == alerts


def test_a_grade_that_does_not_exist_is_a_mistake_in_an_archive() -> None:
    with pytest.raises(UsageError, match=r"news\.jsonl:7: unknown grade `G`; use A, B, C, D, E, F"):
        item_of({"title": TITLE, "grade": "G"}, "news.jsonl:7", NOON)


@pytest.mark.parametrize(("given", "alerts"), [({"grade": "B"}, 1), ({"grade": "D"}, 0), ({}, 0)])
def test_an_archive_can_give_the_grade_of_a_feed(given: dict[str, str], alerts: int) -> None:
    item = item_of({"title": TITLE, "source": "wire", **given}, "news.jsonl:1", NOON)

    assert item.feed == FeedId("wire")
    assert len(backtest([item], GRADED, no_progress_bar).alerts) == alerts
